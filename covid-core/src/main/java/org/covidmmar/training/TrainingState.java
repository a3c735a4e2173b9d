package org.covidmmar.training;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.ArrayList;
import java.util.List;

/**
 * How far a training is, besides weights and optimizer.
 *
 * @param epochs done
 * @param keyMetrics of each validation so far, in order, turned so that higher is better
 * @param bestEpoch the epoch of the best of them; of equal ones that with the lowest val/loss, and
 *     of these the latest; 0 before the first
 * @param bestLoss val/loss of that epoch; null before the first
 * @param begun how far the epoch after those is; null where it has not begun
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record TrainingState(
    int epochs, List<Double> keyMetrics, int bestEpoch, Double bestLoss, Begun begun) {
  /** Nothing done yet. */
  public static final TrainingState START = new TrainingState(0, List.of(), 0, null, null);

  /**
   * An epoch under way, between two updates.
   *
   * @param batches done, in the epoch's order
   * @param lossSum losses of the groups so far, each times its weight
   * @param weightSum weights of the groups so far
   * @param correct cases so far whose likelier class was the true one
   */
  public record Begun(int batches, double lossSum, double weightSum, int correct) {
    static final Begun NOTHING = new Begun(0, 0, 0, 0);
  }

  public TrainingState {
    keyMetrics = List.copyOf(keyMetrics);
  }

  boolean isStart() {
    return epochs == 0 && begun == null;
  }

  /** Such as {@code after epoch 3 and 2 batches}. */
  public String where() {
    return "after epoch " + epochs + (begun == null ? "" : " and " + begun.batches() + " batches");
  }

  /** The highest key metric so far, turned so that higher is better. */
  double bestKeyMetric() {
    return keyMetrics.stream().mapToDouble(d -> d).max().orElse(Double.NEGATIVE_INFINITY);
  }

  /** Whether a validation is the best so far; the first always is. */
  private boolean isBest(double keyMetric, double loss) {
    double best = bestKeyMetric();
    return keyMetrics.isEmpty()
        || keyMetric > best
        || (keyMetric == best && (bestLoss == null || loss <= bestLoss));
  }

  /** Validations since the key metric last got better; a lower loss alone does not count. */
  int validationsSinceBetter() {
    int best = 0;
    for (int i = 1; i < keyMetrics.size(); i++) {
      if (keyMetrics.get(i) > keyMetrics.get(best)) {
        best = i;
      }
    }
    return keyMetrics.isEmpty() ? 0 : keyMetrics.size() - 1 - best;
  }

  TrainingState begun(Begun epoch) {
    return new TrainingState(epochs, keyMetrics, bestEpoch, bestLoss, epoch);
  }

  TrainingState epochWithoutValidation() {
    return new TrainingState(epochs + 1, keyMetrics, bestEpoch, bestLoss, null);
  }

  /**
   * @param keyMetric of this epoch, turned so that higher is better
   * @param loss its val/loss
   */
  TrainingState epochWithValidation(double keyMetric, double loss) {
    List<Double> all = new ArrayList<>(keyMetrics);
    all.add(keyMetric);
    return isBest(keyMetric, loss)
        ? new TrainingState(epochs + 1, all, epochs + 1, loss, null)
        : new TrainingState(epochs + 1, all, bestEpoch, bestLoss, null);
  }
}
