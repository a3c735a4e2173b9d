package org.covidmmar.training;

import java.util.SortedMap;
import org.covidmmar.Fingerprint;

/** What happens in a training. */
public sealed interface TrainingEvent {
  /**
   * A batch went through the network and back.
   *
   * @param epoch from 1
   * @param batch from 1
   * @param batches in the epoch
   * @param loss mean over the batch
   */
  record BatchDone(int epoch, int batch, int batches, double loss) implements TrainingEvent {}

  /**
   * A case of the validation list went through the network.
   *
   * @param epoch from 1
   * @param done cases so far
   * @param cases in the list
   */
  record ValidationProgress(int epoch, int done, int cases) implements TrainingEvent {}

  /**
   * An epoch ended, with its validation where it had one.
   *
   * @param epoch from 1
   * @param metrics by name: train/loss, train/accuracy, learning_rate and, after a validation,
   *     val/auc, val/accuracy, val/loss; only defined ones
   * @param best whether its weights are the best so far
   * @param weights what tells its weights from others
   */
  record EpochDone(int epoch, SortedMap<String, Double> metrics, boolean best, Fingerprint weights)
      implements TrainingEvent {}

  /**
   * Training stopped before its last epoch, for lack of a better key metric.
   *
   * @param epoch the last one run
   * @param bestEpoch the one whose weights are kept
   */
  record StoppedEarly(int epoch, int bestEpoch) implements TrainingEvent {}
}
