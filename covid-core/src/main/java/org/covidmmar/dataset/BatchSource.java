package org.covidmmar.dataset;

import java.util.List;
import org.covidmmar.Seeds;
import org.covidmmar.volume.Shape;

/**
 * Where batches come from, and how they are loaded.
 *
 * @param cache gives each sample as its pipeline's fixed part makes it; the pipeline's further
 *     steps are applied to it anew in each epoch
 * @param shape of every sample after the pipeline
 * @param batchSize at least 1; the last batch of an order has what is left over
 * @param run the run's seed; the draws of a case derive from it, the epoch, the case's id and how
 *     often the epoch had the case before
 * @param prefetch changes nothing of what is loaded
 */
public record BatchSource(
    PreprocessCache cache, Shape shape, int batchSize, Seeds run, BatchLoader.Prefetch prefetch) {
  public BatchSource {
    if (batchSize < 1) {
      throw new IllegalArgumentException("batch size " + batchSize);
    }
  }

  /** Starts loading the cases of an epoch in this order. */
  public BatchLoader load(List<Case> order, long epoch) {
    return load(order, epoch, 0);
  }

  /**
   * As {@link #load(List, long)}, from some batch on.
   *
   * @param skipped batches that are not loaded; the others are the same as without
   */
  public BatchLoader load(List<Case> order, long epoch, int skipped) {
    return new BatchLoader(this, order, epoch, skipped);
  }

  /** The same cases, one in a batch. */
  public BatchSource oneByOne() {
    return new BatchSource(cache, shape, 1, run, prefetch);
  }

  /** The same cases without random steps. */
  public BatchSource withoutAugmentation() {
    return new BatchSource(cache.withoutAugmentation(), shape, batchSize, run, prefetch);
  }
}
