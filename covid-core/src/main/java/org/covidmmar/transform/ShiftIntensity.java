package org.covidmmar.transform;

/**
 * x + offset.
 *
 * @param offset finite, in the image's units
 */
public record ShiftIntensity(double offset) implements ViewTransform {
  public ShiftIntensity {
    Check.finite("offset", offset);
  }

  @Override
  public Views on(Views views) {
    float by = (float) offset;
    return views.mapped(
        (values, count) -> {
          for (int i = 0; i < count; i++) {
            values[i] += by;
          }
        });
  }
}
