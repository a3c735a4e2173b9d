package org.covidmmar.transform;

import org.covidmmar.Seeds;

/**
 * A {@link Zoom} by a factor for each axis, drawn uniformly from [min, max].
 *
 * @param prob its probability
 * @param min least factors, above 0
 * @param max greatest factors, at least min
 */
public record RandZoom(double prob, PerAxis min, PerAxis max) implements RandomTransform {
  public RandZoom {
    Check.probability("prob", prob);
    Check.given("min", min);
    Check.given("max", max);
    for (int axis = 0; axis < 3; axis++) {
      Check.ascending("min", min.along(axis), "max", max.along(axis));
    }
  }

  @Override
  public Transform draw(Seeds seeds) {
    Draw draw = new Draw(seeds);
    return draw.chance(prob)
        ? new Zoom(
            new PerAxis(
                draw.between(min.x(), max.x()),
                draw.between(min.y(), max.y()),
                draw.between(min.z(), max.z())))
        : new Identity();
  }
}
