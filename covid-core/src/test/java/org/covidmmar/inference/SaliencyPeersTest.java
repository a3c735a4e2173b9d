package org.covidmmar.inference;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.covidmmar.Peers;
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

/** The maps beside those of MONAI's GradCAM and OcclusionSensitivity. */
@Tag("peers")
class SaliencyPeersTest {
  @TempDir Path folder;

  private static Volume image(Shape shape) {
    return Formula.images("image", 1, shape).get(0);
  }

  private SafeTensors peer(String what, DenseNet3d network, Shape shape, String... options) {
    Path weights = folder.resolve("weights.safetensors");
    Path out = folder.resolve("saliency.safetensors");
    Weights.save(weights, network, Map.of());
    List<String> args = new ArrayList<>();
    args.addAll(List.of(what, weights.toString(), out.toString(), shape.toString()));
    args.addAll(List.of(options));
    Peers.run("saliency_peer.py", args.toArray(String[]::new));
    return SafeTensors.open(out);
  }

  private static float[] ofClass(float[] both, int label) {
    int half = both.length / 2;
    return Arrays.copyOfRange(both, label * half, (label + 1) * half);
  }

  private static float range(float[] values) {
    float least = Float.POSITIVE_INFINITY;
    float most = Float.NEGATIVE_INFINITY;
    for (float v : values) {
      least = Math.min(least, v);
      most = Math.max(most, v);
    }
    return most - least;
  }

  @ParameterizedTest
  @EnumSource
  void gradCamIsMonais(MemoryFormat format) {
    Shape shape = new Shape(96, 64, 128);
    try (DenseNet3d network = Formula.network(Architecture.DENSENET121, format);
        SafeTensors peer = peer("gradcam", network, shape)) {
      for (int label = 0; label < 2; label++) {
        Volume map = Saliency.of(network, image(shape), label);
        float[] raw = ofClass(peer.floats("raw"), label);
        assertTrue(range(raw) > 0, "a map of zeros shows nothing");
        assertArrayEquals(raw, map.floats(), 1e-4f * range(raw));
        float[] turned = ofClass(peer.floats("normalised"), label);
        float[] normalised = Saliency.normalised(map).floats();
        for (int n = 0; n < turned.length; n++) {
          assertEquals(1 - turned[n], normalised[n], 1e-4);
        }
        System.out.println(
            "Grad-CAM, "
                + format
                + ", class "
                + label
                + ": largest relative difference "
                + Formula.relative(raw, map.floats()));
      }
    }
  }

  /** Whose probabilities depend more on the image. */
  private static DenseNet3d surer(DenseNet3d network) {
    String name = "class_layers.out.weight";
    float[] weights = network.get(name);
    for (int n = 0; n < weights.length; n++) {
      weights[n] *= 8;
    }
    network.set(name, weights);
    return network;
  }

  @Test
  void occlusionIsMonais() {
    // Windows of even and odd sizes, and last ones that begin before their step.
    Shape shape = new Shape(40, 36, 44);
    Occlusion occlusion = new Occlusion(new Shape(16, 13, 15), 0.25);
    assertEquals(3 * 4 * 4, occlusion.places(shape));
    try (DenseNet3d network = surer(Formula.network(Architecture.DENSENET121, MemoryFormat.PLAIN));
        SafeTensors peer =
            peer("occlusion", network, shape, occlusion.window().toString(), "0.25")) {
      float[] p = network.probabilities(List.of(image(shape)));
      assertArrayEquals(peer.floats("unoccluded"), p, 1e-5f);
      float[] expected = ofClass(peer.floats("occlusion"), 0);
      float[] falls = occlusion.of(network, image(shape), 0, p[0], n -> {}).floats();
      float most = 0;
      for (int n = 0; n < falls.length; n++) {
        most = Math.max(most, Math.abs(p[0] - falls[n] - expected[n]));
      }
      float range = range(expected);
      System.out.println(
          "occlusion: largest difference " + most + ", range of the map " + range + ", p " + p[0]);
      assertTrue(range > 0.005, "a map of one value shows nothing");
      // A probability by itself agrees within 1e-5.
      assertEquals(0, most, Math.max(1e-5, 1e-3 * range));
    }
  }
}
