package org.covidmmar.model.weights;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Path;
import java.util.Map;
import org.covidmmar.Peers;
import org.covidmmar.model.Architecture;
import org.covidmmar.model.DenseNet3d;
import org.covidmmar.model.Formula;
import org.covidmmar.model.MemoryFormat;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * From MONAI through torch.save to here, and as safetensors back: the same bytes in each tensor.
 */
@Tag("peers")
class TorchPeersTest {
  private static final String SCRIPT = "torch_goldens.py";
  private static final String NAME = "densenet121";

  @TempDir Path folder;

  @Test
  void tensorsOfMonaisNetworkComeBackWithTheSameBytes() {
    Peers.run(SCRIPT, "save", NAME, folder.toString());
    Path ours = folder.resolve("ours.safetensors");
    for (String saved : new String[] {"plain.pt", "parallel.pt", "channels-last.pth"}) {
      Path theirs = folder.resolve(saved);
      try (DenseNet3d network =
          Formula.network(Architecture.of(NAME), MemoryFormat.CHANNELS_LAST)) {
        Weights.load(theirs, network);
        Weights.save(ours, network, Map.of());
      }
      String answer = Peers.run(SCRIPT, "compare", NAME, theirs.toString(), ours.toString());
      assertEquals("{\"tensors\": 727, \"different\": []}", answer.strip(), saved);
    }
  }
}
