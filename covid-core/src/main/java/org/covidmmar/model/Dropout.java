package org.covidmmar.model;

import ai.djl.ndarray.types.Shape;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.engine.PtNDManager;
import ai.djl.pytorch.jni.JniUtils;
import org.apache.commons.rng.UniformRandomProvider;
import org.covidmmar.Seeds;

/** Dropout with masks drawn from the seed tree: the same on every device, in either format. */
final class Dropout {
  private final double probability;
  private final Seeds seeds;
  private int layer;

  Dropout(double probability, Seeds seeds) {
    this.probability = probability;
    this.seeds = seeds;
  }

  /** The array with each value zeroed or scaled up; closes it. */
  PtNDArray apply(PtNDManager owner, PtNDArray x) {
    long[] s = x.getShape().getShape();
    UniformRandomProvider random = seeds.child(layer++).generator();
    float[] mask = new float[Math.toIntExact(x.size())];
    float kept = (float) (1 / (1 - probability));
    for (int i = 0; i < mask.length; i++) {
      mask[i] = random.nextDouble() < probability ? 0 : kept;
    }
    try (x;
        PtNDArray ofJava = (PtNDArray) owner.create(mask, new Shape(s[0], s[2], s[3], s[4], s[1]));
        // The backward pass reads the mask, when the JVM may have freed the memory of its own.
        PtNDArray channelsLast = (PtNDArray) ofJava.duplicate();
        PtNDArray m = JniUtils.permute(channelsLast, new long[] {0, 4, 1, 2, 3})) {
      return JniUtils.mul(x, m);
    }
  }
}
