package org.covidmmar.model.weights;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.covidmmar.CovidException;

/**
 * The state dict in a .pt or .pth file that torch.save wrote since PyTorch 1.6: a zip of a pickle,
 * which says where each tensor is, and of storages, which hold the values.
 *
 * <p>The state dict may stand under one of a few usual names in other dicts, and its names may all
 * begin with one of a few usual prefixes; both are left off. Nothing of the file is run, and what
 * it says is checked against its bytes before anything is allocated.
 */
public final class TorchFile implements TensorFile {
  private static final List<String> NESTED =
      List.of("state_dict", "model", "net", "network", "model_state_dict");
  private static final List<String> PREFIXES = List.of("module.", "model.", "net.", "network.");
  private static final int MAX_NESTING = 3;
  private static final int MAX_PICKLE = 1 << 24;

  /** Beyond so many times its own size, a tensor's values are too far apart to be read. */
  private static final int MAX_SPREAD = 8;

  private static final byte[] ZIP = {'P', 'K', 3, 4};

  /** Protocol 2 and the number by which torch.save's files began until PyTorch 1.6. */
  private static final byte[] LEGACY = {(byte) 0x80, 2, (byte) 0x8a, 10, 'l', (byte) 0xfc};

  private static final String PICKLE = "/data.pkl";
  private static final String WHOLE = "copy or download it again";
  private static final String SAVE_STATE =
      "save the weights alone: torch.save(network.state_dict(), \"weights.pt\")";

  private final Path file;
  private final FileChannel channel;
  private final TorchZip zip;
  private final String folder;
  private final ByteOrder order;
  private final Map<String, Entry> entries;
  private final Set<String> intact = new HashSet<>();

  /**
   * A tensor and where its values lie.
   *
   * @param storage the zip's entry
   * @param offset of the first value in it, in values
   * @param strides by how many values the next one along each axis is away
   * @param span number of values from the first to the last in the storage
   */
  private record Entry(
      TensorType type,
      List<Long> shape,
      TorchZip.Entry storage,
      long offset,
      List<Long> strides,
      long span)
      implements Info {

    int size() {
      return Math.toIntExact(product(shape));
    }

    boolean isContiguous() {
      long expected = 1;
      for (int axis = shape.size() - 1; axis >= 0; axis--) {
        if (shape.get(axis) != 1 && strides.get(axis) != expected) {
          return false;
        }
        expected *= shape.get(axis);
      }
      return true;
    }
  }

  private TorchFile(Path file, FileChannel channel) throws IOException {
    this.file = file;
    this.channel = channel;
    requireZip();
    this.zip = new TorchZip(channel, this::broken);
    TorchZip.Entry pickle = pickle();
    this.folder = pickle.name().substring(0, pickle.name().length() - PICKLE.length());
    this.order = order();
    Object root = TorchPickle.read(zip.read(pickle, MAX_PICKLE), this::broken, this::code);
    this.entries = entries(stateDict(root));
  }

  /** Whether a file's name or first bytes say that it is one of these. */
  static boolean isMeantSo(Path file) {
    Path name = file.getFileName();
    return (name != null && name.toString().toLowerCase(Locale.ROOT).matches(".*\\.pth?"))
        || beginning(file, ZIP.length).equals(ByteBuffer.wrap(ZIP));
  }

