package org.covidmmar.transform;

/**
 * x (1 + factor).
 *
 * @param factor finite
 */
public record ScaleIntensity(double factor) implements ViewTransform {
  public ScaleIntensity {
    Check.finite("factor", factor);
  }

  @Override
  public Views on(Views views) {
    float by = (float) (1 + factor);
    return views.mapped(
        (values, count) -> {
          for (int i = 0; i < count; i++) {
            values[i] *= by;
          }
        });
  }
}
