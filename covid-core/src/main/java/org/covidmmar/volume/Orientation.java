package org.covidmmar.volume;

import java.util.Locale;

/**
 * Which way the voxel axes run in the patient: the direction in which each index grows.
 *
 * @param first the direction of axis 0
 * @param second of axis 1
 * @param third of axis 2
 */
public record Orientation(Direction first, Direction second, Direction third) {
  /** Towards the patient's right, front and head. */
  public static final Orientation RAS = new Orientation(Direction.R, Direction.A, Direction.S);

  private static final double NEGLIGIBLE = 1e-8;
  private static final int MOST_STEPS = 100;

  /** Right, left, anterior, posterior, superior, inferior. */
  public enum Direction {
    R(0, true),
    L(0, false),
    A(1, true),
    P(1, false),
    S(2, true),
    I(2, false);

    private final int axis;
    private final boolean positive;

    Direction(int axis, boolean positive) {
      this.axis = axis;
      this.positive = positive;
    }

    /** The axis of patient space: 0 left-right, 1 back-front, 2 feet-head. */
    public int axis() {
      return axis;
    }

    /** Whether it points as the RAS+ axis does. */
    public boolean isPositive() {
      return positive;
    }

    private static Direction of(int axis, boolean positive) {
      for (Direction d : values()) {
        if (d.axis == axis && d.positive == positive) {
          return d;
        }
      }
      throw new IllegalArgumentException("axis " + axis);
    }
  }

  /** Refuses two axes along the same direction of the patient. */
  public Orientation {
    if (first.axis() == second.axis()
        || first.axis() == third.axis()
        || second.axis() == third.axis()) {
      throw new IllegalArgumentException(
          "three different axes expected: " + first + second + third);
    }
  }

  /**
   * From axis codes such as {@code RAS} or {@code lps}.
   *
   * @throws IllegalArgumentException where the text is not one letter for each axis
   */
  public static Orientation parse(String codes) {
    if (codes.length() != 3) {
      throw new IllegalArgumentException("three axis codes expected, as in RAS: " + codes);
    }
    String upper = codes.toUpperCase(Locale.ROOT);
    return new Orientation(
        Direction.valueOf(upper.substring(0, 1)),
        Direction.valueOf(upper.substring(1, 2)),
        Direction.valueOf(upper.substring(2)));
  }

  /**
   * The closest orientation of an affine, oblique or sheared ones included, by the definition of
   * nibabel's {@code io_orientation}: of the rotation nearest to the affine without its spacing
   * (polar decomposition), axes are settled one by one, first the one that lies closest to an axis
   * of the patient.
   *
   * @throws ArithmeticException where the matrix is singular or not finite
   */
  public static Orientation of(Affine affine) {
    double[][] rotation = nearestRotation(affine);
    double[] strength = new double[3];
    for (int c = 0; c < 3; c++) {
      for (int r = 0; r < 3; r++) {
        strength[c] = Math.max(strength[c], rotation[r][c] * rotation[r][c]);
      }
    }
    Direction[] directions = new Direction[3];
    boolean[] used = new boolean[3];
    for (int n = 0; n < 3; n++) {
      int strongest = -1;
      for (int c = 0; c < 3; c++) {
        if (directions[c] == null && (strongest < 0 || strength[c] > strength[strongest])) {
          strongest = c;
        }
      }
      int row = -1;
      for (int r = 0; r < 3; r++) {
        if (!used[r]
            && (row < 0 || Math.abs(rotation[r][strongest]) > Math.abs(rotation[row][strongest]))) {
          row = r;
        }
      }
      used[row] = true;
      directions[strongest] = Direction.of(row, rotation[row][strongest] > 0);
    }
    return new Orientation(directions[0], directions[1], directions[2]);
  }

  /** The volume along the axes of the patient, right, front, head: the closest canonical one. */
  public static Volume toRas(Volume volume) {
    return RAS.reorient(volume);
  }

