package org.covidmmar.inference;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
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
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The map beside that of MONAI's GradCAM. */
@Tag("peers")
class SaliencyPeersTest {
  @TempDir Path folder;

  @ParameterizedTest
  @EnumSource
  void theMapIsMonais(MemoryFormat format) {
    Shape shape = new Shape(96, 64, 128);
    Path weights = folder.resolve("weights.safetensors");
    Path out = folder.resolve("saliency.safetensors");
    try (DenseNet3d network = Formula.network(Architecture.DENSENET121, format)) {
      Weights.save(weights, network, Map.of());
      Peers.run("saliency_peer.py", weights.toString(), out.toString(), shape.toString());
      Volume map = Saliency.of(network, Formula.images("image", 1, shape).get(0));
      try (SafeTensors peer = SafeTensors.open(out)) {
        float[] expected = peer.floats("saliency");
        float most = 0;
        for (float v : expected) {
          most = Math.max(most, v);
        }
        assertTrue(most > 0, "a map of zeros shows nothing");
        assertArrayEquals(expected, map.floats(), 1e-4f * most);
        System.out.println(
            format + ": largest relative difference " + Formula.relative(expected, map.floats()));
      }
    }
  }
}
