package org.covidmmar.io.dicom;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.covidmmar.CovidException;
import org.covidmmar.transform.PerAxis;
import org.covidmmar.volume.Affine;
import org.covidmmar.volume.Orientation;
import org.covidmmar.volume.Shape;
import org.covidmmar.volume.Volume;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Voxels lie where the images lay in the patient, however these were ordered, tilted, spaced. */
class GeometryTest {
  @TempDir private Path folder;

  private final SyntheticCt ct = new SyntheticCt();

  private Conversion converted() {
    ct.write(folder.resolve("in"));
    return Conversions.convert(folder.resolve("in"), folder.resolve("out"));
  }

  @Test
  void slicesAreOrderedByPlaceAndRowsRunUpwards() {
    ct.at(10, 4, 6, 8);
    Volume volume = Conversions.volume(converted());
    assertEquals(new Shape(12, 10, 4), volume.shape());
    assertTrue(volume.isInt16());
    Affine expected = Affine.of(-0.75, 0, 0, 20, 0, 0.5, 0, 30 - 9 * 0.5, 0, 0, 2, 4);
    assertTrue(volume.affine().isClose(expected, 1e-5), volume.affine().toString());
    Conversions.assertLinear(volume, 0, 0, 0, 0);
  }

  @Test
  void sagittalSeries() {
    ct.axes = new double[] {0, 1, 0, 0, 0, -1};
    for (int i = 0; i < 4; i++) {
      ct.positions.add(new Vector(-10 + 1.5 * i, -30, 40));
    }
    Volume volume = Conversions.volume(converted());
    Conversions.assertLinear(volume, 0, 0, 0, 0);
    assertEquals(4, Orientation.toRas(volume).shape().x());
  }

  @ParameterizedTest
  @ValueSource(doubles = {18.5, -18.5})
  void tiltOfTheGantryIsCorrected(double degrees) {
    double angle = Math.toRadians(degrees);
    ct.axes = new double[] {1, 0, 0, 0, Math.cos(angle), -Math.sin(angle)};
    ct.at(0, 2, 4, 6, 8);
    Conversion done = converted();
    Volume volume = Conversions.volume(done);
    // 8 mm x sin 18.5 / 0.5 mm = 5.08
    assertEquals(new Shape(12, 10 + 6, 5), volume.shape());
    Conversions.assertLinear(volume, 0, 0, 6, 6);
    assertEquals(List.of("tilt of 18.5 degrees corrected"), Conversions.one(done).notes());
    double[] spacing = volume.affine().spacing();
    assertEquals(2 * Math.cos(angle), spacing[2], 1e-5);
  }

  @Test
  void tiltAboutTheOtherAxis() {
    double angle = Math.toRadians(12);
    ct.axes = new double[] {Math.cos(angle), 0, -Math.sin(angle), 0, 1, 0};
    ct.at(0, 3, 6, 9);
    Volume volume = Conversions.volume(converted());
    // 9 mm x sin 12 / 0.75 mm = 2.49
    assertEquals(new Shape(12 + 3, 10, 4), volume.shape());
    Conversions.assertLinear(volume, 3, 3, 0, 0);
  }

  @Test
  void roomBesideMovedSlicesHasThePaddingValueWhereOneIsNamed() {
    double angle = Math.toRadians(20);
    ct.axes = new double[] {1, 0, 0, 0, Math.cos(angle), -Math.sin(angle)};
    ct.at(0, 4, 8);
    ct.signed = true;
    ct.stored = 16;
    ct.padding = -2000;
    Volume volume = Conversions.volume(converted());
    assertEquals(-2000 + ct.intercept, volume.at(0, volume.shape().y() - 1, 0));
  }

  @Test
  void aPaddingValueThatTheStoredBitsDoNotHoldIsNone() {
    double angle = Math.toRadians(20);
    ct.axes = new double[] {1, 0, 0, 0, Math.cos(angle), -Math.sin(angle)};
    ct.at(0, 4, 8);
    ct.padding = 63_536;
    Volume volume = Conversions.volume(converted());
    float least = Float.POSITIVE_INFINITY;
    for (short value : volume.shorts()) {
      least = Math.min(least, value);
    }
    assertEquals(least, volume.at(0, volume.shape().y() - 1, 0));
    assertTrue(least > -1024, "value " + least);
  }

  @Test
  void unevenSlicesBecomeEven() {
    ct.at(0, 2, 4, 7, 10, 13);
    Conversion done = converted();
    Volume volume = Conversions.volume(done);
    // ceil(13 / 2) + 1
    assertEquals(8, volume.shape().z());
    assertEquals(13.0 / 7, volume.affine().spacing()[2], 1e-5);
    Conversions.assertLinear(volume, 0, 0, 0, 0);
    assertEquals(
        List.of("slices 2.00 to 3.00 mm apart interpolated"), Conversions.one(done).notes());
  }

  @Test
  void manySlicesAreMadeOfVeryUnevenOnesButNotMoreThanTwiceAsMany() {
    ct.at(0, 0.1, 5, 10, 15);
    Volume volume = Conversions.volume(converted());
    assertEquals(10, volume.shape().z());
    Conversions.assertLinear(volume, 0, 0, 0, 0);
  }

  @Test
  void unevenAndTilted() {
    double angle = Math.toRadians(15);
    ct.axes = new double[] {1, 0, 0, 0, Math.cos(angle), -Math.sin(angle)};
    ct.at(0, 2, 4, 7, 10);
    Volume volume = Conversions.volume(converted());
    Conversions.assertLinear(volume, 0, 0, 6, 6);
  }

