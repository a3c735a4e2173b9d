package org.covidmmar.io.dicom;

import java.util.Arrays;
import org.covidmmar.CovidException;
import org.covidmmar.transform.PerAxis;
import org.covidmmar.volume.Affine;
import org.covidmmar.volume.Shape;

/**
 * The volume that a stack of slices becomes: first axis along the rows, second against the columns
 * (upwards), third along the normal, as dcm2niix has it.
 *
 * @param stack what it is made of
 * @param sheared size of the slices once they are moved over each other
 * @param right how far each source slice is moved along the first axis, in voxels, 0 or more
 * @param up likewise along the second
 * @param shape of the result
 * @param affine of the result
 * @param step mm from slice to slice of the result
 * @param inPlane spacings of the result where they differ from the source's; else null
 */
@SuppressWarnings("ArrayRecordComponent") // made once, never compared
record Grid(
    Stack stack,
    Shape sheared,
    double[] right,
    double[] up,
    Shape shape,
    Affine affine,
    double step,
    PerAxis inPlane) {
  private static final double NO_SHIFT = 0.5;
  private static final double ROUNDING = 1e-6;
  private static final double COUNT_ROUNDING = 1e-9;
  private static final int MOST_SLICES = Short.MAX_VALUE;

  /**
   * @param spacing of the result; null for the source's
   */
  static Grid of(Stack stack, PerAxis spacing) {
    CtSlice first = stack.first();
    CtSlice.Plane plane = first.plane();
    int columns = first.stored().layout().columns();
    int rows = first.stored().layout().rows();
    double[] right = stack.shiftsAlongRows();
    double[] up = Arrays.stream(stack.shiftsAlongColumns()).map(s -> -s).toArray();
    double left = normalized(right);
    double down = normalized(up);
    Shape sheared = new Shape(columns + extra(right), rows + extra(up), stack.size());
    Vector acrossStep = plane.row().times(plane.columnSpacing());
    Vector upStep = plane.column().times(-plane.rowSpacing());
    Vector origin =
        plane
            .position()
            .minus(upStep.times(rows - 1))
            .plus(acrossStep.times(left))
            .plus(upStep.times(down));
    int count = stack.size();
    double step = stack.meanSpacing();
    if (stack.isUneven()) {
      count = evenCount(stack);
      step = stack.places()[stack.size() - 1] / (count - 1);
    }
    int x = sheared.x();
    int y = sheared.y();
    PerAxis inPlane = null;
    if (spacing != null) {
      x = resized(x, plane.columnSpacing(), spacing.x());
      y = resized(y, plane.rowSpacing(), spacing.y());
      acrossStep = plane.row().times(spacing.x());
      upStep = plane.column().times(-spacing.y());
      count = 1 + (int) Math.rint(Math.min((count - 1) * step / spacing.z(), MOST_SLICES));
      step = spacing.z();
      inPlane = new PerAxis(spacing.x(), spacing.y(), step);
    }
    if (count > MOST_SLICES || (long) x * y > Integer.MAX_VALUE / Double.BYTES) {
      throw new CovidException(
          first.source().file(),
          "its series would become a volume of %d x %d x %d voxels".formatted(x, y, count),
          "choose a wider spacing, or take images that lie far off out of the folder");
    }
    Affine affine = affine(acrossStep, upStep, stack.normal().times(step), origin);
    return new Grid(stack, sheared, right, up, new Shape(x, y, count), affine, step, inPlane);
  }

  /** Whether each slice of the result is one of the source's as it is. */
  boolean isDirect() {
    return inPlane == null && !isSheared() && !stack.isUneven();
  }

  boolean isSheared() {
    CtSlice first = stack.first();
    return sheared.x() != first.stored().layout().columns()
        || sheared.y() != first.stored().layout().rows();
  }

  /** Makes the least shift 0; all of them, where none amounts to anything. Gives that least one. */
  private static double normalized(double[] shifts) {
    double least = Arrays.stream(shifts).min().orElse(0);
    double most = Arrays.stream(shifts).max().orElse(0);
    if (most - least <= NO_SHIFT) {
      Arrays.fill(shifts, 0);
      return 0;
    }
    for (int i = 0; i < shifts.length; i++) {
      shifts[i] -= least;
    }
    return least;
  }

  private static int extra(double[] shifts) {
    return (int) Math.min(Math.ceil(Arrays.stream(shifts).max().orElse(0) - ROUNDING), 1 << 20);
  }

  /** As dcm2niix: the least distance fits in, but at most two slices for each of the source's. */
  private static int evenCount(Stack stack) {
    double least = Arrays.stream(stack.intervals()).min().orElseThrow();
    double total = stack.places()[stack.size() - 1];
    double needed = Math.ceil(total / least - COUNT_ROUNDING) + 1;
    return (int) Math.min(needed, 2.0 * stack.size());
  }

  private static int resized(int size, double old, double wanted) {
    return (int) Math.min(Math.rint((size - 1) * old / wanted + 1), 1 << 20);
  }

  private static Affine affine(Vector x, Vector y, Vector z, Vector origin) {
    return Affine.of(
        -x.x(),
        -y.x(),
        -z.x(),
        -origin.x(), //
        -x.y(),
        -y.y(),
        -z.y(),
        -origin.y(), //
        x.z(),
        y.z(),
        z.z(),
        origin.z());
  }
}
