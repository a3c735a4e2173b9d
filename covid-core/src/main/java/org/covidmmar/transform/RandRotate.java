package org.covidmmar.transform;

import org.covidmmar.Seeds;

/**
 * A {@link Rotate} by angles drawn uniformly from [-range, range].
 *
 * @param prob its probability
 * @param range about the axes x, y and z, in radians, at least 0
 */
public record RandRotate(double prob, PerAxis range) implements RandomTransform {
  public RandRotate {
    Check.probability("prob", prob);
    Check.notNegative("range", range);
  }

  @Override
  public Transform draw(Seeds seeds) {
    Draw draw = new Draw(seeds);
    return draw.chance(prob) ? new Rotate(draw.within(range)) : new Identity();
  }
}
