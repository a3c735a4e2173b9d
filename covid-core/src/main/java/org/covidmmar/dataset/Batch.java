package org.covidmmar.dataset;

import java.util.List;
import org.covidmmar.volume.Volume;

/**
 * Cases that go through the network together.
 *
 * @param images preprocessed, one a case, equal in shape
 * @param labels a label a case; -1 where it is unknown
 * @param ids the ids of the cases
 */
// The labels go to the loss as an array; nobody compares batches.
@SuppressWarnings("ArrayRecordComponent")
public record Batch(List<Volume> images, int[] labels, List<String> ids) {
  /** The number of cases. */
  public int size() {
    return labels.length;
  }
}
