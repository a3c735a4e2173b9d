package org.covidmmar.transform;

import com.fasterxml.jackson.annotation.JsonFormat;
import com.fasterxml.jackson.annotation.JsonPropertyOrder;

/**
 * One number for each axis of a volume; in JSON {@code [x, y, z]}.
 *
 * @param x along or about the first axis
 * @param y the second
 * @param z the third
 */
@JsonFormat(shape = JsonFormat.Shape.ARRAY)
@JsonPropertyOrder({"x", "y", "z"})
public record PerAxis(double x, double y, double z) {
  /** The same number for each axis. */
  public static PerAxis all(double value) {
    return new PerAxis(value, value, value);
  }

  /** The number of axis 0, 1 or 2. */
  public double along(int axis) {
    return switch (axis) {
      case 0 -> x;
      case 1 -> y;
      case 2 -> z;
      default -> throw new IllegalArgumentException("axis " + axis);
    };
  }
}
