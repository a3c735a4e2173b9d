package org.covidmmar.model.weights;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.util.List;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.covidmmar.AtomicFiles;
import org.covidmmar.model.Architecture;

/**
 * A network's state dict as PyTorch saves it, a zip with a pickle: {@code torch.load} reads it,
 * also with {@code weights_only=True}. The pickle names nothing but OrderedDict and the makers of
 * tensors.
 */
public final class StateDict {
  private static final String FOLDER = "model/";
  // Not the first of January: there Java adds the time in the machine's time zone.
  private static final LocalDateTime TIME = LocalDateTime.of(1980, 2, 1, 0, 0);

  private StateDict() {}

  /**
   * Writes the weights of an open file, whole or not at all; the same weights give the same bytes.
   * One tensor at a time is in memory.
   *
   * @throws org.covidmmar.CovidException where the weights are of another network, or the file
   *     can't be written
   */
  public static void write(Path target, TensorFile weights, Architecture architecture) {
    List<SafeTensors.Tensor> tensors = Weights.tensors(weights, architecture);
    AtomicFiles.write(
        target,
        stream -> {
          ZipOutputStream zip = new ZipOutputStream(stream, StandardCharsets.UTF_8);
          put(zip, "data.pkl", pickle(tensors));
          put(zip, "byteorder", ascii("little"));
          for (int i = 0; i < tensors.size(); i++) {
            put(zip, "data/" + i, tensors.get(i).bytes().get().array());
          }
          put(zip, "version", ascii("3\n"));
          zip.finish();
        });
  }

  /** Stored: PyTorch reads no other entries. */
  private static void put(ZipOutputStream zip, String name, byte[] bytes) throws IOException {
    CRC32 crc = new CRC32();
    crc.update(bytes);
    ZipEntry entry = new ZipEntry(FOLDER + name);
    entry.setMethod(ZipEntry.STORED);
    entry.setSize(bytes.length);
    entry.setCrc(crc.getValue());
    entry.setTimeLocal(TIME);
    zip.putNextEntry(entry);
    zip.write(bytes);
    zip.closeEntry();
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }

  /** An OrderedDict of tensors, each of a storage of its own; protocol 2, as PyTorch writes it. */
  private static byte[] pickle(List<SafeTensors.Tensor> tensors) {
    Pickle out = new Pickle();
    out.protocol();
    out.emptyOrderedDict();
    out.mark();
    for (int i = 0; i < tensors.size(); i++) {
      SafeTensors.Tensor tensor = tensors.get(i);
      out.text(tensor.name());
      out.global("torch._utils", "_rebuild_tensor_v2");
      out.mark();
      out.storage(tensor, Integer.toString(i));
      out.whole(0);
      out.tuple(tensor.shape());
      out.tuple(strides(tensor.shape()));
      out.no();
      out.emptyOrderedDict();
      out.tuple();
      out.call();
    }
    out.end();
    return out.bytes.toByteArray();
  }

  private static List<Long> strides(List<Long> shape) {
    Long[] strides = new Long[shape.size()];
    long stride = 1;
    for (int axis = strides.length - 1; axis >= 0; axis--) {
      strides[axis] = stride;
      stride *= shape.get(axis);
    }
    return List.of(strides);
  }

  /** The few opcodes of pickle that are needed. */
  private static final class Pickle {
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

    void protocol() {
      bytes.writeBytes(new byte[] {(byte) 0x80, 2});
    }

    void global(String module, String name) {
      bytes.writeBytes(ascii("c" + module + "\n" + name + "\n"));
    }

    void emptyOrderedDict() {
      global("collections", "OrderedDict");
      bytes.write(')');
      call();
    }

    void mark() {
      bytes.write('(');
    }

    void tuple() {
      bytes.write('t');
    }

    void tuple(List<Long> numbers) {
      mark();
      numbers.forEach(n -> whole(Math.toIntExact(n)));
      tuple();
    }

    void call() {
      bytes.write('R');
    }

    void no() {
      bytes.write(0x89);
    }

    /** A persistent id, which PyTorch looks up as an entry of the zip. */
    void storage(SafeTensors.Tensor tensor, String key) {
      mark();
      text("storage");
      global("torch", tensor.type() == TensorType.I64 ? "LongStorage" : "FloatStorage");
      text(key);
      text("cpu");
      whole(Math.toIntExact(tensor.shape().stream().reduce(1L, (a, b) -> a * b)));
      tuple();
      bytes.write('Q');
    }

    void text(String text) {
      byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
      bytes.write('X');
      bytes.writeBytes(fourBytes(utf8.length));
      bytes.writeBytes(utf8);
    }

    void whole(int value) {
      bytes.write('J');
      bytes.writeBytes(fourBytes(value));
    }

    private static byte[] fourBytes(int value) {
      return ByteBuffer.allocate(Integer.BYTES)
          .order(ByteOrder.LITTLE_ENDIAN)
          .putInt(value)
          .array();
    }

    /** Sets all items since the mark, and stops. */
    void end() {
      bytes.writeBytes(ascii("u."));
    }
  }
}
