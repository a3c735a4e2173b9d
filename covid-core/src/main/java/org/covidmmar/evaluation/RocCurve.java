package org.covidmmar.evaluation;

import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;
import org.covidmmar.CovidException;

/**
 * The receiver operating characteristic: what each threshold would call rightly and wrongly.
 *
 * @param points one for each distinct score, descending, after a first one with an infinite
 *     threshold that calls nothing positive; collinear points are kept
 * @param positives number of positive cases
 * @param negatives number of negative cases
 */
public record RocCurve(List<Point> points, int positives, int negatives) {

  /**
   * A threshold and what it calls positive.
   *
   * @param threshold cases whose score is this or more are called positive
   * @param truePositives how many of them are positive
   * @param falsePositives how many of them are negative
   */
  public record Point(float threshold, int truePositives, int falsePositives) {}

  public RocCurve {
    points = List.copyOf(points);
  }

  /** The curve of the labelled cases. */
  public static RocCurve of(List<ScoredCase> cases) {
    List<ScoredCase> sorted =
        cases.stream()
            .filter(c -> c.label() != null)
            .sorted((a, b) -> Float.compare(b.pCovid(), a.pCovid()))
            .toList();
    List<Point> points = new ArrayList<>();
    points.add(new Point(Float.POSITIVE_INFINITY, 0, 0));
    int tp = 0;
    int fp = 0;
    for (int i = 0; i < sorted.size(); i++) {
      ScoredCase c = sorted.get(i);
      if (c.label() == 1) {
        tp++;
      } else {
        fp++;
      }
      if (i + 1 == sorted.size() || sorted.get(i + 1).pCovid() != c.pCovid()) {
        points.add(new Point(c.pCovid(), tp, fp));
      }
    }
    return new RocCurve(points, tp, fp);
  }

  /** Sensitivity at a point; empty where no case is positive. */
  public OptionalDouble truePositiveRate(Point point) {
    return rate(point.truePositives(), positives);
  }

  /** 1 - specificity at a point; empty where no case is negative. */
  public OptionalDouble falsePositiveRate(Point point) {
    return rate(point.falsePositives(), negatives);
  }

  private static OptionalDouble rate(int count, int total) {
    return total == 0 ? OptionalDouble.empty() : OptionalDouble.of((double) count / total);
  }

  /**
   * Area under the curve, with DeLong's 95 % interval (DeLong, DeLong, Clarke-Pearson, Biometrics
   * 44, 837, 1988).
   *
   * <p>The area is Mann-Whitney's: the share of pairs of a positive and a negative case in which
   * the positive one has the higher score, ties counting half. A case's placement value is its
   * share of such pairs; the variance is {@code var(V10)/m + var(V01)/n}, with V10, V01 the
   * placement values of the m positive and n negative cases and var the sample variance. All
   * placement values come from one pass over the sorted scores, as with the midranks of Sun and Xu
   * (IEEE Signal Process Lett 21, 1389, 2014).
   *
   * <p>The interval is {@code auc ± 1.96 sd}, cut off at 0 and 1. There is none where a class has a
   * single case (its variance is unknown), and none where the variance is 0 (an area of 1 or 0, all
   * scores alike): it would be one point and claim certainty. Without a case of each class the area
   * is undefined.
   */
  public Estimate auc() {
    if (positives == 0 || negatives == 0) {
      return Estimate.undefined(
          positives == 0 ? ConfusionMatrix.NO_POSITIVE : ConfusionMatrix.NO_NEGATIVE);
    }
    // Twice the number of pairs won is a whole number: exact where a sum of shares would round.
    long wonTwice = 0;
    for (int i = 1; i < points.size(); i++) {
      wonTwice += positivesAt(i) * winsTwiceOfPositive(i);
    }
    double pairs = (double) positives * negatives;
    double auc = wonTwice / (2 * pairs);
    if (positives == 1 || negatives == 1) {
      return Estimate.withoutInterval(
          auc, positives == 1 ? "a single positive case" : "a single negative case");
    }
    double squares10 = 0;
    double squares01 = 0;
    for (int i = 1; i < points.size(); i++) {
      double v10 = winsTwiceOfPositive(i) / (2.0 * negatives) - auc;
      double v01 = losesTwiceOfNegative(i) / (2.0 * positives) - auc;
      squares10 += positivesAt(i) * v10 * v10;
      squares01 += negativesAt(i) * v01 * v01;
    }
    double variance =
        squares10 / (positives - 1) / positives + squares01 / (negatives - 1) / negatives;
    if (variance == 0) {
      return Estimate.withoutInterval(
          auc, "DeLong's variance is 0: the scores separate the classes wholly, or are all alike");
    }
    double half = Estimate.Z * Math.sqrt(variance);
    return Estimate.of(auc, Math.max(0, auc - half), Math.min(1, auc + half));
  }

  private int positivesAt(int i) {
    return points.get(i).truePositives() - points.get(i - 1).truePositives();
  }

  private int negativesAt(int i) {
    return points.get(i).falsePositives() - points.get(i - 1).falsePositives();
  }

  /** Twice the number of negative cases that a positive case at point i beats. */
  private long winsTwiceOfPositive(int i) {
    return 2L * negatives - points.get(i).falsePositives() - points.get(i - 1).falsePositives();
  }

  /** Twice the number of positive cases that beat a negative case at point i. */
  private long losesTwiceOfNegative(int i) {
    return (long) points.get(i).truePositives() + points.get(i - 1).truePositives();
  }

  /**
   * The threshold with the greatest Youden index, sensitivity + specificity - 1 (Youden, Cancer 3,
   * 32, 1950). Of several, the highest: the one that calls fewest cases positive. Chosen and
   * evaluated on the same cases it is optimistic; choose it on the validation list.
   *
   * @return a score that occurs, finite
   * @throws CovidException where a class has no case
   */
  public float youdenThreshold() {
    if (positives == 0 || negatives == 0) {
      throw new CovidException(
          "Youden's threshold",
          "cases of both classes expected, found "
              + positives
              + " COVID, "
              + negatives
              + " non-COVID",
          "set covid.threshold to a number, or evaluate a list that has both classes");
    }
    Point best = null;
    long bestIndex = Long.MIN_VALUE;
    for (Point p : points.subList(1, points.size())) {
      // The index times positives * negatives: whole, so that ties are ties.
      long index = (long) p.truePositives() * negatives - (long) p.falsePositives() * positives;
      if (index > bestIndex) {
        bestIndex = index;
        best = p;
      }
    }
    return best.threshold();
  }
}
