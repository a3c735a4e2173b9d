package org.covidmmar.training;

import ai.djl.pytorch.engine.PtNDArray;
import java.util.List;
import org.covidmmar.CovidException;
import org.covidmmar.Seeds;
import org.covidmmar.model.Architecture;
import org.covidmmar.model.DenseNet3d;
import org.covidmmar.model.Torch;
import org.covidmmar.model.TrainingPass;
import org.covidmmar.volume.Volume;

/**
 * A network being trained: forward and backward passes that add to its gradient, then an update.
 * One thread at a time may use it. Owns the optimizer's state, not the network.
 *
 * <pre>{@code
 * double groupWeight = loss.weight(allLabelsOfTheGroup);
 * double groupLoss = 0;
 * for (each batch of the group) {
 *   groupLoss += replica.accumulate(images, labels, groupWeight, seeds).loss();
 * }
 * replica.step(learningRate);
 * }</pre>
 */
public final class Replica implements AutoCloseable {
  private final DenseNet3d network;
  private final CrossEntropy loss;
  private final Optimizer optimizer;

  /**
   * What came of a batch.
   *
   * @param loss its share of the group's loss: shares add up to the weighted mean
   * @param correct cases whose likelier class is the true one
   */
  public record Pass(double loss, int correct) {}

  public Replica(DenseNet3d network, UpdateRule rule, CrossEntropy loss) {
    this.network = network;
    this.loss = loss;
    this.optimizer = new Optimizer(network.parameters(), rule);
  }

  /**
   * Forward and backward pass of a batch; adds to the gradient and to nothing else but the
   * batch-norm statistics.
   *
   * @param images preprocessed, equal in shape
   * @param labels 0 non-COVID, 1 COVID, one an image
   * @param groupWeight {@link CrossEntropy#weight(int[])} of all batches that are added up before
   *     the step; of this batch where there is no accumulation
   * @param seeds what dropout draws from: another node for each batch
   * @return how the batch fared, before any update
   */
  public Pass accumulate(List<Volume> images, int[] labels, double groupWeight, Seeds seeds) {
    if (images.size() != labels.length) {
      throw new IllegalArgumentException(images.size() + " images, " + labels.length + " labels");
    }
    try (TrainingPass pass = network.train(images, seeds)) {
      float[] logits = pass.logProbabilities();
      pass.backward(loss.gradient(labels, groupWeight));
      return new Pass(loss.loss(logits, labels, groupWeight), correct(logits, labels));
    }
  }

  private static int correct(float[] logits, int[] labels) {
    int correct = 0;
    for (int i = 0; i < labels.length; i++) {
      int at = Architecture.CLASSES * i;
      correct += (logits[at + 1] >= logits[at] ? 1 : 0) == labels[i] ? 1 : 0;
    }
    return correct;
  }

  /**
   * Updates the weights by the gradient and sets it to zero.
   *
   * @throws CovidException where a value of the gradient is not finite; the weights are as before
   */
  public void step(double learningRate) {
    try (PtNDArray gradient = network.gradient()) {
      if (!Torch.isFinite(gradient)) {
        throw new CovidException(
            "covid.learningRate",
            "at update "
                + (optimizer.steps() + 1)
                + " the gradient is not finite (NaN or infinity)",
            "set a smaller learning rate, and look for cases with extreme voxel values");
      }
      optimizer.step(gradient, learningRate);
    }
    network.zeroGradient();
  }

  /** Whether weights, batch-norm statistics and optimizer are free of NaN and infinities. */
  boolean isFinite() {
    return network.isFinite() && optimizer.isFinite();
  }

  public DenseNet3d network() {
    return network;
  }

  public CrossEntropy loss() {
    return loss;
  }

  /** The optimizer, for checkpoints to read and restore. */
  public Optimizer optimizer() {
    return optimizer;
  }

  @Override
  public void close() {
    optimizer.close();
  }
}
