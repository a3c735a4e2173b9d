package org.covidmmar.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.covidmmar.CovidException;
import org.covidmmar.model.Formula;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class LearningRatePolicyTest {
  private static final JsonNode GOLDENS = Formula.goldens();

  static Stream<String> policies() {
    return GOLDENS.get("policies").properties().stream().map(Map.Entry::getKey);
  }

  @ParameterizedTest
  @MethodSource("policies")
  void ratesAreTorchs(String text) {
    LearningRatePolicy policy = LearningRatePolicy.parse(text);
    double[] expected = Formula.array(GOLDENS.get("policies").get(text));
    List<Double> metrics = Arrays.stream(Formula.array(GOLDENS.get("metrics"))).boxed().toList();
    for (int epoch = 0; epoch < expected.length; epoch++) {
      assertEquals(
          expected[epoch],
          policy.rate(0.5, epoch, expected.length, metrics.subList(0, epoch)),
          1e-12,
          "epoch " + epoch);
    }
  }

  @Test
  void argumentsHaveDefaults() {
    assertEquals(new LearningRatePolicy.Constant(), LearningRatePolicy.parse("constant"));
    assertEquals(new LearningRatePolicy.Cosine(0), LearningRatePolicy.parse("cosine"));
    assertEquals(
        new LearningRatePolicy.StepDown(30, 0.5), LearningRatePolicy.parse("step( gamma = 0.5 )"));
    assertEquals(
        new LearningRatePolicy.Plateau(0.1, 10, 1e-4, 0), LearningRatePolicy.parse("plateau()"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "cosin",
        "step(30)",
        "step(size=30",
        "step(size=3.5)",
        "step(size=0)",
        "step(gama=0.1)",
        "step(gamma=NaN)",
        "constant(min=1)",
        "poly(power=-1)",
        "plateau(factor=1)",
        "cosine(min=1=2)"
      })
  void whatIsNoPolicyIsRefusedByItsProperty(String text) {
    CovidException e = assertThrows(CovidException.class, () -> LearningRatePolicy.parse(text));
    assertEquals("covid.lrPolicy", e.subject());
    assertTrue(e.problem().contains("\"" + text + "\""), e.problem());
  }
}
