package org.covidmmar.training;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
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
  void gradientIsEachCasesShareOfTheGroupAtItsTrueClass() {
    assertArrayEquals(
        new float[] {-1 / 3.5f, 0, 0, -2.5f / 3.5f}, WEIGHTED.gradient(new int[] {0, 1}, 3.5));
  }

  @Test
  void hugeLogitsStayFinite() {
    float[] logits = {-1e30f, 1e30f};
    assertEquals(2e30, CrossEntropy.UNWEIGHTED.loss(logits, new int[] {0}, 1), 1e24);
    assertEquals(0, CrossEntropy.UNWEIGHTED.loss(logits, new int[] {1}, 1));
  }

  @Test
  void labelsAndWeightsOutsideTheirRangeAreRefused() {
    assertThrows(IllegalArgumentException.class, () -> WEIGHTED.weight(2));
    assertThrows(IllegalArgumentException.class, () -> new CrossEntropy(0, 1));
    assertThrows(IllegalArgumentException.class, () -> new CrossEntropy(1, Double.NaN));
  }
}
