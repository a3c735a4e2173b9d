package org.covidmmar.model.weights;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.covidmmar.CovidException;
import org.covidmmar.Fingerprint;
import org.covidmmar.Seeds;
import org.covidmmar.model.Architecture;
import org.covidmmar.model.DenseNet3d;

/**
 * A network's weights and batch-norm statistics in a file, with exactly the names of MONAI's state
 * dict: written as safetensors, which MONAI's DenseNet loads with strict=True, and read from
 * safetensors or what torch.save wrote.
 */
public final class Weights {
  /** Key of the architecture's name in the file's metadata. */
  public static final String ARCHITECTURE = "architecture";

  /** Names that begin so are a checkpoint's own and no weights. */
  public static final String OPTIMIZER = "optimizer.";

  static final String TRACKED = ".num_batches_tracked";

  /** What the names of the classifier's tensors begin with. */
  static final String HEAD = "class_layers.out.";

  /** The convolution that takes the channels of the input. */
  static final String FIRST = "features.conv0.weight";

  private static final String VARIANCE = ".running_var";

  private Weights() {}

  /** What becomes of the classifier when weights are loaded. */
  public enum Head {
    /** It is the file's. */
    KEEP,
    /** It is drawn anew, whatever the file has. */
    NEW
  }

  /** Writes a network's weights; further metadata may be given. */
  public static void save(Path target, DenseNet3d network, Map<String, String> metadata) {
    SafeTensors.write(target, metadata(network, metadata), tensors(network));
  }

  /** The metadata of a file of this network. */
  public static Map<String, String> metadata(DenseNet3d network, Map<String, String> further) {
    Map<String, String> all = new TreeMap<>(further);
    all.put(ARCHITECTURE, network.architecture().toString());
    return all;
  }

  /** All tensors of the network's state, to be written alone or with a checkpoint's own. */
  public static List<SafeTensors.Tensor> tensors(DenseNet3d network) {
    List<SafeTensors.Tensor> tensors = new ArrayList<>();
    for (Architecture.Parameter p : network.state()) {
      tensors.add(SafeTensors.Tensor.floats(p.name(), p.shape(), () -> network.get(p.name())));
    }
    for (Architecture.Norm norm : network.architecture().norms()) {
      tensors.add(SafeTensors.Tensor.number(norm.name() + TRACKED, network.batchesTracked()));
    }
    return tensors;
  }

  /**
   * What tells a network's weights and statistics from others: SHA-256 of each tensor's name in
   * UTF-8 and its values, little-endian, in the order of {@link #tensors}.
   */
  public static Fingerprint fingerprint(DenseNet3d network) {
    MessageDigest sha = Fingerprint.sha256();
    for (SafeTensors.Tensor tensor : tensors(network)) {
      sha.update(tensor.name().getBytes(StandardCharsets.UTF_8));
      sha.update(tensor.bytes().get());
    }
    return new Fingerprint(HexFormat.of().formatHex(sha.digest()));
  }

  /**
   * As {@link #load(TensorFile, DenseNet3d)}, of a file that is opened and closed again.
   *
   * @return what the user should hear of
   * @throws CovidException also where a weight is not finite; the network is then of no use
   */
  public static List<String> load(Path file, DenseNet3d network) {
    try (TensorFile opened = TensorFile.open(file)) {
      load(opened, network);
      requireFinite(opened, network);
      return rounded(opened);
    }
  }

  /**
   * Sets a network's state.
   *
   * @throws CovidException as {@link #check}; the network is then as before
   */
  public static void load(TensorFile file, DenseNet3d network) {
    check(file, network.architecture(), Head.KEEP);
    network.state().forEach(p -> network.set(p.name(), file.floats(p.name())));
    setBatchesTracked(file, network);
  }

  /**
   * Sets the state of a network whose head is drawn anew; so is its first convolution where the
   * file has one for another number of channels.
   *
   * @param seeds what initial values are drawn from
   * @return what the user should hear of
   * @throws CovidException as {@link #load(Path, DenseNet3d)}
   */
  public static List<String> loadWithNewHead(Path file, DenseNet3d network, Seeds seeds) {
    try (TensorFile opened = TensorFile.open(file)) {
      check(opened, network.architecture(), Head.NEW);
      List<String> anew = new ArrayList<>();
      for (Architecture.Parameter p : network.state()) {
        if (p.name().startsWith(HEAD) || hasOtherChannels(opened, p)) {
          network.initialise(p, seeds);
          anew.add(p.name());
        } else {
          network.set(p.name(), opened.floats(p.name()));
        }
      }
      setBatchesTracked(opened, network);
      requireFinite(opened, network);
      List<String> notes = new ArrayList<>(rounded(opened));
      notes.add("drawn from the seed, not from " + file + ": " + String.join(", ", anew));
      return notes;
    }
  }

  private static void requireFinite(TensorFile file, DenseNet3d network) {
    if (!network.isFinite()) {
      throw new CovidException(
          file.file(),
          "has weights that are NaN, infinite or beyond what float32 holds",
          "give the weights of a training that did not diverge");
    }
  }

  private static void setBatchesTracked(TensorFile file, DenseNet3d network) {
    network.setBatchesTracked(file.number(network.architecture().norms().get(0).name() + TRACKED));
  }

  private static boolean hasOtherChannels(TensorFile file, Architecture.Parameter p) {
    return p.name().equals(FIRST) && !file.entries().get(FIRST).shape().equals(p.shape());
  }

  private static List<String> rounded(TensorFile file) {
    long count = file.entries().values().stream().filter(e -> e.type() == TensorType.F64).count();
    return count == 0
        ? List.of()
        : List.of("rounded to float32: " + count + " tensors of float64 in " + file.file());
  }

  /** Writes the weights of an open file as a file of their own, with other metadata. */
  public static void copy(
      Path target, TensorFile file, Architecture architecture, Map<String, String> metadata) {
    Map<String, String> all = new TreeMap<>(metadata);
    all.put(ARCHITECTURE, architecture.toString());
    SafeTensors.write(target, all, tensors(file, architecture));
  }

  /**
   * The tensors of an open file in the order of MONAI's state dict, weights as float32; each is
   * read when its turn comes.
   *
   * @throws CovidException as {@link #check} does
   */
  static List<SafeTensors.Tensor> tensors(TensorFile file, Architecture architecture) {
    check(file, architecture, Head.KEEP);
    List<SafeTensors.Tensor> tensors = new ArrayList<>();
    for (Architecture.Parameter p : architecture.state()) {
      tensors.add(SafeTensors.Tensor.floats(p.name(), p.shape(), () -> file.floats(p.name())));
      if (p.name().endsWith(VARIANCE)) {
        String tracked = p.name().replace(VARIANCE, TRACKED);
        tensors.add(SafeTensors.Tensor.number(tracked, file.number(tracked)));
      }
    }
    return tensors;
  }

  /**
   * The architecture that a file's metadata say, or else its tensors' names; empty where they are
   * of none.
   */
  public static Optional<String> architecture(TensorFile file) {
    return Optional.ofNullable(file.metadata().get(ARCHITECTURE))
        .or(() -> Architecture.withTensors(file.entries().keySet()).map(Architecture::toString));
  }

  /**
   * Compares names, shapes and types of a file's tensors with a network's.
   *
   * @throws CovidException where the weights are of another architecture, or listing every tensor
   *     that is missing, unknown or of another shape
   */
  public static void check(TensorFile file, Architecture architecture, Head head) {
    new Fit(file, architecture, head).require();
  }
}
