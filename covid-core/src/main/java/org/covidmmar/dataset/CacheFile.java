package org.covidmmar.dataset;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.zip.CRC32C;
import org.covidmmar.AtomicFiles;
import org.covidmmar.CovidException;
import org.covidmmar.transform.Sample;
import org.covidmmar.volume.Affine;
import org.covidmmar.volume.Shape;
import org.covidmmar.volume.Volume;

/**
 * One preprocessed sample on disk, little endian: header ({@value #HEADER} bytes: magic number,
 * form of the mask, range of the image as read, shape and affine of image and mask), the image as
 * float32, the mask as bytes or, where it has other values, float32; CRC-32C of all before.
 */
final class CacheFile {
  private static final long MAGIC = 0x31504d5344564f43L; // "COVDSMP1"
  private static final int HEADER = 8 + 4 + 2 * 4 + 2 * (3 * 4 + 12 * 8);
  private static final int TRAILER = 4;
  private static final int NO_MASK = 0;
  private static final int BYTES = 1;
  private static final int FLOATS = 2;
  private static final int CHUNK = 1 << 18;

  private static final ThreadLocal<ByteBuffer> BUFFER =
      ThreadLocal.withInitial(
          () -> ByteBuffer.allocateDirect(CHUNK).order(ByteOrder.LITTLE_ENDIAN));

  private CacheFile() {}

  /**
   * What a file holds.
   *
   * @param sample float32 image; int16 or float32 mask, or none
   * @param min the least voxel of the image before preprocessing
   * @param max the greatest
   */
  record Content(Sample sample, float min, float max) {
    /** With voxels of the types that a file gives back, so that new and kept samples are alike. */
    Content asKept() {
      Volume image = sample.image();
      Volume mask = sample.mask();
      if (image.isInt16()) {
        image = Volume.of(image.shape(), image.affine(), image.floats());
      }
      if (mask != null && mask.isInt16() != fitsBytes(mask)) {
        mask =
            mask.isInt16()
                ? Volume.of(mask.shape(), mask.affine(), mask.floats())
                : Volume.of(mask.shape(), mask.affine(), shorts(mask));
      }
      return new Content(new Sample(sample.id(), image, mask), min, max);
    }
  }

  /**
   * Of an image before preprocessing.
   *
   * @param min the least voxel
   * @param max the greatest
   */
  record Range(float min, float max) {}

  /** A file that is there but not as it was written. */
  static final class DamagedException extends IOException {
    private static final long serialVersionUID = 1L;

    DamagedException(String message) {
      super(message);
    }
  }

  /** Writes what {@link Content#asKept()} gave. */
  static void write(Path file, Content content) {
    try {
      AtomicFiles.writeChannel(file, channel -> new Writer(channel).write(content));
    } catch (CovidException e) {
      // The folder may be deleted at any time; then it is made again.
      if (!(e.getCause() instanceof NoSuchFileException)) {
        throw e;
      }
      AtomicFiles.writeChannel(file, channel -> new Writer(channel).write(content));
    }
  }

