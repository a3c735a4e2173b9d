package org.covidmmar.model.weights;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.util.ByteBufferBackedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Supplier;
import org.covidmmar.AtomicFiles;
import org.covidmmar.CovidException;

/**
 * A .safetensors file: eight bytes of header length, a JSON header with each tensor's type, shape
 * and place, then the values, little-endian, the last axis fastest, without gaps.
 *
 * <p>The header is checked against the file before anything is allocated; values are read tensor by
 * tensor. Open until closed.
 */
public final class SafeTensors implements AutoCloseable {
  private static final int PREFIX = Long.BYTES;
  // The reference implementation's own limit.
  private static final long MAX_HEADER = 100_000_000;
  private static final String METADATA = "__metadata__";
  private static final String REMEDY =
      "give a .safetensors file that is whole: copy or download it again";
  private static final JsonMapper JSON =
      JsonMapper.builder().enable(JsonParser.Feature.STRICT_DUPLICATE_DETECTION).build();

  private final Path file;
  private final FileChannel channel;
  private final long dataStart;
  private final Map<String, String> metadata;
  private final Map<String, Entry> entries;

  /** Types of values that are read; float32 and int64 are written. */
  public enum Type {
    F64(8),
    I64(8),
    F32(4),
    F16(2),
    BF16(2);

    private final int bytes;

    Type(int bytes) {
      this.bytes = bytes;
    }
  }

  /**
   * Where a tensor lies.
   *
   * @param shape number of values along each axis; empty for a single value
   * @param begin first byte, counted from the end of the header
   * @param end byte behind the last
   */
  public record Entry(Type type, List<Long> shape, long begin, long end) {
    /** Number of values. */
    public int size() {
      return (int) ((end - begin) / type.bytes);
    }
  }

  /**
   * A tensor to be written.
   *
   * @param bytes gives its values when their turn comes, so that not all are in memory at once
   */
  public record Tensor(String name, Type type, List<Long> shape, Supplier<ByteBuffer> bytes) {
    /** A float32 tensor; its values are asked for when their turn comes. */
    public static Tensor floats(String name, List<Long> shape, Supplier<float[]> values) {
      return new Tensor(
          name,
          Type.F32,
          shape,
          () -> {
            float[] array = values.get();
            ByteBuffer buffer = littleEndian(array.length * Float.BYTES);
            buffer.asFloatBuffer().put(array);
            return buffer;
          });
    }

    /** A single int64 value. */
    public static Tensor number(String name, long value) {
      return new Tensor(
          name, Type.I64, List.of(), () -> littleEndian(Long.BYTES).putLong(0, value));
    }

    private long size() {
      return shape.stream().reduce((long) type.bytes, Math::multiplyExact);
    }
  }

  private SafeTensors(Path file, FileChannel channel) throws IOException {
    this.file = file;
    this.channel = channel;
    long length = channel.size();
    if (length < PREFIX) {
      throw broken("expected a header, found " + length + " bytes", null);
    }
    long header = read(0, PREFIX).getLong();
    if (header < 2 || header > MAX_HEADER || header > length - PREFIX) {
      throw broken(
          "header length "
              + Long.toUnsignedString(header)
              + " does not fit a file of "
              + length
              + " bytes",
          null);
    }
    this.dataStart = PREFIX + header;
    JsonNode root = parse(read(PREFIX, (int) header));
    this.metadata = metadata(root.path(METADATA));
    this.entries = entries(root);
    checkPlaces(length - dataStart);
  }

  /**
   * Opens a file and checks its header.
   *
   * @throws CovidException where there is no such file or its header is not right
   */
  public static SafeTensors open(Path file) {
    FileChannel channel = null;
    try {
      channel = FileChannel.open(file, StandardOpenOption.READ);
      SafeTensors opened = new SafeTensors(file, channel);
      channel = null;
      return opened;
    } catch (NoSuchFileException e) {
      throw new CovidException(
          file.toString(), "there is no such file", "name a .safetensors file", e);
    } catch (IOException e) {
      throw unreadable(file, e);
    } finally {
      closeQuietly(channel);
    }
  }

  private static void closeQuietly(FileChannel channel) {
    if (channel != null) {
      try {
        channel.close();
      } catch (IOException e) {
        // The reason why it is closed is what the caller must hear of.
      }
    }
  }

  private static CovidException unreadable(Path file, IOException e) {
    String problem = Files.isDirectory(file) ? "is a folder" : "cannot be read: " + e.getMessage();
    return new CovidException(file.toString(), problem, "name a readable .safetensors file", e);
  }

  private CovidException broken(String problem, Throwable cause) {
    return new CovidException(
        file.toString(), "not a valid safetensors file: " + problem, REMEDY, cause);
  }

  private JsonNode parse(ByteBuffer header) {
    try {
      JsonNode root = JSON.readTree(new ByteBufferBackedInputStream(header));
      if (root.isObject()) {
        return root;
      }
    } catch (JsonProcessingException e) {
      throw broken("header is not JSON: " + e.getOriginalMessage(), e);
    } catch (IOException e) {
      throw broken("header is not JSON", e);
    }
    throw broken("header is no JSON object", null);
  }

