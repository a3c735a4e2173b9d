package org.covidmmar.inference;

import org.covidmmar.volume.Affine;
import org.covidmmar.volume.Shape;

/**
 * Which voxel a pixel of a picture shows: axial slices, evenly spaced from head to foot, side by
 * side; the patient's right at the left and front at the top, as radiologists look at them.
 *
 * @param shape of the volume, whose axes run to the right, front and head
 * @param affine the volume's
 * @param columns slices in a row
 * @param rows of slices
 * @param width of a slice in pixels
 * @param height of a slice in pixels
 * @param from the volume's slices shown begin at this one
 * @param to and end before this one
 */
record AxialSlices(
    Shape shape, Affine affine, int columns, int rows, int width, int height, int from, int to) {
  private static final double LEAST_RATIO = 0.25;
  private static final double MOST_RATIO = 2;

  /** A pixel's value. */
  @FunctionalInterface
  interface Pixel {
    /**
     * @param slice 0 nearest the head
     * @param u pixel of the slice from the left
     * @param v from the top
     */
    int at(int slice, int u, int v);
  }

  /** A volume's voxels. */
  @FunctionalInterface
  interface Voxels {
    float at(int i, int j, int k);
  }

  /** Slices of the whole volume; their height follows from its voxel sizes. */
  static AxialSlices of(Shape s, Affine affine, int columns, int rows, int width) {
    double[] spacing = affine.spacing();
    double ratio = s.y() * spacing[1] / (s.x() * spacing[0]);
    // Negated, so that a spacing of 0 or NaN makes a square.
    double shown = !(ratio > 0) ? 1 : Math.min(MOST_RATIO, Math.max(LEAST_RATIO, ratio));
    int height = (int) Math.round(width * shown);
    return new AxialSlices(s, affine, columns, rows, width, height, 0, s.z());
  }

  /** The same of some of the volume's slices. */
  AxialSlices between(int first, int end) {
    return new AxialSlices(shape, affine, columns, rows, width, height, first, end);
  }

  int count() {
    return columns * rows;
  }

  int pictureWidth() {
    return columns * width;
  }

  double x(int u) {
    return shape.x() - 1 - clamped((u + 0.5) * shape.x() / width - 0.5, shape.x());
  }

  double y(int v) {
    return shape.y() - 1 - clamped((v + 0.5) * shape.y() / height - 0.5, shape.y());
  }

  private static double clamped(double place, int size) {
    return Math.min(size - 1.0, Math.max(0, place));
  }

  /** The first slice shown is the one nearest the head. */
  int z(int slice) {
    return from + (int) ((count() - slice - 0.5) * (to - from) / count());
  }

  /** Where a pixel stands in the picture, row by row from the top left. */
  int place(int slice, int u, int v) {
    return (slice / columns * height + v) * pictureWidth() + slice % columns * width + u;
  }

  /** All pixels, in the order of their {@link #place}. */
  int[] draw(Pixel pixel) {
    int[] pixels = new int[count() * width * height];
    for (int slice = 0; slice < count(); slice++) {
      for (int v = 0; v < height; v++) {
        for (int u = 0; u < width; u++) {
          pixels[place(slice, u, v)] = pixel.at(slice, u, v);
        }
      }
    }
    return pixels;
  }

  /** The volume's value under a pixel, bilinear within the slice. */
  double value(Voxels volume, int slice, int u, int v) {
    double x = x(u);
    double y = y(v);
    int z = z(slice);
    int x0 = (int) x;
    int y0 = (int) y;
    int x1 = Math.min(x0 + 1, shape.x() - 1);
    int y1 = Math.min(y0 + 1, shape.y() - 1);
    double fx = x - x0;
    double fy = y - y0;
    double near = volume.at(x0, y0, z) * (1 - fx) + volume.at(x1, y0, z) * fx;
    double far = volume.at(x0, y1, z) * (1 - fx) + volume.at(x1, y1, z) * fx;
    return near * (1 - fy) + far * fy;
  }
}
