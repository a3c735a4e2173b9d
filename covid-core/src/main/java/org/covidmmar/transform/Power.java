package org.covidmmar.transform;

/**
 * Powers of what lies from 0 to 1, made of operations that IEEE 754 rounds alike on every processor
 * and JDK, which {@link Math#pow} does not promise; exact enough for float32, and for every voxel
 * of a volume faster than {@link StrictMath#pow}.
 *
 * <p>{@code x^e = exp(e log x)}: the logarithm by {@code log m = 2 artanh((m - 1) / (m + 1))} of
 * the mantissa, the exponential by its Taylor series for at most half of log 2.
 */
final class Power {
  /** Terms after which the series of artanh, for at most 3 - sqrt 8, is exact to 1e-16. */
  private static final double[] ARTANH = new double[11];

  /** Likewise of exp, for at most half of log 2. */
  private static final double[] EXP = new double[14];

  private static final double LOG_2 = 0.6931471805599453;
  private static final double PER_LOG_2 = 1 / LOG_2;
  private static final double SQRT_2 = 1.4142135623730951;

  /** Below it a result is 0 as a float. */
  private static final double SMALLEST = -700;

  static {
    for (int i = 0; i < ARTANH.length; i++) {
      ARTANH[i] = 2.0 / (2 * i + 1);
    }
    EXP[0] = 1;
    for (int i = 1; i < EXP.length; i++) {
      EXP[i] = EXP[i - 1] / i;
    }
  }

  private Power() {}

  /**
   * @param base from 0 to 1
   * @param exponent above 0
   * @return within 1e-13 of it, relatively, so that a float made of it is nearly always that of
   *     {@link StrictMath#pow}, or 0 below 1e-300
   */
  static double of(double base, double exponent) {
    return base == 0 ? 0 : exp(exponent * log(base));
  }

  private static double log(double x) {
    int exponent = Math.getExponent(x);
    double mantissa = x * scale(-exponent);
    if (mantissa > SQRT_2) {
      mantissa /= 2;
      exponent++;
    }
    double s = (mantissa - 1) / (mantissa + 1);
    return exponent * LOG_2 + s * series(ARTANH, s * s);
  }

  private static double exp(double y) {
    if (y < SMALLEST) {
      return 0;
    }
    int twos = (int) Math.rint(y * PER_LOG_2);
    return series(EXP, y - twos * LOG_2) * scale(twos);
  }

  private static double series(double[] factors, double x) {
    double sum = factors[factors.length - 1];
    for (int i = factors.length - 2; i >= 0; i--) {
      sum = sum * x + factors[i];
    }
    return sum;
  }

  /** 2 to the power of n, where that is a normal number. */
  private static double scale(int n) {
    return Double.longBitsToDouble((long) (n + Double.MAX_EXPONENT) << 52);
  }
}
