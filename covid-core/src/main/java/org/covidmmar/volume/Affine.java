package org.covidmmar.volume;

import java.util.Arrays;

/**
 * Takes voxel indices (i, j, k) to patient space in mm, RAS+: x grows towards the patient's right,
 * y towards the front (anterior), z towards the head (superior).
 */
public final class Affine {
  private final double[] m;

  private Affine(double[] m) {
    this.m = m;
  }

  /**
   * @param rows the upper 3x4 part, row by row: 12 values; the last row is 0 0 0 1
   */
  public static Affine of(double... rows) {
    if (rows.length != 12) {
      throw new IllegalArgumentException("12 values expected: " + rows.length);
    }
    return new Affine(rows.clone());
  }

  /** Voxels of 1 mm, axes along x, y, z, voxel (0,0,0) at the origin. */
  public static Affine identity() {
    return of(1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0);
  }

  /** The value in row 0..2 and column 0..3. */
  public double get(int row, int column) {
    return m[4 * row + column];
  }

  /** Edge lengths of a voxel in mm along each voxel axis. */
  public double[] spacing() {
    double[] s = new double[3];
    for (int c = 0; c < 3; c++) {
      s[c] = Math.sqrt(get(0, c) * get(0, c) + get(1, c) * get(1, c) + get(2, c) * get(2, c));
    }
    return s;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Affine a && Arrays.equals(m, a.m);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(m);
  }

  @Override
  public String toString() {
    return Arrays.toString(m);
  }
}
