package org.covidmmar.dataset;

import org.covidmmar.volume.Shape;

/** Takes voxels from a volume's order (x fastest) to the network's (z fastest). */
public final class VoxelOrder {
  /** Of x and of z: 16 floats are one cache line. */
  private static final int BLOCK = 16;

  private VoxelOrder() {}

  /**
   * Writes voxel (i, j, k) of {@code voxels}, at {@code i + X * (j + Y * k)}, to {@code offset + k
   * + Z * (j + Y * i)} of {@code target}.
   *
   * @param voxels X * Y * Z voxels, x fastest
   * @param offset index in the target of voxel (0, 0, 0)
   */
  public static void zFastest(float[] voxels, Shape shape, float[] target, int offset) {
    int nx = shape.x();
    int ny = shape.y();
    int nz = shape.z();
    for (int j = 0; j < ny; j++) {
      for (int x0 = 0; x0 < nx; x0 += BLOCK) {
        int x1 = Math.min(nx, x0 + BLOCK);
        for (int z0 = 0; z0 < nz; z0 += BLOCK) {
          int z1 = Math.min(nz, z0 + BLOCK);
          for (int i = x0; i < x1; i++) {
            int from = i + nx * (j + ny * z0);
            int to = offset + nz * (j + ny * i);
            for (int k = z0; k < z1; k++) {
              target[to + k] = voxels[from];
              from += nx * ny;
            }
          }
        }
      }
    }
  }
}
