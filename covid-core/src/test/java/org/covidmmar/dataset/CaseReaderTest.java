package org.covidmmar.dataset;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import java.nio.file.Path;
import org.covidmmar.Thrown;
import org.covidmmar.volume.Affine;
import org.covidmmar.volume.Shape;
import org.covidmmar.volume.Volume;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CaseReaderTest {
  @TempDir Path folder;
  private Cohort cohort;
  private Case good;

  @BeforeEach
  void writeCase() {
    cohort = new Cohort(folder);
    good = cohort.cases(1).get(0);
  }

  private Case withImage(float[] voxels) {
    return new Case("bad", cohort.image("bad.nii.gz", voxels), good.mask(), 0);
  }

  private Case withMask(short... voxels) {
    return good.withMask(cohort.mask("bad_mask.nii.gz", voxels));
  }

  @Test
  void readsImageAndMask() {
    CaseReader.Reading reading = CaseReader.read(good, true);
    assertEquals("c0", reading.sample().id());
    assertArrayEquals(Cohort.hu(0), reading.sample().image().floats());
    assertArrayEquals(Cohort.box(0), reading.sample().mask().shorts());
    assertNull(CaseReader.read(good, false).sample().mask());
  }

  @ParameterizedTest
  @ValueSource(floats = {Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY})
  void refusesVoxelsThatAreNoNumbers(float value) {
    float[] voxels = Cohort.hu(0);
    voxels[3 + 14 * (4 + 12 * 5)] = value;
    voxels[voxels.length - 1] = value;
    Case bad = withImage(voxels);
    Thrown.by(
        () -> CaseReader.read(bad, true),
        bad.image().toString(),
        "2 voxels are NaN or infinite, the first at voxel 3,4,5",
        "-> give them the value of air");
  }

  @Test
  void refusesAnEmptyMask() {
    Case bad = withMask(new short[Math.toIntExact(Cohort.SHAPE.voxels())]);
    Thrown.by(() -> CaseReader.read(bad, true), bad.mask().toString(), "is empty", "-> segment");
  }

  @Test
  void refusesACaseWithoutMask() {
    Case bad = good.withMask(null);
    Thrown.by(
        () -> CaseReader.read(bad, true), bad.image().toString(), "no lung mask", "label_image");
    assertNull(CaseReader.read(bad, false).sample().mask());
  }

  @Test
  void takesSeveralLabelsAsLung() {
    short[] lobes = Cohort.box(0);
    for (int n = 0; n < lobes.length; n++) {
      lobes[n] *= (short) (1 + n % 5);
    }
    assertArrayEquals(
        Cohort.box(0), CaseReader.read(withMask(lobes), true).sample().mask().shorts());
    short[] byte255 = Cohort.box(0);
    for (int n = 0; n < byte255.length; n++) {
      byte255[n] = (short) (255 * byte255[n]);
    }
    assertArrayEquals(
        Cohort.box(0), CaseReader.read(withMask(byte255), true).sample().mask().shorts());
  }

  @Test
  void refusesMasksThatAreNoLungs() {
    short[] organs = Cohort.box(0);
    for (int n = 0; n < organs.length; n++) {
      organs[n] *= (short) (1 + n % 6);
    }
    Case many = withMask(organs);
    Thrown.by(
        () -> CaseReader.read(many, true),
        many.mask().toString(),
        "more than 5 labels",
        "-> write 1");
    short[] negative = Cohort.box(0);
    negative[0] = -1;
    Case below = withMask(negative);
    Thrown.by(
        () -> CaseReader.read(below, true), below.mask().toString(), "value -1.0 at voxel 0,0,0");
    float[] fractions = new float[Math.toIntExact(Cohort.SHAPE.voxels())];
    fractions[1] = 0.5f;
    Case interpolated = good.withMask(cohort.image("fractions.nii", fractions));
    Thrown.by(
        () -> CaseReader.read(interpolated, true),
        "fractions.nii",
        "value 0.5 at voxel 1,0,0",
        "threshold an interpolated mask");
    fractions[1] = Float.NaN;
    Case nan = good.withMask(cohort.image("nan.nii", fractions));
    Thrown.by(() -> CaseReader.read(nan, true), "nan.nii", "value NaN");
  }

  @Test
  void refusesAMaskOfAnotherShape() {
    Shape other = new Shape(12, 14, 10);
    short[] voxels = new short[Math.toIntExact(other.voxels())];
    voxels[7] = 1;
    Case bad = good.withMask(cohort.write("turned.nii", Volume.of(other, Cohort.AFFINE, voxels)));
    Thrown.by(
        () -> CaseReader.read(bad, true),
        "turned.nii",
        "shape is 12,14,10; expected 14,12,10 as its image " + good.image(),
        "-> resample");
  }

  @Test
  void refusesAMaskWhoseCornersAreElsewhere() {
    // Tolerance: a tenth of 0.8 mm.
    Affine near = Affine.of(-0.8, 0, 0, 100.07, 0, 0.8, 0, -90, 0, 0, 2.5, -300);
    CaseReader.read(good.withMask(mask("near.nii", near)), true);
    Affine far = Affine.of(-0.8, 0, 0, 100.09, 0, 0.8, 0, -90, 0, 0, 2.5, -300);
    Case moved = good.withMask(mask("far.nii", far));
    Thrown.by(() -> CaseReader.read(moved, true), "far.nii", "0.0900 mm", "a tenth of a voxel");
    Affine longer = Affine.of(-0.8, 0, 0, 100, 0, 0.8, 0, -90, 0, 0, 2.51, -300);
    Case stretched = good.withMask(mask("longer.nii", longer));
    Thrown.by(() -> CaseReader.read(stretched, true), "longer.nii", "affine", "-> resample");
  }

  private Path mask(String name, Affine affine) {
    return cohort.write(name, Volume.of(Cohort.SHAPE, affine, Cohort.box(0)));
  }
}
