package org.covidmmar.transform;

import org.covidmmar.Seeds;

/**
 * A {@link ShiftIntensity} by an offset drawn uniformly from [-offset, offset].
 *
 * @param prob its probability
 * @param offset in the image's units, at least 0
 */
public record RandShiftIntensity(double prob, double offset) implements RandomTransform {
  public RandShiftIntensity {
    Check.probability("prob", prob);
    Check.notNegative("offset", offset);
  }

  @Override
  public Transform draw(Seeds seeds) {
    Draw draw = new Draw(seeds);
    return draw.chance(prob) ? new ShiftIntensity(draw.within(offset)) : new Identity();
  }
}
