package org.covidmmar.dataset;

import java.util.List;
import org.covidmmar.volume.Shape;

/**
 * Cases that go through the network together.
 *
 * @param images N volumes of one channel in the order (N, 1, X, Y, Z), z fastest: voxel (i, j, k)
 *     of case n stands at index {@code k + Z * (j + Y * (i + X * n))}
 * @param shape X, Y, Z
 * @param labels a label a case; -1 where it is unknown
 * @param ids the ids of the cases
 */
// Arrays, not lists: they go to the network uncopied; nobody compares batches.
@SuppressWarnings("ArrayRecordComponent")
public record Batch(float[] images, Shape shape, int[] labels, List<String> ids) {
  /** The number of cases, N. */
  public int size() {
    return labels.length;
  }
}
