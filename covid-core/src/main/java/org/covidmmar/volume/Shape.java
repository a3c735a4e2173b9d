package org.covidmmar.volume;

/**
 * Number of voxels along each axis of a volume.
 *
 * @param x along the first axis, at least 1
 * @param y along the second
 * @param z along the third
 */
public record Shape(int x, int y, int z) {
  public Shape {
    if (x < 1 || y < 1 || z < 1) {
      throw new IllegalArgumentException(
          "shape must be at least 1 along each axis: " + x + "," + y + "," + z);
    }
  }

  /** Number of voxels; at most 2^31 - 1 in a volume that is held in memory. */
  public long voxels() {
    return (long) x * y * z;
  }

  /** The size along axis 0, 1 or 2. */
  public int along(int axis) {
    return switch (axis) {
      case 0 -> x;
      case 1 -> y;
      case 2 -> z;
      default -> throw new IllegalArgumentException("axis " + axis);
    };
  }

  /** As users write it: {@code 192,192,64}. */
  @Override
  public String toString() {
    return x + "," + y + "," + z;
  }
}
