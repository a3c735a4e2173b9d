package org.covidmmar.model;

import ai.djl.ndarray.types.Shape;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.engine.PtNDManager;
import ai.djl.pytorch.jni.JniUtils;
import java.util.List;
import org.apache.commons.rng.UniformRandomProvider;
import org.covidmmar.Seeds;

/**
 * Dropout with masks drawn from the seed tree, each case's from a node of its own: the same on
 * every device, in either format, whatever cases are beside it.
 */
final class Dropout {
  private final double probability;
  private final List<Seeds> seeds;
  private int layer;

  Dropout(double probability, List<Seeds> seeds) {
    this.probability = probability;
    this.seeds = seeds;
  }

  /** The array with each value zeroed or scaled up; closes it. */
  PtNDArray apply(PtNDManager owner, PtNDArray x) {
    long[] s = x.getShape().getShape();
    float[] mask = new float[Math.toIntExact(x.size())];
    float kept = (float) (1 / (1 - probability));
    int size = mask.length / seeds.size();
    int i = 0;
    for (Seeds ofCase : seeds) {
      UniformRandomProvider random = ofCase.child(layer).generator();
      for (int end = i + size; i < end; i++) {
        mask[i] = random.nextDouble() < probability ? 0 : kept;
      }
    }
    layer++;
    try (x;
        PtNDArray ofJava = (PtNDArray) owner.create(mask, new Shape(s[0], s[2], s[3], s[4], s[1]));
        // The backward pass reads the mask, when the JVM may have freed the memory of its own.
        PtNDArray channelsLast = (PtNDArray) ofJava.duplicate();
        PtNDArray m = JniUtils.permute(channelsLast, new long[] {0, 4, 1, 2, 3})) {
      return JniUtils.mul(x, m);
    }
  }
}
