package org.covidmmar.inference;

import java.nio.file.Path;
import org.covidmmar.Workers;
import org.covidmmar.io.nifti.NiftiSliceWriter;
import org.covidmmar.io.nifti.NiftiWriter;
import org.covidmmar.volume.Affine;
import org.covidmmar.volume.Shape;
import org.covidmmar.volume.Volume;

/**
 * A map on the grid of a network's input, read at the places of the scan that the input was made
 * of: what turned, cropped and resized the scan is undone.
 *
 * <p>Both grids' affines say where a voxel's centre lies in the patient, so scan voxel v is read at
 * {@code inverse(map) * scan * v}, by trilinear interpolation between centres. Under a resize by n
 * that is {@code (v + 0.5) / n - 0.5}, the half-pixel centres of the resize itself. Between the
 * outermost centres and the map's edge, half a voxel out, the value is that of the edge; outside it
 * is 0.
 */
public final class OnScan {
  private final Shape shape;
  private final float[] values;
  private final Affine scan;
  private final Affine toMap;

  /**
   * @param map with the affine that preprocessing left on the input
   * @param scan the scan's affine
   */
  public OnScan(Volume map, Affine scan) {
    this.shape = map.shape();
    this.values = map.floats();
    this.scan = scan;
    this.toMap = map.affine().inverse().times(scan);
  }

  /** The value at a place of the scan, in voxels and possibly between them. */
  public float at(double i, double j, double k) {
    double[] at = toMap.apply(i, j, k);
    for (int axis = 0; axis < 3; axis++) {
      int n = shape.along(axis);
      if (!(at[axis] >= -0.5 && at[axis] <= n - 0.5)) {
        return 0;
      }
      at[axis] = Math.min(n - 1.0, Math.max(0, at[axis]));
    }
    return linear(at[0], at[1], at[2]);
  }

  private float linear(double x, double y, double z) {
    int i = (int) x;
    int j = (int) y;
    int k = (int) z;
    int dx = i + 1 < shape.x() ? 1 : 0;
    int dy = j + 1 < shape.y() ? shape.x() : 0;
    int dz = k + 1 < shape.z() ? shape.x() * shape.y() : 0;
    int p = i + shape.x() * (j + shape.y() * k);
    double near = mean(mean(p, dx, x - i), mean(p + dy, dx, x - i), y - j);
    double far = mean(mean(p + dz, dx, x - i), mean(p + dz + dy, dx, x - i), y - j);
    return (float) mean(near, far, z - k);
  }

  private double mean(int p, int dx, double weight) {
    return mean(values[p], values[p + dx], weight);
  }

  private static double mean(double low, double high, double weight) {
    return (1 - weight) * low + weight * high;
  }

  /**
   * Writes the map as a float32 NIfTI file on the scan's grid, which is never whole in memory.
   *
   * @param scanShape the scan's
   * @param threads at least 1
   */
  public void write(Path file, Shape scanShape, int threads) {
    try (Workers workers = new Workers("saliency", threads)) {
      NiftiSliceWriter.write(
          file,
          scanShape,
          scan,
          NiftiWriter.Type.FLOAT32,
          (k, voxels) -> {
            for (int j = 0; j < scanShape.y(); j++) {
              for (int i = 0; i < scanShape.x(); i++) {
                voxels.putFloat(at(i, j, k));
              }
            }
          },
          workers,
          threads + 1);
    }
  }
}
