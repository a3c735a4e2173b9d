package org.covidmmar.transform;

import org.covidmmar.Seeds;

/**
 * An {@link AdjustContrast} of an exponent drawn uniformly from [minGamma, maxGamma].
 *
 * @param prob its probability
 * @param minGamma above 0
 * @param maxGamma at least minGamma
 */
public record RandAdjustContrast(double prob, double minGamma, double maxGamma)
    implements RandomTransform {
  public RandAdjustContrast {
    Check.probability("prob", prob);
    Check.ascending("minGamma", minGamma, "maxGamma", maxGamma);
  }

  @Override
  public Transform draw(Seeds seeds) {
    Draw draw = new Draw(seeds);
    return draw.chance(prob)
        ? new AdjustContrast(draw.between(minGamma, maxGamma))
        : new Identity();
  }
}
