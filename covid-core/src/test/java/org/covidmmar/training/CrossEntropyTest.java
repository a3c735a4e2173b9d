package org.covidmmar.training;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.covidmmar.model.Formula;
import org.junit.jupiter.api.Test;

class CrossEntropyTest {
  private static final CrossEntropy WEIGHTED = new CrossEntropy(1, 2.5);

  @Test
  void lossOfALogitPairIsTheLogarithmOfItsSoftmax() {
    float[] logits = {1, 3};
    double p1 = Math.exp(3) / (Math.exp(1) + Math.exp(3));
    assertEquals(-Math.log(p1), WEIGHTED.loss(logits, new int[] {1}, 2.5), 1e-12);
    assertEquals(-Math.log(1 - p1), WEIGHTED.loss(logits, new int[] {0}, 1), 1e-12);
  }

  @Test
  void lossIsThatOfTheGoldens() {
    double[] logits = Formula.array(Formula.goldens().get("logits"));
    float[] floats = new float[logits.length];
    for (int i = 0; i < floats.length; i++) {
      floats[i] = (float) logits[i];
    }
    int[] labels = Formula.labels(2);
    assertEquals(
        Formula.goldens().get("loss").doubleValue(),
        WEIGHTED.loss(floats, labels, WEIGHTED.weight(labels)),
        2e-7);
  }

  @Test
  void partsOfAGroupAddUpToTheWhole() {
    float[] logits = Formula.floats("logits", 8);
    int[] labels = {0, 1, 1, 0};
    double whole = WEIGHTED.weight(labels);
    double parts = 0;
    for (int i = 0; i < 4; i++) {
      float[] one = {logits[2 * i], logits[2 * i + 1]};
      parts += WEIGHTED.loss(one, new int[] {labels[i]}, whole);
    }
    assertEquals(WEIGHTED.loss(logits, labels, whole), parts, 1e-12);
  }

  @Test
  void gradientIsTheSlopeOfTheLoss() {
    float[] logits = {0.25f, -1.5f, 2, 0.75f};
    int[] labels = {0, 1};
    float[] gradient = WEIGHTED.gradient(logits, labels, 3.5);
    float h = 1f / 1024;
    for (int i = 0; i < logits.length; i++) {
      float[] up = logits.clone();
      float[] down = logits.clone();
      up[i] += h;
      down[i] -= h;
      double slope = (WEIGHTED.loss(up, labels, 3.5) - WEIGHTED.loss(down, labels, 3.5)) / (2 * h);
      assertEquals(slope, gradient[i], 1e-6);
    }
  }

  @Test
  void hugeLogitsStayFinite() {
    float[] logits = {-1e30f, 1e30f};
    assertEquals(2e30, CrossEntropy.UNWEIGHTED.loss(logits, new int[] {0}, 1), 1e24);
    assertEquals(0, CrossEntropy.UNWEIGHTED.loss(logits, new int[] {1}, 1));
    assertEquals(-1f, CrossEntropy.UNWEIGHTED.gradient(logits, new int[] {0}, 1)[0]);
  }

  @Test
  void labelsAndWeightsOutsideTheirRangeAreRefused() {
    assertThrows(IllegalArgumentException.class, () -> WEIGHTED.weight(2));
    assertThrows(IllegalArgumentException.class, () -> new CrossEntropy(0, 1));
    assertThrows(IllegalArgumentException.class, () -> new CrossEntropy(1, Double.NaN));
  }
}
