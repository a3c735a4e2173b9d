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
    AxialSlices slices = AxialSlices.of(shown.shape(), shown.affine(), COLUMNS, ROWS, SLICE_WIDTH);
    int width = slices.pictureWidth();
    return new Montage(
        width,
        ROWS * slices.height(),
        Png.gray(width, shades(slices, shown)),
        mask == null ? null : Png.indexed(width, outline(slices, mask), OUTLINE),
        saliency == null
            ? null
            : Png.indexed(width, levels(slices, oriented(saliency)), saliencyColours()));
  }

  private static Volume oriented(Volume volume) {
    return new Orient().apply(new Sample("", volume, null)).image();
  }

  private static int[] shades(AxialSlices slices, Volume image) {
    float least = 0;
    float most = 1;
    for (float voxel : image.floats()) {
      least = Math.min(least, voxel);
      most = Math.max(most, voxel);
    }
    double low = least;
    double scale = 255 / ((double) most - least);
    return slices.draw(
        (slice, u, v) -> (int) Math.round((slices.value(image::at, slice, u, v) - low) * scale));
  }

  private static int[] outline(AxialSlices slices, Volume mask) {
    Affine toMask = mask.affine().inverse().times(slices.affine());
    AxialSlices.Pixel lung =
        (slice, u, v) -> {
          double[] at = toMask.apply(slices.x(u), slices.y(v), slices.z(slice));
          int i = (int) Math.round(at[0]);
          int j = (int) Math.round(at[1]);
          int k = (int) Math.round(at[2]);
          Shape s = mask.shape();
          boolean outside = i < 0 || j < 0 || k < 0 || i >= s.x() || j >= s.y() || k >= s.z();
          return outside || !(mask.at(i, j, k) > 0) ? 0 : 1;
        };
    int[] inside = slices.draw(lung);
    int width = slices.pictureWidth();
    return slices.draw(
        (slice, u, v) -> {
          int at = slices.place(slice, u, v);
          boolean edge =
              inside[at] == 1
                  && ((u > 0 && inside[at - 1] == 0)
                      || (u < slices.width() - 1 && inside[at + 1] == 0)
                      || (v > 0 && inside[at - width] == 0)
                      || (v < slices.height() - 1 && inside[at + width] == 0));
          return edge ? 1 : 0;
        });
  }

  private static int[] levels(AxialSlices slices, Volume saliency) {
    float most = 0;
    for (float value : saliency.floats()) {
      most = Math.max(most, value);
    }
    double scale = most > 0 ? (LEVELS - 1) / (double) most : 0;
    return slices.draw(
        (slice, u, v) -> (int) Math.round(slices.value(saliency::at, slice, u, v) * scale));
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
