package org.covidmmar.model;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.engine.PtNDManager;
import ai.djl.pytorch.jni.JniUtils;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.commons.rng.UniformRandomProvider;
import org.apache.commons.rng.sampling.distribution.ZigguratSampler;
import org.covidmmar.CovidException;
import org.covidmmar.Seeds;
import org.covidmmar.volume.Affine;
import org.covidmmar.volume.Volume;

/**
 * DenseNet (Huang et al. 2017) in three dimensions, equal to MONAI's DenseNet121, 169, 201 and 264
 * with one input channel and two classes: same names, shapes, order, initial distributions,
 * results.
 *
 * <p>All parameters are views of one flat float32 array, and so is their gradient: an optimizer, a
 * checkpoint and an average over replicas each treat one array. Batch-norm statistics are two more
 * flat arrays. One thread at a time may use a network. It owns native memory until closed.
 */
public final class DenseNet3d implements AutoCloseable {
  /** Smallest input along an axis. */
  public static final int MIN_INPUT = 32;

  private static final String INPUT_SHAPE = "covid.inputShape";

  private final Architecture architecture;
  private final double dropout;
  private final MemoryFormat format;
  private final PtNDManager manager;
  private final PtNDArray parameters;
  private final PtNDArray means;
  private final PtNDArray variances;
  private final long[] sizes;
  private final List<PtNDArray> meanViews;
  private final List<PtNDArray> varianceViews;
  private final Map<String, Slot> state = new LinkedHashMap<>();
  private final InputBuffer input = new InputBuffer();
  private long batchesTracked;

  /** Where a state tensor lies. */
  private record Slot(PtNDArray flat, int offset, Architecture.Parameter tensor) {}

  /**
   * A network with zero weights, to be loaded or {@linkplain #initialise initialised}.
   *
   * @param dropout probability after each dense layer while training, 0 to below 1
   * @param device that holds and computes it
   */
  public DenseNet3d(Architecture architecture, double dropout, MemoryFormat format, Device device) {
    if (!(dropout >= 0 && dropout < 1)) {
      throw new CovidException(
          "covid.dropout", "expected 0 to below 1, found " + dropout, "set a probability");
    }
    this.architecture = architecture;
    this.dropout = dropout;
    this.format = format;
    this.manager = (PtNDManager) NDManager.newBaseManager(device, "PyTorch");
    List<Architecture.Parameter> all = architecture.parameters();
    List<Architecture.Norm> norms = architecture.norms();
    this.sizes = all.stream().mapToLong(Architecture.Parameter::size).toArray();
    long[] channels = norms.stream().mapToLong(Architecture.Norm::channels).toArray();
    int statistics = norms.stream().mapToInt(Architecture.Norm::channels).sum();
    this.parameters = (PtNDArray) manager.zeros(new Shape(architecture.parameterCount()));
    this.means = (PtNDArray) manager.zeros(new Shape(statistics));
    this.variances = (PtNDArray) manager.ones(new Shape(statistics));
    this.meanViews = split(means, channels);
    this.varianceViews = split(variances, channels);
    int offset = 0;
    int statistic = 0;
    for (Architecture.Module module : architecture.modules()) {
      for (Architecture.Parameter p : module.parameters()) {
        state.put(p.name(), new Slot(parameters, offset, p));
        offset += p.size();
      }
      if (module instanceof Architecture.Norm norm) {
        for (Architecture.Parameter p : norm.statistics()) {
          PtNDArray flat = p.name().endsWith("mean") ? means : variances;
          state.put(p.name(), new Slot(flat, statistic, p));
        }
        statistic += norm.channels();
      }
    }
    parameters.setRequiresGradient(true);
  }

  /** A network with MONAI's initial distributions, drawn from a node of the seed tree. */
  public static DenseNet3d initialised(
      Architecture architecture, double dropout, MemoryFormat format, Device device, Seeds seeds) {
    DenseNet3d network = new DenseNet3d(architecture, dropout, format, device);
    network.initialise(seeds);
    return network;
  }

