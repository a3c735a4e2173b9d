package org.covidmmar.transform;

/**
 * Maps [aMin, aMax] linearly to [bMin, bMax]: (x - aMin) / (aMax - aMin) * (bMax - bMin) + bMin, in
 * float32.
 *
 * @param aMin lower end of the source range, in HU for CT
 * @param aMax upper end, above aMin
 * @param bMin lower end of the target range
 * @param bMax upper end, above bMin
 * @param clip whether what lies outside the target range is moved to its ends
 */
public record ScaleIntensityRange(double aMin, double aMax, double bMin, double bMax, boolean clip)
    implements ViewTransform {
  public ScaleIntensityRange {
    Check.finite("aMin", aMin);
    Check.finite("aMax", aMax);
    Check.that(aMax > aMin, "aMax", "a number above aMin (" + aMin + ")", aMax);
    Check.finite("bMin", bMin);
    Check.finite("bMax", bMax);
    Check.that(bMax > bMin, "bMax", "a number above bMin (" + bMin + ")", bMax);
  }

  @Override
  public Views on(Views views) {
    float from = (float) aMin;
    float width = (float) (aMax - aMin);
    float scale = (float) (bMax - bMin);
    float low = (float) bMin;
    float high = (float) bMax;
    if (!clip) {
      return views.mapped(
          (values, count) -> {
            for (int i = 0; i < count; i++) {
              values[i] = (values[i] - from) / width * scale + low;
            }
          });
    }
    return views.mapped(
        (values, count) -> {
          for (int i = 0; i < count; i++) {
            float v = (values[i] - from) / width * scale + low;
            values[i] = Math.min(Math.max(v, low), high);
          }
        });
  }
}
