package org.covidmmar.evaluation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.apache.commons.rng.UniformRandomProvider;
import org.covidmmar.Peers;
import org.covidmmar.Seeds;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

class PairedDeLongTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final double TOLERANCE = 1e-12;

  @TestFactory
  Stream<DynamicTest> equalsItsDefinitionInNumPy() throws IOException {
    try (InputStream in = PairedDeLongTest.class.getResourceAsStream("delong.json")) {
      return StreamSupport.stream(JSON.readTree(in).get("cases").spliterator(), false)
          .map(
              g ->
                  DynamicTest.dynamicTest(
                      g.get("name").asText(),
                      () ->
                          assertSame(
                              g.get("expected"),
                              PairedDeLong.of(
                                  Figures.cases(g.get("first"), g.get("labels")),
                                  Figures.cases(g.get("second"), g.get("labels"))))));
    }
  }

  @Test
  @Tag("peers")
  void equalsNumPyOnRandomCases(@TempDir Path folder) throws IOException {
    ArrayNode inputs = JSON.createArrayNode();
    List<PairedDeLong> found = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      List<ScoredCase> first =
          EvaluationTest.random(new Seeds(8).child(i), 2 + i * 3, i % 3 == 0 ? 6 : 1 << 20);
      List<ScoredCase> second = jittered(new Seeds(9).child(i), first, i % 2 == 0 ? 8 : 1 << 20);
      found.add(PairedDeLong.of(first, second));
      ObjectNode input = inputs.addObject();
      first.forEach(c -> input.withArray("first").add((double) c.pCovid()));
      second.forEach(c -> input.withArray("second").add((double) c.pCovid()));
      first.forEach(c -> input.withArray("labels").add(c.label()));
    }
    Path file = folder.resolve("cases.json");
    JSON.writeValue(file.toFile(), inputs);
    JsonNode expected = JSON.readTree(Peers.run("delong_peer.py", file.toString()));
    for (int i = 0; i < found.size(); i++) {
      assertSame(expected.get(i), found.get(i));
    }
  }

  private static List<ScoredCase> jittered(Seeds seeds, List<ScoredCase> cases, int steps) {
    UniformRandomProvider random = seeds.generator();
    return cases.stream()
        .map(
            c ->
                ScoredCase.of(
                    c.id(),
                    c.image(),
                    0.7f * c.pCovid() + 0.3f * random.nextInt(steps) / steps,
                    c.label()))
        .toList();
  }

  private static void assertSame(JsonNode expected, PairedDeLong found) {
    assertNumber(expected.get("aucs").path(0), found.first().value());
    assertNumber(expected.get("aucs").path(1), found.second().value());
    assertNumber(expected.get("difference"), found.difference().value());
    assertNumber(expected.get("interval").path(0), found.difference().low());
    assertNumber(expected.get("interval").path(1), found.difference().high());
    assertNumber(expected.get("covariance"), found.covariance());
    assertNumber(expected.get("z"), found.z());
    assertNumber(expected.get("p"), found.p());
  }

  private static void assertNumber(JsonNode expected, Double found) {
    if (expected.isNumber()) {
      assertEquals(expected.asDouble(), found, TOLERANCE * Math.max(1, Math.abs(found)));
    } else {
      assertNull(found);
    }
  }

  @Test
  void differencesWithinChanceAreFoundAsOftenAsChanceSays() {
    int rejected = 0;
    int trials = 1000;
    for (int trial = 0; trial < trials; trial++) {
      UniformRandomProvider random = new Seeds(6).child(trial).generator();
      List<ScoredCase> first = new ArrayList<>();
      List<ScoredCase> second = new ArrayList<>();
      for (int i = 0; i < 100; i++) {
        double common = 0.2 * (i % 2) + 0.5 * random.nextDouble();
        first.add(scored(i, common + 0.3 * random.nextDouble()));
        second.add(scored(i, common + 0.3 * random.nextDouble()));
      }
      rejected += PairedDeLong.of(first, second).p() < 0.05 ? 1 : 0;
    }
    assertTrue(rejected > 0.03 * trials && rejected < 0.07 * trials, rejected + " of " + trials);
  }

  private static ScoredCase scored(int i, double p) {
    return ScoredCase.of("c" + i, "i", (float) p, i % 2);
  }

  @Test
  void turnedRoundTheSignTurnsAndOrderChangesNothing() {
    List<ScoredCase> first = EvaluationTest.random(new Seeds(3), 60, 9);
    List<ScoredCase> second = new ArrayList<>(jittered(new Seeds(4), first, 9));
    PairedDeLong there = PairedDeLong.of(first, second);
    PairedDeLong back = PairedDeLong.of(second, first);
    assertEquals(there.p(), back.p());
    assertEquals(-there.z(), back.z());
    assertEquals(-there.difference().low(), back.difference().high());
    assertEquals(there.covariance(), back.covariance());
    Collections.reverse(second);
    assertEquals(there, PairedDeLong.of(first, second));
  }

  @Test
  void casesWithoutLabelAreLeftOut() {
    List<ScoredCase> first = new ArrayList<>(EvaluationTest.random(new Seeds(1), 20, 100));
    List<ScoredCase> second = new ArrayList<>(jittered(new Seeds(2), first, 100));
    PairedDeLong labelled = PairedDeLong.of(first, second);
    first.add(3, ScoredCase.of("u", "u", 0.99f, null));
    second.add(ScoredCase.of("u", "u", 0.01f, null));
    assertEquals(labelled, PairedDeLong.of(first, second));
  }

  @Test
  void onlyTheSameCasesArePaired() {
    ScoredCase a = ScoredCase.of("a", "a", 0.2f, 0);
    ScoredCase b = ScoredCase.of("b", "b", 0.8f, 1);
    assertTrue(PairedDeLong.isPaired(List.of(a, b), List.of(b, a)));
    ScoredCase otherLabel = ScoredCase.of("b", "b", 0.8f, 0);
    ScoredCase otherId = ScoredCase.of("c", "b", 0.8f, 1);
    for (List<ScoredCase> other :
        List.of(List.of(a), List.of(a, otherLabel), List.of(a, otherId), List.of(a, a))) {
      assertFalse(PairedDeLong.isPaired(List.of(a, b), other));
      assertFalse(PairedDeLong.isPaired(other, List.of(a, b)));
      assertThrows(IllegalArgumentException.class, () -> PairedDeLong.of(List.of(a, b), other));
    }
  }
}
