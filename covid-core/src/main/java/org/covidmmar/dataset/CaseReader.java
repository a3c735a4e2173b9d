package org.covidmmar.dataset;

import java.nio.file.Path;
import java.util.Arrays;
import org.covidmmar.CovidException;
import org.covidmmar.io.nifti.NiftiReader;
import org.covidmmar.transform.Sample;
import org.covidmmar.volume.Affine;
import org.covidmmar.volume.Shape;
import org.covidmmar.volume.Volume;

/** Reads a case's image and lung mask, and refuses those that can't give a meaningful result. */
public final class CaseReader {
  /** How far a corner of the mask's grid may lie from the image's, in edges of the least voxel. */
  static final double GRID_TOLERANCE = 0.1;

  /** Five lobes: a lung segmentation has no more labels. */
  static final int MOST_LABELS = 5;

  /** Every CT shows air, at about -1000 HU; noise and partial volumes set aside. */
  private static final float MOST_OF_AIR = -200;

  /** Every CT of a body shows something denser than fat. */
  private static final float LEAST_OF_BODY = -50;

  /** Extended scales reach some 30,000 HU. */
  private static final float MOST_OF_METAL = 32_767;

  private CaseReader() {}

  /**
   * A case as read.
   *
   * @param sample the image as stored, and the mask: int16, 1 lung, 0 background; null if not asked
   *     for
   * @param min the image's least voxel
   * @param max the image's greatest voxel
   */
  public record Reading(Sample sample, float min, float max) {
    /** What to tell the user of an image that is hardly a CT in HU; null where it may be one. */
    public String warning() {
      return looksLikeHu(min, max) ? null : unlikeHu(min, max);
    }
  }

  static boolean looksLikeHu(float min, float max) {
    return min <= MOST_OF_AIR && max >= LEAST_OF_BODY && max <= MOST_OF_METAL;
  }

  static String unlikeHu(float min, float max) {
    return "its values go from "
        + min
        + " to "
        + max
        + ", those of a CT in HU from about -1000 (air) beyond 0 (water); convert it with its"
        + " rescale slope and intercept, or set covid.intensityRange to suit it";
  }

  /**
   * Reads a case. Where the mask has several labels (left and right lung, lobes) each is lung.
   *
   * @param withMask whether the mask is needed
   * @throws CovidException naming the file: unreadable, NaN or infinite voxels, no mask, mask of
   *     another shape or affine, empty mask, mask that is no segmentation of the lungs
   */
  public static Reading read(Case c, boolean withMask) {
    if (withMask && c.mask() == null) {
      throw noMask(c);
    }
    Volume image = NiftiReader.read(c.image());
    float[] range = range(c.image(), image);
    Volume mask = null;
    if (withMask) {
      Volume stored = NiftiReader.read(c.mask());
      checkGrid(c, image.shape(), image.affine(), stored.shape(), stored.affine());
      mask = binary(c.mask(), stored);
    }
    return new Reading(new Sample(c.id(), image, mask), range[0], range[1]);
  }

  static CovidException noMask(Case c) {
    return new CovidException(
        c.image(),
        "has no lung mask, which the preprocessing needs",
        "add \"label_image\" to its entry in dataset.json: a lung segmentation on the image's grid"
            + " (covid.mask for a single image; <name>_lungs.nii.gz beside each of a folder), or let"
            + " covid:segment make one");
  }

