package org.covidmmar.transform;

import java.util.Arrays;
import org.covidmmar.CovidException;
import org.covidmmar.volume.Affine;
import org.covidmmar.volume.Shape;
import org.covidmmar.volume.Volume;

/**
 * Grids of another shape over the same extent. Each reads its source once, row by row, and holds no
 * more than the result and a few slices of it.
 *
 * <p>Definitions are those of PyTorch's {@code interpolate}, of MONAI's {@code Resize}: area is
 * adaptive average pooling, trilinear has half-pixel centres.
 */
final class Resampling {
  private Resampling() {}

  /** Refuses a shape that no array can hold. */
  static void checkSize(String id, Shape shape) {
    if (shape.voxels() > Integer.MAX_VALUE - 8) {
      throw new CovidException(
          id,
          "expected fewer than 2^31 voxels after the step, found shape " + shape,
          "choose a smaller shape or a wider spacing");
    }
  }

  /** The first source voxel of the window of output {@code o}: floor(o * in / out). */
  private static int windowStart(int o, int in, int out) {
    return (int) ((long) o * in / out);
  }

  /** One past its last: ceil((o + 1) * in / out). */
  private static int windowEnd(int o, int in, int out) {
    return (int) ((((long) o + 1) * in + out - 1) / out);
  }

  /** Voxel o is the mean over [floor(o in/out), ceil((o+1) in/out)) along each axis. */
  static Volume area(View view, Shape to) {
    Shape from = view.shape();
    int[] x0 = new int[to.x()];
    int[] x1 = new int[to.x()];
    for (int o = 0; o < to.x(); o++) {
      x0[o] = windowStart(o, from.x(), to.x());
      x1[o] = windowEnd(o, from.x(), to.x());
    }
    float[] row = new float[from.x()];
    double[] sums = new double[to.x()];
    double[] slice = new double[to.x() * to.y()];
    float[] voxels = new float[Math.toIntExact(to.voxels())];
    int firstZ = 0;
    for (int k = 0; k < from.z(); k++) {
      Arrays.fill(slice, 0);
      int firstY = 0;
      for (int j = 0; j < from.y(); j++) {
        view.row(j, k, row);
        sumWindows(row, x0, x1, sums);
        while (windowEnd(firstY, from.y(), to.y()) <= j) {
          firstY++;
        }
        for (int o = firstY; o < to.y() && windowStart(o, from.y(), to.y()) <= j; o++) {
          add(sums, 1.0 / windowSize(o, from.y(), to.y()), slice, o * to.x());
        }
      }
      while (windowEnd(firstZ, from.z(), to.z()) <= k) {
        firstZ++;
      }
      for (int o = firstZ; o < to.z() && windowStart(o, from.z(), to.z()) <= k; o++) {
        addFloats(slice, 1.0 / windowSize(o, from.z(), to.z()), voxels, o * slice.length);
      }
    }
    return Volume.of(to, scaled(view.affine(), from, to), voxels);
  }

  private static int windowSize(int o, int in, int out) {
    return windowEnd(o, in, out) - windowStart(o, in, out);
  }

  private static void sumWindows(float[] row, int[] from, int[] to, double[] means) {
    for (int o = 0; o < means.length; o++) {
      double sum = 0;
      for (int i = from[o]; i < to[o]; i++) {
        sum += row[i];
      }
      means[o] = sum / (to[o] - from[o]);
    }
  }

  private static void add(double[] values, double weight, double[] into, int at) {
    for (int i = 0; i < values.length; i++) {
      into[at + i] += weight * values[i];
    }
  }

  private static void addFloats(double[] values, double weight, float[] into, int at) {
    for (int i = 0; i < values.length; i++) {
      into[at + i] += (float) (weight * values[i]);
    }
  }

  /** Where each output stands between two sources: lower index, upper index, upper's weight. */
  @SuppressWarnings("ArrayRecordComponent") // lives within one call, is never compared
  private record Between(int[] low, int[] high, float[] weight) {
    /** Half-pixel centres, in float32 as PyTorch computes them for float32 voxels. */
    static Between of(int in, int out) {
      int[] low = new int[out];
      int[] high = new int[out];
      float[] weight = new float[out];
      float scale = (float) in / out;
      for (int o = 0; o < out; o++) {
        float at = Math.max(scale * (o + 0.5f) - 0.5f, 0f);
        low[o] = Math.min((int) at, in - 1);
        high[o] = Math.min(low[o] + 1, in - 1);
        weight[o] = Math.min(Math.max(at - low[o], 0f), 1f);
      }
      return new Between(low, high, weight);
    }
  }

