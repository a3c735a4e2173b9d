package org.covidmmar.transform;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.apache.commons.rng.UniformRandomProvider;
import org.covidmmar.Peers;
import org.covidmmar.volume.Affine;
import org.covidmmar.volume.Shape;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class MonaiGoldensTest {
  private static final ObjectMapper MAPPER = new ObjectMapper();
  private static final double TOLERANCE = 1e-5;

  static Stream<JsonNode> goldens() throws IOException {
    try (InputStream in = MonaiGoldensTest.class.getResourceAsStream("goldens.json")) {
      JsonNode all = MAPPER.readTree(in);
      assertEquals("1.5.2", all.at("/versions/monai").textValue());
      return StreamSupport.stream(all.get("cases").spliterator(), false);
    }
  }

  @ParameterizedTest
  @MethodSource("goldens")
  void equalsWhatMonaiMade(JsonNode golden) {
    Sample sample = Samples.of(Samples.SMALL, PeerSample.affine(golden.get("source")), true);
    String steps = golden.get("steps").toString();
    PeerSample.assertClose(golden, applied(steps, sample), TOLERANCE, steps);
  }

  @Test
  @Tag("peers")
  void equalsMonaiOnRandomShapesAndArguments(@TempDir Path folder) throws IOException {
    List<Sample> samples = new ArrayList<>();
    List<String> steps = new ArrayList<>();
    ArrayNode request = MAPPER.createArrayNode();
    for (int n = 0; n < 200; n++) {
      UniformRandomProvider random = Samples.random("monai", n);
      Shape shape = Samples.shape(random, 6, 24);
      Sample unit =
          new ScaleIntensityRange(-1100, 700, 0, 1, true)
              .apply(Samples.of(shape, affine(random), true));
      String json = new Pipeline(List.of(step(n % 11, random))).toJson();
      samples.add(unit);
      steps.add(json);
      ObjectNode one = PeerSample.request(MAPPER, unit);
      request.add(one.set("steps", MAPPER.readTree(json)));
    }
    Path asked = folder.resolve("request.json");
    Path answered = folder.resolve("answer.json");
    MAPPER.writeValue(asked.toFile(), request);
    Peers.run("transform_peer.py", asked.toString(), answered.toString());
    JsonNode answers = MAPPER.readTree(Files.readString(answered));
    assertEquals(samples.size(), answers.size());
    for (int n = 0; n < samples.size(); n++) {
      PeerSample.assertClose(
          answers.get(n),
          applied(steps.get(n), samples.get(n)),
          // MONAI computes places in float32: 24 voxels wide, a step of 1 from voxel to voxel.
          2 * TOLERANCE,
          n + " " + samples.get(n).image().shape() + " " + steps.get(n));
    }
  }

  private static Sample applied(String steps, Sample sample) {
    Sample result = sample;
    for (Step step : Pipeline.fromJson(steps).steps()) {
      result = ((Transform) step).apply(result);
    }
    return result;
  }

  private static Affine affine(UniformRandomProvider random) {
    double[] m = new double[12];
    for (int i = 0; i < 12; i++) {
      m[i] = random.nextDouble(-0.2, 0.2);
    }
    int first = random.nextInt(3);
    int turn = random.nextBoolean() ? 1 : 2;
    for (int c = 0; c < 3; c++) {
      m[4 * ((first + c * turn) % 3) + c] = random.nextDouble(0.6, 3) * (random.nextInt(2) * 2 - 1);
    }
    return Affine.of(m);
  }

  private static Step step(int kind, UniformRandomProvider random) {
    int axis = random.nextInt(3);
    List<Integer> plane = List.of(axis, (axis + 1 + random.nextInt(2)) % 3);
    return switch (kind) {
      case 0 -> new Orient();
      case 1 -> new CropForeground(random.nextInt(8), random.nextBoolean(), 1 + random.nextInt(6));
      case 2 -> new Resize(Samples.shape(random, 1, 40), ResizeMode.AREA);
      case 3 -> new Resize(Samples.shape(random, 1, 40), ResizeMode.TRILINEAR);
      case 4 -> new Rotate(perAxis(random, -3, 3));
      case 5 -> new Rotate90(1 + random.nextInt(3), plane);
      case 6 -> new Zoom(perAxis(random, 0.5, 1.9));
      case 7 -> new AdjustContrast(random.nextDouble(0.2, 5));
      case 8 -> new MaskImage();
      case 9 -> new Flip(plane);
      default ->
          new AffineWarp(
              perAxis(random, -1, 1),
              random.doubles(6, -0.3, 0.3).boxed().toList(),
              perAxis(random, -9, 9),
              perAxis(random, 0.6, 1.6));
    };
  }

  private static PerAxis perAxis(UniformRandomProvider random, double low, double high) {
    return new PerAxis(
        random.nextDouble(low, high), random.nextDouble(low, high), random.nextDouble(low, high));
  }

  @Test
  void goldensCoverEveryComparableStep() throws IOException {
    List<String> covered =
        goldens().flatMap(g -> g.get("steps").findValuesAsText("name").stream()).toList();
    for (String name : StepJson.names()) {
      boolean incomparable =
          name.startsWith("Rand") || name.equals("GaussianNoise") || name.equals("Identity");
      assertTrue(incomparable || covered.contains(name), name);
    }
  }
}
