package org.covidmmar.evaluation;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyOrder;
import java.util.OptionalDouble;
import org.apache.commons.statistics.distribution.NormalDistribution;

/**
 * A figure with its 95 % confidence interval, or the reason why it has none. What can't be computed
 * is told so, never as NaN.
 *
 * @param value the figure; null where undefined
 * @param low the interval's lower end, at most {@code value}; null where there is no interval
 * @param high the interval's upper end; null together with {@code low}
 * @param undefined why there is no value; null where there is one
 * @param noInterval why there is a value but no interval; null where there is one, and for figures
 *     that never have one
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
@JsonPropertyOrder({"value", "low", "high", "undefined", "noInterval"})
public record Estimate(
    @JsonInclude(JsonInclude.Include.ALWAYS) Double value,
    Double low,
    Double high,
    String undefined,
    String noInterval) {

  /** The coverage of every interval. */
  public static final double CONFIDENCE = 0.95;

  /** The standard normal quantile of a two-sided interval of that coverage, 1.96. */
  static final double Z =
      NormalDistribution.of(0, 1).inverseCumulativeProbability((1 + CONFIDENCE) / 2);

  public Estimate {
    if ((value == null) == (undefined == null)
        || (low == null) != (high == null)
        || (value == null && low != null)
        || (value != null && !Double.isFinite(value))
        || (low != null && !(low <= value && value <= high))) {
      throw new IllegalArgumentException(
          "not an estimate: " + value + ", " + low + ".." + high + ", " + undefined);
    }
  }

  /** A figure without an interval. */
  public static Estimate of(double value) {
    return new Estimate(value, null, null, null, null);
  }

  /** A figure with its interval. */
  public static Estimate of(double value, double low, double high) {
    return new Estimate(value, low, high, null, null);
  }

  /** A figure whose interval can't be computed. */
  public static Estimate withoutInterval(double value, String reason) {
    return new Estimate(value, null, null, null, reason);
  }

  /** No figure. */
  public static Estimate undefined(String reason) {
    return new Estimate(null, null, null, reason, null);
  }

  /**
   * A proportion with Wilson's score interval (Wilson, J Am Stat Assoc 22, 209, 1927), without
   * continuity correction: the p for which {@code |hits/total - p| = z sqrt(p(1-p)/total)}. It
   * stays within 0..1 and is an interval of positive width for 0 and for all hits.
   *
   * @param hits 0..total
   * @param total at least 0
   * @param reason why there is no proportion where total is 0
   */
  public static Estimate proportion(long hits, long total, String reason) {
    if (total == 0) {
      return undefined(reason);
    }
    double p = (double) hits / total;
    double z2 = Z * Z;
    double centre = (hits + z2 / 2) / (total + z2);
    double half = Z / (total + z2) * Math.sqrt((double) hits * (total - hits) / total + z2 / 4);
    // At no hit and at all hits the ends are exactly 0 and 1; rounding would miss them by 1e-17.
    double low = hits == 0 ? 0 : centre - half;
    double high = hits == total ? 1 : centre + half;
    return of(p, low, high);
  }

  /** The value, for those who keep only numbers; empty where undefined. */
  public OptionalDouble asDouble() {
    return value == null ? OptionalDouble.empty() : OptionalDouble.of(value);
  }
}
