package org.covidmmar.training;

import java.util.List;

/**
 * How far a training is, besides weights and optimizer.
 *
 * @param epochs done
 * @param keyMetrics of each validation so far, in order, turned so that higher is better
 * @param bestEpoch the epoch of the best of them; 0 before the first
 */
public record TrainingState(int epochs, List<Double> keyMetrics, int bestEpoch) {
  /** Nothing done yet. */
  public static final TrainingState START = new TrainingState(0, List.of(), 0);

  public TrainingState {
    keyMetrics = List.copyOf(keyMetrics);
  }

  /** Whether a value is better than all before; the first always is. */
  boolean isBest(double keyMetric) {
    return keyMetrics.stream().allMatch(earlier -> keyMetric > earlier);
  }

  /** Validations since the best one. */
  int validationsSinceBest() {
    int best = 0;
    for (int i = 1; i < keyMetrics.size(); i++) {
      if (keyMetrics.get(i) > keyMetrics.get(best)) {
        best = i;
      }
    }
    return keyMetrics.isEmpty() ? 0 : keyMetrics.size() - 1 - best;
  }

  TrainingState epochWithoutValidation() {
    return new TrainingState(epochs + 1, keyMetrics, bestEpoch);
  }

  TrainingState epochWithValidation(double keyMetric) {
    List<Double> all = new java.util.ArrayList<>(keyMetrics);
    all.add(keyMetric);
    return new TrainingState(epochs + 1, all, isBest(keyMetric) ? epochs + 1 : bestEpoch);
  }
}
