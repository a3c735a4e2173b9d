package org.covidmmar.model;

import ai.djl.ndarray.types.Shape;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.engine.PtNDManager;
import ai.djl.pytorch.jni.JniUtils;
import java.util.List;

/**
 * One forward pass. Parameters are taken in their order, which is the order of use. Each method
 * closes the array it is given as soon as its successor exists: what the graph needs it keeps by
 * itself, everything else is free at once.
 */
final class Layers {
  static final double MOMENTUM = 0.1;
  private static final double EPSILON = 1e-5;

  private final DenseNet3d network;
  private final PtNDManager owner;
  private final Dropout dropout;
  private final boolean training;
  private final List<PtNDArray> parameters;
  private int parameter;
  private int norm;

  /**
   * @param owner of everything the pass makes
   * @param dropout null for none
   */
  Layers(DenseNet3d network, PtNDManager owner, Dropout dropout, boolean training) {
    this.network = network;
    this.owner = owner;
    this.dropout = dropout;
    this.training = training;
    this.parameters = network.parameterViews(owner);
  }

  /** (case, 1, x, y, z) to (case, class); closes the input. */
  PtNDArray logits(PtNDArray images) {
    return classify(features(images));
  }

  /** (case, 1, x, y, z) to (case, channel, x/32, y/32, z/32), after the last relu. */
  PtNDArray features(PtNDArray images) {
    // Pooling before relu is exact, as relu is monotonic, and leaves relu an eighth of the work.
    PtNDArray x = relu(maxPool(convolutionNorm(images, 2, 3)));
    Architecture architecture = network.architecture();
    for (int block = 0; block < architecture.blocks(); block++) {
      for (int layer = 0; layer < architecture.layers(block); layer++) {
        x = denseLayer(x);
      }
      if (block < architecture.blocks() - 1) {
        x = transition(x);
      }
    }
    return relu(norm(x));
  }

  private PtNDArray denseLayer(PtNDArray x) {
    PtNDArray bottleneck = convolutionNorm(relu(normKeeping(x)), 1, 0);
    PtNDArray features = convolution(relu(bottleneck), 1, 1);
    if (dropout != null) {
      features = dropout.apply(owner, features);
    }
    try (x;
        PtNDArray added = features) {
      return JniUtils.cat(new PtNDArray[] {x, added}, 1);
    }
  }

  private PtNDArray transition(PtNDArray x) {
    PtNDArray active = relu(norm(x));
    // A mean commutes with a convolution of kernel 1 up to rounding; before it, it saves 7/8 of the
    // work. Training keeps the order that PyTorch's gradients are compared in.
    return training
        ? averagePool(convolution(active, 1, 0))
        : convolution(averagePool(active), 1, 0);
  }

  private PtNDArray classify(PtNDArray x) {
    try (x;
        PtNDArray pooled = JniUtils.adaptiveAvgPool(x, new Shape(1, 1, 1));
        PtNDArray flat = JniUtils.reshape(pooled, new long[] {pooled.getShape().get(0), -1});
        PtNDArray weight = next();
        PtNDArray bias = next()) {
      return JniUtils.linear(flat, weight, bias);
    }
  }

  private PtNDArray next() {
    return parameters.get(parameter++);
  }

  private PtNDArray relu(PtNDArray x) {
    try (x) {
      return JniUtils.relu(x);
    }
  }

  private PtNDArray maxPool(PtNDArray x) {
    try (x) {
      return JniUtils.maxPool(x, new Shape(3, 3, 3), new Shape(2, 2, 2), new Shape(1, 1, 1), false);
    }
  }

  private PtNDArray averagePool(PtNDArray x) {
    try (x) {
      return JniUtils.avgPool(
          x, new Shape(2, 2, 2), new Shape(2, 2, 2), new Shape(0, 0, 0), false, true);
    }
  }

  private PtNDArray convolution(PtNDArray x, int stride, int padding) {
    try (PtNDArray weight = next()) {
      return convolution(x, weight, null, stride, padding);
    }
  }

  private PtNDArray convolution(
      PtNDArray x, PtNDArray weight, PtNDArray bias, int stride, int padding) {
    try (x) {
      return JniUtils.convolution(
          x,
          weight,
          bias,
          new Shape(stride, stride, stride),
          new Shape(padding, padding, padding),
          new Shape(1, 1, 1),
          1);
    }
  }

  private PtNDArray norm(PtNDArray x) {
    try (x) {
      return normKeeping(x);
    }
  }

  private PtNDArray normKeeping(PtNDArray x) {
    int n = norm++;
    try (PtNDArray weight = next();
        PtNDArray bias = next()) {
      return JniUtils.batchNorm(
          x, network.mean(n), network.variance(n), weight, bias, training, MOMENTUM, EPSILON);
    }
  }

  /** Convolution, then norm; outside training in one go, the norm folded into the weights. */
  private PtNDArray convolutionNorm(PtNDArray x, int stride, int padding) {
    if (training) {
      return norm(convolution(x, stride, padding));
    }
    int n = norm++;
    try (PtNDArray weight = next();
        PtNDArray scale = next();
        PtNDArray shift = next();
        PtNDArray variance = network.variance(n).add(EPSILON);
        PtNDArray deviation = Torch.squareRoots(variance);
        PtNDArray factor = JniUtils.div(scale, deviation);
        PtNDArray factors = JniUtils.reshape(factor, new long[] {-1, 1, 1, 1, 1});
        PtNDArray folded = JniUtils.mul(weight, factors);
        PtNDArray moved = JniUtils.mul(network.mean(n), factor);
        PtNDArray bias = JniUtils.sub(shift, moved)) {
      return convolution(x, folded, bias, stride, padding);
    }
  }
}
