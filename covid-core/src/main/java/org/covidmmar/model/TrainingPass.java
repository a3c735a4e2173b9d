package org.covidmmar.model;

import ai.djl.ndarray.types.Shape;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.engine.PtNDManager;
import ai.djl.pytorch.jni.JniUtils;

/** A forward pass with the graph that its backward pass needs; owns it until closed. */
public final class TrainingPass implements AutoCloseable {
  private final PtNDManager manager;
  private final PtNDArray logits;

  TrainingPass(PtNDManager manager, PtNDArray logits) {
    this.manager = manager;
    this.logits = logits;
  }

  /** Two values a case: non-COVID, COVID. */
  public float[] logits() {
    return logits.toFloatArray();
  }

  /**
   * Adds the gradient of the parameters to the network's; at most once a pass.
   *
   * @param logitGradient the loss's derivative by each logit
   */
  public void backward(float[] logitGradient) {
    Shape shape = logits.getShape();
    try (PtNDArray gradient = (PtNDArray) manager.create(logitGradient, shape)) {
      JniUtils.backward(logits, gradient, false, false);
    }
  }

  @Override
  public void close() {
    manager.close();
  }
}
