package org.covidmmar.dataset;

import org.covidmmar.CovidException;
import org.covidmmar.volume.Shape;

/**
 * What the synthetic thorax cohort is to be.
 *
 * @param seed other seeds give other patients
 * @param training number of cases in the list training, even: half of each class
 * @param validation the same of the list validation
 * @param testing the same of the list testing
 * @param shape voxels of a scan; it always covers about 360 x 360 x 290 mm
 * @param severity scales the size of opacities, 1 for those of a moderate pneumonia; smaller is
 *     harder to learn
 */
public record PhantomSpec(
    long seed, int training, int validation, int testing, Shape shape, double severity) {
  private static final int SMALLEST = 32;
  private static final int LARGEST = 512;

  /**
   * @throws CovidException where a count is odd or below 2, the shape outside 32..512, or the
   *     severity not above 0 and at most 2
   */
  public PhantomSpec {
    checkCount("training", training);
    checkCount("validation", validation);
    checkCount("testing", testing);
    for (int axis = 0; axis < 3; axis++) {
      if (shape.along(axis) < SMALLEST || shape.along(axis) > LARGEST) {
        throw new CovidException(
            "shape of the phantom",
            SMALLEST + " to " + LARGEST + " voxels along each axis expected, found " + shape,
            "set another shape, 96,96,48 for instance");
      }
    }
    if (!(severity > 0 && severity <= 2)) {
      throw new CovidException(
          "severity of the phantom",
          "a number above 0, at most 2, expected, found " + severity,
          "set 1 for opacities as in a moderate pneumonia");
    }
  }

  private static void checkCount(String list, int count) {
    if (count < 2 || count % 2 != 0) {
      throw new CovidException(
          "list " + list + " of the phantom",
          "an even number of cases, at least 2, expected, found " + count,
          "set an even number: half of the cases are positive");
    }
  }
}