  private Map<String, String> metadata(JsonNode node) {
    Map<String, String> texts = new TreeMap<>();
    for (Map.Entry<String, JsonNode> field : node.properties()) {
      if (!field.getValue().isTextual()) {
        throw broken(METADATA + " " + field.getKey() + " is no text", null);
      }
      texts.put(field.getKey(), field.getValue().textValue());
    }
    return Collections.unmodifiableMap(texts);
  }

  private Map<String, Entry> entries(JsonNode root) {
    Map<String, Entry> found = new LinkedHashMap<>();
    for (Map.Entry<String, JsonNode> field : root.properties()) {
      if (!field.getKey().equals(METADATA)) {
        found.put(field.getKey(), entry(field.getKey(), field.getValue()));
      }
    }
    return Collections.unmodifiableMap(found);
  }

  private Entry entry(String name, JsonNode node) {
    Type type;
    try {
      type = Type.valueOf(node.path("dtype").asText());
    } catch (IllegalArgumentException e) {
      throw broken("tensor " + name + " is of type " + node.path("dtype") + ", not supported", e);
    }
    List<Long> shape = numbers(name, node.path("shape"));
    List<Long> offsets = numbers(name, node.path("data_offsets"));
    if (offsets.size() != 2) {
      throw broken("tensor " + name + " has no data_offsets", null);
    }
    long bytes;
    try {
      bytes = shape.stream().reduce((long) type.bytes, Math::multiplyExact);
    } catch (ArithmeticException e) {
      throw broken("tensor " + name + " has the impossible shape " + shape, e);
    }
    if (offsets.get(1) - offsets.get(0) != bytes || bytes > Integer.MAX_VALUE) {
      throw broken(
          "tensor "
              + name
              + " of shape "
              + shape
              + " takes "
              + bytes
              + " bytes, not those from "
              + offsets.get(0)
              + " to "
              + offsets.get(1),
          null);
    }
    return new Entry(type, shape, offsets.get(0), offsets.get(1));
  }

  private List<Long> numbers(String name, JsonNode node) {
    List<Long> numbers = new ArrayList<>();
    for (JsonNode n : node) {
      if (!n.canConvertToExactIntegral() || !n.canConvertToLong() || n.longValue() < 0) {
        throw broken("tensor " + name + " has the number " + n + " in its header", null);
      }
      numbers.add(n.longValue());
    }
    if (!node.isArray()) {
      throw broken("tensor " + name + " has no shape or no data_offsets", null);
    }
    return List.copyOf(numbers);
  }

  /** Tensors lie side by side and fill the file: no overlap, no gap, nothing behind. */
  private void checkPlaces(long dataLength) {
    List<Map.Entry<String, Entry>> inOrder = new ArrayList<>(entries.entrySet());
    inOrder.sort(
        Comparator.<Map.Entry<String, Entry>>comparingLong(e -> e.getValue().begin())
            .thenComparingLong(e -> e.getValue().end()));
    long end = 0;
    for (Map.Entry<String, Entry> e : inOrder) {
      if (e.getValue().begin() != end) {
        throw broken(
            "tensor "
                + e.getKey()
                + " begins at byte "
                + e.getValue().begin()
                + ", expected "
                + end,
            null);
      }
      end = e.getValue().end();
    }
    if (end != dataLength) {
      throw broken("its header describes " + end + " bytes, it has " + dataLength, null);
    }
  }

  /**
   * Checks the seal that {@link #writeSealed} left.
   *
   * @throws CovidException where the file has none, or is not as it was written
   */
  public void requireSeal() {
    try {
      if (!Seal.isIntact(channel, metadata.get(Seal.KEY), (int) dataStart)) {
        throw broken("its checksum is missing or does not fit its content", null);
      }
    } catch (IOException e) {
      throw unreadable(file, e);
    }
  }

  /** The file that was opened. */
  public Path file() {
    return file;
  }

  /** Texts that the writer left in the header; may be empty. */
  public Map<String, String> metadata() {
    return metadata;
  }

  /** All tensors by name. */
  public Map<String, Entry> entries() {
    return entries;
  }

  /**
   * A tensor of any floating type as float32, the last axis fastest.
   *
   * @throws CovidException where it is of int64, or reading fails
   */
  public float[] floats(String name) {
    Entry entry = require(name);
    ByteBuffer bytes = bytes(entry);
    float[] values = new float[entry.size()];
    switch (entry.type) {
      case F32 -> bytes.asFloatBuffer().get(values);
      case F64 -> {
        for (int i = 0; i < values.length; i++) {
          values[i] = (float) bytes.getDouble();
        }
      }
      case BF16 -> {
        for (int i = 0; i < values.length; i++) {
          values[i] = Float.intBitsToFloat(bytes.getShort() << 16);
        }
      }
      case F16 -> {
        for (int i = 0; i < values.length; i++) {
          values[i] = fromHalf(bytes.getShort());
        }
      }
      case I64 -> throw broken("tensor " + name + " is int64, expected floating numbers", null);
    }
    return values;
  }

