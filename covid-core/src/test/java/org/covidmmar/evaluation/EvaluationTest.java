package org.covidmmar.evaluation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.apache.commons.rng.UniformRandomProvider;
import org.covidmmar.CovidException;
import org.covidmmar.Seeds;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

class EvaluationTest {
  private static final float HALF = Evaluation.DEFAULT_THRESHOLD;

  @TestFactory
  Stream<DynamicTest> equalsScikitLearn() throws IOException {
    try (InputStream in = EvaluationTest.class.getResourceAsStream("goldens.json")) {
      JsonNode goldens = new ObjectMapper().readTree(in);
      return StreamSupport.stream(goldens.get("cases").spliterator(), false)
          .map(
              g ->
                  DynamicTest.dynamicTest(
                      g.get("name").asText(),
                      () ->
                          Figures.assertSame(
                              g.get("expected"),
                              Figures.cases(g.get("scores"), g.get("labels")),
                              g.get("threshold").floatValue(),
                              g.get("name").asText())));
    }
  }

  static List<ScoredCase> random(Seeds seeds, int n, int steps) {
    UniformRandomProvider random = seeds.generator();
    List<ScoredCase> cases = new ArrayList<>();
    for (int i = 0; i < n; i++) {
      int label = i < 2 ? i : random.nextInt(2);
      float p = (0.5f + random.nextInt(steps)) / steps * 0.8f + 0.15f * label;
      cases.add(ScoredCase.of("c" + i, "i" + i, p, label));
    }
    return cases;
  }

  @Test
  void delongEqualsItsDefinitionPairByPair() {
    for (int trial = 0; trial < 200; trial++) {
      Seeds seeds = new Seeds(5).child(trial);
      List<ScoredCase> cases = random(seeds, 4 + trial / 3, trial % 2 == 0 ? 5 : 1 << 20);
      RocCurve roc = RocCurve.of(cases);
      double[] v10 = placements(cases, 1);
      double[] v01 = placements(cases, 0);
      double auc = mean(v10);
      Estimate found = roc.auc();
      assertEquals(auc, found.value(), 1e-12);
      if (v10.length < 2 || v01.length < 2) {
        assertTrue(found.noInterval().startsWith("a single"), found.noInterval());
        continue;
      }
      double sd = Math.sqrt(variance(v10) / v10.length + variance(v01) / v01.length);
      if (sd < 1e-9) {
        assertTrue(found.noInterval().contains("variance"), found.noInterval());
        continue;
      }
      assertEquals(Math.max(0, auc - 1.959963984540054 * sd), found.low(), 1e-12);
      assertEquals(Math.min(1, auc + 1.959963984540054 * sd), found.high(), 1e-12);
    }
  }

  /** For each case of a class, the share of the other class's cases on its right side. */
  private static double[] placements(List<ScoredCase> cases, int label) {
    List<ScoredCase> others = cases.stream().filter(c -> c.label() != label).toList();
    return cases.stream()
        .filter(c -> c.label() == label)
        .mapToDouble(
            c ->
                others.stream()
                    .mapToDouble(
                        o -> 0.5 + 0.5 * (2 * label - 1) * Math.signum(c.pCovid() - o.pCovid()))
                    .average()
                    .orElseThrow())
        .toArray();
  }

  private static double mean(double[] values) {
    double sum = 0;
    for (double v : values) {
      sum += v;
    }
    return sum / values.length;
  }

  private static double variance(double[] values) {
    double mean = mean(values);
    double sum = 0;
    for (double v : values) {
      sum += (v - mean) * (v - mean);
    }
    return sum / (values.length - 1);
  }

  @Test
  void orderOfCasesChangesNothing() {
    List<ScoredCase> cases = random(new Seeds(9), 77, 9);
    Evaluation evaluation = Evaluation.of(cases, HALF);
    List<ScoredCase> turned = new ArrayList<>(cases);
    Collections.reverse(turned);
    assertEquals(evaluation, Evaluation.of(turned, HALF));
    assertEquals(RocCurve.of(cases), RocCurve.of(turned));
  }

  @Test
  void delongCoversTheTrueAreaAboutAsOftenAsItSays() {
    // Uniform scores shifted by d: P(positive > negative) = 1 - (1 - d)^2 / 2.
    double d = 0.3;
    double area = 1 - (1 - d) * (1 - d) / 2;
    int covered = 0;
    int trials = 1000;
    for (int trial = 0; trial < trials; trial++) {
      UniformRandomProvider random = new Seeds(3).child(trial).generator();
      List<ScoredCase> cases = new ArrayList<>();
      for (int i = 0; i < 100; i++) {
        float p = (float) ((random.nextDouble() + (i % 2) * d) / 1.3);
        cases.add(ScoredCase.of("c" + i, "i", p, i % 2));
      }
      Estimate auc = RocCurve.of(cases).auc();
      covered += auc.low() <= area && area <= auc.high() ? 1 : 0;
    }
    assertTrue(covered > 0.92 * trials && covered < 0.97 * trials, covered + " of " + trials);
  }