  /**
   * Reads a file.
   *
   * @param id the case's name, which a file does not hold
   * @throws DamagedException where the file isn't as it was written
   */
  static Content read(Path file, String id) throws IOException {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      return new Reader(channel).read(id);
    }
  }

  /** Reads the header alone; a file of the right size passes. */
  static Range readRange(Path file) throws IOException {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      Header header = new Reader(channel).header();
      return new Range(header.min(), header.max());
    }
  }

  private static boolean fitsBytes(Volume mask) {
    int count = Math.toIntExact(mask.shape().voxels());
    for (int n = 0; n < count; n++) {
      float v = mask.at(n);
      if (v != (byte) v) {
        return false;
      }
    }
    return true;
  }

  private static short[] shorts(Volume mask) {
    float[] floats = mask.floats();
    short[] shorts = new short[floats.length];
    for (int n = 0; n < shorts.length; n++) {
      shorts[n] = (short) floats[n];
    }
    return shorts;
  }

  private record Grid(Shape shape, Affine affine) {}

  private record Header(int form, float min, float max, Grid image, Grid mask) {
    long fileSize() {
      long maskBytes =
          switch (form) {
            case BYTES -> mask.shape().voxels();
            case FLOATS -> mask.shape().voxels() * Float.BYTES;
            default -> 0;
          };
      return HEADER + image.shape().voxels() * Float.BYTES + maskBytes + TRAILER;
    }
  }

  private static final class Writer {
    private final FileChannel channel;
    private final ByteBuffer buffer = BUFFER.get().clear();
    private final CRC32C crc = new CRC32C();

    Writer(FileChannel channel) {
      this.channel = channel;
    }

    void write(Content content) throws IOException {
      Volume image = content.sample().image();
      Volume mask = content.sample().mask();
      int form = mask == null ? NO_MASK : mask.isInt16() ? BYTES : FLOATS;
      buffer.putLong(MAGIC).putInt(form).putFloat(content.min()).putFloat(content.max());
      putGrid(image);
      putGrid(mask == null ? image : mask);
      flush();
      putFloats(image.floats());
      if (form == BYTES) {
        putBytes(mask.shorts());
      } else if (form == FLOATS) {
        putFloats(mask.floats());
      }
      buffer.putInt((int) crc.getValue());
      flush();
    }

    private void putGrid(Volume volume) {
      Shape shape = volume.shape();
      buffer.putInt(shape.x()).putInt(shape.y()).putInt(shape.z());
      for (int row = 0; row < 3; row++) {
        for (int column = 0; column < 4; column++) {
          buffer.putDouble(volume.affine().get(row, column));
        }
      }
    }

    private void putFloats(float[] values) throws IOException {
      int most = CHUNK / Float.BYTES;
      for (int from = 0; from < values.length; from += most) {
        int count = Math.min(most, values.length - from);
        buffer.asFloatBuffer().put(values, from, count);
        buffer.position(count * Float.BYTES);
        flush();
      }
    }

    private void putBytes(short[] values) throws IOException {
      for (short value : values) {
        if (!buffer.hasRemaining()) {
          flush();
        }
        buffer.put((byte) value);
      }
      flush();
    }

    private void flush() throws IOException {
      buffer.flip();
      crc.update(buffer);
      buffer.rewind();
      while (buffer.hasRemaining()) {
        channel.write(buffer);
      }
      buffer.clear();
    }
  }

  private static final class Reader {
    private final FileChannel channel;
    private final ByteBuffer buffer = BUFFER.get().clear();
    private final CRC32C crc = new CRC32C();

    Reader(FileChannel channel) {
      this.channel = channel;
    }

    Content read(String id) throws IOException {
      Header header = header();
      Grid image = header.image();
      Grid mask = header.mask();
      Volume voxels = Volume.of(image.shape(), image.affine(), floats(image.shape()));
      Volume lung =
          switch (header.form()) {
            case BYTES -> Volume.of(mask.shape(), mask.affine(), bytes(mask.shape()));
            case FLOATS -> Volume.of(mask.shape(), mask.affine(), floats(mask.shape()));
            default -> null;
          };
      int expected = (int) crc.getValue();
      fill(TRAILER);
      if (buffer.getInt() != expected) {
        throw new DamagedException("has a wrong checksum");
      }
      return new Content(new Sample(id, voxels, lung), header.min(), header.max());
    }

    Header header() throws IOException {
      long size = channel.size();
      if (size < HEADER + TRAILER) {
        throw new DamagedException("is cut off");
      }
      fill(HEADER);
      if (buffer.getLong() != MAGIC) {
        throw new DamagedException("does not begin as a cached sample does");
      }
      int form = buffer.getInt();
      Header header = new Header(form, buffer.getFloat(), buffer.getFloat(), grid(), grid());
      // Before the checksum is known to be right: a wrong header must not ask for much memory.
      if (form < NO_MASK || form > FLOATS || size != header.fileSize()) {
        throw new DamagedException("has a wrong size");
      }
      return header;
    }

    private Grid grid() throws DamagedException {
      int x = buffer.getInt();
      int y = buffer.getInt();
      int z = buffer.getInt();
      double[] rows = new double[12];
      for (int n = 0; n < rows.length; n++) {
        rows[n] = buffer.getDouble();
      }
      if (x < 1 || y < 1 || z < 1 || (double) x * y * z > Integer.MAX_VALUE) {
        throw new DamagedException("has a wrong shape");
      }
      return new Grid(new Shape(x, y, z), Affine.of(rows));
    }

    private float[] floats(Shape shape) throws IOException {
      float[] values = new float[Math.toIntExact(shape.voxels())];
      int most = CHUNK / Float.BYTES;
      for (int from = 0; from < values.length; from += most) {
        int count = Math.min(most, values.length - from);
        fill(count * Float.BYTES);
        buffer.asFloatBuffer().get(values, from, count);
      }
      return values;
    }

    private short[] bytes(Shape shape) throws IOException {
      short[] values = new short[Math.toIntExact(shape.voxels())];
      for (int from = 0; from < values.length; from += CHUNK) {
        int count = Math.min(CHUNK, values.length - from);
        fill(count);
        for (int n = 0; n < count; n++) {
          values[from + n] = buffer.get();
        }
      }
      return values;
    }

    private void fill(int count) throws IOException {
      buffer.clear().limit(count);
      while (buffer.hasRemaining()) {
        if (channel.read(buffer) < 0) {
          throw new DamagedException("is cut off");
        }
      }
      buffer.flip();
      crc.update(buffer);
      buffer.rewind();
    }
  }
}
