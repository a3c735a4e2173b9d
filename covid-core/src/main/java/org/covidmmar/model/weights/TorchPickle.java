package org.covidmmar.model.weights;

import java.math.BigInteger;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import org.covidmmar.CovidException;

/**
 * Reads the pickle in which torch.save describes tensors (protocol 2 of Python's module pickle) and
 * runs nothing of it: what builds a tensor, a dict or a plain value is known here by name, and
 * every other name is refused.
 *
 * <p>Dicts become {@link Map}, lists {@link List}, tuples {@link Tuple}, None null, numbers Long,
 * BigInteger or Double. Nothing is recursive and each step makes one object at most, so that
 * neither depth nor size of what is described can exceed what its bytes pay for.
 */
final class TorchPickle {
  /** Some ten times what the largest network with its optimizer takes. */
  private static final int MAX_STEPS = 500_000;

  private static final int MAX_AXES = 16;
  private static final int SHOWN = 100;

  private static final String ORDERED_DICT = "collections.OrderedDict";
  private static final String COUNTER = "collections.Counter";
  private static final String TENSOR = "torch._utils._rebuild_tensor_v2";
  private static final String PARAMETER = "torch._utils._rebuild_parameter";
  private static final Set<String> PLAIN = Set.of("torch.Size", "torch.device");
  private static final Map<String, TensorType> STORAGES =
      Map.of(
          "torch.DoubleStorage", TensorType.F64,
          "torch.FloatStorage", TensorType.F32,
          "torch.HalfStorage", TensorType.F16,
          "torch.BFloat16Storage", TensorType.BF16,
          "torch.LongStorage", TensorType.I64,
          "torch.IntStorage", TensorType.I32,
          "torch.ShortStorage", TensorType.I16,
          "torch.CharStorage", TensorType.I8,
          "torch.ByteStorage", TensorType.U8,
          "torch.BoolStorage", TensorType.BOOL);
  private static final Set<String> TYPES =
      Set.of(
          "torch.float64",
          "torch.float32",
          "torch.float16",
          "torch.bfloat16",
          "torch.int64",
          "torch.int32",
          "torch.int16",
          "torch.int8",
          "torch.uint8",
          "torch.bool");

  private final ByteBuffer in;
  private final Function<String, CovidException> broken;
  private final Function<String, CovidException> code;
  private final List<Object> stack = new ArrayList<>();
  private final List<Integer> marks = new ArrayList<>();
  private final Map<Long, Object> memo = new HashMap<>();

  /** A function or type by name, known and harmless. */
  private record Known(String name) {}

  record Tuple(List<Object> items) {}

  /**
   * Where a tensor's values are.
   *
   * @param key name of the entry under data/
   * @param count number of values
   */
  record Storage(TensorType type, String key, long count) {}

  /**
   * A tensor as it is described, not checked against its storage.
   *
   * @param offset of its first value in the storage
   * @param strides by how many values the next one along each axis is away
   */
  record Tensor(Storage storage, long offset, List<Long> shape, List<Long> strides) {}

  private TorchPickle(
      ByteBuffer in,
      Function<String, CovidException> broken,
      Function<String, CovidException> code) {
    this.in = in.order(ByteOrder.LITTLE_ENDIAN);
    this.broken = broken;
    this.code = code;
  }

  /**
   * What a pickle describes.
   *
   * @param broken makes the exception that says what is wrong
   * @param code makes the exception for a name that is not known, such as posix.system
   */
  static Object read(
      ByteBuffer in,
      Function<String, CovidException> broken,
      Function<String, CovidException> code) {
    return new TorchPickle(in, broken, code).read();
  }

  /** A text of the file as it can be printed. */
  static String shown(String text) {
    String clean = text.replaceAll("[\\p{Cntrl}\\p{Cf}]", "?");
    return clean.length() > SHOWN ? clean.substring(0, SHOWN) + "..." : clean;
  }

  private Object read() {
    try {
      for (int steps = 0; steps < MAX_STEPS; steps++) {
        int operation = Byte.toUnsignedInt(in.get());
        if (operation == '.') {
          return pop();
        }
        step(operation);
      }
    } catch (BufferUnderflowException e) {
      throw malformed("ends early");
    }
    throw malformed("has more than " + MAX_STEPS + " steps");
  }

  private CovidException malformed(String problem) {
    return broken.apply("its pickle " + problem + " (at byte " + in.position() + ")");
  }