  /**
   * A single int64 value.
   *
   * @throws CovidException where it is something else
   */
  public long number(String name) {
    Entry entry = require(name);
    if (entry.type != Type.I64 || entry.size() != 1) {
      throw broken("tensor " + name + " is not a single int64", null);
    }
    return bytes(entry).getLong();
  }

  private Entry require(String name) {
    Entry entry = entries.get(name);
    if (entry == null) {
      throw broken("it has no tensor " + name, null);
    }
    return entry;
  }

  private ByteBuffer bytes(Entry entry) {
    try {
      return read(dataStart + entry.begin, (int) (entry.end - entry.begin));
    } catch (IOException e) {
      throw unreadable(file, e);
    }
  }

  private ByteBuffer read(long position, int length) throws IOException {
    ByteBuffer buffer = littleEndian(length);
    while (buffer.hasRemaining()) {
      if (channel.read(buffer, position + buffer.position()) < 0) {
        throw new EOFException("the file ends early");
      }
    }
    return buffer.flip();
  }

  private static ByteBuffer littleEndian(int bytes) {
    return ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
  }

  /** IEEE 754 binary16 to binary32, exactly. */
  private static float fromHalf(short half) {
    int sign = (half & 0x8000) << 16;
    int exponent = (half >> 10) & 0x1f;
    int fraction = half & 0x3ff;
    if (exponent == 0) {
      float subnormal = fraction * 0x1p-24f;
      return sign == 0 ? subnormal : -subnormal;
    }
    int bits = exponent == 0x1f ? 0x7f800000 : (exponent + 112) << 23;
    return Float.intBitsToFloat(sign | bits | (fraction << 13));
  }

  /**
   * Writes a file whole or not at all; equal content gives equal bytes. Tensors lie in the order of
   * the reference implementation: wide types first, then by name.
   *
   * @param metadata texts for the header; may be empty
   * @throws CovidException where the file can't be written
   * @throws IllegalArgumentException where two tensors have one name, or one's values do not fit
   *     its shape
   */
  public static void write(Path target, Map<String, String> metadata, List<Tensor> tensors) {
    write(target, metadata, tensors, false);
  }

  private static void write(
      Path target, Map<String, String> metadata, List<Tensor> tensors, boolean sealed) {
    List<Tensor> inOrder = new ArrayList<>(tensors);
    inOrder.sort(Comparator.<Tensor>comparingInt(t -> -t.type.bytes).thenComparing(Tensor::name));
    byte[] header = header(metadata, inOrder);
    AtomicFiles.writeChannel(
        target,
        channel -> {
          Seal seal = sealed ? new Seal() : null;
          writeAll(channel, littleEndian(PREFIX).putLong(0, header.length), seal);
          writeAll(channel, ByteBuffer.wrap(header), seal);
          for (Tensor tensor : inOrder) {
            ByteBuffer bytes = tensor.bytes.get();
            if (bytes.remaining() != tensor.size()) {
              throw new IllegalArgumentException(
                  tensor.name + " has " + bytes.remaining() + " bytes, not " + tensor.size());
            }
            writeAll(channel, bytes, seal);
          }
          if (seal != null) {
            seal.write(channel, PREFIX, header);
          }
        });
  }

  /**
   * As {@link #write}, with a checksum over the whole file in its header, by which {@link
   * #requireSeal} notices damage. Other readers see a text among the metadata.
   */
  public static void writeSealed(Path target, Map<String, String> metadata, List<Tensor> tensors) {
    Map<String, String> unsealed = new TreeMap<>(metadata);
    unsealed.put(Seal.KEY, Seal.PLACEHOLDER);
    write(target, unsealed, tensors, true);
  }

  private static byte[] header(Map<String, String> metadata, List<Tensor> inOrder) {
    ObjectNode root = JSON.createObjectNode();
    if (!metadata.isEmpty()) {
      ObjectNode texts = root.putObject(METADATA);
      new TreeMap<>(metadata).forEach(texts::put);
    }
    long begin = 0;
    for (Tensor tensor : inOrder) {
      if (root.has(tensor.name)) {
        throw new IllegalArgumentException("two tensors of the name " + tensor.name);
      }
      ObjectNode node = root.putObject(tensor.name);
      node.put("dtype", tensor.type.name());
      tensor.shape.forEach(node.putArray("shape")::add);
      node.putArray("data_offsets").add(begin).add(begin + tensor.size());
      begin += tensor.size();
    }
    // Spaces up to a multiple of 8, so that the values are aligned.
    String text = root.toString();
    int bytes = text.getBytes(StandardCharsets.UTF_8).length;
    return (text + " ".repeat(Math.floorMod(-bytes, 8))).getBytes(StandardCharsets.UTF_8);
  }

  private static void writeAll(FileChannel channel, ByteBuffer bytes, Seal seal)
      throws IOException {
    if (seal != null) {
      seal.add(bytes);
    }
    while (bytes.hasRemaining()) {
      channel.write(bytes);
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