  /** The first bytes, as many as there are; none where it can't be read. */
  private static ByteBuffer beginning(Path file, int atMost) {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      return FileBytes.read(channel, 0, (int) Math.min(atMost, channel.size()));
    } catch (IOException e) {
      return ByteBuffer.allocate(0);
    }
  }

  /**
   * Opens a file and checks all that it says of its tensors.
   *
   * @throws CovidException where there is no such file, it is of another format, asks for code to
   *     be run, or has no state dict
   */
  public static TorchFile open(Path file) {
    FileChannel channel = null;
    try {
      channel = FileChannel.open(file, StandardOpenOption.READ);
      TorchFile opened = new TorchFile(file, channel);
      channel = null;
      return opened;
    } catch (NoSuchFileException e) {
      throw new CovidException(file.toString(), "there is no such file", "name a .pt file", e);
    } catch (IOException e) {
      throw unreadable(file, e);
    } finally {
      FileBytes.closeQuietly(channel);
    }
  }

  private static CovidException unreadable(Path file, IOException e) {
    return FileBytes.unreadable(file, e, "name a readable .pt file");
  }

  private CovidException broken(String problem) {
    return new CovidException(file, "is not a whole file of PyTorch's: " + problem, WHOLE);
  }

  private CovidException code(String name) {
    return new CovidException(
        file,
        "expected tensors alone, but its pickle asks for " + name + ", which would run code",
        "do not load it with Python if you do not trust where it is from; else " + SAVE_STATE);
  }

  private CovidException otherThanWeights(String problem) {
    return new CovidException(file, problem, SAVE_STATE);
  }

  private void requireZip() throws IOException {
    ByteBuffer start = FileBytes.read(channel, 0, (int) Math.min(LEGACY.length, channel.size()));
    if (start.equals(ByteBuffer.wrap(LEGACY))) {
      throw new CovidException(
          file,
          "is of PyTorch's format from before 1.6, expected its zip format",
          "save it again with PyTorch 1.6 or later: torch.save(torch.load(f, weights_only=True), f)");
    }
    if (start.limit() < ZIP.length || !start.slice(0, ZIP.length).equals(ByteBuffer.wrap(ZIP))) {
      throw new CovidException(
          file,
          "expected a zip that torch.save wrote, found another format",
          "give a .pt file of PyTorch 1.6 or later, or a .safetensors file under its own name");
    }
  }

  private TorchZip.Entry pickle() {
    List<TorchZip.Entry> found =
        zip.entries().values().stream()
            .filter(e -> e.name().endsWith(PICKLE))
            .filter(e -> e.name().indexOf('/') == e.name().length() - PICKLE.length())
            .toList();
    if (found.size() != 1) {
      throw otherThanWeights(
          "is a zip with " + found.size() + " data.pkl, expected one that torch.save wrote");
    }
    String root = found.get(0).name().replace(PICKLE, "/");
    for (String name : zip.entries().keySet()) {
      if (name.startsWith(root + "code/") || name.equals(root + "constants.pkl")) {
        throw new CovidException(
            file,
            "is a TorchScript archive, which carries code: " + TorchPickle.shown(name),
            "save its weights alone: torch.save(torch.jit.load(f).state_dict(), \"weights.pt\")");
      }
    }
    zip.requireStored();
    return found.get(0);
  }

  /** PyTorch before 2.0 does not say its byte order, and hardly ran on big-endian machines. */
  private ByteOrder order() throws IOException {
    TorchZip.Entry entry = zip.entries().get(folder + "/byteorder");
    String said =
        entry == null
            ? "little"
            : StandardCharsets.US_ASCII.decode(zip.read(entry, ZIP.length * 4)).toString();
    return switch (said) {
      case "little" -> ByteOrder.LITTLE_ENDIAN;
      case "big" -> ByteOrder.BIG_ENDIAN;
      default ->
          throw broken(
              "its byte order is \"" + TorchPickle.shown(said) + "\", expected little or big");
    };
  }

  /** The dict of tensors, wherever it stands. */
  private Map<?, ?> stateDict(Object root) {
    Object found = root;
    for (int depth = 0; depth < MAX_NESTING; depth++) {
      if (!(found instanceof Map<?, ?> dict)) {
        break;
      }
      List<String> nested = NESTED.stream().filter(n -> dict.get(n) instanceof Map).toList();
      if (nested.size() > 1) {
        throw otherThanWeights(
            "expected one state dict, found one under each of " + String.join(", ", nested));
      }
      if (nested.isEmpty()) {
        if (dict.values().stream().noneMatch(TorchPickle.Tensor.class::isInstance)) {
          throw otherThanWeights(
              "expected a state dict, or one under "
                  + String.join(", ", NESTED)
                  + ", found "
                  + (dict.isEmpty() ? "an empty dict" : "the keys " + keys(dict)));
        }
        return dict;
      }
      found = dict.get(nested.get(0));
    }
    throw otherThanWeights("expected a state dict, found " + kind(found));
  }

  private static String keys(Map<?, ?> dict) {
    return dict.keySet().stream()
        .limit(10)
        .map(key -> TorchPickle.shown(String.valueOf(key)))
        .collect(Collectors.joining(", "));
  }

  private static String kind(Object value) {
    if (value instanceof TorchPickle.Tensor) {
      return "a tensor";
    }
    return value instanceof Map ? "dicts in dicts" : value instanceof List ? "a list" : "a value";
  }

  private Map<String, Entry> entries(Map<?, ?> stateDict) {
    Map<String, Entry> found = new LinkedHashMap<>();
    for (Map.Entry<?, ?> item : stateDict.entrySet()) {
      String name = TorchPickle.shown(String.valueOf(item.getKey()));
      if (!(item.getKey() instanceof String)
          || !(item.getValue() instanceof TorchPickle.Tensor tensor)) {
        throw otherThanWeights("expected tensors alone in its state dict, " + name + " is none");
      }
      found.put((String) item.getKey(), entry(name, tensor));
    }
    return Collections.unmodifiableMap(withoutPrefix(found));
  }

  private static Map<String, Entry> withoutPrefix(Map<String, Entry> entries) {
    Map<String, Entry> shorter = entries;
    for (int round = 0; round < MAX_NESTING; round++) {
      for (String prefix : PREFIXES) {
        if (shorter.keySet().stream().allMatch(name -> name.startsWith(prefix))) {
          Map<String, Entry> stripped = new LinkedHashMap<>();
          shorter.forEach((name, entry) -> stripped.put(name.substring(prefix.length()), entry));
          shorter = stripped;
        }
      }
    }
    return shorter;
  }

  private Entry entry(String name, TorchPickle.Tensor tensor) {
    TorchPickle.Storage storage = tensor.storage();
    TorchZip.Entry values = zip.entries().get(folder + "/data/" + storage.key());
    if (values == null) {
      throw broken(
          "the values of "
              + name
              + " are missing: no entry data/"
              + TorchPickle.shown(storage.key()));
    }
    long bytes = storage.type().bytes();
    if (values.size() % bytes != 0 || values.size() / bytes != storage.count()) {
      throw broken(
          "the values of "
              + name
              + " are said to be "
              + storage.count()
              + " of "
              + storage.type()
              + ", but entry "
              + values.name()
              + " has "
              + values.size()
              + " bytes");
    }
    try {
      return placed(name, tensor, values);
    } catch (ArithmeticException e) {
      throw broken(name + " has the impossible shape " + tensor.shape());
    }
  }

  private Entry placed(String name, TorchPickle.Tensor tensor, TorchZip.Entry values) {
    List<Long> shape = tensor.shape();
    List<Long> strides = tensor.strides();
    TorchPickle.Storage storage = tensor.storage();
    if (shape.size() != strides.size()
        || tensor.offset() < 0
        || shape.stream().anyMatch(n -> n < 0)
        || strides.stream().anyMatch(n -> n < 0)) {
      throw broken(name + " has the impossible shape " + shape + " with strides " + strides);
    }
    long size = product(shape);
    long span = size == 0 ? 0 : 1;
    for (int axis = 0; axis < shape.size() && size > 0; axis++) {
      span = Math.addExact(span, Math.multiplyExact(shape.get(axis) - 1, strides.get(axis)));
    }
    if (Math.addExact(tensor.offset(), span) > storage.count() || size > span) {
      throw broken(
          name
              + " of shape "
              + shape
              + " with strides "
              + strides
              + " from value "
              + tensor.offset()
              + " on does not fit its storage of "
              + storage.count()
              + " values");
    }
    if (span / MAX_SPREAD > size || span > Integer.MAX_VALUE / storage.type().bytes()) {
      throw new CovidException(
          file,
          "the values of " + name + " lie too far apart in a storage that others share",
          "save copies: torch.save({k: v.clone() for k, v in state.items()}, \"weights.pt\")");
    }
    // Along an axis of one value a stride means nothing, and may be any number.
    List<Long> steps = new ArrayList<>(strides);
    for (int axis = 0; axis < shape.size(); axis++) {
      if (shape.get(axis) <= 1) {
        steps.set(axis, 0L);
      }
    }
    return new Entry(storage.type(), shape, values, tensor.offset(), List.copyOf(steps), span);
  }

  private static long product(List<Long> shape) {
    return shape.contains(0L) ? 0 : shape.stream().reduce(1L, Math::multiplyExact);
  }

  @Override
  public Path file() {
    return file;
  }

  @Override
  public Map<String, String> metadata() {
    return Map.of();
  }

  @Override
  public Map<String, ? extends Info> entries() {
    return entries;
  }

  @Override
  public float[] floats(String name) {
    Entry entry = require(name);
    if (!entry.type.isFloating()) {
      throw otherThanWeights(name + " is " + entry.type + ", expected floating numbers");
    }
    float[] stored = entry.type.floats(bytes(entry));
    return entry.isContiguous() ? stored : gathered(entry, stored);
  }

  /** In order of the axes, the last fastest. */
  private static float[] gathered(Entry entry, float[] stored) {
    float[] values = new float[entry.size()];
    int axes = entry.shape.size();
    int[] index = new int[axes];
    int at = 0;
    for (int i = 0; i < values.length; i++) {
      values[i] = stored[at];
      for (int axis = axes - 1; axis >= 0; axis--) {
        int stride = Math.toIntExact(entry.strides.get(axis));
        index[axis]++;
        at += stride;
        if (index[axis] < entry.shape.get(axis)) {
          break;
        }
        at -= index[axis] * stride;
        index[axis] = 0;
      }
    }
    return values;
  }

  @Override
  public long number(String name) {
    Entry entry = require(name);
    if (entry.type != TensorType.I64 || entry.size() != 1) {
      throw otherThanWeights(name + " is not a single int64");
    }
    return bytes(entry).getLong();
  }

  private Entry require(String name) {
    Entry entry = entries.get(name);
    if (entry == null) {
      throw otherThanWeights("it has no tensor " + name);
    }
    return entry;
  }

  /** From the first value to the last as they are stored. */
  private ByteBuffer bytes(Entry entry) {
    int size = entry.type.bytes();
    try {
      if (!intact.contains(entry.storage.name())) {
        zip.requireIntact(entry.storage);
        intact.add(entry.storage.name());
      }
      return zip.read(entry.storage, entry.offset * size, (int) (entry.span * size)).order(order);
    } catch (IOException e) {
      throw unreadable(file, e);
    }
  }

  @Override
  public void close() {
    try {
      channel.close();
    } catch (IOException e) {
      throw unreadable(file, e);
    }
  }
}