  /**
   * Refuses what the network cannot take, before an hour is spent.
   *
   * @param inputShape voxels after preprocessing
   * @param batch smallest number of cases that a training pass has, 0 where nothing is trained
   * @throws CovidException below 32 voxels along an axis, or where batch norm would see a single
   *     value a channel in training
   */
  public static void checkInput(org.covidmmar.volume.Shape inputShape, int batch) {
    long last = batch;
    for (int axis = 0; axis < 3; axis++) {
      int n = inputShape.along(axis);
      if (n < MIN_INPUT) {
        throw new CovidException(
            INPUT_SHAPE,
            "the network needs at least "
                + MIN_INPUT
                + " voxels along each axis, found "
                + inputShape,
            "set a larger shape, as 192,192,64");
      }
      // The first convolution and the first pooling round up, the three transitions down.
      last *= ((n + 3) / 4) / 8;
    }
    if (last == 1) {
      throw new CovidException(
          INPUT_SHAPE,
          "a batch of 1 case at "
              + inputShape
              + " leaves batch normalisation a single value a channel, which it cannot train on",
          "set a larger input shape (64 or more along an axis) or a covid.batchSize that leaves no"
              + " batch of 1, on no replica");
    }
  }

  private void initialise(Seeds seeds) {
    architecture.parameters().forEach(p -> initialise(p, seeds));
  }

  /**
   * Sets a trainable tensor to MONAI's initial distribution, drawn as {@link #initialised} does.
   */
  public void initialise(Architecture.Parameter p, Seeds seeds) {
    UniformRandomProvider random = seeds.child(p.name()).generator();
    float[] values = new float[p.size()];
    if (p.isConvolution()) {
      int fanIn = Math.toIntExact(p.size() / p.shape().get(0));
      double deviation = Math.sqrt(2.0 / fanIn);
      ZigguratSampler.NormalizedGaussian normal = ZigguratSampler.NormalizedGaussian.of(random);
      for (int i = 0; i < values.length; i++) {
        values[i] = (float) (deviation * normal.sample());
      }
    } else if (p.shape().size() == 2) {
      double bound = 1 / Math.sqrt(p.shape().get(1));
      for (int i = 0; i < values.length; i++) {
        values[i] = (float) (bound * (2 * random.nextDouble() - 1));
      }
    } else if (p.name().endsWith("weight")) {
      Arrays.fill(values, 1);
    }
    set(p.name(), values);
  }

  public Architecture architecture() {
    return architecture;
  }

  /** Names and shapes of all float32 tensors of MONAI's state dict: weights and statistics. */
  public List<Architecture.Parameter> state() {
    return architecture.state();
  }

  /** A copy of a state tensor's values in MONAI's order, the last axis fastest. */
  public float[] get(String name) {
    Slot slot = slot(name);
    return copy(slot.flat, slot);
  }

  /** Sets a state tensor; values in MONAI's order. */
  public void set(String name, float[] values) {
    Slot slot = slot(name);
    if (values.length != slot.tensor.size()) {
      throw new IllegalArgumentException(
          name + " has " + slot.tensor.size() + " values, not " + values.length);
    }
    Torch.write(slot.flat, slot.offset, isTransposed(slot) ? swap(values, slot, true) : values);
  }

  /** A copy of a parameter's gradient in MONAI's order; zero before any backward pass. */
  public float[] gradient(String name) {
    Slot slot = slot(name);
    try (PtNDArray gradient = gradient()) {
      return copy(gradient, slot);
    }
  }

  private Slot slot(String name) {
    Slot slot = state.get(name);
    if (slot == null) {
      throw new IllegalArgumentException("no state tensor " + name);
    }
    return slot;
  }

  private float[] copy(PtNDArray flat, Slot slot) {
    float[] stored =
        Torch.recording(
            false,
            () -> {
              try (PtNDArray view = view(flat, slot)) {
                return Torch.floats(view);
              }
            });
    return isTransposed(slot) ? swap(stored, slot, false) : stored;
  }

