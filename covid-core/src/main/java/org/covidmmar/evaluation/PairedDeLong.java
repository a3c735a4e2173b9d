package org.covidmmar.evaluation;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyOrder;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.apache.commons.statistics.distribution.NormalDistribution;

/**
 * Two areas under the ROC curve of the same cases, and whether they differ by more than chance: the
 * paired test of DeLong, DeLong and Clarke-Pearson (Biometrics 44, 837, 1988), by the midranks of
 * Sun and Xu (IEEE Signal Process Lett 21, 1389, 2014).
 *
 * <p>With m positive and n negative cases, a positive case's placement value V10 is the share of
 * negative cases that it beats, a negative case's V01 the share of positive cases that beat it, a
 * tie counting half; each area is the mean of its V10. The covariance of the two areas is {@code
 * cov(V10, V10')/m + cov(V01, V01')/n}, with cov the sample covariance; the variance of their
 * difference follows from it, and is taken here from the differences of placement values, which
 * rounds less. {@code z = difference / sqrt(variance)} is compared with the standard normal
 * distribution.
 *
 * <p>Where all placement values differ alike, the variance is 0: without a difference (the same
 * ranking of all cases) z is 0 and p 1, as there is nothing that chance would have to explain; with
 * one (one model separates the classes wholly, the other turns them round) there is no test. Nor is
 * there where a class has a single case, of which no variance is known, or none.
 *
 * @param positives number of positive cases
 * @param negatives number of negative cases
 * @param first area of the first scores, with DeLong's interval; undefined without a case of each
 *     class
 * @param second area of the second scores
 * @param difference second - first, with its interval {@code ± 1.96 sd}, cut off at -1 and 1; none
 *     where its variance is 0 or unknown
 * @param covariance of the two areas; null where a class has fewer than two cases
 * @param z difference over its standard deviation; null where there is no test
 * @param p two-sided, 0..1: how often areas that are alike would seem to differ by this much or
 *     more; null where there is no test
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
@JsonPropertyOrder({
  "positives",
  "negatives",
  "first",
  "second",
  "difference",
  "covariance",
  "z",
  "p"
})
public record PairedDeLong(
    int positives,
    int negatives,
    Estimate first,
    Estimate second,
    Estimate difference,
    Double covariance,
    Double z,
    Double p) {

  /**
   * Whether two lists are about the same cases: the same ids, each once in either list, with the
   * same labels, in any order.
   */
  public static boolean isPaired(List<ScoredCase> first, List<ScoredCase> second) {
    Map<String, ScoredCase> byId = byId(second);
    return first.size() == second.size()
        && byId.size() == second.size()
        && first.stream().map(ScoredCase::id).distinct().count() == first.size()
        && first.stream()
            .allMatch(
                c ->
                    byId.containsKey(c.id())
                        && Objects.equals(c.label(), byId.get(c.id()).label()));
  }

  /**
   * Compares two scores of the same cases; those without a label are left out.
   *
   * @throws IllegalArgumentException where the lists are not {@link #isPaired paired}
   */
  public static PairedDeLong of(List<ScoredCase> first, List<ScoredCase> second) {
    if (!isPaired(first, second)) {
      throw new IllegalArgumentException("not the same cases");
    }
    Map<String, ScoredCase> byId = byId(second);
    // Positives first.
    List<ScoredCase> cases =
        first.stream()
            .filter(c -> c.label() != null)
            .sorted(Comparator.comparing((ScoredCase c) -> -c.label()))
            .toList();
    int m = (int) cases.stream().filter(c -> c.label() == 1).count();
    int n = cases.size() - m;
    RocCurve roc = RocCurve.of(first);
    Estimate a = roc.auc();
    Estimate b = RocCurve.of(second).auc();
    if (m == 0 || n == 0) {
      return new PairedDeLong(m, n, a, b, Estimate.undefined(a.undefined()), null, null, null);
    }
    long[] v = placements(cases.stream().map(ScoredCase::pCovid).toList(), m);
    long[] w = placements(cases.stream().map(c -> byId.get(c.id()).pCovid()).toList(), m);
    long[] change = new long[v.length];
    Arrays.setAll(change, i -> w[i] - v[i]);
    double difference = Arrays.stream(change, 0, m).sum() / (2.0 * m * n);
    if (m == 1 || n == 1) {
      Estimate alone = Estimate.withoutInterval(difference, a.noInterval());
      return new PairedDeLong(m, n, a, b, alone, null, null, null);
    }
    double covariance = covarianceOfAreas(v, w, m);
    double variance = covarianceOfAreas(change, change, m);
    if (variance == 0) {
      Estimate certain =
          Estimate.withoutInterval(
              difference, "the variance of the difference is 0: it is the same for every case");
      Double z = difference == 0 ? 0.0 : null;
      Double p = difference == 0 ? 1.0 : null;
      return new PairedDeLong(m, n, a, b, certain, covariance, z, p);
    }
    double sd = Math.sqrt(variance);
    double half = Estimate.Z * sd;
    double z = difference / sd;
    return new PairedDeLong(
        m,
        n,
        a,
        b,
        Estimate.of(difference, Math.max(-1, difference - half), Math.min(1, difference + half)),
        covariance,
        z,
        2 * NormalDistribution.of(0, 1).survivalProbability(Math.abs(z)));
  }

  private static Map<String, ScoredCase> byId(List<ScoredCase> cases) {
    Map<String, ScoredCase> byId = new HashMap<>();
    cases.forEach(c -> byId.put(c.id(), c));
    return byId;
  }

  /**
   * Twice the number of cases of the other class on the right side of each case: of negative ones
   * that a positive case beats, of positive ones that beat a negative case. Twice, so that ties
   * leave whole numbers.
   *
   * @param scores the positives' first
   * @param m number of positive cases
   */
  private static long[] placements(List<Float> scores, int m) {
    long[] all = twiceMidranks(scores);
    long[] amongPositives = twiceMidranks(scores.subList(0, m));
    long[] amongNegatives = twiceMidranks(scores.subList(m, scores.size()));
    long[] placements = new long[all.length];
    Arrays.setAll(
        placements,
        i -> i < m ? all[i] - amongPositives[i] : 2L * m - (all[i] - amongNegatives[i - m]));
    return placements;
  }

  private static double covarianceOfAreas(long[] v, long[] w, int m) {
    int n = v.length - m;
    return covariance(v, w, 0, m) / m / (4.0 * n * n)
        + covariance(v, w, m, v.length) / n / (4.0 * m * m);
  }

  /**
   * The sample covariance of a part of whole numbers. Deviations are whole too, until they are
   * multiplied: those of numbers that are all alike are exactly 0.
   */
  private static double covariance(long[] v, long[] w, int from, int to) {
    double count = to - from;
    long sumOfV = Arrays.stream(v, from, to).sum();
    long sumOfW = Arrays.stream(w, from, to).sum();
    double products = 0;
    for (int i = from; i < to; i++) {
      products += (count * v[i] - sumOfV) * (count * w[i] - sumOfW);
    }
    return products / (count * count * (count - 1));
  }

  /** Twice the ranks from 1 on in ascending order; ties share the mean of theirs. */
  private static long[] twiceMidranks(List<Float> scores) {
    Integer[] order = new Integer[scores.size()];
    Arrays.setAll(order, i -> i);
    Arrays.sort(order, Comparator.comparing(scores::get));
    long[] ranks = new long[order.length];
    int start = 0;
    while (start < order.length) {
      int end = start + 1;
      while (end < order.length
          && scores.get(order[end]).floatValue() == scores.get(order[start])) {
        end++;
      }
      for (int i = start; i < end; i++) {
        // Ranks start + 1 to end.
        ranks[order[i]] = start + 1L + end;
      }
      start = end;
    }
    return ranks;
  }
}
