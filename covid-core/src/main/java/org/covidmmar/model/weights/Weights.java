package org.covidmmar.model.weights;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.covidmmar.CovidException;
import org.covidmmar.Fingerprint;
import org.covidmmar.model.Architecture;
import org.covidmmar.model.DenseNet3d;

/**
 * A network's weights and batch-norm statistics as safetensors, with exactly the names of MONAI's
 * state dict: MONAI's DenseNet loads such a file with strict=True, and a state dict that was saved
 * by safetensors loads here.
 */
public final class Weights {
  /** Key of the architecture's name in the file's metadata. */
  public static final String ARCHITECTURE = "architecture";

  /** Names that begin so are a checkpoint's own and no weights. */
  public static final String OPTIMIZER = "optimizer.";

  /** How many tensors a message names. */
  private static final int SHOWN = 20;

  private static final String TRACKED = ".num_batches_tracked";
  private static final String VARIANCE = ".running_var";

  private Weights() {}

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

  /** As {@link #load(SafeTensors, DenseNet3d)}, of a file that is opened and closed again. */
  public static void load(Path file, DenseNet3d network) {
    try (SafeTensors opened = SafeTensors.open(file)) {
      load(opened, network);
    }
  }

  /**
   * Sets a network's state.
   *
   * @throws CovidException as {@link #check} does; the network is then as before
   */
  public static void load(SafeTensors file, DenseNet3d network) {
    check(file, network.architecture());
    network.state().forEach(p -> network.set(p.name(), file.floats(p.name())));
    network.setBatchesTracked(file.number(network.architecture().norms().get(0).name() + TRACKED));
  }

  /** Writes the weights of an open file as a file of their own, with other metadata. */
  public static void copy(
      Path target, SafeTensors file, Architecture architecture, Map<String, String> metadata) {
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
  static List<SafeTensors.Tensor> tensors(SafeTensors file, Architecture architecture) {
    check(file, architecture);
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
   * Checks that a file has all tensors of a network and, besides a checkpoint's own, no others;
   * values are not read.
   *
   * @throws CovidException where the weights are of another architecture, or listing every tensor
   *     that is missing, unknown or of another shape
   */
  public static void check(SafeTensors file, Architecture architecture) {
    Map<String, List<Long>> expected = new LinkedHashMap<>();
    architecture.state().forEach(p -> expected.put(p.name(), p.shape()));
    architecture.norms().forEach(n -> expected.put(n.name() + TRACKED, List.of()));
    List<String> wrong = new ArrayList<>();
    expected.forEach(
        (name, shape) -> {
          SafeTensors.Entry entry = file.entries().get(name);
          if (entry == null) {
            wrong.add("missing " + name);
          } else if (!entry.shape().equals(shape)) {
            wrong.add(name + ": expected shape " + shape + ", found " + entry.shape());
          } else if ((entry.type() == SafeTensors.Type.I64) != name.endsWith(TRACKED)) {
            wrong.add(name + ": is of type " + entry.type());
          }
        });
    file.entries().keySet().stream()
        .filter(name -> !expected.containsKey(name) && !name.startsWith(OPTIMIZER))
        .forEach(name -> wrong.add("unknown " + name));
    if (!wrong.isEmpty()) {
      throw mismatch(file, architecture, wrong);
    }
  }

  private static CovidException mismatch(
      SafeTensors file, Architecture architecture, List<String> wrong) {
    String expected = architecture.toString();
    String written = file.metadata().getOrDefault(ARCHITECTURE, expected);
    if (!written.equals(expected)) {
      return new CovidException(
          file.file(),
          "expected weights of " + expected + ", found weights of " + written,
          "set covid.architecture to " + written + ", or give other weights");
    }
    return new CovidException(
        file.file(),
        wrong.size()
            + " tensors do not fit "
            + expected
            + ": "
            + String.join("; ", wrong.subList(0, Math.min(SHOWN, wrong.size())))
            + (wrong.size() > SHOWN ? "; and so on" : ""),
        "give weights of MONAI's " + expected + " with 1 channel and 2 classes");
  }
}
