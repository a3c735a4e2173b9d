package org.covidmmar.io.dicom;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.List;
import org.covidmmar.io.nifti.NiftiReader;
import org.covidmmar.transform.PerAxis;
import org.covidmmar.volume.Shape;
import org.covidmmar.volume.Volume;

/** Converts test folders, and compares volumes with what {@link SyntheticCt} says. */
final class Conversions {
  private Conversions() {}

  static DicomToNifti.Options options() {
    return DicomToNifti.Options.defaults(2);
  }

  static DicomToNifti.Options spacing(PerAxis mm) {
    return new DicomToNifti.Options(
        "", DicomToNifti.Options.DEFAULT_NAME, ".nii.gz", mm, false, null, 2);
  }

  static Conversion convert(Path folder, Path target) {
    return convert(folder, target, options());
  }

  static Conversion convert(Path folder, Path target, DicomToNifti.Options options) {
    return DicomToNifti.convert(folder, target, options, (stage, done, total) -> {});
  }

  /** The only series, converted without a problem. */
  static Conversion.Series one(Conversion done) {
    assertEquals(List.of(), done.problems());
    assertEquals(1, done.series().size(), done.toString());
    return done.series().get(0);
  }

  static Volume volume(Conversion done) {
    return NiftiReader.read(one(done).file());
  }

  /**
   * Every voxel has the HU of its place, within rounding.
   *
   * @param x0 voxels left out at the low end of the first axis, and so on, where slices that were
   *     moved leave room
   */
  static void assertLinear(Volume volume, int x0, int x1, int y0, int y1) {
    Shape shape = volume.shape();
    assertTrue(x0 + x1 < shape.x() && y0 + y1 < shape.y(), shape.toString());
    for (int k = 0; k < shape.z(); k++) {
      for (int j = y0; j < shape.y() - y1; j++) {
        for (int i = x0; i < shape.x() - x1; i++) {
          double[] ras = volume.affine().apply(i, j, k);
          double expected = SyntheticCt.hu(new Vector(-ras[0], -ras[1], ras[2]));
          assertEquals(expected, volume.at(i, j, k), 1.01, i + "," + j + "," + k);
        }
      }
    }
  }
}
