package org.covidmmar.io.nifti;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import org.covidmmar.Fingerprint;
import org.covidmmar.volume.Affine;
import org.covidmmar.volume.Orientation;
import org.covidmmar.volume.Volume;

/** Compares a volume with the row of a table that nifti_goldens.py wrote of the same file. */
final class NibabelTable {
  /** Of the largest entry; sums in another order, and a quaternion's part from float128 there. */
  private static final double ROUNDING = 1e-6;

  private NibabelTable() {}

  static void compare(JsonNode row, Path file, Volume volume) {
    JsonNode shape = row.get("shape");
    for (int axis = 0; axis < 3; axis++) {
      assertEquals(shape.get(axis).asInt(), volume.shape().along(axis), file + " axis " + axis);
    }
    assertClose(row.get("affine"), volume.affine(), file);
    assertEquals(row.get("sha256").asText(), sha256(volume), file + " voxels");
    assertEquals(row.get("codes").asText(), Orientation.of(volume.affine()).toString(), "" + file);
    Volume ras = Orientation.toRas(volume);
    assertClose(row.get("ras_affine"), ras.affine(), file);
    assertEquals(row.get("ras_sha256").asText(), sha256(ras), file + " voxels in RAS");
  }

  private static void assertClose(JsonNode expected, Affine found, Path file) {
    double[] rows = new double[12];
    double largest = 1;
    for (int n = 0; n < 12; n++) {
      rows[n] = expected.get(n).asDouble();
      largest = Math.max(largest, Math.abs(rows[n]));
    }
    assertTrue(
        found.isClose(Affine.of(rows), ROUNDING * largest),
        file + ": " + expected + " expected, " + found);
  }

  private static String sha256(Volume volume) {
    float[] voxels = volume.floats();
    ByteBuffer bytes = ByteBuffer.allocate(4 * voxels.length).order(ByteOrder.LITTLE_ENDIAN);
    bytes.asFloatBuffer().put(voxels);
    return Fingerprint.of(bytes.array()).hex();
  }
}
