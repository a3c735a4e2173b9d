package org.covidmmar.inference;

import org.covidmmar.transform.Orient;
import org.covidmmar.transform.Sample;
import org.covidmmar.volume.Affine;
import org.covidmmar.volume.Shape;
import org.covidmmar.volume.Volume;

/**
 * Six axial slices of a case as the network saw it, three a row, from head to foot, evenly spaced;
 * the patient's right at the left and front at the top, as radiologists look at them. Three layers
 * of one size, PNG files to be laid one over the other.
 *
 * @param width of each layer in pixels
 * @param height of each layer in pixels
 * @param scan the slices in shades of gray; 0..1 from black to white, or, where the input has other
 *     values, from its least to its greatest
 * @param lungs the outline of the lung mask, else transparent; null without mask
 * @param saliency from transparent at 0 to yellow at the case's greatest; null without map
 */
@SuppressWarnings("ArrayRecordComponent") // made, written, never compared
public record Montage(int width, int height, byte[] scan, byte[] lungs, byte[] saliency) {
  private static final int COLUMNS = 3;
  private static final int ROWS = 2;

  /** How many slices are shown. */
  public static final int SLICES = COLUMNS * ROWS;

  private static final int SLICE_WIDTH = 160;
  private static final int LEAST_HEIGHT = 40;
  private static final int MOST_HEIGHT = 320;

  private static final int[] OUTLINE = {0, 0xff35d0ff};
  private static final int LEVELS = 32;
  private static final double MOST_OPAQUE = 0.7;

  /**
   * The layers of a case.
   *
   * @param image as the network takes it
   * @param mask of the lungs in the same patient, above 0 within; its grid may be another; or null
   * @param saliency on the image's grid, or null
   */
  public static Montage of(Volume image, Volume mask, Volume saliency) {
    Volume shown = oriented(image);
    Slices slices = Slices.of(shown);
    return new Montage(
        COLUMNS * SLICE_WIDTH,
        ROWS * slices.height,
        Png.gray(COLUMNS * SLICE_WIDTH, shades(slices, shown)),
        mask == null ? null : Png.indexed(COLUMNS * SLICE_WIDTH, outline(slices, mask), OUTLINE),
        saliency == null
            ? null
            : Png.indexed(
                COLUMNS * SLICE_WIDTH, levels(slices, oriented(saliency)), saliencyColours()));
  }

  private static Volume oriented(Volume volume) {
    return new Orient().apply(new Sample("", volume, null)).image();
  }

  /**
   * Which voxel a pixel shows.
   *
   * @param height of a slice in pixels
   */
  private record Slices(Shape shape, Affine affine, int height) {
    static Slices of(Volume oriented) {
      Shape s = oriented.shape();
      double[] spacing = oriented.affine().spacing();
      double ratio = s.y() * spacing[1] / (s.x() * spacing[0]);
      // Negated, so that a spacing of 0 or NaN makes a square.
      int height = !(ratio > 0) ? SLICE_WIDTH : (int) Math.round(SLICE_WIDTH * ratio);
      return new Slices(
          s, oriented.affine(), Math.min(MOST_HEIGHT, Math.max(LEAST_HEIGHT, height)));
    }

    double x(int u) {
      return shape.x() - 1 - clamped((u + 0.5) * shape.x() / SLICE_WIDTH - 0.5, shape.x());
    }

    double y(int v) {
      return shape.y() - 1 - clamped((v + 0.5) * shape.y() / height - 0.5, shape.y());
    }

    private static double clamped(double place, int size) {
      return Math.min(size - 1.0, Math.max(0, place));
    }

    /** The first slice shown is the one nearest the head. */
    int z(int slice) {
      return (int) ((SLICES - slice - 0.5) * shape.z() / SLICES);
    }

    byte[] draw(Pixel pixel) {
      byte[] pixels = new byte[SLICES * SLICE_WIDTH * height];
      for (int slice = 0; slice < SLICES; slice++) {
        for (int v = 0; v < height; v++) {
          int at = ((slice / COLUMNS * height + v) * COLUMNS + slice % COLUMNS) * SLICE_WIDTH;
          for (int u = 0; u < SLICE_WIDTH; u++) {
            pixels[at + u] = (byte) pixel.at(slice, u, v);
          }
        }
      }
      return pixels;
    }
  }

  @FunctionalInterface
  private interface Pixel {
    int at(int slice, int u, int v);
  }

  private static byte[] shades(Slices slices, Volume image) {
    float least = 0;
    float most = 1;
    for (float voxel : image.floats()) {
      least = Math.min(least, voxel);
      most = Math.max(most, voxel);
    }
    double low = least;
    double scale = 255 / ((double) most - least);
    return slices.draw(
        (slice, u, v) ->
            (int)
                Math.round(
                    (between(image, slices.x(u), slices.y(v), slices.z(slice)) - low) * scale));
  }

  /** Bilinear within a slice. */
  private static double between(Volume volume, double x, double y, int z) {
    int x0 = (int) x;
    int y0 = (int) y;
    int x1 = Math.min(x0 + 1, volume.shape().x() - 1);
    int y1 = Math.min(y0 + 1, volume.shape().y() - 1);
    double fx = x - x0;
    double fy = y - y0;
    double near = volume.at(x0, y0, z) * (1 - fx) + volume.at(x1, y0, z) * fx;
    double far = volume.at(x0, y1, z) * (1 - fx) + volume.at(x1, y1, z) * fx;
    return near * (1 - fy) + far * fy;
  }

  private static byte[] outline(Slices slices, Volume mask) {
    Affine toMask = mask.affine().inverse().times(slices.affine);
    Pixel lung =
        (slice, u, v) -> {
          double[] at = toMask.apply(slices.x(u), slices.y(v), slices.z(slice));
          int i = (int) Math.round(at[0]);
          int j = (int) Math.round(at[1]);
          int k = (int) Math.round(at[2]);
          Shape s = mask.shape();
          boolean outside = i < 0 || j < 0 || k < 0 || i >= s.x() || j >= s.y() || k >= s.z();
          return outside || !(mask.at(i, j, k) > 0) ? 0 : 1;
        };
    byte[] inside = slices.draw(lung);
    int width = COLUMNS * SLICE_WIDTH;
    return slices.draw(
        (slice, u, v) -> {
          int at =
              (slice / COLUMNS * slices.height + v) * width + slice % COLUMNS * SLICE_WIDTH + u;
          boolean edge =
              inside[at] == 1
                  && ((u > 0 && inside[at - 1] == 0)
                      || (u < SLICE_WIDTH - 1 && inside[at + 1] == 0)
                      || (v > 0 && inside[at - width] == 0)
                      || (v < slices.height - 1 && inside[at + width] == 0));
          return edge ? 1 : 0;
        });
  }

  private static byte[] levels(Slices slices, Volume saliency) {
    float most = 0;
    for (float value : saliency.floats()) {
      most = Math.max(most, value);
    }
    double scale = most > 0 ? (LEVELS - 1) / (double) most : 0;
    return slices.draw(
        (slice, u, v) ->
            (int) Math.round(between(saliency, slices.x(u), slices.y(v), slices.z(slice)) * scale));
  }

  /** Transparent, then red, then yellow. */
  private static int[] saliencyColours() {
    int[] colours = new int[LEVELS];
    for (int level = 0; level < LEVELS; level++) {
      double part = level / (LEVELS - 1.0);
      int alpha = (int) Math.round(255 * MOST_OPAQUE * part);
      int green = (int) Math.round(230 * part * part);
      colours[level] = alpha << 24 | 0xff0000 | green << 8;
    }
    return colours;
  }
}
