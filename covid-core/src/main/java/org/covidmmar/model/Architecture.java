package org.covidmmar.model;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.covidmmar.CovidException;
import org.covidmmar.DidYouMean;

/**
 * The four sizes of DenseNet (Huang et al. 2017, table 1) in three dimensions: one input channel,
 * two classes, 64 first features, growth rate 32, bottlenecks of 4 times the growth rate. They
 * differ in how many layers their four dense blocks have.
 */
public enum Architecture {
  DENSENET121(6, 12, 24, 16),
  DENSENET169(6, 12, 32, 32),
  DENSENET201(6, 12, 48, 32),
  DENSENET264(6, 12, 64, 48);

  /** Number of classes: non-COVID and COVID. */
  public static final int CLASSES = 2;

  static final int FIRST_FEATURES = 64;
  static final int GROWTH = 32;
  static final int BOTTLENECK = 4 * GROWTH;

  // Neither is written after construction.
  @SuppressWarnings("ImmutableEnumChecker")
  private final int[] layers;

  @SuppressWarnings("ImmutableEnumChecker")
  private final List<Module> modules;

  Architecture(int... layers) {
    this.layers = layers;
    this.modules = List.copyOf(build(layers));
  }

  /**
   * A trainable tensor.
   *
   * @param name in MONAI's state dict
   * @param shape of MONAI: a convolution's is (out, in, x, y, z)
   */
  public record Parameter(String name, List<Long> shape) {
    /** Number of elements. */
    public int size() {
      return Math.toIntExact(shape.stream().reduce(1L, (a, b) -> a * b));
    }

    /** Whether it is the weight of a convolution. */
    public boolean isConvolution() {
      return shape.size() == 5;
    }
  }

  /**
   * A batch normalisation.
   *
   * @param name in MONAI's state dict, without the tensor's own name
   * @param channels it normalises
   */
  public record Norm(String name, int channels) implements Module {
    @Override
    public List<Parameter> parameters() {
      List<Long> shape = List.of((long) channels);
      return List.of(new Parameter(name + ".weight", shape), new Parameter(name + ".bias", shape));
    }

    /** Running mean and variance, which no gradient changes. */
    public List<Parameter> statistics() {
      List<Long> shape = List.of((long) channels);
      return List.of(
          new Parameter(name + ".running_mean", shape),
          new Parameter(name + ".running_var", shape));
    }
  }

  /** A layer that has parameters. */
  sealed interface Module {
    List<Parameter> parameters();
  }

  private record Convolution(String name, int out, int in, int kernel) implements Module {
    @Override
    public List<Parameter> parameters() {
      long k = kernel;
      return List.of(new Parameter(name + ".weight", List.of((long) out, (long) in, k, k, k)));
    }
  }

  private record Linear(String name, int out, int in) implements Module {
    @Override
    public List<Parameter> parameters() {
      return List.of(
          new Parameter(name + ".weight", List.of((long) out, (long) in)),
          new Parameter(name + ".bias", List.of((long) out)));
    }
  }

  private static List<Module> build(int[] layers) {
    List<Module> modules = new ArrayList<>();
    modules.add(new Convolution("features.conv0", FIRST_FEATURES, 1, 7));
    modules.add(new Norm("features.norm0", FIRST_FEATURES));
    int channels = FIRST_FEATURES;
    for (int block = 1; block <= layers.length; block++) {
      for (int layer = 1; layer <= layers[block - 1]; layer++) {
        String name = "features.denseblock" + block + ".denselayer" + layer + ".layers.";
        modules.add(new Norm(name + "norm1", channels));
        modules.add(new Convolution(name + "conv1", BOTTLENECK, channels, 1));
        modules.add(new Norm(name + "norm2", BOTTLENECK));
        modules.add(new Convolution(name + "conv2", GROWTH, BOTTLENECK, 3));
        channels += GROWTH;
      }
      if (block < layers.length) {
        String name = "features.transition" + block + ".";
        modules.add(new Norm(name + "norm", channels));
        modules.add(new Convolution(name + "conv", channels / 2, channels, 1));
        channels /= 2;
      }
    }
    modules.add(new Norm("features.norm5", channels));
    modules.add(new Linear("class_layers.out", CLASSES, channels));
    return modules;
  }

  /**
   * The architecture of a name as {@code covid.architecture} takes it: densenet121, ...
   *
   * @throws CovidException where there is none
   */
  public static Architecture of(String name) {
    List<String> names = Arrays.stream(values()).map(Architecture::toString).toList();
    int index = names.indexOf(name);
    if (index < 0) {
      throw new CovidException(
          "covid.architecture",
          "expected one of " + String.join(", ", names) + ", found \"" + name + "\"",
          DidYouMean.remedy(name, names));
    }
    return values()[index];
  }

  List<Module> modules() {
    return modules;
  }

  /** Number of dense layers in block 0 to 3. */
  public int layers(int block) {
    return layers[block];
  }

  /** Number of dense blocks. */
  public int blocks() {
    return layers.length;
  }

  /**
   * The architecture whose dense layers some names are those of; empty where there is none.
   *
   * @param names of tensors, as in MONAI's state dict
   */
  public static Optional<Architecture> withTensors(Set<String> names) {
    Set<String> found = denseLayers(names.stream());
    return Arrays.stream(values())
        .filter(a -> denseLayers(a.parameters().stream().map(Parameter::name)).equals(found))
        .findFirst();
  }

  private static Set<String> denseLayers(Stream<String> names) {
    return names
        .filter(name -> name.startsWith("features.denseblock") && name.endsWith(".conv2.weight"))
        .collect(Collectors.toSet());
  }

  /** The trainable tensors in MONAI's order, which is the order they are used in. */
  public List<Parameter> parameters() {
    return modules.stream().flatMap(m -> m.parameters().stream()).toList();
  }

  /** All float32 tensors of MONAI's state dict: weights and statistics, in its order. */
  public List<Parameter> state() {
    return modules.stream()
        .flatMap(
            m ->
                m instanceof Norm norm
                    ? Stream.concat(norm.parameters().stream(), norm.statistics().stream())
                    : m.parameters().stream())
        .toList();
  }

  /** The batch normalisations in the same order. */
  public List<Norm> norms() {
    return modules.stream()
        .filter(Norm.class::isInstance)
        .map(Norm.class::cast)
        .collect(Collectors.toUnmodifiableList());
  }

  /** Number of trainable values. */
  public int parameterCount() {
    return parameters().stream().mapToInt(Parameter::size).sum();
  }

  /** As users write it: {@code densenet121}. */
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