  /**
   * The volume with its axes permuted and reversed so that they run as this orientation says;
   * nothing is resampled, int16 stays int16, and a volume that runs so already is returned itself.
   */
  public Volume reorient(Volume volume) {
    if (of(volume.affine()).equals(this)) {
      return volume;
    }
    View view = view(volume.shape(), volume.affine());
    return volume.strided(view.shape, view.affine, view.start, view.strides);
  }

  /**
   * A volume's voxels under indices whose axes run otherwise than those it is stored by.
   *
   * @param shape along the view's axes
   * @param affine takes the view's indices to patient space
   * @param start linear index, as stored, of the view's voxel (0, 0, 0)
   * @param strides steps of that index along the view's axes; below 0 along a reversed one
   */
  @SuppressWarnings("ArrayRecordComponent") // made, read, never compared
  public record View(Shape shape, Affine affine, int start, int[] strides) {
    /** The index along an axis of the view, 0, 1 or 2, of the voxel stored at a linear index. */
    public int along(int axis, int stored) {
      int n = stored / Math.abs(strides[axis]) % shape.along(axis);
      return strides[axis] > 0 ? n : shape.along(axis) - 1 - n;
    }
  }

  /** The view of a volume with its axes permuted and reversed to run as this orientation says. */
  public View view(Shape shape, Affine stored) {
    Orientation source = of(stored);
    int[] axes = new int[3];
    Affine affine = stored;
    int[] stride = new int[3];
    int start = 0;
    int[] strides = {1, shape.x(), shape.x() * shape.y()};
    for (int out = 0; out < 3; out++) {
      for (int in = 0; in < 3; in++) {
        if (source.along(in).axis() == along(out).axis()) {
          axes[out] = in;
          stride[out] = strides[in];
          if (source.along(in) != along(out)) {
            affine = affine.flipped(in, shape.along(in));
            start += strides[in] * (shape.along(in) - 1);
            stride[out] = -strides[in];
          }
        }
      }
    }
    Shape turned = new Shape(shape.along(axes[0]), shape.along(axes[1]), shape.along(axes[2]));
    return new View(turned, affine.permuted(axes[0], axes[1], axes[2]), start, stride);
  }

  /** The direction of axis 0, 1 or 2. */
  public Direction along(int axis) {
    return switch (axis) {
      case 0 -> first;
      case 1 -> second;
      case 2 -> third;
      default -> throw new IllegalArgumentException("axis " + axis);
    };
  }

  /** As users write it: {@code RAS}. */
  @Override
  public String toString() {
    return "" + first + second + third;
  }

  /**
   * The orthogonal factor of the polar decomposition, which is U V' of the singular value
   * decomposition, by Newton's iteration R = (R + R^-T) / 2 (Higham 1986).
   */
  private static double[][] nearestRotation(Affine affine) {
    double[] s = affine.spacing();
    Affine rotation = withoutOffset(affine, new double[] {1 / s[0], 1 / s[1], 1 / s[2]});
    for (int step = 0; step < MOST_STEPS; step++) {
      Affine inverse = rotation.inverse();
      double[] next = new double[12];
      double change = 0;
      for (int r = 0; r < 3; r++) {
        for (int c = 0; c < 3; c++) {
          next[4 * r + c] = (rotation.get(r, c) + inverse.get(c, r)) / 2;
          change = Math.max(change, Math.abs(next[4 * r + c] - rotation.get(r, c)));
        }
      }
      // Convergence is quadratic: what is left after a change this small is below rounding.
      if (change < NEGLIGIBLE) {
        break;
      }
      rotation = Affine.of(next);
    }
    double[][] rows = new double[3][3];
    for (int r = 0; r < 3; r++) {
      for (int c = 0; c < 3; c++) {
        rows[r][c] = rotation.get(r, c);
      }
    }
    return rows;
  }

  private static Affine withoutOffset(Affine a, double[] scale) {
    double[] m = new double[12];
    for (int r = 0; r < 3; r++) {
      for (int c = 0; c < 3; c++) {
        m[4 * r + c] = a.get(r, c) * scale[c];
      }
    }
    return Affine.of(m);
  }
}
