package org.covidmmar.transform;

import org.apache.commons.rng.UniformRandomProvider;
import org.covidmmar.Seeds;
import org.covidmmar.volume.Affine;
import org.covidmmar.volume.Shape;
import org.covidmmar.volume.Volume;

/** Small samples made by formulas that the Python scripts beside the tests repeat. */
final class Samples {
  static final Shape SMALL = new Shape(9, 8, 7);
  static final Affine LPS = Affine.of(-0.8, 0, 0, 50, 0, -0.8, 0, 60, 0, 0, 2.5, -70);

  private Samples() {}

  /** A case of integer HU, held as int16 or float32, with a mask off the middle. */
  static Sample of(Shape shape, Affine affine, boolean int16) {
    int n = (int) shape.voxels();
    short[] hu = new short[n];
    short[] mask = new short[n];
    int at = 0;
    for (int k = 0; k < shape.z(); k++) {
      for (int j = 0; j < shape.y(); j++) {
        for (int i = 0; i < shape.x(); i++) {
          hu[at] = hu(i, j, k);
          boolean inside =
              i >= 2
                  && i < shape.x() - 1
                  && j >= 1
                  && j < shape.y() - 3
                  && k >= 3
                  && (i + j + k) % 3 != 0;
          mask[at++] = (short) (inside ? 1 : 0);
        }
      }
    }
    Volume image = Volume.of(shape, affine, hu);
    Volume lungs = Volume.of(shape, affine, mask);
    return int16
        ? new Sample("small", image, lungs)
        : new Sample(
            "small",
            Volume.of(shape, affine, image.floats()),
            Volume.of(shape, affine, lungs.floats()));
  }

  static Sample small() {
    return of(SMALL, LPS, true);
  }

  /** Rough, so that a wrong voxel is never overlooked: -1100 to 696. */
  static short hu(int i, int j, int k) {
    return (short) ((i * 37 + j * 101 + k * 53 + i * j * 11 + j * k * 7 + i * i * k) % 1797 - 1100);
  }

  /** The image as in {@link #small}, in [0, 1]. */
  static Sample unit() {
    return new ScaleIntensityRange(-1100, 700, 0, 1, true).apply(small());
  }

  static Shape shape(UniformRandomProvider random, int least, int most) {
    return new Shape(
        random.nextInt(least, most + 1),
        random.nextInt(least, most + 1),
        random.nextInt(least, most + 1));
  }

  static UniformRandomProvider random(String test, int n) {
    return new Seeds(20).child(test).child(n).generator();
  }
}
