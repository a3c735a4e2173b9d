package org.covidmmar.segmentation;

import org.covidmmar.CovidException;
import org.covidmmar.volume.Affine;

/** What makes a CT none that any segmenter takes. */
final class Refusals {
  private Refusals() {}

  static CovidException notFinite(String subject, int index, float value) {
    return new CovidException(
        subject,
        "voxel " + index + " is " + value + "; every voxel must be a finite number of HU",
        "give it the value of air (-1000), or convert the scan anew");
  }

  static CovidException noInverse(String subject, Affine affine, ArithmeticException cause) {
    return new CovidException(
        subject,
        "its affine " + affine + " has no inverse: where the voxels are is unknown",
        "convert the scan anew",
        cause);
  }
}