  private static PtNDArray view(PtNDArray flat, Slot slot) {
    return JniUtils.slice(flat, 0, slot.offset, slot.offset + slot.tensor.size(), 1);
  }

  private boolean isTransposed(Slot slot) {
    return format == MemoryFormat.CHANNELS_LAST && slot.tensor.isConvolution();
  }

  /** Between (out, in, xyz) and (out, xyz, in). */
  private static float[] swap(float[] values, Slot slot, boolean toStored) {
    int out = Math.toIntExact(slot.tensor.shape().get(0));
    int in = Math.toIntExact(slot.tensor.shape().get(1));
    int kernel = values.length / out / in;
    float[] swapped = new float[values.length];
    for (int o = 0; o < out; o++) {
      int base = o * in * kernel;
      for (int i = 0; i < in; i++) {
        for (int k = 0; k < kernel; k++) {
          int plain = base + i * kernel + k;
          int stored = base + k * in + i;
          swapped[toStored ? stored : plain] = values[toStored ? plain : stored];
        }
      }
    }
    return swapped;
  }

  /** Number of training passes that the statistics have seen: MONAI's num_batches_tracked. */
  public long batchesTracked() {
    return batchesTracked;
  }

  /** Sets {@link #batchesTracked} when weights are loaded. */
  public void setBatchesTracked(long batches) {
    batchesTracked = batches;
  }

  /**
   * A network like this one for training passes beside it: its weights are zero until they are
   * copied there, its gradient and batch-norm statistics are those of its last pass, for {@link
   * #takePass}.
   */
  public DenseNet3d replica(Device device) {
    DenseNet3d replica = new DenseNet3d(architecture, dropout, format, device);
    replica.clearStatistics();
    return replica;
  }

  /**
   * Takes a {@linkplain #replica replica's} training pass for one of its own, after those that it
   * has had: adds the gradient to its own, goes on with the batch-norm statistics, and clears both
   * there.
   */
  public void takePass(DenseNet3d replica) {
    try (PtNDArray gradient = gradient();
        PtNDArray added = replica.gradient()) {
      Torch.add(added, gradient);
    }
    replica.zeroGradient();
    // Beginning with zero, the pass has left its momentum's share of what it saw.
    means.muli(1 - Layers.MOMENTUM);
    variances.muli(1 - Layers.MOMENTUM);
    Torch.add(replica.means, means);
    Torch.add(replica.variances, variances);
    batchesTracked += replica.batchesTracked;
    replica.clearStatistics();
  }

  private void clearStatistics() {
    float[] zeros = new float[Math.toIntExact(means.size())];
    Torch.write(means, 0, zeros);
    Torch.write(variances, 0, zeros);
    batchesTracked = 0;
  }

  /** All parameters in the order of storage; the network's own array, not to be closed. */
  public NDArray parameters() {
    return parameters;
  }

  /** Whether no weight and no batch-norm statistic is NaN or infinite. */
  public boolean isFinite() {
    return Torch.isFinite(parameters) && Torch.isFinite(means) && Torch.isFinite(variances);
  }

  /** A new handle on the gradient of {@link #parameters}; the caller closes it. */
  public PtNDArray gradient() {
    return parameters.getGradient();
  }

  /** Sets the gradient to zero. */
  public void zeroGradient() {
    JniUtils.zeroGrad(parameters);
  }

  /**
   * Forward pass of a training step; updates the batch-norm statistics.
   *
   * @param images equal in shape, one a case, which {@link #checkInput} would let pass
   * @param seeds what dropout draws from, one a case
   */
  public TrainingPass train(List<Volume> images, List<Seeds> seeds) {
    checkInput(images.get(0).shape(), images.size());
    batchesTracked++;
    PtNDManager pass = manager.newSubManager(manager.getDevice());
    try {
      return Torch.recording(
          true,
          () -> {
            Layers layers =
                new Layers(this, pass, dropout > 0 ? new Dropout(dropout, seeds) : null, true);
            try (PtNDArray logits = layers.logits(input.fill(pass, images))) {
              return new TrainingPass(pass, JniUtils.logSoftmax(logits, 1, logits.getDataType()));
            }
          });
    } catch (RuntimeException e) {
      pass.close();
      throw e;
    }
  }

