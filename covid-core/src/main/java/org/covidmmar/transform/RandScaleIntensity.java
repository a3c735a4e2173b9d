package org.covidmmar.transform;

import org.covidmmar.Seeds;

/**
 * A {@link ScaleIntensity} by a factor drawn uniformly from [-factor, factor].
 *
 * @param prob its probability
 * @param factor at least 0
 */
public record RandScaleIntensity(double prob, double factor) implements RandomTransform {
  public RandScaleIntensity {
    Check.probability("prob", prob);
    Check.notNegative("factor", factor);
  }

  @Override
  public Transform draw(Seeds seeds) {
    Draw draw = new Draw(seeds);
    return draw.chance(prob) ? new ScaleIntensity(draw.within(factor)) : new Identity();
  }
}
