package org.covidmmar.volume;

import java.util.Arrays;

/**
 * Takes voxel indices (i, j, k) to patient space in mm, RAS+: x grows towards the patient's right,
 * y towards the front (anterior), z towards the head (superior).
 */
public final class Affine {
  private final double[] m;

  private Affine(double[] m) {
    for (int n = 0; n < m.length; n++) {
      // Makes -0 of a reversed axis 0, so that equal affines are equal.
      m[n] += 0.0;
    }
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

  /** Where the point (i, j, k), in voxels and possibly between them, lies: x, y, z in mm. */
  public double[] apply(double i, double j, double k) {
    double[] point = new double[3];
    for (int r = 0; r < 3; r++) {
      point[r] = get(r, 0) * i + get(r, 1) * j + get(r, 2) * k + get(r, 3);
    }
    return point;
  }

  /** The matrix product: applies {@code first}, then this. */
  public Affine times(Affine first) {
    double[] product = new double[12];
    for (int r = 0; r < 3; r++) {
      for (int c = 0; c < 4; c++) {
        double sum = c == 3 ? get(r, 3) : 0;
        for (int t = 0; t < 3; t++) {
          sum += get(r, t) * first.get(t, c);
        }
        product[4 * r + c] = sum;
      }
    }
    return new Affine(product);
  }

  /** Volume of a voxel in mm3, negative where the voxel axes are left-handed. */
  public double determinant() {
    double sum = 0;
    for (int c = 0; c < 3; c++) {
      sum += get(0, c) * cofactor(0, c);
    }
    return sum;
  }

  /**
   * Takes patient space back to voxel indices.
   *
   * @throws ArithmeticException where the matrix is singular or not finite
   */
  public Affine inverse() {
    double determinant = determinant();
    if (determinant == 0 || !Double.isFinite(determinant)) {
      throw new ArithmeticException("affine without an inverse: " + this);
    }
    double[] inverse = new double[12];
    for (int r = 0; r < 3; r++) {
      double offset = 0;
      for (int c = 0; c < 3; c++) {
        inverse[4 * r + c] = cofactor(c, r) / determinant;
        offset -= inverse[4 * r + c] * get(c, 3);
      }
      inverse[4 * r + 3] = offset;
    }
    return new Affine(inverse);
  }

  /** The affine of a view whose voxel (0,0,0) is this one's (i, j, k). */
  public Affine startingAt(double i, double j, double k) {
    double[] point = apply(i, j, k);
    double[] moved = m.clone();
    for (int r = 0; r < 3; r++) {
      moved[4 * r + 3] = point[r];
    }
    return new Affine(moved);
  }

  /**
   * The affine of a view with one axis reversed.
   *
   * @param axis 0, 1 or 2
   * @param size number of voxels along it
   */
  public Affine flipped(int axis, int size) {
    double[] flipped = m.clone();
    for (int r = 0; r < 3; r++) {
      flipped[4 * r + axis] = -get(r, axis);
      flipped[4 * r + 3] = get(r, 3) + get(r, axis) * (size - 1);
    }
    return new Affine(flipped);
  }

  /**
   * The affine of a view whose axes 0, 1, 2 are this one's axes {@code a}, {@code b}, {@code c}.
   */
  public Affine permuted(int a, int b, int c) {
    double[] permuted = m.clone();
    for (int r = 0; r < 3; r++) {
      permuted[4 * r] = get(r, a);
      permuted[4 * r + 1] = get(r, b);
      permuted[4 * r + 2] = get(r, c);
    }
    return new Affine(permuted);
  }

  /** Whether no value differs by more than {@code tolerance} (mm). */
  public boolean isClose(Affine other, double tolerance) {
    for (int n = 0; n < m.length; n++) {
      // Negated, so that NaN is close to nothing.
      if (!(Math.abs(m[n] - other.m[n]) <= tolerance)) {
        return false;
      }
    }
    return true;
  }

  private double cofactor(int row, int column) {
    int r1 = (row + 1) % 3;
    int r2 = (row + 2) % 3;
    int c1 = (column + 1) % 3;
    int c2 = (column + 2) % 3;
    return get(r1, c1) * get(r2, c2) - get(r1, c2) * get(r2, c1);
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
