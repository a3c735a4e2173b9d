package org.covidmmar.model;

import ai.djl.ndarray.types.Shape;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.engine.PtNDManager;
import ai.djl.pytorch.jni.JniUtils;

/** A forward pass with the graph that its backward pass needs; owns it until closed. */
public final class TrainingPass implements AutoCloseable {
  private final PtNDManager manager;
  private final PtNDArray logProbabilities;

  TrainingPass(PtNDManager manager, PtNDArray logProbabilities) {
    this.manager = manager;
    this.logProbabilities = logProbabilities;
  }

  /** Logarithms of the probabilities, two a case: non-COVID, COVID. */
  public float[] logProbabilities() {
    return Torch.floats(logProbabilities);
  }

  /**
   * Adds the gradient of the parameters to the network's; at most once a pass.
   *
   * @param lossGradient the loss's derivative by each of {@link #logProbabilities}
   */
  public void backward(float[] lossGradient) {
    Shape shape = logProbabilities.getShape();
    try (PtNDArray gradient = (PtNDArray) manager.create(lossGradient, shape)) {
      JniUtils.backward(logProbabilities, gradient, false, false);
    }
  }

  @Override
  public void close() {
    manager.close();
  }
}
