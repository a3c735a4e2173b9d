package org.covidmmar.dataset;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.apache.commons.rng.UniformRandomProvider;
import org.covidmmar.Seeds;
import org.covidmmar.io.nifti.NiftiWriter;
import org.covidmmar.transform.Augmentation;
import org.covidmmar.transform.Pipeline;
import org.covidmmar.transform.Recipes;
import org.covidmmar.transform.ResizeMode;
import org.covidmmar.volume.Affine;
import org.covidmmar.volume.Shape;
import org.covidmmar.volume.Volume;

/** Small scans with masks, written to a folder. */
final class Cohort {
  static final Shape SHAPE = new Shape(14, 12, 10);
  static final Affine AFFINE = Affine.of(-0.8, 0, 0, 100, 0, 0.8, 0, -90, 0, 0, 2.5, -300);
  static final Shape INPUT = new Shape(8, 6, 4);

  private final Path folder;

  Cohort(Path folder) {
    this.folder = folder;
  }

  /** Cases c0, c1, …, labels 0, 1, 0, 1, …, each with a mask of its own. */
  List<Case> cases(int count) {
    List<Case> cases = new ArrayList<>();
    for (int n = 0; n < count; n++) {
      cases.add(
          new Case(
              "c" + n,
              image("c" + n + ".nii.gz", hu(n)),
              mask("c" + n + "_lungs.nii.gz", box(n)),
              n % 2));
    }
    return cases;
  }

  Path image(String name, float[] voxels) {
    return write(name, Volume.of(SHAPE, AFFINE, voxels));
  }

  Path mask(String name, short[] voxels) {
    return write(name, Volume.of(SHAPE, AFFINE, voxels));
  }

  Path write(String name, Volume volume) {
    Path file = folder.resolve(name);
    NiftiWriter.write(file, volume);
    return file;
  }

  /** Noise between air and bone. */
  static float[] hu(long seed) {
    UniformRandomProvider rng = new Seeds(seed).child("image").generator();
    float[] voxels = new float[Math.toIntExact(SHAPE.voxels())];
    for (int i = 0; i < voxels.length; i++) {
      voxels[i] = -1000 + 1500 * rng.nextFloat();
    }
    return voxels;
  }

  /** A box well within the volume. */
  static short[] box(long seed) {
    UniformRandomProvider rng = new Seeds(seed).child("mask").generator();
    int x0 = rng.nextInt(4);
    int y0 = rng.nextInt(4);
    int z0 = rng.nextInt(3);
    short[] voxels = new short[Math.toIntExact(SHAPE.voxels())];
    for (int k = z0; k < SHAPE.z() - 2; k++) {
      for (int j = y0; j < SHAPE.y() - 2; j++) {
        for (int i = x0; i < SHAPE.x() - 2; i++) {
          voxels[i + SHAPE.x() * (j + SHAPE.y() * k)] = 1;
        }
      }
    }
    return voxels;
  }

  static Pipeline pipeline(Augmentation augmentation) {
    return Recipes.mmar(INPUT, ResizeMode.AREA, -1000, 500, augmentation);
  }
}
