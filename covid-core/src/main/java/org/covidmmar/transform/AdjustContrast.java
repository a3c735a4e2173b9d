package org.covidmmar.transform;

import org.covidmmar.volume.Volume;

/**
 * ((x - min) / (range + 1e-7)) ^ gamma * range + min, with the image's own min and range = max -
 * min.
 *
 * @param gamma above 0; above 1 darkens the middle
 */
public record AdjustContrast(double gamma) implements Transform {
  private static final float EPSILON = 1e-7f;

  public AdjustContrast {
    Check.positive("gamma", gamma);
  }

  @Override
  public Sample apply(Sample sample) {
    float[] voxels = View.of(sample.image()).floats();
    float min = voxels[0];
    float max = voxels[0];
    for (float v : voxels) {
      min = Math.min(min, v);
      max = Math.max(max, v);
    }
    float range = max - min;
    float divisor = range + EPSILON;
    for (int i = 0; i < voxels.length; i++) {
      voxels[i] = (float) Power.of((voxels[i] - min) / divisor, gamma) * range + min;
    }
    return sample.withImage(Volume.of(sample.image().shape(), sample.image().affine(), voxels));
  }
}