  /**
   * Logits of cases in evaluation mode; keeps no graph.
   *
   * @param images equal in shape
   * @return two values a case: non-COVID, COVID
   */
  public float[] logits(List<Volume> images) {
    checkInput(images.get(0).shape(), 0);
    return Torch.recording(
        false,
        () -> {
          try (PtNDManager pass = manager.newSubManager(manager.getDevice())) {
            return Torch.floats(
                new Layers(this, pass, null, false).logits(input.fill(pass, images)));
          }
        });
  }

  /** As {@link #logits}, through softmax: two probabilities a case that add up to 1. */
  public float[] probabilities(List<Volume> images) {
    float[] logits = logits(images);
    for (int i = 0; i < logits.length; i += Architecture.CLASSES) {
      double covid = 1 / (1 + StrictMath.exp((double) logits[i] - logits[i + 1]));
      logits[i] = (float) (1 - covid);
      logits[i + 1] = (float) covid;
    }
    return logits;
  }

  /**
   * What the classifier sees of one case in evaluation mode: the last block's feature maps after
   * norm and relu, MONAI's {@code class_layers.relu}. Averaged over space and through {@code
   * class_layers.out} they are the logits.
   *
   * @return a map for each channel; without the place in the patient
   */
  public List<Volume> features(Volume image) {
    checkInput(image.shape(), 0);
    return Torch.recording(
        false,
        () -> {
          try (PtNDManager pass = manager.newSubManager(manager.getDevice())) {
            PtNDArray maps =
                new Layers(this, pass, null, false).features(input.fill(pass, List.of(image)));
            // Volumes run along x first, arrays along z.
            return maps(JniUtils.permute(maps, new long[] {0, 1, 4, 3, 2}));
          }
        });
  }

  private static List<Volume> maps(PtNDArray turned) {
    Shape s = turned.getShape();
    var shape = new org.covidmmar.volume.Shape((int) s.get(4), (int) s.get(3), (int) s.get(2));
    int size = Math.toIntExact(shape.voxels());
    float[] values = Torch.floats(turned);
    List<Volume> maps = new ArrayList<>();
    for (int at = 0; at < values.length; at += size) {
      maps.add(Volume.of(shape, Affine.identity(), Arrays.copyOfRange(values, at, at + size)));
    }
    return maps;
  }

  /** Views of the parameters in MONAI's shapes, owned by {@code owner}. */
  List<PtNDArray> parameterViews(PtNDManager owner) {
    List<PtNDArray> views = split(parameters, sizes);
    views.forEach(v -> v.attach(owner));
    List<PtNDArray> shaped = new ArrayList<>(views.size());
    List<Architecture.Parameter> all = architecture.parameters();
    for (int i = 0; i < views.size(); i++) {
      shaped.add(shaped(views.get(i), all.get(i)));
    }
    return shaped;
  }

  private PtNDArray shaped(PtNDArray flat, Architecture.Parameter p) {
    long[] s = p.shape().stream().mapToLong(Long::longValue).toArray();
    if (s.length == 1) {
      return flat;
    }
    try (flat) {
      if (!p.isConvolution() || format == MemoryFormat.PLAIN) {
        return JniUtils.reshape(flat, s);
      }
      try (PtNDArray stored = JniUtils.reshape(flat, new long[] {s[0], s[2], s[3], s[4], s[1]})) {
        return JniUtils.permute(stored, new long[] {0, 4, 1, 2, 3});
      }
    }
  }

  PtNDArray mean(int norm) {
    return meanViews.get(norm);
  }

  PtNDArray variance(int norm) {
    return varianceViews.get(norm);
  }

  private static List<PtNDArray> split(PtNDArray flat, long[] sizes) {
    return JniUtils.split(flat, sizes, 0).stream().map(PtNDArray.class::cast).toList();
  }

  @Override
  public void close() {
    manager.close();
  }
}
