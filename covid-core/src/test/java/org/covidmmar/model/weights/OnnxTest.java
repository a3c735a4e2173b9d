package org.covidmmar.model.weights;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.onnx.proto.OnnxMl;
import ai.onnxruntime.OrtException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.covidmmar.CovidException;
import org.covidmmar.model.Architecture;
import org.covidmmar.model.DenseNet3d;
import org.covidmmar.model.Formula;
import org.covidmmar.model.MemoryFormat;
import org.covidmmar.model.OnnxSession;
import org.covidmmar.volume.Shape;
import org.covidmmar.volume.Volume;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class OnnxTest {
  // No two alike, so that a swap of axes shows; 40 is no multiple of 32, so that pooling rounds.
  private static final Shape SHAPE = new Shape(40, 32, 48);

  @TempDir Path folder;

  private Path weights(DenseNet3d network) {
    Path file = folder.resolve("weights.safetensors");
    Weights.save(file, network, Map.of());
    return file;
  }

  private Path onnx(String name, Path weights, Architecture architecture) {
    Path file = folder.resolve(name);
    try (SafeTensors opened = SafeTensors.open(weights)) {
      Onnx.write(file, opened, architecture, SHAPE, Map.of("use", "research", "a", "b"));
    }
    return file;
  }

  @ParameterizedTest
  @EnumSource
  void onnxRuntimeComputesWhatWeCompute(Architecture architecture) throws OrtException {
    try (DenseNet3d network = Formula.network(architecture, MemoryFormat.CHANNELS_LAST);
        OnnxSession session = new OnnxSession(onnx("a.onnx", weights(network), architecture))) {
      List<Volume> three = Formula.scenes("onnx", 3, new Shape(40, 32, 48));
      for (List<Volume> images : List.of(three, three.subList(0, 1))) {
        assertArrayEquals(network.logits(images), session.run(images, "logits"), 1e-4f);
        assertArrayEquals(
            network.probabilities(images), session.run(images, "probabilities"), 1e-4f);
      }
      assertEquals(Map.of("use", "research", "a", "b"), session.metadata());
    }
  }

  @Test
  void theSameWeightsGiveTheSameBytesInTheVersionsThatAreStated() throws IOException {
    try (DenseNet3d network = Formula.network(Architecture.DENSENET121, MemoryFormat.PLAIN)) {
      Path weights = weights(network);
      Path first = onnx("a.onnx", weights, Architecture.DENSENET121);
      Path second = onnx("b.onnx", weights, Architecture.DENSENET121);
      assertEquals(-1, Files.mismatch(first, second));
      OnnxMl.ModelProto model;
      try (InputStream in = Files.newInputStream(first)) {
        model = OnnxMl.ModelProto.parseFrom(in);
      }
      assertEquals(8, model.getIrVersion());
      assertEquals(17, model.getOpsetImport(0).getVersion());
      assertEquals(606, model.getGraph().getInitializerCount());
      assertEquals(
          "N",
          model
              .getGraph()
              .getInput(0)
              .getType()
              .getTensorType()
              .getShape()
              .getDim(0)
              .getDimParam());
      assertEquals("research", model.getDocString());
    }
  }

  @Test
  void weightsOfAnotherNetworkAreRefusedAndNothingIsLeft() {
    try (DenseNet3d network = Formula.network(Architecture.DENSENET121, MemoryFormat.PLAIN)) {
      Path weights = weights(network);
      CovidException e =
          assertThrows(
              CovidException.class, () -> onnx("a.onnx", weights, Architecture.DENSENET169));
      assertTrue(e.problem().contains("found weights of densenet121"), e.getMessage());
      assertFalse(Files.exists(folder.resolve("a.onnx")));
    }
  }
}
