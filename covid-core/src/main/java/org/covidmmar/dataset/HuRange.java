package org.covidmmar.dataset;

/**
 * Whether an image's values may be those of a CT in HU, and what else they may be.
 *
 * @param min the least voxel
 * @param max the greatest
 */
record HuRange(float min, float max) {
  static final String EXPECTED = "those of a CT in HU, from about -1000 (air) beyond 0 (water)";

  /** Every CT shows air, at about -1000 HU; noise and partial volumes set aside. */
  static final float MOST_OF_AIR = -200;

  /** Every CT of a body shows something denser than fat. */
  private static final float LEAST_OF_BODY = -50;

  /** Extended scales reach some 30,000 HU. */
  private static final float MOST_OF_METAL = 32_767;

  private static final int BYTE = 255;

  boolean mayBeHu() {
    return hasAir() && hasBody() && max <= MOST_OF_METAL;
  }

  boolean hasBody() {
    return max >= LEAST_OF_BODY;
  }

  boolean hasAir() {
    return min <= MOST_OF_AIR;
  }

  String found() {
    return "its values go from " + number(min) + " to " + number(max) + cause();
  }

  private String cause() {
    if (hasAir()) {
      return "";
    }
    if (min >= -1 && max <= 1) {
      return ", as of an image that was scaled before, or of a mask";
    }
    if (min >= 0 && max <= BYTE) {
      return ", as grey values of a picture or the labels of a mask";
    }
    if (min >= 0) {
      return ", as stored in DICOM files: their rescale (intercept mostly -1024) was not applied";
    }
    return ", as of an image that was cut to a window without air";
  }

  String remedy() {
    return "convert it anew with its rescale slope and intercept, or set covid.intensityRange to"
        + " suit it";
  }

  /** Whether there is any finite voxel. */
  boolean isKnown() {
    return min <= max;
  }

  static String number(float value) {
    return value == Math.rint(value) && Math.abs(value) < 1e9
        ? Long.toString((long) value)
        : Float.toString(value);
  }
}
