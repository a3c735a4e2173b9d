package org.covidmmar.dataset;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;
import org.covidmmar.CovidException;
import org.covidmmar.dataset.Finding.Kind;
import org.covidmmar.dataset.Finding.Where;
import org.covidmmar.io.nifti.NiftiReader;
import org.covidmmar.transform.Sample;
import org.covidmmar.volume.Affine;
import org.covidmmar.volume.Shape;
import org.covidmmar.volume.Volume;

/** Reads a case's image and lung mask, and refuses those that can't give a meaningful result. */
public final class CaseReader {
  /** How far a corner of the mask's grid may lie from the image's, in edges of the least voxel. */
  static final double GRID_TOLERANCE = 0.1;

  private CaseReader() {}

  /**
   * A case as read.
   *
   * @param sample the image as stored, and the mask: int16, 1 lung, 0 background; null if not asked
   *     for
   * @param min the image's least voxel
   * @param max the image's greatest voxel
   */
  public record Reading(Sample sample, float min, float max) {}

  /**
   * Reads a case. Where the mask has several labels (left and right lung, lobes) each is lung.
   *
   * @param withMask whether the mask is needed
   * @throws CovidException naming the file: unreadable, NaN or infinite voxels, no mask, mask of
   *     another shape or affine, empty mask, mask that is no segmentation of the lungs
   */
  public static Reading read(Case c, boolean withMask) {
    if (withMask && c.mask() == null) {
      throw noMask(c).exception(null);
    }
    Volume image = NiftiReader.read(c.image());
    HuRange range = range(c.image(), image);
    Volume mask = null;
    if (withMask) {
      Volume stored = NiftiReader.read(c.mask());
      refuse(grid(c, image.shape(), image.affine(), stored.shape(), stored.affine()));
      mask = binary(c.mask(), stored);
    }
    return new Reading(new Sample(c.id(), image, mask), range.min(), range.max());
  }

  private static void refuse(Finding finding) {
    if (finding != null) {
      throw finding.exception(null);
    }
  }

  static Finding noMask(Case c) {
    return Finding.error(
        Kind.MASK_MISSING,
        Where.NOWHERE,
        c.image(),
        "has no lung mask, which the preprocessing needs",
        null,
        "add \"label_image\" to its entry in dataset.json: a lung segmentation on the image's grid"
            + " (covid.mask for a single image; <name>_lungs.nii.gz beside each of a folder), or let"
            + " covid:segment make one");
  }

  /** Says where the mask's voxels do not stand where the image's do; else null. */
  static Finding grid(
      Case c, Shape imageShape, Affine imageAffine, Shape maskShape, Affine maskAffine) {
    String remedy =
        "resample the mask onto the grid of " + c.image() + ", or segment that image again";
    if (!imageShape.equals(maskShape)) {
      return Finding.error(
          Kind.MASK_GRID,
          Where.NOWHERE,
          c.mask(),
          "the mask's shape is " + maskShape,
          imageShape + " as its image " + c.image() + " has",
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
      apart =
          Math.max(
              apart, StrictMath.hypot(StrictMath.hypot(a[0] - b[0], a[1] - b[1]), a[2] - b[2]));
    }
    // So that NaN is refused too.
    if (apart <= tolerance) {
      return null;
    }
    return Finding.error(
        Kind.MASK_GRID,
        Where.NOWHERE,
        c.mask(),
        String.format(
            Locale.ROOT,
            "the mask's affine puts its corners up to %.3g mm from those of its image %s",
            apart,
            c.image()),
        String.format(Locale.ROOT, "at most %.3g mm (a tenth of a voxel)", tolerance),
        remedy);
  }

  static Finding notFinite(Path file, long voxels, int first, Shape shape) {
    return Finding.error(
        Kind.NOT_FINITE,
        Where.NOWHERE,
        file,
        voxels
            + (voxels == 1 ? " voxel is" : " voxels are")
            + " NaN or infinite, the first at "
            + MaskValues.place(first, shape),
        "a finite number of HU in every voxel",
        "give them the value of air (-1000), or convert the scan anew");
  }

  /** Least and greatest voxel. */
  private static HuRange range(Path file, Volume image) {
    if (image.isInt16()) {
      short min = Short.MAX_VALUE;
      short max = Short.MIN_VALUE;
      for (short v : image.shorts()) {
        min = v < min ? v : min;
        max = v > max ? v : max;
      }
      return new HuRange(min, max);
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
      throw notFinite(file, notFinite, first, image.shape()).exception(null);
    }
    return new HuRange(min, max);
  }

  /** 1 where the stored mask is not 0. */
  private static Volume binary(Path file, Volume stored) {
    int count = Math.toIntExact(stored.shape().voxels());
    short[] lung = new short[count];
    MaskValues values = new MaskValues();
    for (int n = 0; n < count; n++) {
      float v = stored.at(n);
      if (v == 0) {
        continue;
      }
      if (!values.add(v, n)) {
        break;
      }
      lung[n] = 1;
    }
    refuse(values.finding(file, stored.shape()));
    return Volume.of(stored.shape(), stored.affine(), lung);
  }
}