  private void step(int operation) {
    switch (operation) {
      case 0x80 -> requireProtocol(Byte.toUnsignedInt(in.get()));
      case '(' -> marks.add(stack.size());
      case 'c' -> stack.add(known(line(), line()));
      case 'q' -> memo.put((long) Byte.toUnsignedInt(in.get()), top());
      case 'r' -> memo.put(Integer.toUnsignedLong(in.getInt()), top());
      case 'h' -> stack.add(recalled(Byte.toUnsignedInt(in.get())));
      case 'j' -> stack.add(recalled(Integer.toUnsignedLong(in.getInt())));
      case 'N' -> stack.add(null);
      case 0x88 -> stack.add(true);
      case 0x89 -> stack.add(false);
      case 'K' -> stack.add((long) Byte.toUnsignedInt(in.get()));
      case 'M' -> stack.add((long) Short.toUnsignedInt(in.getShort()));
      case 'J' -> stack.add((long) in.getInt());
      case 0x8a -> stack.add(wholeNumber(bytes(Byte.toUnsignedInt(in.get()))));
      case 'G' -> stack.add(Double.longBitsToDouble(Long.reverseBytes(in.getLong())));
      case 'X' -> stack.add(text());
      case ')' -> stack.add(new Tuple(List.of()));
      case 0x85 -> stack.add(tuple(1));
      case 0x86 -> stack.add(tuple(2));
      case 0x87 -> stack.add(tuple(3));
      case 't' -> stack.add(new Tuple(aboveMark()));
      case ']' -> stack.add(new ArrayList<>());
      case 'a' -> append(tuple(1).items());
      case 'e' -> append(aboveMark());
      case '}' -> stack.add(new LinkedHashMap<>());
      case 's' -> setItems(tuple(2).items());
      case 'u' -> setItems(aboveMark());
      case 'Q' -> stack.add(storage(pop(Tuple.class).items()));
      case 'R' -> {
        List<Object> arguments = pop(Tuple.class).items();
        stack.add(made(pop(Known.class).name(), arguments));
      }
      case 'b' -> {
        pop();
        // Attributes of an OrderedDict are torch's own versions of modules: no weights.
        if (!(top() instanceof Map)) {
          throw malformed("sets attributes of what is no dict");
        }
      }
      default ->
          throw malformed(
              String.format("has the operation 0x%02x, which torch.save does not use", operation));
    }
  }

  private void requireProtocol(int version) {
    if (version != 2) {
      throw malformed("is of protocol " + version + ", expected torch.save's own, 2");
    }
  }

  private Known known(String module, String name) {
    String full = module + "." + name;
    if (full.equals(ORDERED_DICT)
        || full.equals(COUNTER)
        || full.equals(TENSOR)
        || full.equals(PARAMETER)
        || PLAIN.contains(full)
        || TYPES.contains(full)
        || STORAGES.containsKey(full)) {
      return new Known(full);
    }
    throw code.apply(shown(full));
  }

  /** What a call makes. */
  private Object made(String callee, List<Object> arguments) {
    if (callee.equals(ORDERED_DICT) && arguments.isEmpty()) {
      return new LinkedHashMap<>();
    }
    if (callee.equals(TENSOR) && arguments.size() >= 4) {
      return new Tensor(
          argument(arguments, 0, Storage.class),
          argument(arguments, 1, Long.class),
          numbers(argument(arguments, 2, Tuple.class)),
          numbers(argument(arguments, 3, Tuple.class)));
    }
    if (callee.equals(PARAMETER) && !arguments.isEmpty()) {
      return argument(arguments, 0, Tensor.class);
    }
    if (callee.equals(COUNTER) && arguments.size() == 1) {
      return argument(arguments, 0, Map.class);
    }
    if (PLAIN.contains(callee)) {
      return new Tuple(arguments);
    }
    throw malformed("calls " + callee + " with " + arguments.size() + " arguments");
  }

  private List<Long> numbers(Tuple tuple) {
    if (tuple.items.size() > MAX_AXES) {
      throw malformed("describes a tensor of " + tuple.items.size() + " axes");
    }
    List<Long> numbers = new ArrayList<>(tuple.items.size());
    for (int i = 0; i < tuple.items.size(); i++) {
      numbers.add(argument(tuple.items, i, Long.class));
    }
    return List.copyOf(numbers);
  }

