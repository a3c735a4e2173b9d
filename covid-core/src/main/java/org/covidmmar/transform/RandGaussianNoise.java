package org.covidmmar.transform;

import org.covidmmar.Seeds;

/**
 * A {@link GaussianNoise} of a standard deviation drawn uniformly from [0, std].
 *
 * @param prob its probability
 * @param mean of the noise, in the image's units
 * @param std greatest standard deviation, at least 0
 */
public record RandGaussianNoise(double prob, double mean, double std) implements RandomTransform {
  public RandGaussianNoise {
    Check.probability("prob", prob);
    Check.finite("mean", mean);
    Check.notNegative("std", std);
  }

  @Override
  public Transform draw(Seeds seeds) {
    Draw draw = new Draw(seeds);
    return draw.chance(prob)
        ? new GaussianNoise(mean, draw.between(0, std), draw.seed())
        : new Identity();
  }
}
