package org.covidmmar.training;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.covidmmar.Peers;
import org.covidmmar.Seeds;
import org.covidmmar.model.Architecture;
import org.covidmmar.model.DenseNet3d;
import org.covidmmar.model.Formula;
import org.covidmmar.model.MemoryFormat;
import org.covidmmar.model.weights.SafeTensors;
import org.covidmmar.model.weights.Weights;
import org.covidmmar.volume.Shape;
import org.covidmmar.volume.Volume;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The network beside MONAI's on the same machine; MONAI loads each file with strict=True. */
@Tag("peers")
class NetworkPeersTest {
  private static final String SCRIPT = "model_goldens.py";
  private static final CrossEntropy LOSS = new CrossEntropy(1, 2.5);
  private static final int CASES = 2;
  private static final Shape STEP_SHAPE = new Shape(64, 64, 64);

  @TempDir Path folder;

  @ParameterizedTest
  @EnumSource
  void namesShapesAndForwardPassAreMonais(Architecture architecture)
      throws JsonProcessingException {
    Shape shape = new Shape(64, 32, 48);
    try (DenseNet3d network = Formula.network(architecture, MemoryFormat.CHANNELS_LAST)) {
      SafeTensors peer = run(network, shape, "eval");
      JsonNode names = json(Peers.run(SCRIPT, "names", architecture.toString()));
      try (peer;
          SafeTensors ours = SafeTensors.open(folder.resolve("weights.safetensors"))) {
        assertEquals(names.size(), ours.entries().size());
        ours.entries()
            .forEach((name, e) -> assertEquals(names.get(name).toString(), noSpace(e), name));
        float[] logits = network.logits(Formula.images("image", CASES, shape));
        assertEquals(0, distance(peer.floats("logits"), logits), 1e-5);
      }
    }
  }

  private static String noSpace(SafeTensors.Entry entry) {
    return entry.shape().toString().replace(" ", "");
  }

  @Test
  void gradientsStatisticsAndFileAreMonais() {
    Shape shape = new Shape(64, 64, 64);
    int[] labels = Formula.labels(CASES);
    try (DenseNet3d network = Formula.network(Architecture.DENSENET121, MemoryFormat.PLAIN);
        DenseNet3d loaded = Formula.network(Architecture.DENSENET121, MemoryFormat.CHANNELS_LAST);
        Replicas replicas = new Replicas(network, new UpdateRule.Sgd(0, 0), LOSS);
        SafeTensors peer = run(network, shape, "train")) {
      double loss =
          replicas
              .accumulate(
                  Formula.images("image", CASES, shape),
                  labels,
                  LOSS.weight(labels),
                  Collections.nCopies(CASES, new Seeds(0)))
              .loss();
      assertEquals(peer.floats("loss")[0], loss, 1e-6);
      double worst = 0;
      for (Architecture.Parameter p : network.architecture().parameters()) {
        float[] expected = peer.floats("gradient." + p.name());
        double difference = Formula.relative(expected, network.gradient(p.name()));
        assertTrue(difference <= 1e-6, () -> p.name() + " differs by " + difference);
        worst = Math.max(worst, difference);
      }
      System.out.println("gradients: largest relative difference " + worst);
      Weights.load(folder.resolve("peer.safetensors.state.safetensors"), loaded);
      assertEquals(1, loaded.batchesTracked());
      for (Architecture.Parameter p : network.state()) {
        double difference = distance(loaded.get(p.name()), network.get(p.name()));
        assertTrue(difference <= 1e-6, () -> p.name() + " differs by " + difference);
      }
    }
  }

  @Test
  void twentyStepsFollowPyTorch() throws JsonProcessingException {
    Path file = folder.resolve("start.safetensors");
    try (DenseNet3d start = Formula.network(Architecture.DENSENET121, MemoryFormat.PLAIN)) {
      Weights.save(file, start, Map.of());
    }
    JsonNode answer =
        json(Peers.run(SCRIPT, "steps", file.toString(), "20", "4", STEP_SHAPE.toString()));
    double[] expected = Formula.array(answer);
    double plain = Formula.distance(expected, losses(MemoryFormat.PLAIN));
    double channelsLast = Formula.distance(expected, losses(MemoryFormat.CHANNELS_LAST));
    System.out.println("twenty steps: plain " + plain + ", channels-last " + channelsLast);
    assertEquals(0, plain, 1e-4);
    assertEquals(0, channelsLast, 1e-3);
  }

  private static float[] losses(MemoryFormat format) {
    int[] labels = Formula.labels(4);
    UpdateRule adam = new UpdateRule.Adam(0.9, 0.999, 1e-8, 1e-5);
    List<Seeds> seeds = Collections.nCopies(labels.length, new Seeds(0));
    float[] losses = new float[20];
    try (DenseNet3d network = Formula.network(Architecture.DENSENET121, format);
        Replicas replicas = new Replicas(network, adam, LOSS)) {
      for (int step = 0; step < losses.length; step++) {
        List<Volume> images = Formula.scenes("step" + step + "-", labels.length, STEP_SHAPE);
        losses[step] =
            (float) replicas.accumulate(images, labels, LOSS.weight(labels), seeds).loss();
        replicas.step(5e-6);
      }
    }
    return losses;
  }

  private SafeTensors run(DenseNet3d network, Shape shape, String mode) {
    Path weights = folder.resolve("weights.safetensors");
    Path out = folder.resolve("peer.safetensors");
    Weights.save(weights, network, Map.of());
    Peers.run(
        SCRIPT,
        "parity",
        network.architecture().toString(),
        weights.toString(),
        out.toString(),
        Integer.toString(CASES),
        shape.toString(),
        mode);
    return SafeTensors.open(out);
  }

  private static double distance(float[] expected, float[] actual) {
    double[] doubles = new double[expected.length];
    for (int i = 0; i < doubles.length; i++) {
      doubles[i] = expected[i];
    }
    return Formula.distance(doubles, actual);
  }

  private static JsonNode json(String text) throws JsonProcessingException {
    return new JsonMapper().readTree(text);
  }
}