  /**
   * @throws CovidException where the mask's voxels do not stand where the image's do
   */
  static void checkGrid(
      Case c, Shape imageShape, Affine imageAffine, Shape maskShape, Affine maskAffine) {
    String remedy =
        "resample the mask onto the grid of " + c.image() + ", or segment that image again";
    if (!imageShape.equals(maskShape)) {
      throw new CovidException(
          c.mask(),
          "the mask's shape is " + maskShape + ", its image " + c.image() + " has " + imageShape,
          remedy);
    }
    double tolerance = GRID_TOLERANCE * Arrays.stream(imageAffine.spacing()).min().orElseThrow();
    double apart = 0;
    for (int corner = 0; corner < 8; corner++) {
      double i = (corner & 1) * (imageShape.x() - 1);
      double j = (corner >> 1 & 1) * (imageShape.y() - 1);
      double k = (corner >> 2) * (imageShape.z() - 1);
      double[] a = imageAffine.apply(i, j, k);
      double[] b = maskAffine.apply(i, j, k);
      apart = Math.max(apart, Math.hypot(Math.hypot(a[0] - b[0], a[1] - b[1]), a[2] - b[2]));
    }
    // Negated, so that NaN is refused.
    if (!(apart <= tolerance)) {
      throw new CovidException(
          c.mask(),
          ("the mask's affine puts its corners up to %.3g mm from those of its image %s"
                  + " (at most %.3g mm: a tenth of a voxel)")
              .formatted(apart, c.image(), tolerance),
          remedy);
    }
  }

  /** Least and greatest voxel. */
  private static float[] range(Path file, Volume image) {
    if (image.isInt16()) {
      short min = Short.MAX_VALUE;
      short max = Short.MIN_VALUE;
      for (short v : image.shorts()) {
        min = v < min ? v : min;
        max = v > max ? v : max;
      }
      return new float[] {min, max};
    }
    float min = Float.POSITIVE_INFINITY;
    float max = Float.NEGATIVE_INFINITY;
    long notFinite = 0;
    int first = -1;
    float[] voxels = image.floats();
    for (int n = 0; n < voxels.length; n++) {
      float v = voxels[n];
      if (!Float.isFinite(v)) {
        notFinite++;
        first = first < 0 ? n : first;
      } else {
        min = Math.min(min, v);
        max = Math.max(max, v);
      }
    }
    if (notFinite > 0) {
      throw new CovidException(
          file,
          notFinite
              + (notFinite == 1 ? " voxel is" : " voxels are")
              + " NaN or infinite, the first at "
              + place(first, image.shape())
              + "; every voxel must be a finite number of HU",
          "give them the value of air (-1000), or convert the scan anew");
    }
    return new float[] {min, max};
  }

  /** 1 where the stored mask is not 0. */
  private static Volume binary(Path file, Volume stored) {
    String remedy =
        "write 1 for lung and 0 for background (threshold an interpolated mask at half)";
    int count = Math.toIntExact(stored.shape().voxels());
    short[] lung = new short[count];
    int[] labels = new int[MOST_LABELS];
    int found = 0;
    boolean any = false;
    for (int n = 0; n < count; n++) {
      float v = stored.at(n);
      if (v == 0) {
        continue;
      }
      int label = (int) v;
      if (label != v || label < 0) {
        throw new CovidException(
            file,
            "is not a mask: value "
                + v
                + " at "
                + place(n, stored.shape())
                + "; expected 0 for background and whole numbers above 0 for lung",
            remedy);
      }
      lung[n] = 1;
      if (any && labels[0] == label) {
        continue;
      }
      any = true;
      int at = 0;
      while (at < found && labels[at] != label) {
        at++;
      }
      if (at == found) {
        if (found == MOST_LABELS) {
          throw new CovidException(
              file,
              "has more than "
                  + MOST_LABELS
                  + " labels ("
                  + label
                  + " at "
                  + place(n, stored.shape())
                  + "), which no lung mask has",
              remedy);
        }
        labels[found++] = label;
      }
    }
    if (!any) {
      throw new CovidException(
          file, "the mask is empty: no voxel is lung", "segment the image again, or leave it out");
    }
    return Volume.of(stored.shape(), stored.affine(), lung);
  }

  private static String place(int index, Shape shape) {
    return "voxel "
        + index % shape.x()
        + ","
        + index / shape.x() % shape.y()
        + ","
        + index / shape.x() / shape.y();
  }
}