  @Test
  void undefinedFiguresSayWhy() {
    Evaluation negatives =
        Evaluation.of(
            List.of(ScoredCase.of("a", "a", 0.1f, 0), ScoredCase.of("b", "b", 0.2f, 0)), HALF);
    assertEquals("no positive case", negatives.auc().undefined());
    assertEquals("no positive case", negatives.sensitivity().undefined());
    assertEquals("no case called positive", negatives.ppv().undefined());
    assertEquals("no positive case and no case called positive", negatives.f1().undefined());
    assertEquals(1.0, negatives.specificity().value());
    assertTrue(negatives.auc().asDouble().isEmpty());

    Evaluation positives = Evaluation.of(List.of(ScoredCase.of("a", "a", 0.9f, 1)), HALF);
    assertEquals("no negative case", positives.auc().undefined());
    assertEquals("no negative case", positives.specificity().undefined());
    assertEquals("no case called negative", positives.npv().undefined());
    assertThrows(
        CovidException.class,
        () -> RocCurve.of(List.of(ScoredCase.of("a", "a", 0.9f, 1))).youdenThreshold());
  }

  @Test
  void f1IntervalHoldsItsValueAndStaysWithinBounds() {
    assertEquals(Estimate.of(0.0).value(), new ConfusionMatrix(3, 1, 1, 0).f1().value());
    Estimate all = new ConfusionMatrix(0, 0, 0, 5).f1();
    assertEquals(1.0, all.value());
    assertEquals(1.0, all.high());
    // Wilson for 5 of 5: 5 / (5 + 1.96^2) = 0.5655; 2 J / (1 + J) = 0.7225.
    assertEquals(0.72247, all.low(), 1e-5);
  }

  @Test
  void unlabelledCasesAreCountedAndLeftOut() {
    List<ScoredCase> cases = new ArrayList<>(random(new Seeds(1), 20, 100));
    Evaluation labelled = Evaluation.of(cases, HALF);
    cases.add(3, ScoredCase.of("u", "u", 0.99f, null));
    Evaluation both = Evaluation.of(cases, HALF);
    assertEquals(1, both.unlabelled());
    assertEquals(20, both.n());
    assertEquals(labelled.brier(), both.brier());
    assertEquals(labelled.loss(), both.loss());
    assertEquals(labelled.auc(), both.auc());
    CovidException none =
        assertThrows(
            CovidException.class,
            () -> Evaluation.of(List.of(ScoredCase.of("u", "u", 0.9f, null)), HALF));
    assertTrue(none.problem().contains("none among 1"), none.problem());
  }

  @Test
  void lossOfACertainMistakeIsFinite() {
    double loss = Evaluation.of(List.of(new ScoredCase("a", "a", 1, 0, 1)), HALF).loss().value();
    assertEquals(103.28, loss, 0.01);
  }

  @Test
  void noProbabilityIsRefusedByName() {
    for (float p : new float[] {Float.NaN, -0.1f, 1.1f, Float.POSITIVE_INFINITY}) {
      CovidException e =
          assertThrows(CovidException.class, () -> ScoredCase.of("scan7", "a.nii", p, 1));
      assertEquals("case scan7", e.subject());
    }
    assertThrows(CovidException.class, () -> new ScoredCase("a", "a", 0.5f, 0.6f, 1));
    assertThrows(CovidException.class, () -> ScoredCase.of("a", "a", 0.5f, 2));
    List<ScoredCase> one = List.of(ScoredCase.of("a", "a", 0.5f, 1));
    for (float t : new float[] {Float.NaN, -1, 2}) {
      assertEquals(
          "covid.threshold",
          assertThrows(CovidException.class, () -> Evaluation.of(one, t)).subject());
    }
  }

  @Test
  void thresholdItselfCallsPositive() {
    assertEquals(1, ScoredCase.of("a", "a", 0.5f, null).predicted(0.5f));
    assertEquals(0, ScoredCase.of("a", "a", Math.nextDown(0.5f), null).predicted(0.5f));
    assertFalse(Float.isInfinite(RocCurve.of(random(new Seeds(2), 9, 3)).youdenThreshold()));
  }
}
