package org.covidmmar.model.weights;

import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.OperatorSetIdProto;
import ai.onnx.proto.OnnxMl.StringStringEntryProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.WireFormat;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import org.covidmmar.AtomicFiles;
import org.covidmmar.model.Architecture;
import org.covidmmar.volume.Shape;

/**
 * A network as ONNX, for ONNX Runtime, TensorRT, OpenVINO and others. Input {@code image} [N, 1, x,
 * y, z], outputs {@code probabilities} and {@code logits} [N, 2], all float32, N cases of any
 * number. The weights have MONAI's names.
 */
public final class Onnx {
  /** Version of the operators: the latest that TensorRT 8.6 reads, too. */
  public static final int OPSET = 17;

  /** Version of the file format, the one that came with these operators. */
  public static final int IR_VERSION = 8;

  private static final String PRODUCER = "covid-mmar";

  private Onnx() {}

  /**
   * Writes a network whole or not at all; the same weights and metadata give the same bytes. One
   * tensor at a time is in memory.
   *
   * @param weights an open file
   * @param inputShape voxels along each axis of the input
   * @param metadata texts by name; "use" is the model's own description, too
   * @throws org.covidmmar.CovidException where the weights are of another network, or the file
   *     can't be written
   */
  public static void write(
      Path target,
      TensorFile weights,
      Architecture architecture,
      Shape inputShape,
      Map<String, String> metadata) {
    Weights.check(weights, architecture, Weights.Head.KEEP);
    ModelProto.Builder model =
        ModelProto.newBuilder()
            .setIrVersion(IR_VERSION)
            .setProducerName(PRODUCER)
            .setDocString(metadata.getOrDefault("use", ""))
            .addOpsetImport(OperatorSetIdProto.newBuilder().setVersion(OPSET));
    new TreeMap<>(metadata)
        .forEach(
            (key, value) ->
                model.addMetadataProps(
                    StringStringEntryProto.newBuilder().setKey(key).setValue(value)));
    GraphProto graph = OnnxGraph.of(architecture, inputShape);
    AtomicFiles.write(
        target,
        stream -> {
          CodedOutputStream out = CodedOutputStream.newInstance(stream);
          model.build().writeTo(out);
          writeGraph(out, graph, architecture, weights);
          out.flush();
        });
  }

  /** As protobuf would, but without all weights in memory: a message may be written in pieces. */
  private static void writeGraph(
      CodedOutputStream out, GraphProto graph, Architecture architecture, TensorFile weights)
      throws IOException {
    int length = graph.getSerializedSize();
    for (Architecture.Parameter p : architecture.state()) {
      length +=
          CodedOutputStream.computeTagSize(GraphProto.INITIALIZER_FIELD_NUMBER)
              + withLength(length(p));
    }
    writeStart(out, ModelProto.GRAPH_FIELD_NUMBER, length);
    graph.writeTo(out);
    for (Architecture.Parameter p : architecture.state()) {
      writeStart(out, GraphProto.INITIALIZER_FIELD_NUMBER, length(p));
      header(p).writeTo(out);
      ByteBuffer values =
          SafeTensors.Tensor.floats(p.name(), p.shape(), () -> weights.floats(p.name()))
              .bytes()
              .get();
      writeStart(out, TensorProto.RAW_DATA_FIELD_NUMBER, values.remaining());
      out.writeRawBytes(values);
    }
  }

  private static TensorProto header(Architecture.Parameter p) {
    return TensorProto.newBuilder()
        .setName(p.name())
        .setDataType(TensorProto.DataType.FLOAT.getNumber())
        .addAllDims(p.shape())
        .build();
  }

  /** Number of bytes of a tensor with its values. */
  private static int length(Architecture.Parameter p) {
    return header(p).getSerializedSize()
        + CodedOutputStream.computeTagSize(TensorProto.RAW_DATA_FIELD_NUMBER)
        + withLength(Float.BYTES * p.size());
  }

  private static int withLength(int length) {
    return CodedOutputStream.computeUInt32SizeNoTag(length) + length;
  }

  private static void writeStart(CodedOutputStream out, int field, int length) throws IOException {
    out.writeTag(field, WireFormat.WIRETYPE_LENGTH_DELIMITED);
    out.writeUInt32NoTag(length);
  }
}
