package org.covidmmar.segmentation;

import java.util.Arrays;

/** The convex hull of a slice's cells, from the ends of its rows. */
final class Envelope {
  private static final double ROUNDING = 1e-9;

  private Envelope() {}

  /**
   * Fills the convex hull of a slice.
   *
   * @param low x of each row's first cell, NaN where it has none; left in disorder
   * @param high x of its last cell
   */
  static void fill(Grid g, int z, double[] low, double[] high, byte[] set) {
    upper(high);
    lower(low);
    for (int y = 0; y < low.length; y++) {
      if (!Double.isNaN(low[y])) {
        int row = g.nx() * (y + g.ny() * z);
        int first = row + (int) Math.ceil(low[y] - ROUNDING);
        int last = row + (int) Math.floor(high[y] + ROUNDING);
        Arrays.fill(set, first, last + 1, (byte) 1);
      }
    }
  }

  /**
   * Replaces values by those of the least concave function above them, between the first and the
   * last one that is given.
   *
   * @param values by row; NaN where a row has none
   */
  private static void upper(double[] values) {
    int[] corner = new int[values.length];
    int count = 0;
    for (int y = 0; y < values.length; y++) {
      if (Double.isNaN(values[y])) {
        continue;
      }
      while (count >= 2 && isBelow(values, corner[count - 2], corner[count - 1], y)) {
        count--;
      }
      corner[count++] = y;
    }
    double[] hull = new double[values.length];
    Arrays.fill(hull, Double.NaN);
    for (int n = 0; n < count; n++) {
      int a = corner[n];
      hull[a] = values[a];
      for (int y = a + 1; n + 1 < count && y < corner[n + 1]; y++) {
        int b = corner[n + 1];
        hull[y] = values[a] + (values[b] - values[a]) * (y - a) / (b - a);
      }
    }
    System.arraycopy(hull, 0, values, 0, hull.length);
  }

  /** As {@link #upper}, for the greatest convex function below them. */
  private static void lower(double[] values) {
    negate(values);
    upper(values);
    negate(values);
  }

  private static void negate(double[] values) {
    for (int y = 0; y < values.length; y++) {
      values[y] = -values[y];
    }
  }

  /** Whether the middle one of three corners is on or below the line between the others. */
  private static boolean isBelow(double[] v, int a, int b, int c) {
    return (v[b] - v[a]) * (c - a) <= (v[c] - v[a]) * (b - a);
  }
}
