package org.covidmmar.dataset;

import java.nio.file.Path;
import java.util.Arrays;
import org.apache.commons.rng.UniformRandomProvider;
import org.covidmmar.Seeds;
import org.covidmmar.io.nifti.NiftiWriter;
import org.covidmmar.volume.Affine;
import org.covidmmar.volume.Shape;
import org.covidmmar.volume.Volume;

/** Scans in which a full check finds nothing: two lungs in a body in air, with noise. */
final class Chest {
  static final Shape SHAPE = new Shape(26, 24, 22);
  static final Affine AFFINE = Affine.of(-12, 0, 0, 150, 0, 12, 0, -140, 0, 0, 12, -130);

  private final Path folder;

  Chest(Path folder) {
    this.folder = folder;
  }

  /** A case whose scan is another one for each name. */
  Case good(String name, Integer label) {
    return new Case(
        name, write(name + ".nii.gz", hu(name)), write(name + "_lungs.nii.gz", lungs()), label);
  }

  Path write(String name, float... voxels) {
    return write(name, Volume.of(SHAPE, AFFINE, voxels));
  }

  Path write(String name, Volume volume) {
    Path file = folder.resolve(name);
    NiftiWriter.write(file, volume);
    return file;
  }

  static float[] hu(String name) {
    UniformRandomProvider random = new Seeds(1).child(name).generator();
    float[] voxels = lungs();
    for (int n = 0; n < voxels.length; n++) {
      float hu = voxels[n] > 0 ? -850 : isBody(n) ? 40 : -1000;
      voxels[n] = Math.round(hu + 40 * (random.nextFloat() - 0.5f));
    }
    return voxels;
  }

  private static boolean isBody(int n) {
    int i = n % SHAPE.x();
    int j = n / SHAPE.x() % SHAPE.y();
    return i > 2 && i < 23 && j > 2 && j < 21;
  }

  /** 1 in the lungs. */
  static float[] lungs() {
    float[] voxels = filled(0);
    for (int k = 3; k < 19; k++) {
      for (int j = 7; j < 17; j++) {
        for (int i = 5; i < 21; i++) {
          if (i < 11 || i > 14) {
            voxels[i + SHAPE.x() * (j + SHAPE.y() * k)] = 1;
          }
        }
      }
    }
    return voxels;
  }

  static float[] filled(float value) {
    float[] voxels = new float[Math.toIntExact(SHAPE.voxels())];
    Arrays.fill(voxels, value);
    return voxels;
  }
}
