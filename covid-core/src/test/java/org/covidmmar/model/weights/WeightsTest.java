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
import java.util.Optional;
import org.covidmmar.CovidException;
import org.covidmmar.Seeds;
import org.covidmmar.model.Architecture;
import org.covidmmar.model.DenseNet3d;
import org.covidmmar.model.Formula;
import org.covidmmar.model.MemoryFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WeightsTest {
  private static final String CONV0 = "features.conv0.weight";

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

  @Test
  void whatTorchSaveWroteIsReadAsWell() throws IOException {
    Path file = folder.resolve("a.safetensors");
    Path torch = folder.resolve("a.pt");
    Path again = folder.resolve("b.safetensors");
    try (DenseNet3d network =
            Formula.network(Architecture.DENSENET121, MemoryFormat.CHANNELS_LAST);
        DenseNet3d other = empty(Architecture.DENSENET121)) {
      network.setBatchesTracked(7);
      Weights.save(file, network, Map.of());
      try (SafeTensors tensors = SafeTensors.open(file)) {
        Files.write(torch, TorchBytes.of(tensors, "module."));
      }
      assertEquals(List.of(), Weights.load(torch, other));
      Weights.save(again, other, Map.of());
      assertEquals(-1, Files.mismatch(file, again));
    }
    try (TensorFile opened = TensorFile.open(torch)) {
      assertEquals(Optional.of("densenet121"), Weights.architecture(opened));
    }
  }

  @Test
  void aHeadOfOtherClassesIsDrawnWhenAsked() {
    Path file = folder.resolve("other.safetensors");
    Seeds seeds = new Seeds(3);
    try (DenseNet3d source = Formula.network(Architecture.DENSENET121, MemoryFormat.PLAIN);
        DenseNet3d tuned = empty(Architecture.DENSENET121);
        DenseNet3d drawn =
            DenseNet3d.initialised(
                Architecture.DENSENET121, 0, MemoryFormat.PLAIN, Device.cpu(), seeds)) {
      List<SafeTensors.Tensor> tensors = new ArrayList<>(Weights.tensors(source));
      tensors.removeIf(t -> t.name().startsWith("class_layers") || t.name().equals(CONV0));
      tensors.add(
          SafeTensors.Tensor.floats(CONV0, List.of(64L, 2L, 7L, 7L, 7L), () -> new float[43904]));
      tensors.add(
          SafeTensors.Tensor.floats(
              "class_layers.out.weight", List.of(3L, 1024L), () -> new float[3072]));
      SafeTensors.write(file, Map.of(), tensors);

      CovidException e = assertThrows(CovidException.class, () -> Weights.load(file, tuned));
      assertTrue(e.problem().contains("3 tensors do not fit densenet121"), e.getMessage());
      assertTrue(e.problem().contains("expected shape [64, 1, 7, 7, 7]"), e.getMessage());
      assertTrue(e.problem().contains("missing class_layers.out.bias"), e.getMessage());
      assertTrue(e.remedy().contains("covid.pretrained.head=new"), e.getMessage());

      List<String> notes = Weights.loadWithNewHead(file, tuned, seeds);
      assertEquals(1, notes.size());
      for (Architecture.Parameter p : tuned.state()) {
        boolean anew = p.name().startsWith("class_layers") || p.name().equals(CONV0);
        assertArrayEquals((anew ? drawn : source).get(p.name()), tuned.get(p.name()), p.name());
        assertEquals(anew, notes.get(0).contains(p.name()), p.name());
      }

      tensors.removeIf(t -> t.name().equals("features.norm5.bias"));
      SafeTensors.write(file, Map.of(), tensors);
      e = assertThrows(CovidException.class, () -> Weights.loadWithNewHead(file, tuned, seeds));
      assertTrue(e.problem().contains("1 tensor does not fit"), e.getMessage());
      assertTrue(e.problem().contains("missing features.norm5.bias"), e.getMessage());
      e = assertThrows(CovidException.class, () -> Weights.load(file, tuned));
      assertFalse(e.remedy().contains("head"), e.getMessage());
    }
  }

  @Test
  void valuesOfFloat64AreRoundedAndThatIsSaid() {
    Path file = folder.resolve("wide.safetensors");
    try (DenseNet3d network = empty(Architecture.DENSENET121)) {
      writeWithBias(file, network, 0.1);
      List<String> notes = Weights.load(file, network);
      assertEquals(0.1f, network.get("features.norm5.bias")[0]);
      assertEquals(List.of("rounded to float32: 1 tensors of float64 in " + file), notes);
      for (double beyond : new double[] {Double.NaN, 1e300}) {
        writeWithBias(file, network, beyond);
        CovidException e = assertThrows(CovidException.class, () -> Weights.load(file, network));
        assertEquals(file.toString(), e.subject());
        assertTrue(e.problem().contains("NaN, infinite or beyond"), e.getMessage());
      }
    }
  }

  private static void writeWithBias(Path file, DenseNet3d network, double first) {
    List<SafeTensors.Tensor> tensors = new ArrayList<>(Weights.tensors(network));
    tensors.removeIf(t -> t.name().equals("features.norm5.bias"));
    tensors.add(
        new SafeTensors.Tensor(
            "features.norm5.bias",
            TensorType.F64,
            List.of(1024L),
            () -> FileBytes.littleEndian(8192).putDouble(0, first)));
    SafeTensors.write(file, Map.of(), tensors);
  }

  private static DenseNet3d empty(Architecture architecture) {
    return new DenseNet3d(architecture, 0, MemoryFormat.CHANNELS_LAST, Device.cpu());
  }
}
