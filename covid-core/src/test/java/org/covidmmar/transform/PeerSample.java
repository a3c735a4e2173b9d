package org.covidmmar.transform;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Base64;
import org.covidmmar.volume.Affine;
import org.covidmmar.volume.Shape;
import org.covidmmar.volume.Volume;

/** Samples in the JSON that the Python scripts beside the tests read and write. */
final class PeerSample {
  private static final double AFFINE = 1e-5;

  private PeerSample() {}

  static Affine affine(JsonNode numbers) {
    double[] m = new double[12];
    for (int i = 0; i < m.length; i++) {
      m[i] = numbers.get(i).doubleValue();
    }
    return Affine.of(m);
  }

  static Volume volume(JsonNode answer, String field) {
    JsonNode s = answer.get("shape");
    Shape shape = new Shape(s.get(0).intValue(), s.get(1).intValue(), s.get(2).intValue());
    ByteBuffer bytes = ByteBuffer.wrap(Base64.getDecoder().decode(answer.get(field).textValue()));
    float[] voxels = new float[(int) shape.voxels()];
    bytes.order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer().get(voxels);
    return Volume.of(shape, affine(answer.get("affine")), voxels);
  }

  static ObjectNode request(ObjectMapper mapper, Sample sample) {
    ObjectNode node = mapper.createObjectNode();
    Shape shape = sample.image().shape();
    node.putArray("shape").add(shape.x()).add(shape.y()).add(shape.z());
    var affine = node.putArray("affine");
    for (int i = 0; i < 12; i++) {
      affine.add(sample.image().affine().get(i / 4, i % 4));
    }
    node.put("image", base64(sample.image().floats()));
    node.put("mask", base64(sample.mask().floats()));
    return node;
  }

  private static String base64(float[] voxels) {
    ByteBuffer bytes = ByteBuffer.allocate(4 * voxels.length).order(ByteOrder.LITTLE_ENDIAN);
    bytes.asFloatBuffer().put(voxels);
    return Base64.getEncoder().encodeToString(bytes.array());
  }

  /**
   * Image within {@code tolerance} of the expected image's range (at least 1), mask equal but for
   * voxels that lie as near to one source voxel as to another.
   */
  static void assertClose(JsonNode expected, Sample actual, double tolerance, String what) {
    Volume image = volume(expected, "image");
    assertEquals(image.shape(), actual.image().shape(), what);
    Affine affine = image.affine();
    assertTrue(
        affine.isClose(actual.image().affine(), AFFINE),
        what + ": affine " + affine + ", found " + actual.image().affine());
    float[] e = image.floats();
    float[] a = actual.image().floats();
    double range = 1;
    for (float v : e) {
      range = Math.max(range, Math.abs(v));
    }
    double worst = 0;
    for (int i = 0; i < e.length; i++) {
      double difference = Math.abs(e[i] - a[i]);
      worst = difference > worst || Double.isNaN(difference) ? difference : worst;
    }
    assertTrue(worst <= tolerance * range, what + ": differs by " + worst);
    float[] m = volume(expected, "mask").floats();
    float[] n = actual.mask().floats();
    int other = 0;
    for (int i = 0; i < m.length; i++) {
      other += m[i] == n[i] ? 0 : 1;
    }
    assertTrue(other <= m.length / 200, what + ": mask differs in " + other + " voxels");
  }
}
