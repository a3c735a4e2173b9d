package org.covidmmar.model.weights;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.Device;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.covidmmar.CovidException;
import org.covidmmar.model.Architecture;
import org.covidmmar.model.DenseNet3d;
import org.covidmmar.model.Formula;
import org.covidmmar.model.MemoryFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WeightsTest {
  @TempDir Path folder;

  @Test
  void aFileHoldsTheWholeNetworkWhateverItsMemoryFormat() throws IOException {
    Path first = folder.resolve("first.safetensors");
    Path second = folder.resolve("second.safetensors");
    try (DenseNet3d plain = Formula.network(Architecture.DENSENET121, MemoryFormat.PLAIN);
        DenseNet3d other = empty(Architecture.DENSENET121)) {
      plain.setBatchesTracked(7);
      Weights.save(first, plain, Map.of("run", "1"));
      Weights.load(first, other);
      assertEquals(7, other.batchesTracked());
      for (Architecture.Parameter p : plain.state()) {
        assertArrayEquals(plain.get(p.name()), other.get(p.name()), p.name());
      }
      Weights.save(second, other, Map.of("run", "1"));
      assertEquals(-1, Files.mismatch(first, second));
    }
    try (SafeTensors file = SafeTensors.open(first)) {
      assertEquals(727, file.entries().size());
      assertEquals(Map.of("architecture", "densenet121", "run", "1"), file.metadata());
    }
  }

  @Test
  void everyTensorThatDoesNotFitIsNamedAtOnce() {
    Path file = folder.resolve("wrong.safetensors");
    try (DenseNet3d network = empty(Architecture.DENSENET121)) {
      List<SafeTensors.Tensor> tensors = new ArrayList<>(Weights.tensors(network));
      tensors.removeIf(t -> t.name().equals("features.norm5.bias"));
      tensors.removeIf(t -> t.name().equals("class_layers.out.weight"));
      tensors.removeIf(t -> t.name().equals("features.norm0.num_batches_tracked"));
      tensors.add(
          SafeTensors.Tensor.floats(
              "class_layers.out.weight", List.of(3L, 1024L), () -> new float[3 * 1024]));
      tensors.add(SafeTensors.Tensor.number("epoch", 1));
      tensors.add(SafeTensors.Tensor.number("optimizer.steps", 1));
      SafeTensors.write(file, Map.of(), tensors);
      CovidException e = assertThrows(CovidException.class, () -> Weights.load(file, network));
      assertEquals(file.toString(), e.subject());
      for (String part :
          List.of(
              "4 tensors",
              "missing features.norm5.bias",
              "missing features.norm0.num_batches_tracked",
              "class_layers.out.weight: expected shape [2, 1024], found [3, 1024]",
              "unknown epoch")) {
        assertTrue(e.problem().contains(part), part + " in " + e.problem());
      }
      assertFalse(e.problem().contains("optimizer"), e.problem());
    }
  }

  @Test
  void weightsOfAnotherArchitectureAreNamedSo() {
    Path file = folder.resolve("169.safetensors");
    try (DenseNet3d network = empty(Architecture.DENSENET169);
        DenseNet3d other = empty(Architecture.DENSENET121)) {
      Weights.save(file, network, Map.of());
      CovidException e = assertThrows(CovidException.class, () -> Weights.load(file, other));
      assertTrue(e.problem().contains("found weights of densenet169"), e.problem());
    }
  }

  private static DenseNet3d empty(Architecture architecture) {
    return new DenseNet3d(architecture, 0, MemoryFormat.CHANNELS_LAST, Device.cpu());
  }
}
