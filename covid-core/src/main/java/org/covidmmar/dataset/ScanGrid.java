package org.covidmmar.dataset;

import org.apache.commons.rng.UniformRandomProvider;
import org.covidmmar.volume.Affine;
import org.covidmmar.volume.Shape;

/**
 * The voxels of a synthetic scan and how the patient lies in them: field of view, slight rotation
 * and shift. Paints soft-edged forms, given in the patient's mm, onto the HU of lung voxels.
 */
final class ScanGrid {
  private static final double WIDTH = 360;
  private static final double HEIGHT = 288;

  final Shape shape;
  final float[] hu;
  final boolean[] lung;
  private final double[] spacing;
  private final double[] centre;
  private final double[] rotation;

  ScanGrid(Shape shape, UniformRandomProvider random) {
    this.shape = shape;
    hu = new float[(int) shape.voxels()];
    lung = new boolean[hu.length];
    double zoom = random.nextDouble(0.98, 1.04);
    spacing =
        new double[] {
          WIDTH * zoom / shape.x(),
          WIDTH * zoom / shape.y(),
          HEIGHT * random.nextDouble(0.98, 1.04) / shape.z()
        };
    centre = new double[3];
    for (int axis = 0; axis < 3; axis++) {
      centre[axis] = random.nextDouble(-6, 6) - spacing[axis] * (shape.along(axis) - 1) / 2;
    }
    double turn = random.nextDouble(-0.08, 0.08);
    double tilt = random.nextDouble(-0.05, 0.05);
    double ct = StrictMath.cos(turn);
    double st = StrictMath.sin(turn);
    double cl = StrictMath.cos(tilt);
    double sl = StrictMath.sin(tilt);
    rotation = new double[] {ct, -st, 0, cl * st, cl * ct, -sl, sl * st, sl * ct, cl};
  }

  /** RAS+, the first voxel axis towards the left as in most converted scans. */
  Affine affine() {
    return Affine.of(
        -spacing[0], 0, 0, -centre[0], 0, spacing[1], 0, centre[1], 0, 0, spacing[2], centre[2]);
  }

  /** Where voxel (i, j, k) lies in the patient, axis 0, 1 or 2, in mm. */
  double patient(int axis, int i, int j, int k) {
    double x = -centre[0] - spacing[0] * i;
    double y = centre[1] + spacing[1] * j;
    double z = centre[2] + spacing[2] * k;
    return rotation[3 * axis] * x + rotation[3 * axis + 1] * y + rotation[3 * axis + 2] * z;
  }

  private double index(int axis, double x, double y, double z) {
    double scanner = rotation[axis] * x + rotation[3 + axis] * y + rotation[6 + axis] * z;
    return axis == 0
        ? (-centre[0] - scanner) / spacing[0]
        : (scanner - centre[axis]) / spacing[axis];
  }

  /** How much of a voxel at a point in mm a form fills, 0..1. */
  @FunctionalInterface
  interface Form {
    double at(double x, double y, double z);
  }

  /** What becomes of a voxel's HU that a form fills by a weight of 0..1. */
  @FunctionalInterface
  interface Paint {
    float over(float hu, double weight, int index);
  }

  /** Paints a form that lies within a ball, voxel by voxel in a fixed order. */
  void paint(double x, double y, double z, double radius, Form form, Paint paint) {
    int[] from = new int[3];
    int[] to = new int[3];
    for (int axis = 0; axis < 3; axis++) {
      double at = index(axis, x, y, z);
      double reach = radius / spacing[axis] + 1;
      from[axis] = (int) Math.max(0, Math.floor(at - reach));
      to[axis] = (int) Math.min(shape.along(axis) - 1.0, Math.ceil(at + reach));
    }
    for (int k = from[2]; k <= to[2]; k++) {
      for (int j = from[1]; j <= to[1]; j++) {
        for (int i = from[0]; i <= to[0]; i++) {
          double weight = form.at(patient(0, i, j, k), patient(1, i, j, k), patient(2, i, j, k));
          if (weight > 0) {
            int index = i + shape.x() * (j + shape.y() * k);
            hu[index] = paint.over(hu[index], weight, index);
          }
        }
      }
    }
  }

  /** Paints a tube with round ends from a to b, points of three coordinates in mm. */
  void paintTube(double[] a, double[] b, double radius, Paint paint) {
    double dx = b[0] - a[0];
    double dy = b[1] - a[1];
    double dz = b[2] - a[2];
    double square = dx * dx + dy * dy + dz * dz;
    double voxel = spacing[0];
    // A tube thinner than a voxel fills only part of it.
    double most = Math.min(1, 4 * radius * radius / (voxel * voxel));
    Form tube =
        (x, y, z) -> {
          double px = x - a[0];
          double py = y - a[1];
          double pz = z - a[2];
          double s = Math.min(1, Math.max(0, (px * dx + py * dy + pz * dz) / square));
          double d2 =
              (px - s * dx) * (px - s * dx)
                  + (py - s * dy) * (py - s * dy)
                  + (pz - s * dz) * (pz - s * dz);
          return most * Math.min(1, (radius - Math.sqrt(d2)) / voxel + 0.5);
        };
    double reach = Math.sqrt(square) / 2 + radius;
    paint(a[0] + dx / 2, a[1] + dy / 2, a[2] + dz / 2, reach, tube, paint);
  }

  /** Blurs as a scanner does: weights 1 2 1 along x and y, 1 6 1 along z. */
  void blur() {
    blur(1, shape.x(), 2);
    blur(shape.x(), shape.y(), 2);
    blur(shape.x() * shape.y(), shape.z(), 6);
  }

  private void blur(int stride, int size, float middle) {
    float scale = 1 / (middle + 2);
    for (int start = 0; start < hu.length; start++) {
      if (start / stride % size == 0) {
        float before = hu[start];
        for (int n = 0, at = start; n < size; n++, at += stride) {
          float here = hu[at];
          float after = n + 1 < size ? hu[at + stride] : here;
          hu[at] = (before + middle * here + after) * scale;
          before = here;
        }
      }
    }
  }
}