  @Test
  void placesRoundedToATenthOfAMillimetreAreEven() {
    ct.at(0, 0.6, 1.3, 1.9, 2.5, 3.1);
    Conversion done = converted();
    assertEquals(6, Conversions.volume(done).shape().z());
    assertEquals(List.of(), Conversions.one(done).notes());
  }

  @Test
  void missingSlicesAreCountedAndFilledIn() {
    ct.at(0, 2, 4, 10, 12, 14);
    Conversion done = converted();
    Volume volume = Conversions.volume(done);
    assertEquals(8, volume.shape().z());
    Conversions.assertLinear(volume, 0, 0, 0, 0);
    assertTrue(
        Conversions.one(done).notes().contains("2 slices missing"),
        Conversions.one(done).notes().toString());
  }

  @Test
  void copiesAreDropped() {
    ct.at(0, 2, 4).write(folder.resolve("in"));
    ct.write(folder.resolve("in/again"));
    Conversion done = Conversions.convert(folder.resolve("in"), folder.resolve("out"));
    assertEquals(3, Conversions.volume(done).shape().z());
    assertEquals(List.of("3 copies dropped"), Conversions.one(done).notes());
  }

  @Test
  void differentImagesOfOnePlaceAreNoVolume() {
    ct.at(0, 2, 4).write(folder.resolve("in"));
    SyntheticCt other = new SyntheticCt();
    other.at(2);
    other.intercept = -1000;
    DicomBytes.write(folder.resolve("in/other.dcm"), other.file(0));
    Conversion done = Conversions.convert(folder.resolve("in"), folder.resolve("out"));
    assertEquals(List.of(), done.series());
    CovidException e = done.problems().get(0);
    assertTrue(e.problem().contains("another image of the place"), e.problem());
  }

  @Test
  void onePlaceOverTimeIsLeftOutBesideAScan() {
    for (int i = 0; i < 3; i++) {
      SyntheticCt watched = new SyntheticCt().at(2);
      watched.series = "1.2.3.9";
      watched.acquisition = i;
      watched.intercept = -1000 - i;
      DicomBytes.write(folder.resolve("in/watched" + i), watched.file(0));
    }
    Conversion done = Conversions.convert(folder.resolve("in"), folder.resolve("out"));
    assertEquals(1, done.problems().size());
    assertEquals(Map.of(), done.ignored());
    ct.at(0, 2, 4);
    done = converted();
    assertEquals(3, Conversions.one(done).images());
    assertEquals(Map.of("one place over time", 3), done.ignored());

    SyntheticCt damaged = new SyntheticCt().at(2);
    damaged.series = "1.2.3.9";
    damaged.intercept = -1000;
    damaged.syntax = "1.2.840.10008.1.2.5";
    DicomBytes.write(
        folder.resolve("in/watched1"),
        damaged.header(0).fragments(new byte[0], new byte[90]).file(SyntheticCt.CT));
    assertEquals(1, converted().problems().size());
  }

  @Test
  void acquisitionsOfTheSamePlacesAreVolumesOfTheirOwn() {
    ct.at(0, 2, 4).write(folder.resolve("in"));
    ct.acquisition = 2;
    ct.intercept = -1000;
    ct.write(folder.resolve("in/2"));
    Conversion done = Conversions.convert(folder.resolve("in"), folder.resolve("out"));
    assertEquals(List.of(), done.problems());
    assertEquals(2, done.series().size());
    assertFalse(done.series().get(0).file().equals(done.series().get(1).file()));
  }

  @Test
  void anotherSpacing() {
    ct.at(0, 2, 4, 6).write(folder.resolve("in"));
    PerAxis mm = new PerAxis(1, 1, 1.5);
    Conversion done =
        Conversions.convert(folder.resolve("in"), folder.resolve("out"), Conversions.spacing(mm));
    Volume volume = Conversions.volume(done);
    // round((n - 1) old / new + 1): 11 x 0.75 + 1, 9 x 0.5 + 1 (half to even), 3 x 2 / 1.5 + 1
    assertEquals(new Shape(9, 6, 5), volume.shape());
    Conversions.assertLinear(volume, 0, 0, 0, 1);
    assertEquals(1.5, volume.affine().spacing()[2], 1e-6);
  }

  @Test
  void aSingleSlice() {
    ct.at(5);
    Conversion done = converted();
    assertEquals(new Shape(12, 10, 1), Conversions.volume(done).shape());
    assertEquals(List.of("a single slice"), Conversions.one(done).notes());
  }

  @Test
  void orientationsAndKindsOfOneSeriesAreVolumesOfTheirOwn() {
    ct.at(0, 2, 4).write(folder.resolve("in"));
    SyntheticCt sagittal = new SyntheticCt();
    sagittal.axes = new double[] {0, 1, 0, 0, 0, -1};
    sagittal.positions.addAll(
        List.of(new Vector(-10, -30, 40), new Vector(-8, -30, 40), new Vector(-6, -30, 40)));
    sagittal.write(folder.resolve("in/sagittal"));
    SyntheticCt derived = new SyntheticCt().at(0, 2, 4);
    derived.type = "DERIVED\\SECONDARY\\AXIAL";
    derived.write(folder.resolve("in/derived"));
    Conversion done = Conversions.convert(folder.resolve("in"), folder.resolve("out"));
    assertEquals(List.of(), done.problems());
    assertEquals(
        Collections.nCopies(3, 3), done.series().stream().map(Conversion.Series::images).toList());
  }
}
