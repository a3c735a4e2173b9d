package org.covidmmar.segmentation;

import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Path;
import org.covidmmar.io.nifti.NiftiReader;
import org.covidmmar.volume.Volume;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Real chest CTs with reference masks; the environment variable COVID_REAL_DATA says where. */
class LungSegmenterRealTest {
  private static final float HALF = 127;
  private static final float AIR = -1024;

  @ParameterizedTest
  @ValueSource(strings = {"id001", "id002"})
  void theMaskIsTheReferences(String name) {
    String data = System.getenv("COVID_REAL_DATA");
    assumeTrue(data != null, "COVID_REAL_DATA is not set: no real CT to segment");
    Path folder = Path.of(data, "lungs");
    Volume stored = NiftiReader.read(folder.resolve(name + "-128x128x64.nii.gz"));
    float[] clipped = stored.floats().clone();
    for (int n = 0; n < clipped.length; n++) {
      clipped[n] = Math.max(AIR, clipped[n]);
    }
    Volume ct = Volume.of(stored.shape(), stored.affine(), clipped);
    LungMask found = new LungSegmenter().segment(name, ct);
    Volume reference = NiftiReader.read(folder.resolve(name + "-128x128x64-msk.nii.gz"));
    float[] binary = reference.floats().clone();
    for (int n = 0; n < binary.length; n++) {
      binary[n] = binary[n] > HALF ? 1 : 0;
    }
    double dice =
        ChestModel.dice(found.mask(), Volume.of(reference.shape(), reference.affine(), binary));
    System.out.printf(
        "%s: dice %.4f, right %.0f ml, left %.0f ml, confidence %.2f %s%n",
        name, dice, found.rightMl(), found.leftMl(), found.confidence(), found.findings());
    assertTrue(dice >= 0.97, name + ": " + dice);
  }
}
