package org.covidmmar.evaluation;

import java.util.ArrayList;
import java.util.List;

/**
 * Whether probabilities mean what they say: of the cases given about 0.8, are four in five
 * positive?
 *
 * @param bins of equal width, ascending; those without a case are left out
 */
public record Calibration(List<Bin> bins) {

  /**
   * Cases of about the same probability.
   *
   * @param low the lowest probability that belongs here
   * @param high the lowest one that does not; 1 belongs to the last bin
   * @param cases how many
   * @param probability their mean
   * @param positives share of positive cases among them, with Wilson's interval
   */
  public record Bin(double low, double high, int cases, double probability, Estimate positives) {}

  public Calibration {
    bins = List.copyOf(bins);
  }

  /**
   * Sorts the labelled cases into bins.
   *
   * @param bins at least 1
   */
  public static Calibration of(List<ScoredCase> cases, int bins) {
    List<Bin> filled = new ArrayList<>();
    for (int i = 0; i < bins; i++) {
      int bin = i;
      List<ScoredCase> inside =
          cases.stream()
              .filter(
                  c -> c.label() != null && Math.min((int) (c.pCovid() * bins), bins - 1) == bin)
              .toList();
      if (!inside.isEmpty()) {
        filled.add(
            new Bin(
                (double) i / bins,
                (double) (i + 1) / bins,
                inside.size(),
                inside.stream().mapToDouble(ScoredCase::pCovid).sorted().sum() / inside.size(),
                Estimate.proportion(
                    inside.stream().filter(c -> c.label() == 1).count(), inside.size(), "")));
      }
    }
    return new Calibration(filled);
  }
}
