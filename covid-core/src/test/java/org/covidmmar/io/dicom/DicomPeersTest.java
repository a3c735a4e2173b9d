package org.covidmmar.io.dicom;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.stream.Stream;
import org.covidmmar.Peers;
import org.covidmmar.io.nifti.NiftiReader;
import org.covidmmar.volume.Volume;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Volumes voxel by voxel against dcm2niix's own, the corrected ones where it corrects. */
@Tag("peers")
class DicomPeersTest {
  @TempDir private Path folder;

  private final SyntheticCt ct = new SyntheticCt();

  /** What dcm2niix makes of a folder of one series. */
  private Volume theirs(Path in) throws IOException {
    Path out = Files.createDirectories(folder.resolve("theirs"));
    Peers.runDcm2niix("-z", "n", "-b", "n", "-f", "%s", "-o", out.toString(), in.toString());
    try (Stream<Path> files = Files.list(out)) {
      // The corrected one has the longer name.
      return NiftiReader.read(
          files
              .filter(f -> f.toString().endsWith(".nii"))
              .max(Comparator.comparingInt(f -> f.getFileName().toString().length()))
              .orElseThrow());
    }
  }

  /** Mean difference in HU, the grids being the same. */
  private double difference(Path in) throws IOException {
    Volume theirs = theirs(in);
    Volume ours = Conversions.volume(Conversions.convert(in, folder.resolve("ours")));
    assertEquals(theirs.shape(), ours.shape());
    assertTrue(
        ours.affine().isClose(theirs.affine(), 1e-3), ours.affine() + " for " + theirs.affine());
    return meanDifference(theirs, ours);
  }

  private static double meanDifference(Volume theirs, Volume ours) {
    float[] a = theirs.floats();
    float[] b = ours.floats();
    double sum = 0;
    for (int i = 0; i < a.length; i++) {
      sum += Math.abs(a[i] - b[i]);
    }
    return sum / a.length;
  }

  private static Path real(String series) {
    String root = System.getenv("COVID_REAL_DATA");
    assumeTrue(root != null, "COVID_REAL_DATA is not set: no real series to convert");
    return Path.of(root, series);
  }

  @ParameterizedTest
  @ValueSource(strings = {"ct/covid", "ct/normal", "ct/lung-small"})
  void realSeriesAreIdentical(String series) throws IOException {
    assertEquals(0, difference(real(series)));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "dicom/odd/ge",
        "dicom/odd/irregular/gantrytilting/001",
        "dicom/odd/irregular/sliceincrement/001",
        "dicom/odd/irregular/sliceincrement/002"
      })
  void realSeriesThatAreResampledDifferByLessThanOneHu(String series) throws IOException {
    double difference = difference(real(series));
    System.out.println(series + ": mean difference " + difference + " HU");
    assertTrue(difference < 1, difference + " HU");
  }

  @ParameterizedTest
  // It reads no deflated files.
  @ValueSource(strings = {DicomBytes.IMPLICIT, DicomBytes.EXPLICIT, DicomBytes.BIG_ENDIAN})
  void syntheticSeriesAreIdentical(String syntax) throws IOException {
    ct.syntax = syntax;
    ct.at(10, 4, 6, 8).write(folder.resolve("in"));
    assertEquals(0, difference(folder.resolve("in")));
  }

  @Test
  void sagittal() throws IOException {
    ct.axes = new double[] {0, 1, 0, 0, 0, -1};
    for (int i = 0; i < 4; i++) {
      ct.positions.add(new Vector(-10 + 1.5 * i, -30, 40));
    }
    ct.write(folder.resolve("in"));
    assertEquals(0, difference(folder.resolve("in")));
  }

  private void tilt(double degrees) {
    double angle = Math.toRadians(degrees);
    ct.axes = new double[] {1, 0, 0, 0, Math.cos(angle), -Math.sin(angle)};
    ct.rows = 40;
    ct.at(0, 2, 4, 6, 8).write(folder.resolve("in"));
  }

  @Test
  void tilted() throws IOException {
    tilt(18.5);
    assertTrue(difference(folder.resolve("in")) < 1);
  }

  /** GeometryTest shows that ours is the affine that holds. */
  @Test
  void tiltedTheOtherWayTheirOriginIsOff() throws IOException {
    tilt(-18.5);
    Volume theirs = theirs(folder.resolve("in"));
    Volume ours =
        Conversions.volume(Conversions.convert(folder.resolve("in"), folder.resolve("ours")));
    assertTrue(meanDifference(theirs, ours) < 1);
    double off = theirs.affine().get(2, 3) - ours.affine().get(2, 3);
    assertEquals(-4.416, off, 1e-2);
  }

  @Test
  void uneven() throws IOException {
    ct.at(0, 2, 4, 7, 10, 13).write(folder.resolve("in"));
    assertTrue(difference(folder.resolve("in")) < 1);
  }
}
