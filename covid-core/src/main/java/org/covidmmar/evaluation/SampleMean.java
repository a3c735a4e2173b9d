package org.covidmmar.evaluation;

import java.util.Arrays;
import java.util.List;
import org.apache.commons.statistics.distribution.TDistribution;

/**
 * A figure over repeated runs, such as those of several seeds: its mean and how sure it is.
 *
 * <p>The interval is Student's (The probable error of a mean, Biometrika 6, 1, 1908): {@code mean ±
 * t sd / sqrt(n)}, where t is the (1 + {@value Estimate#CONFIDENCE}) / 2 quantile of the t
 * distribution with n - 1 degrees of freedom. It takes the runs as independent draws of a normal
 * distribution and is not cut at 0 or 1.
 *
 * @param n number of runs, at least 1
 * @param sd standard deviation, with n - 1; null where n is 1
 * @param low the interval's lower end; null where n is 1
 * @param high the interval's upper end; null where n is 1
 */
public record SampleMean(int n, double mean, Double sd, Double low, Double high) {

  /**
   * The mean of some figures.
   *
   * @param values at least one, finite
   */
  public static SampleMean of(List<Double> values) {
    double[] sorted = values.stream().mapToDouble(Double::doubleValue).sorted().toArray();
    int n = sorted.length;
    if (n == 0 || !Arrays.stream(sorted).allMatch(Double::isFinite)) {
      throw new IllegalArgumentException("no mean of " + values);
    }
    double mean = sum(sorted) / n;
    if (n == 1) {
      return new SampleMean(1, mean, null, null, null);
    }
    double[] squares = Arrays.stream(sorted).map(v -> (v - mean) * (v - mean)).sorted().toArray();
    double sd = Math.sqrt(sum(squares) / (n - 1));
    double t = TDistribution.of(n - 1).inverseCumulativeProbability((1 + Estimate.CONFIDENCE) / 2);
    double half = t * sd / Math.sqrt(n);
    return new SampleMean(n, mean, sd, mean - half, mean + half);
  }

  /** Adds in ascending order, so that the order of the runs leaves the last digits alone. */
  private static double sum(double[] sorted) {
    double sum = 0;
    for (double v : sorted) {
      sum += v;
    }
    return sum;
  }
}
