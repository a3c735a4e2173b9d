package org.covidmmar.transform;

import org.covidmmar.volume.Affine;
import org.covidmmar.volume.Shape;
import org.covidmmar.volume.Volume;

/**
 * Reads a volume at the places to which an affine takes the voxels of another grid, in double
 * precision. Definitions are those of PyTorch's {@code grid_sample} with {@code
 * align_corners=False}.
 */
final class AffineSampler {
  /** What is read beyond the edge. */
  enum Padding {
    /** The voxel at the edge. */
    BORDER,
    /** The volume mirrored at the outer faces of its edge voxels. */
    REFLECTION
  }

  private final Volume source;
  private final float[] voxels;
  private final Padding padding;

  AffineSampler(Volume source, Padding padding) {
    this.source = source;
    this.voxels = source.floats();
    this.padding = padding;
  }

  /**
   * Linear between the eight nearest voxels.
   *
   * @param toSource takes a voxel of the result to a place in the source, both in voxels
   */
  Volume linear(Shape to, Affine toSource) {
    return sample(to, toSource, true);
  }

  /** The nearest voxel; of two equally near the one with the even index. */
  Volume nearest(Shape to, Affine toSource) {
    return sample(to, toSource, false);
  }

  private Volume sample(Shape to, Affine m, boolean linear) {
    Shape s = source.shape();
    float[] result = new float[Math.toIntExact(to.voxels())];
    int at = 0;
    for (int k = 0; k < to.z(); k++) {
      for (int j = 0; j < to.y(); j++) {
        double x = m.get(0, 1) * j + m.get(0, 2) * k + m.get(0, 3);
        double y = m.get(1, 1) * j + m.get(1, 2) * k + m.get(1, 3);
        double z = m.get(2, 1) * j + m.get(2, 2) * k + m.get(2, 3);
        for (int i = 0; i < to.x(); i++) {
          double a = within(x + m.get(0, 0) * i, s.x());
          double b = within(y + m.get(1, 0) * i, s.y());
          double c = within(z + m.get(2, 0) * i, s.z());
          result[at++] = linear ? linear(a, b, c) : nearest(a, b, c);
        }
      }
    }
    return Volume.of(to, source.affine().times(m), result);
  }

  private double within(double at, int size) {
    double inside = at;
    if (padding == Padding.REFLECTION) {
      double from = Math.abs(at + 0.5);
      double turns = Math.floor(from / size);
      double rest = from - turns * size;
      inside = (turns % 2 == 0 ? rest : size - rest) - 0.5;
    }
    return Math.min(Math.max(inside, 0), size - 1.0);
  }

  private float nearest(double x, double y, double z) {
    Shape s = source.shape();
    return voxels[(int) Math.rint(x) + s.x() * ((int) Math.rint(y) + s.y() * (int) Math.rint(z))];
  }

  private float linear(double x, double y, double z) {
    Shape s = source.shape();
    int i = (int) x;
    int j = (int) y;
    int k = (int) z;
    double u = x - i;
    double v = y - j;
    double w = z - k;
    int dx = i + 1 < s.x() ? 1 : 0;
    int dy = j + 1 < s.y() ? s.x() : 0;
    int dz = k + 1 < s.z() ? s.x() * s.y() : 0;
    int p = i + s.x() * (j + s.y() * k);
    double low = mean(mean(p, dx, u), mean(p + dy, dx, u), v);
    double high = mean(mean(p + dz, dx, u), mean(p + dy + dz, dx, u), v);
    return (float) mean(low, high, w);
  }

  private double mean(int p, int dx, double weight) {
    return mean(voxels[p], voxels[p + dx], weight);
  }

  private static double mean(double low, double high, double weight) {
    return (1 - weight) * low + weight * high;
  }
}
