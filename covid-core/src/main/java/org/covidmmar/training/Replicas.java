package org.covidmmar.training;

import ai.djl.Device;
import ai.djl.pytorch.engine.PtNDArray;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Future;
import org.covidmmar.CovidException;
import org.covidmmar.Seeds;
import org.covidmmar.Workers;
import org.covidmmar.model.Architecture;
import org.covidmmar.model.DenseNet3d;
import org.covidmmar.model.Torch;
import org.covidmmar.model.TrainingPass;
import org.covidmmar.volume.Volume;

/**
 * A network being trained, by itself or with replicas of it on further devices: forward and
 * backward passes that add to the gradient, then an update. Each batch is split among the replicas,
 * which compute at the same time; what comes of it is what the first would make of the shards one
 * after the other. One thread at a time may use this. Owns the optimizer's state, the further
 * replicas and their threads, not the network.
 *
 * <pre>{@code
 * double groupWeight = loss.weight(allLabelsOfTheGroup);
 * double groupLoss = 0;
 * for (each batch of the group) {
 *   groupLoss += replicas.accumulate(images, labels, groupWeight, seeds).loss();
 * }
 * replicas.step(learningRate);
 * }</pre>
 */
public final class Replicas implements AutoCloseable {
  private final DenseNet3d network;
  private final CrossEntropy loss;
  private final Optimizer optimizer;
  private final List<DenseNet3d> others = new ArrayList<>();
  private final Workers workers;

  /**
   * What came of a batch.
   *
   * @param loss its share of the group's loss: shares add up to the weighted mean
   * @param correct cases whose likelier class is the true one
   */
  public record Pass(double loss, int correct) {
    private Pass plus(Pass other) {
      return new Pass(loss + other.loss, correct + other.correct);
    }
  }

  /** The network alone. */
  public Replicas(DenseNet3d network, UpdateRule rule, CrossEntropy loss) {
    this(network, List.of(), rule, loss);
  }

  /**
   * @param network the first replica: it has the optimizer, the statistics, and the weights that
   *     the others are given
   * @param devices one for each further replica; may be equal
   */
  public Replicas(DenseNet3d network, List<Device> devices, UpdateRule rule, CrossEntropy loss) {
    this.network = network;
    this.loss = loss;
    this.optimizer = new Optimizer(network.parameters(), rule);
    this.workers = new Workers("replica", Math.max(1, devices.size()));
    try {
      devices.forEach(device -> others.add(network.replica(device)));
      spread();
    } catch (RuntimeException e) {
      close();
      throw e;
    }
  }

  /**
   * Forward and backward pass of a batch; adds to the gradient and to nothing else but the
   * batch-norm statistics. The batch is split in its order, as evenly as can be; where it has fewer
   * cases than there are replicas, the last ones sit out.
   *
   * @param images preprocessed, equal in shape
   * @param labels 0 non-COVID, 1 COVID, one an image
   * @param groupWeight {@link CrossEntropy#weight(int[])} of all batches that are added up before
   *     the step; of this batch where there is no accumulation
   * @param seeds what dropout draws from, one an image
   * @return how the batch fared, before any update
   */
  public Pass accumulate(List<Volume> images, int[] labels, double groupWeight, List<Seeds> seeds) {
    int cases = images.size();
    if (cases != labels.length || cases != seeds.size()) {
      throw new IllegalArgumentException(
          cases + " images, " + labels.length + " labels, " + seeds.size() + " seeds");
    }
    int shards = Math.min(cases, 1 + others.size());
    List<Future<Pass>> passes = new ArrayList<>();
    int end = end(0, shards, cases);
    for (int n = 1; n < shards; n++) {
      DenseNet3d other = others.get(n - 1);
      int from = end;
      int to = end(n, shards, cases);
      passes.add(
          workers.submit(
              () ->
                  accumulate(
                      other,
                      images.subList(from, to),
                      Arrays.copyOfRange(labels, from, to),
                      groupWeight,
                      seeds.subList(from, to))));
      end = to;
    }
    // The first here: where it fails, closing this waits for the others.
    int first = end(0, shards, cases);
    Pass sum =
        accumulate(
            network,
            images.subList(0, first),
            Arrays.copyOf(labels, first),
            groupWeight,
            seeds.subList(0, first));
    for (Future<Pass> pass : passes) {
      sum = sum.plus(Workers.result(pass));
    }
    // In this order, and batch by batch: gradients are rounded as one network's are. No weights are
    // needed, for each gradient is its cases' share of the group's.
    others.subList(0, shards - 1).forEach(network::takePass);
    return sum;
  }

  /** Where a shard ends: the first ones have a case more where they cannot all be alike. */
  private static int end(int shard, int shards, int cases) {
    return (shard + 1) * (cases / shards) + Math.min(shard + 1, cases % shards);
  }

  private Pass accumulate(
      DenseNet3d replica,
      List<Volume> images,
      int[] labels,
      double groupWeight,
      List<Seeds> seeds) {
    try (TrainingPass pass = replica.train(images, seeds)) {
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
   * Updates the weights by the gradient, gives them to all replicas, and sets the gradient to zero.
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
    spread();
  }

  /** Gives the weights of the first replica to the others; to be called when they were set. */
  void spread() {
    others.forEach(other -> Torch.copy(network.parameters(), other.parameters()));
  }

  /** Whether weights, batch-norm statistics and optimizer are free of NaN and infinities. */
  boolean isFinite() {
    return network.isFinite() && optimizer.isFinite();
  }

  /** The first replica. */
  public DenseNet3d network() {
    return network;
  }

  /** The further replicas: equal weights, no statistics of their own. */
  List<DenseNet3d> others() {
    return List.copyOf(others);
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
    // Its threads first: they may be in a pass whose memory the others own.
    workers.close();
    others.forEach(DenseNet3d::close);
    optimizer.close();
  }
}
