package org.covidmmar.transform;

import org.apache.commons.rng.sampling.distribution.NormalizedGaussianSampler;
import org.apache.commons.rng.sampling.distribution.ZigguratSampler;
import org.covidmmar.Seeds;
import org.covidmmar.volume.Volume;

/**
 * Adds normal noise, independent from voxel to voxel.
 *
 * @param mean of the noise, in the image's units
 * @param std its standard deviation, at least 0
 * @param seed of the noise; the same seed gives the same noise
 */
public record GaussianNoise(double mean, double std, long seed) implements Transform {
  public GaussianNoise {
    Check.finite("mean", mean);
    Check.notNegative("std", std);
  }

  @Override
  public Sample apply(Sample sample) {
    NormalizedGaussianSampler normal =
        ZigguratSampler.NormalizedGaussian.of(new Seeds(seed).generator());
    float[] voxels = View.of(sample.image()).floats();
    for (int i = 0; i < voxels.length; i++) {
      voxels[i] += (float) (mean + std * normal.sample());
    }
    return sample.withImage(Volume.of(sample.image().shape(), sample.image().affine(), voxels));
  }
}