  private <T> T argument(List<Object> arguments, int index, Class<T> type) {
    if (!type.isInstance(arguments.get(index))) {
      throw malformed("describes a tensor in another way than torch.save");
    }
    return type.cast(arguments.get(index));
  }

  private Storage storage(List<Object> items) {
    if (items.size() != 5
        || !"storage".equals(items.get(0))
        || !(items.get(1) instanceof Known type)
        || !STORAGES.containsKey(type.name)
        || !(items.get(2) instanceof String key)
        || !(items.get(4) instanceof Long count)
        || count < 0) {
      throw malformed("refers to something other than a storage");
    }
    return new Storage(STORAGES.get(type.name), key, count);
  }

  private void append(List<Object> items) {
    if (!(top() instanceof List<?> list)) {
      throw malformed("appends to what is no list");
    }
    objects(list).addAll(items);
  }

  private void setItems(List<Object> items) {
    if (!(top() instanceof Map<?, ?> map) || items.size() % 2 != 0) {
      throw malformed("sets an item of what is no dict");
    }
    for (int i = 0; i < items.size(); i += 2) {
      Object key = items.get(i);
      if (key != null
          && !(key instanceof String)
          && !(key instanceof Number)
          && !(key instanceof Boolean)) {
        throw malformed("has a key that is neither text nor number");
      }
      if (map.containsKey(key)) {
        throw malformed("has the key " + shown(String.valueOf(key)) + " twice");
      }
      objects(map).put(key, items.get(i + 1));
    }
  }

  /** Lists are made here alone, and take any object. */
  @SuppressWarnings("unchecked")
  private static List<Object> objects(List<?> list) {
    return (List<Object>) list;
  }

  /** Dicts are made here alone, and take any object. */
  @SuppressWarnings("unchecked")
  private static Map<Object, Object> objects(Map<?, ?> map) {
    return (Map<Object, Object>) map;
  }

  private int bottom() {
    return marks.isEmpty() ? 0 : marks.get(marks.size() - 1);
  }

  private Object top() {
    if (stack.size() <= bottom()) {
      throw malformed("takes more than it has");
    }
    return stack.get(stack.size() - 1);
  }

  private Object pop() {
    top();
    return stack.remove(stack.size() - 1);
  }

  private <T> T pop(Class<T> type) {
    Object top = pop();
    if (!type.isInstance(top)) {
      throw malformed("has another value than the " + type.getSimpleName() + " it needs");
    }
    return type.cast(top);
  }

  private Tuple tuple(int size) {
    Object[] items = new Object[size];
    for (int i = size - 1; i >= 0; i--) {
      items[i] = pop();
    }
    return new Tuple(Arrays.asList(items));
  }

  private List<Object> aboveMark() {
    if (marks.isEmpty()) {
      throw malformed("takes more than it has");
    }
    int mark = marks.remove(marks.size() - 1);
    List<Object> above = stack.subList(mark, stack.size());
    List<Object> items = new ArrayList<>(above);
    above.clear();
    return items;
  }

  private Object recalled(long index) {
    if (!memo.containsKey(index)) {
      throw malformed("recalls what it has not kept");
    }
    return memo.get(index);
  }

  private byte[] bytes(int length) {
    if (length < 0 || length > in.remaining()) {
      throw malformed("ends early");
    }
    byte[] bytes = new byte[length];
    in.get(bytes);
    return bytes;
  }

  private String text() {
    return new String(bytes(in.getInt()), StandardCharsets.UTF_8);
  }

  private String line() {
    int start = in.position();
    while (in.get() != '\n') {}
    return new String(
        in.array(), in.arrayOffset() + start, in.position() - start - 1, StandardCharsets.UTF_8);
  }

  /** Little-endian, as long as it is; a Long where it is no longer than that. */
  private static Number wholeNumber(byte[] bytes) {
    byte[] bigEndian = new byte[bytes.length + 1];
    for (int i = 0; i < bytes.length; i++) {
      bigEndian[bytes.length - i] = bytes[i];
    }
    if (bytes.length > 0 && bytes[bytes.length - 1] < 0) {
      bigEndian[0] = -1;
    }
    BigInteger number = new BigInteger(bigEndian);
    if (number.bitLength() < Long.SIZE) {
      return number.longValue();
    }
    return number;
  }
}
