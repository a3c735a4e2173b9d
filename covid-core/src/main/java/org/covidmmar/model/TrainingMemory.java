package org.covidmmar.model;

import org.covidmmar.volume.Shape;

/**
 * Estimates what a training takes of memory: the JVM, libtorch and checkpoints; weights, gradient
 * and two moments of 4 bytes each; and what a forward pass keeps for the backward pass, which grows
 * with the voxels of a batch.
 *
 * @param input voxels of a case after preprocessing
 */
public record TrainingMemory(Architecture architecture, Shape input) {
  private static final long FIXED = 800L << 20;
  private static final int BYTES_PER_PARAMETER = 4 * Float.BYTES;

  /** First convolution, its norm and the pooled features: 64 channels at an eighth of the grid. */
  private static final double STEM = 3 * 64 / 8.0;

  /**
   * Bytes that a training with this batch size takes, to within a third.
   *
   * @param replicas that are in the same memory
   */
  public long bytes(int batchSize, int replicas) {
    // A further one has no moments; the first adds up their gradients in an array of its own.
    int further = replicas == 1 ? 0 : 2 * (replicas - 1) + 1;
    return FIXED
        + (BYTES_PER_PARAMETER + (long) further * Float.BYTES) * architecture.parameterCount()
        + (long) (batchSize * input.voxels() * bytesPerVoxel());
  }

  /** The largest batch size that takes no more than this; 0 where not even one case fits. */
  public int largestBatch(long available, int replicas) {
    double ofCases = (double) available - bytes(0, replicas);
    return (int) Math.max(0, ofCases / (input.voxels() * bytesPerVoxel()));
  }

  /**
   * A dense layer of c channels keeps them as they come, normed and rectified, 128 of its
   * bottleneck likewise, and gives 32; block b stands on a grid of 1 / (64 * 8^b) of the input's
   * voxels.
   */
  private double bytesPerVoxel() {
    double floats = STEM;
    double grid = 64;
    int channels = 64;
    for (int block = 0; block < architecture.blocks(); block++) {
      for (int layer = 0; layer < architecture.layers(block); layer++) {
        floats += (3 * channels + 3 * 128 + 32) / grid;
        channels += 32;
      }
      channels /= 2;
      grid *= 8;
    }
    return floats * Float.BYTES;
  }
}
