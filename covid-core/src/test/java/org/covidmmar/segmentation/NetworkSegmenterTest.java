package org.covidmmar.segmentation;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.StringStringEntryProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import org.covidmmar.CovidException;
import org.covidmmar.volume.Orientation;
import org.covidmmar.volume.Volume;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** On networks that {@code src/test/python/segmentation_goldens.py} makes. */
class NetworkSegmenterTest {
  @TempDir Path folder;

  private static Path network(String name) {
    return Path.of("src/test/resources/org/covidmmar/segmentation").resolve(name + ".onnx");
  }

  private static LungMask segment(String name, Volume ct) {
    try (NetworkSegmenter segmenter = NetworkSegmenter.open(network(name), "onnx")) {
      return segmenter.segment("scan.nii.gz", ct);
    }
  }

  /** The networks say lung below -700 HU: the air about the patient too. */
  @ParameterizedTest
  @ValueSource(strings = {"threshold", "logits", "window"})
  void whatTheNetworkSaysComesBackOnTheGridOfTheCt(String name) {
    Volume ct = new ChestModel().spacing(1.6, 1.6, 5).orientation("PIR").scan().ct();
    LungMask found = segment(name, ct);
    assertEquals(ct.shape(), found.mask().shape());
    assertEquals(ct.affine(), found.mask().affine());
    int differing = 0;
    int count = (int) ct.shape().voxels();
    for (int n = 0; n < count; n++) {
      differing += (ct.at(n) < -700) != (found.mask().at(n) == 1) ? 1 : 0;
    }
    assertTrue(differing < 0.002 * count, differing + " of " + count);
  }

  @Test
  void oneChannelIsOfLogitsOrOfProbabilities() {
    assertArrayEquals(new byte[] {0, 1, 1}, chosen(-0.1f, 0.1f, 0.9f));
    assertArrayEquals(new byte[] {0, 1, 1}, chosen(0, 0.1f, 1.5f));
    assertArrayEquals(new byte[] {0, 0, 1}, chosen(0, 0.1f, 1));
    for (float value : new float[] {Float.NaN, Float.POSITIVE_INFINITY}) {
      CovidException e = assertThrows(CovidException.class, () -> chosen(0, value, 1));
      assertTrue(e.getMessage().contains("a finite number expected"), e.getMessage());
    }
  }

  private static byte[] chosen(float... means) {
    return NetworkSegmenter.chosen(Path.of("net.onnx"), new float[][] {means});
  }

  @Test
  void weightsInOtherFilesAreFound() throws IOException {
    Path file = folder.resolve("net.onnx");
    assertEquals(List.of(), ExternalWeights.of(network("threshold")));
    assertEquals(List.of(), ExternalWeights.of(Files.writeString(file, "no network")));
    GraphProto inner = GraphProto.newBuilder().addInitializer(external("inner_data")).build();
    NodeProto node =
        NodeProto.newBuilder()
            .addAttribute(AttributeProto.newBuilder().setName("body").setG(inner))
            .build();
    GraphProto graph =
        GraphProto.newBuilder().addInitializer(external("net.onnx.data")).addNode(node).build();
    Files.write(file, ModelProto.newBuilder().setGraph(graph).build().toByteArray());
    Files.writeString(folder.resolve("net.onnx.data"), "weights");
    CovidException e = assertThrows(CovidException.class, () -> ExternalWeights.of(file));
    assertTrue(e.getMessage().contains("\"inner_data\", which is no file"), e.getMessage());
    Files.writeString(folder.resolve("inner_data"), "weights");
    assertEquals(
        List.of(folder.resolve("inner_data"), folder.resolve("net.onnx.data")),
        ExternalWeights.of(file));
  }

  private static TensorProto external(String location) {
    return TensorProto.newBuilder()
        .setDataLocation(TensorProto.DataLocation.EXTERNAL)
        .addExternalData(StringStringEntryProto.newBuilder().setKey("location").setValue(location))
        .build();
  }

  @Test
  void windowsAreAveraged() {
    Volume ct = new ChestModel().spacing(2, 2, 5).scan().ct();
    LungMask found = segment("mean", ct);
    Volume mask = Orientation.toRas(found.mask());
    assertEquals(1, mask.at(0, 0, 0), "a corner, of air alone");
    assertEquals(
        0, mask.at(mask.shape().x() / 2, mask.shape().y() / 2, 10), "the middle, of liver");
  }

  @ParameterizedTest
  @CsvSource({"10,16,8,0", "16,16,8,0", "17,16,8,0;1", "40,16,8,0;8;16;24"})
  void windowsCoverTheVolume(int size, int window, int step, String starts) {
    assertEquals(
        starts,
        NetworkSegmenter.starts(size, window, step).stream()
            .map(String::valueOf)
            .collect(Collectors.joining(";")));
  }

  @ParameterizedTest
  @CsvSource({
    "two-inputs,one input and one output",
    "rank,its input has shape",
    "channels,its input has shape",
    "int,a tensor of float32 expected",
  })
  void otherNetworksAreRefused(String name, String reason) {
    CovidException e =
        assertThrows(
            CovidException.class, () -> NetworkSegmenter.open(network(name), "onnx").close());
    assertTrue(e.getMessage().contains(reason), e.getMessage());
    assertTrue(e.subject().endsWith(name + ".onnx"));
  }

  @Test
  void anOutputOfAnotherShapeIsRefused() {
    Volume ct = new ChestModel().spacing(4, 4, 10).scan().ct();
    CovidException e = assertThrows(CovidException.class, () -> segment("shrinks", ct));
    assertTrue(e.getMessage().contains("makes an output of shape"), e.getMessage());
  }

  @Test
  void whatIsNoNetworkIsRefused() throws IOException {
    Path text = Files.writeString(folder.resolve("text.onnx"), "no network");
    Path empty = Files.writeString(folder.resolve("empty.onnx"), "");
    for (Path file : List.of(text, empty)) {
      CovidException e =
          assertThrows(CovidException.class, () -> NetworkSegmenter.open(file, "").close());
      assertTrue(e.getMessage().contains("is no network"), e.getMessage());
    }
    Path none = folder.resolve("none.onnx");
    assertTrue(
        assertThrows(CovidException.class, () -> NetworkSegmenter.open(none, "").close())
            .getMessage()
            .contains("there is no file"));
  }
}
