package org.covidmmar.segmentation;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.StringStringEntryProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.covidmmar.CovidException;
import org.covidmmar.FileNames;

/** The files beside an ONNX file that hold weights of its network, as {@code model.onnx.data}. */
public final class ExternalWeights {
  private static final String LOCATION = "location";

  private ExternalWeights() {}

  /**
   * @return in the order of their names; none where the file is no network, which {@link
   *     NetworkSegmenter#open} says
   * @throws CovidException where one does not exist, or is not in the file's folder
   */
  public static List<Path> of(Path onnx) {
    Set<String> names = new TreeSet<>();
    try (InputStream in = new BufferedInputStream(Files.newInputStream(onnx))) {
      graph(ModelProto.parseFrom(in).getGraph(), names);
    } catch (IOException e) {
      return List.of();
    }
    return names.stream().map(name -> file(onnx, name)).toList();
  }

  private static Path file(Path onnx, String name) {
    Path folder = onnx.toAbsolutePath().normalize().getParent();
    try {
      Path file = folder.resolve(name).normalize();
      if (file.startsWith(folder) && Files.isRegularFile(file)) {
        return file;
      }
    } catch (InvalidPathException e) {
      FileNames.requireEncodable(onnx.toString(), name);
      // Else as one that is not there.
    }
    throw new CovidException(
        onnx,
        "its weights are in \"" + name + "\", which is no file beside it",
        "put that file beside it, or export the network into one file");
  }

  private static void graph(GraphProto graph, Set<String> names) {
    graph.getInitializerList().forEach(t -> tensor(t, names));
    graph
        .getSparseInitializerList()
        .forEach(
            t -> {
              tensor(t.getValues(), names);
              tensor(t.getIndices(), names);
            });
    graph.getNodeList().forEach(n -> n.getAttributeList().forEach(a -> attribute(a, names)));
  }

  private static void attribute(AttributeProto a, Set<String> names) {
    if (a.hasT()) {
      tensor(a.getT(), names);
    }
    a.getTensorsList().forEach(t -> tensor(t, names));
    if (a.hasG()) {
      graph(a.getG(), names);
    }
    a.getGraphsList().forEach(g -> graph(g, names));
  }

  private static void tensor(TensorProto t, Set<String> names) {
    if (t.getDataLocation() == TensorProto.DataLocation.EXTERNAL) {
      t.getExternalDataList().stream()
          .filter(e -> e.getKey().equals(LOCATION))
          .map(StringStringEntryProto::getValue)
          .forEach(names::add);
    }
  }
}
