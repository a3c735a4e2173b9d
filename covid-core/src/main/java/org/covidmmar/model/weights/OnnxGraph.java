package org.covidmmar.model.weights;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import ai.onnx.proto.OnnxMl.TensorShapeProto;
import ai.onnx.proto.OnnxMl.TypeProto;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import java.util.Collections;
import java.util.List;
import org.covidmmar.model.Architecture;
import org.covidmmar.volume.Shape;

/**
 * The network's operators as an ONNX graph without its weights, in MONAI's order. A node and its
 * one output have the same name: that of the module in MONAI, where it is one.
 */
final class OnnxGraph {
  static final String IMAGE = "image";
  static final String PROBABILITIES = "probabilities";
  static final String LOGITS = "logits";

  private static final float EPSILON = 1e-5f;
  private static final int AXES = 3;

  private final GraphProto.Builder graph = GraphProto.newBuilder();

  private OnnxGraph() {}

  /**
   * @param inputShape voxels along each axis of the input
   */
  static GraphProto of(Architecture architecture, Shape inputShape) {
    OnnxGraph made = new OnnxGraph();
    made.graph.setName(architecture.toString());
    made.graph.addInput(
        value(
            IMAGE,
            "preprocessed CT, axes x, y, z to the right, front and head of the patient",
            1,
            inputShape.x(),
            inputShape.y(),
            inputShape.z()));
    made.classify(made.features(architecture));
    made.graph.addOutput(
        value(PROBABILITIES, "of non-COVID and COVID, which add up to 1", Architecture.CLASSES));
    made.graph.addOutput(
        value(LOGITS, "what the softmax makes probabilities of", Architecture.CLASSES));
    return made.graph.build();
  }

  /** A float32 tensor whose first axis is the case. */
  private static ValueInfoProto value(String name, String meaning, long... further) {
    TensorShapeProto.Builder shape = TensorShapeProto.newBuilder();
    shape.addDim(TensorShapeProto.Dimension.newBuilder().setDimParam("N"));
    for (long n : further) {
      shape.addDim(TensorShapeProto.Dimension.newBuilder().setDimValue(n));
    }
    return ValueInfoProto.newBuilder()
        .setName(name)
        .setDocString(meaning)
        .setType(
            TypeProto.newBuilder()
                .setTensorType(
                    TypeProto.Tensor.newBuilder()
                        .setElemType(TensorProto.DataType.FLOAT.getNumber())
                        .setShape(shape)))
        .build();
  }

  private String features(Architecture architecture) {
    String x = convolution("features.conv0", IMAGE, 7, 2, 3);
    x = normRelu("features.norm0", "features.relu0", x);
    x = pool("MaxPool", "features.pool0", x, 3, 1);
    for (int block = 1; block <= architecture.blocks(); block++) {
      for (int layer = 1; layer <= architecture.layers(block - 1); layer++) {
        x = denseLayer("features.denseblock" + block + ".denselayer" + layer, x);
      }
      if (block < architecture.blocks()) {
        String name = "features.transition" + block + ".";
        x = normRelu(name + "norm", name + "relu", x);
        x = convolution(name + "conv", x, 1, 1, 0);
        x = pool("AveragePool", name + "pool", x, 2, 0);
      }
    }
    return normRelu("features.norm5", "class_layers.relu", x);
  }

  private String denseLayer(String layer, String x) {
    String name = layer + ".layers.";
    String y = normRelu(name + "norm1", name + "relu1", x);
    y = convolution(name + "conv1", y, 1, 1, 0);
    y = normRelu(name + "norm2", name + "relu2", y);
    y = convolution(name + "conv2", y, 3, 1, 1);
    return add(node("Concat", layer, x, y).addAttribute(number("axis", 1)));
  }

  private void classify(String x) {
    String pooled = add(node("GlobalAveragePool", "class_layers.pool", x));
    String flat =
        add(node("Flatten", "class_layers.flatten", pooled).addAttribute(number("axis", 1)));
    String out = "class_layers.out";
    add(
        node("Gemm", LOGITS, flat, out + ".weight", out + ".bias")
            .addAttribute(number("transB", 1)));
    add(node("Softmax", PROBABILITIES, LOGITS).addAttribute(number("axis", 1)));
  }

  private String convolution(String name, String x, int kernel, int stride, int padding) {
    return add(
        node("Conv", name, x, name + ".weight")
            .addAttribute(perAxis("kernel_shape", kernel))
            .addAttribute(perAxis("strides", stride))
            .addAttribute(pads(padding)));
  }

  private String normRelu(String norm, String relu, String x) {
    String normed =
        add(
            node(
                    "BatchNormalization",
                    norm,
                    x,
                    norm + ".weight",
                    norm + ".bias",
                    norm + ".running_mean",
                    norm + ".running_var")
                .addAttribute(
                    AttributeProto.newBuilder()
                        .setName("epsilon")
                        .setType(AttributeProto.AttributeType.FLOAT)
                        .setF(EPSILON)));
    return add(node("Relu", relu, normed));
  }

  /** Pooling with a stride of 2. */
  private String pool(String type, String name, String x, int kernel, int padding) {
    return add(
        node(type, name, x)
            .addAttribute(perAxis("kernel_shape", kernel))
            .addAttribute(perAxis("strides", 2))
            .addAttribute(pads(padding)));
  }

  private static NodeProto.Builder node(String type, String name, String... inputs) {
    return NodeProto.newBuilder()
        .setOpType(type)
        .setName(name)
        .addAllInput(List.of(inputs))
        .addOutput(name);
  }

  private String add(NodeProto.Builder node) {
    graph.addNode(node);
    return node.getName();
  }

  private static AttributeProto number(String name, long value) {
    return AttributeProto.newBuilder()
        .setName(name)
        .setType(AttributeProto.AttributeType.INT)
        .setI(value)
        .build();
  }

  private static AttributeProto perAxis(String name, long value) {
    return numbers(name, AXES, value);
  }

  /** On both sides of each axis. */
  private static AttributeProto pads(long value) {
    return numbers("pads", 2 * AXES, value);
  }

  private static AttributeProto numbers(String name, int count, long value) {
    return AttributeProto.newBuilder()
        .setName(name)
        .setType(AttributeProto.AttributeType.INTS)
        .addAllInts(Collections.nCopies(count, value))
        .build();
  }
}
