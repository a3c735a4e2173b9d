package org.covidmmar.model.weights;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.covidmmar.CovidException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Files that torch_goldens.py wrote with PyTorch. */
class TorchFileTest {
  static final Path GOLDENS = Path.of("src", "test", "resources", "torch");

  @TempDir Path folder;

  @ParameterizedTest
  @ValueSource(
      strings = {
        "plain.pt",
        "strided.pt",
        "typed.pth",
        "parallel.pt",
        "nested.pt",
        "parameter.pt",
        "trained.pt",
        "big-endian.pt",
        "no-checksums.pt"
      })
  void everyTensorIsReadAsPyTorchWroteIt(String name) throws IOException {
    JsonNode expected =
        new JsonMapper()
            .readTree(GOLDENS.resolve("expected.json").toFile())
            .path("files")
            .path(name);
    try (TensorFile file = TensorFile.open(GOLDENS.resolve(name))) {
      TreeSet<String> names = new TreeSet<>();
      expected.fieldNames().forEachRemaining(names::add);
      assertEquals(names, new TreeSet<>(file.entries().keySet()));
      for (String tensor : names) {
        JsonNode said = expected.get(tensor);
        TensorFile.Info info = file.entries().get(tensor);
        assertEquals(type(said.get("type").asText()), info.type(), tensor);
        List<Long> shape = new ArrayList<>();
        said.get("shape").forEach(n -> shape.add(n.asLong()));
        assertEquals(shape, info.shape(), tensor);
        float[] values = new float[said.get("values").size()];
        for (int i = 0; i < values.length; i++) {
          values[i] = value(said.get("values").get(i).asText());
        }
        if (info.type() == TensorType.I64) {
          assertEquals((long) values[0], file.number(tensor), tensor);
        } else {
          assertArrayEquals(values, file.floats(tensor), tensor);
        }
      }
    }
  }

  private static TensorType type(String name) {
    return Map.of(
            "float64", TensorType.F64,
            "float32", TensorType.F32,
            "float16", TensorType.F16,
            "bfloat16", TensorType.BF16,
            "int64", TensorType.I64)
        .get(name);
  }

  private static float value(String text) {
    return switch (text) {
      case "inf" -> Float.POSITIVE_INFINITY;
      case "nan" -> Float.NaN;
      default -> (float) Double.parseDouble(text);
    };
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "legacy.pt|format from before 1.6|torch.load(f, weights_only=True)",
        "whole.pt|asks for torch.nn.modules.linear.Linear, which would run code|state_dict()",
        "protocol-4.pt|protocol 4|",
        "script.pt|TorchScript archive, which carries code: script/code/|torch.jit.load(f).state_dict()",
      })
  void otherKindsOfPyTorchsFilesAreRefusedByKind(String name, String problem, String remedy) {
    CovidException e =
        assertThrows(CovidException.class, () -> TensorFile.open(GOLDENS.resolve(name)));
    assertEquals(GOLDENS.resolve(name).toString(), e.subject());
    assertTrue(e.problem().contains(problem), e.getMessage());
    assertTrue(e.remedy().contains(remedy == null ? "" : remedy), e.getMessage());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "model.ckpt",
        "model.ckpt.index",
        "model.ckpt-300.data-00000-of-00001",
        "model.trt.pb",
        "weights.h5"
      })
  void tensorFlowsFilesAreRefusedByName(String name) throws IOException {
    Path file = Files.write(folder.resolve(name), new byte[64]);
    CovidException e = assertThrows(CovidException.class, () -> TensorFile.open(file));
    assertEquals(file.toString(), e.subject());
    assertTrue(e.problem().contains("found TensorFlow's"), e.getMessage());
    assertTrue(e.remedy().contains(".pt"), e.getMessage());
  }

  @Test
  void aCheckpointOfTensorFlowIsFoundByItsPrefixAndItsFolder() throws IOException {
    Path models = Files.createDirectory(folder.resolve("models"));
    Files.write(models.resolve("model.ckpt.index"), new byte[8]);
    for (Path given : List.of(folder, models, models.resolve("model.ckpt"))) {
      CovidException e = assertThrows(CovidException.class, () -> TensorFlow.refuse(given));
      assertEquals(given.toString(), e.subject());
    }
    TensorFlow.refuse(models.resolve("model"));
    TensorFlow.refuse(folder.resolve("absent"));
  }

  @Test
  void theNameDoesNotMatterWhereTheContentIsPyTorchs() throws IOException {
    Path other = Files.copy(GOLDENS.resolve("plain.pt"), folder.resolve("model.ckpt"));
    try (TensorFile file = TensorFile.open(other)) {
      assertEquals(3, file.entries().size());
      assertTrue(file.metadata().isEmpty());
      assertThrows(CovidException.class, () -> file.floats("absent"));
      assertThrows(CovidException.class, () -> file.number("features.norm0.weight"));
      assertThrows(CovidException.class, () -> file.floats("features.norm0.num_batches_tracked"));
    }
  }

  @Test
  void whatIsNoFileOfPyTorchsIsSaid() throws IOException {
    assertRefused(Files.write(folder.resolve("a.pt"), new byte[0]), "found another format");
    assertRefused(Files.write(folder.resolve("b.pth"), new byte[99]), "found another format");
    assertRefused(folder.resolve("absent.pt"), "no such file");
    assertRefused(Files.createDirectory(folder.resolve("folder.pt")), "is a folder");
  }

  private static void assertRefused(Path file, String problem) {
    CovidException e = assertThrows(CovidException.class, () -> TensorFile.open(file));
    assertEquals(file.toString(), e.subject());
    assertTrue(e.problem().contains(problem), e.getMessage());
  }
}
