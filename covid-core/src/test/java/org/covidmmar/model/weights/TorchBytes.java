package org.covidmmar.model.weights;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/** Makes the bytes that torch.save would write, and such as it would never. */
public final class TorchBytes {
  private final ByteArrayOutputStream pickle = new ByteArrayOutputStream();

  TorchBytes() {
    op(0x80, 2);
  }

  /** Bytes as they are: operations, as pickletools names them. */
  TorchBytes op(int... bytes) {
    for (int b : bytes) {
      pickle.write(b);
    }
    return this;
  }

  TorchBytes global(String module, String name) {
    return bytes(("c" + module + "\n" + name + "\n").getBytes(StandardCharsets.UTF_8));
  }

  TorchBytes text(String text) {
    byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
    return op('X').bytes(littleEndian(4).putInt(utf8.length).array()).bytes(utf8);
  }

  TorchBytes number(long number) {
    return op(0x8a, 8).bytes(littleEndian(8).putLong(number).array());
  }

  TorchBytes numbers(long... numbers) {
    op('(');
    for (long n : numbers) {
      number(n);
    }
    return op('t');
  }

  TorchBytes storage(String type, String key, long count) {
    return op('(')
        .text("storage")
        .global("torch", type)
        .text(key)
        .text("cpu")
        .number(count)
        .op('t', 'Q');
  }

  /** A tensor of a storage. */
  TorchBytes tensor(
      String type, String key, long count, long offset, long[] shape, long[] strides) {
    return global("torch._utils", "_rebuild_tensor_v2")
        .op('(')
        .storage(type, key, count)
        .number(offset)
        .numbers(shape)
        .numbers(strides)
        .op(0x89)
        .global("collections", "OrderedDict")
        .op(')', 'R', 't', 'R');
  }

  /** A tensor that fills its storage, the last axis fastest. */
  TorchBytes tensor(String type, String key, long... shape) {
    long[] strides = new long[shape.length];
    long count = 1;
    for (int axis = shape.length - 1; axis >= 0; axis--) {
      strides[axis] = count;
      count *= shape[axis];
    }
    return tensor(type, key, count, 0, shape, strides);
  }

  TorchBytes bytes(byte[] bytes) {
    pickle.writeBytes(bytes);
    return this;
  }

  byte[] pickle() {
    return op('.').pickle.toByteArray();
  }

  static ByteBuffer littleEndian(int bytes) {
    return ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
  }

  static byte[] floats(float... values) {
    byte[] bytes = new byte[values.length * Float.BYTES];
    ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer().put(values);
    return bytes;
  }

  /** The file of this pickle and these storages by key. */
  byte[] file(Map<String, byte[]> storages) {
    Map<String, byte[]> entries = new LinkedHashMap<>();
    entries.put("archive/data.pkl", pickle());
    storages.forEach((key, bytes) -> entries.put("archive/data/" + key, bytes));
    return zip(entries);
  }

  /**
   * The tensors of a file as torch.save writes them.
   *
   * @param prefix before each name
   */
  public static byte[] of(SafeTensors file, String prefix) {
    TorchBytes pickle = new TorchBytes().op('}').text("model").op('}', '(');
    Map<String, byte[]> storages = new LinkedHashMap<>();
    file.entries()
        .forEach(
            (name, entry) -> {
              String key = Integer.toString(storages.size());
              boolean whole = entry.type() == TensorType.I64;
              pickle
                  .text(prefix + name)
                  .tensor(
                      whole ? "LongStorage" : "FloatStorage",
                      key,
                      entry.shape().stream().mapToLong(n -> n).toArray());
              storages.put(
                  key,
                  whole
                      ? littleEndian(8).putLong(file.number(name)).array()
                      : floats(file.floats(name)));
            });
    return pickle.op('u', 's').file(storages);
  }

  /** A zip of entries as they are. */
  static byte[] zip(Map<String, byte[]> entries) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (ZipOutputStream zip = new ZipOutputStream(out)) {
      zip.setMethod(ZipOutputStream.STORED);
      for (Map.Entry<String, byte[]> e : entries.entrySet()) {
        ZipEntry entry = new ZipEntry(e.getKey());
        CRC32 crc = new CRC32();
        crc.update(e.getValue());
        entry.setCrc(crc.getValue());
        entry.setSize(e.getValue().length);
        zip.putNextEntry(entry);
        zip.write(e.getValue());
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return out.toByteArray();
  }
}