  /** Linear along each axis, x first. */
  static Volume trilinear(View view, Shape to) {
    Shape from = view.shape();
    Between x = Between.of(from.x(), to.x());
    Between y = Between.of(from.y(), to.y());
    Between z = Between.of(from.z(), to.z());
    float[] row = new float[from.x()];
    float[][] rows = new float[2][to.x()];
    float[][] slices = new float[2][to.x() * to.y()];
    int[] held = {-1, -1};
    float[] voxels = new float[Math.toIntExact(to.voxels())];
    for (int o = 0; o < to.z(); o++) {
      if (held[1] == z.low[o]) {
        float[] first = slices[0];
        slices[0] = slices[1];
        slices[1] = first;
        held[1] = held[0];
        held[0] = z.low[o];
      }
      if (held[0] != z.low[o]) {
        held[0] = z.low[o];
        slice(view, held[0], x, y, row, rows, slices[0]);
      }
      if (held[1] != z.high[o]) {
        held[1] = z.high[o];
        slice(view, held[1], x, y, row, rows, slices[1]);
      }
      blend(slices[0], slices[1], z.weight[o], voxels, o * slices[0].length);
    }
    return Volume.of(to, scaled(view.affine(), from, to), voxels);
  }

  private static void slice(
      View view, int k, Between x, Between y, float[] row, float[][] rows, float[] into) {
    int[] held = {-1, -1};
    for (int o = 0; o < y.low.length; o++) {
      if (held[1] == y.low[o]) {
        float[] first = rows[0];
        rows[0] = rows[1];
        rows[1] = first;
        held[1] = held[0];
        held[0] = y.low[o];
      }
      if (held[0] != y.low[o]) {
        held[0] = y.low[o];
        view.row(held[0], k, row);
        along(row, x, rows[0]);
      }
      if (held[1] != y.high[o]) {
        held[1] = y.high[o];
        view.row(held[1], k, row);
        along(row, x, rows[1]);
      }
      blend(rows[0], rows[1], y.weight[o], into, o * rows[0].length);
    }
  }

  private static void along(float[] row, Between x, float[] into) {
    for (int o = 0; o < into.length; o++) {
      into[o] = (1 - x.weight[o]) * row[x.low[o]] + x.weight[o] * row[x.high[o]];
    }
  }

  private static void blend(float[] low, float[] high, float weight, float[] into, int at) {
    float rest = 1 - weight;
    for (int i = 0; i < low.length; i++) {
      into[at + i] = rest * low[i] + weight * high[i];
    }
  }

  /** Voxel o is source voxel floor(o * in / out), computed in float32 as PyTorch does. */
  static Volume nearest(View view, Shape to) {
    Shape from = view.shape();
    int[] x = nearest(from.x(), to.x());
    int[] y = nearest(from.y(), to.y());
    int[] z = nearest(from.z(), to.z());
    float[] row = new float[from.x()];
    float[] voxels = new float[Math.toIntExact(to.voxels())];
    int at = 0;
    for (int k = 0; k < to.z(); k++) {
      for (int j = 0; j < to.y(); j++) {
        view.row(y[j], z[k], row);
        for (int i = 0; i < to.x(); i++) {
          voxels[at++] = row[x[i]];
        }
      }
    }
    return Volume.of(to, scaled(view.affine(), from, to), voxels);
  }

  private static int[] nearest(int in, int out) {
    int[] source = new int[out];
    float scale = (float) in / out;
    for (int o = 0; o < out; o++) {
      source[o] = Math.min((int) (o * scale), in - 1);
    }
    return source;
  }

  /** The affine of a grid of another shape over the same extent. */
  static Affine scaled(Affine affine, Shape from, Shape to) {
    double[] m = new double[12];
    for (int axis = 0; axis < 3; axis++) {
      double scale = (double) from.along(axis) / to.along(axis);
      m[5 * axis] = scale;
      m[4 * axis + 3] = (scale - 1) / 2;
    }
    return affine.times(Affine.of(m));
  }
}
