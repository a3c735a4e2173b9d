package org.covidmmar.evaluation;

import java.util.List;

/**
 * What each threshold finds of the positive cases (recall), and how much of what it calls positive
 * is so (precision).
 *
 * @param points one for each distinct score, descending, as the ROC curve has them
 * @param prevalence share of the positive cases: the precision of calling everything positive
 */
public record PrecisionRecall(List<Point> points, double prevalence) {

  /**
   * A threshold and what it achieves.
   *
   * @param threshold cases whose score is this or more are called positive
   */
  public record Point(float threshold, double recall, double precision) {}

  public PrecisionRecall {
    points = List.copyOf(points);
  }

  /**
   * The curve that belongs to a ROC curve.
   *
   * @param roc with at least one positive case
   */
  public static PrecisionRecall of(RocCurve roc) {
    if (roc.positives() == 0) {
      throw new IllegalArgumentException(ConfusionMatrix.NO_POSITIVE);
    }
    List<Point> points =
        roc.points().stream()
            .skip(1)
            .map(
                p ->
                    new Point(
                        p.threshold(),
                        (double) p.truePositives() / roc.positives(),
                        (double) p.truePositives() / (p.truePositives() + p.falsePositives())))
            .toList();
    return new PrecisionRecall(
        points, (double) roc.positives() / (roc.positives() + roc.negatives()));
  }

  /** The precisions, each weighted by the recall gained there; no interpolation. */
  public double averagePrecision() {
    double sum = 0;
    double recall = 0;
    for (Point p : points) {
      sum += (p.recall() - recall) * p.precision();
      recall = p.recall();
    }
    return sum;
  }
}
