package org.covidmmar.model.weights;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.util.ByteBufferBackedInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
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
public final class SafeTensors implements TensorFile {
  private static final int PREFIX = Long.BYTES;
  // Some ten times what the largest network with its optimizer needs; JSON takes many times its
  // size.
  private static final long MAX_HEADER = 1 << 23;
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

  /**
   * Where a tensor lies.
   *
   * @param shape number of values along each axis; empty for a single value
   * @param begin first byte, counted from the end of the header
   * @param end byte behind the last
   */
  public record Entry(TensorType type, List<Long> shape, long begin, long end) implements Info {
    /** Number of values. */
    public int size() {
      return (int) ((end - begin) / type.bytes());
    }
  }

  /**
   * A tensor to be written.
   *
   * @param bytes gives its values when their turn comes, so that not all are in memory at once
   */
  public record Tensor(String name, TensorType type, List<Long> shape, Supplier<ByteBuffer> bytes) {
    /** A float32 tensor; its values are asked for when their turn comes. */
    public static Tensor floats(String name, List<Long> shape, Supplier<float[]> values) {
      return new Tensor(
          name,
          TensorType.F32,
          shape,
          () -> {
            float[] array = values.get();
            ByteBuffer buffer = FileBytes.littleEndian(array.length * Float.BYTES);
            buffer.asFloatBuffer().put(array);
            return buffer;
          });
    }

    /** A single int64 value. */
    public static Tensor number(String name, long value) {
      return new Tensor(
          name,
          TensorType.I64,
          List.of(),
          () -> FileBytes.littleEndian(Long.BYTES).putLong(0, value));
    }

    private long size() {
      return shape.stream().reduce((long) type.bytes(), Math::multiplyExact);
    }
  }

  private SafeTensors(Path file, FileChannel channel) throws IOException {
    this.file = file;
    this.channel = channel;
    long length = channel.size();
    if (length < PREFIX) {
      throw broken("expected a header, found " + length + " bytes", null);
    }
    long header = FileBytes.read(channel, 0, PREFIX).getLong();
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
    JsonNode root = parse(FileBytes.read(channel, PREFIX, (int) header));
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
      FileBytes.closeQuietly(channel);
    }
  }

  private static CovidException unreadable(Path file, IOException e) {
    return FileBytes.unreadable(file, e, "name a readable .safetensors file");
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
    TensorType type;
    try {
      type = TensorType.valueOf(node.path("dtype").asText());
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
      bytes = shape.stream().reduce((long) type.bytes(), Math::multiplyExact);
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

  @Override
  public Path file() {
    return file;
  }

  @Override
  public Map<String, String> metadata() {
    return metadata;
  }

  @Override
  public Map<String, Entry> entries() {
    return entries;
  }

  @Override
  public float[] floats(String name) {
    Entry entry = require(name);
    if (!entry.type.isFloating()) {
      throw broken("tensor " + name + " is " + entry.type + ", expected floating numbers", null);
    }
    return entry.type.floats(bytes(entry));
  }

  @Override
  public long number(String name) {
    Entry entry = require(name);
    if (entry.type != TensorType.I64 || entry.size() != 1) {
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
      return FileBytes.read(channel, dataStart + entry.begin, (int) (entry.end - entry.begin));
    } catch (IOException e) {
      throw unreadable(file, e);
    }
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
    inOrder.sort(Comparator.<Tensor>comparingInt(t -> -t.type.bytes()).thenComparing(Tensor::name));
    byte[] header = header(metadata, inOrder);
    AtomicFiles.writeChannel(
        target,
        channel -> {
          Seal seal = sealed ? new Seal() : null;
          writeAll(channel, FileBytes.littleEndian(PREFIX).putLong(0, header.length), seal);
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
