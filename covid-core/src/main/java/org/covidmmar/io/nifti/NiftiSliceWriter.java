package org.covidmmar.io.nifti;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.zip.CRC32;
import java.util.zip.Deflater;
import org.covidmmar.AtomicFiles;
import org.covidmmar.Workers;
import org.covidmmar.volume.Affine;
import org.covidmmar.volume.Shape;

/**
 * Writes a volume whose slices are made while it is written, by several threads: it is never whole
 * in memory. Gzip data are one member, in which every slice is compressed by itself and ends on a
 * byte, as pigz does it: the file's bytes are the same whatever the number of threads.
 */
public final class NiftiSliceWriter {
  private static final byte[] GZIP_HEADER = {0x1f, (byte) 0x8b, 8, 0, 0, 0, 0, 0, 4, (byte) 0xff};
  private static final byte[] LAST_BLOCK = {3, 0};
  private static final int TRAILER = 8;

  private NiftiSliceWriter() {}

  /** Makes slices; called by several threads at once. */
  @FunctionalInterface
  public interface Slices {
    /**
     * Fills a slice.
     *
     * @param index of the slice along the third axis
     * @param voxels takes x times y voxels of the file's type, little endian, first axis fastest
     */
    void make(int index, ByteBuffer voxels);
  }

  /**
   * Writes a .nii or .nii.gz file; the name decides. It appears whole or not at all.
   *
   * @param slices may throw, which ends the writing
   * @param workers make and compress slices
   * @param ahead slices that may be in the making at once, at least 1
   * @throws org.covidmmar.CovidException where the file can't be written
   */
  public static void write(
      Path file,
      Shape shape,
      Affine affine,
      NiftiWriter.Type type,
      Slices slices,
      Workers workers,
      int ahead) {
    boolean gzip = NiftiFiles.of(file).gzip();
    int bytes = Math.multiplyExact(Math.multiplyExact(shape.x(), shape.y()), type.bytes());
    byte[] header = NiftiWriter.header(shape, affine, type, false);
    AtomicFiles.writeChannel(
        file,
        channel -> {
          Output out = new Output(channel, gzip);
          List<Chunk> chunks = new ArrayList<>();
          try {
            Chunk first = new Chunk(header.length, gzip);
            chunks.add(first);
            out.write(first.fill((index, voxels) -> voxels.put(header), 0));
            for (int i = 0; i < Math.min(ahead, shape.z()); i++) {
              chunks.add(new Chunk(bytes, gzip));
            }
            Deque<Chunk> free = new ArrayDeque<>(chunks.subList(1, chunks.size()));
            write(out, shape.z(), slices, workers, free);
            out.end();
          } finally {
            chunks.forEach(Chunk::close);
          }
        });
  }

  private static void write(
      Output out, int count, Slices slices, Workers workers, Deque<Chunk> free) throws IOException {
    AtomicBoolean ended = new AtomicBoolean();
    Deque<Future<Chunk>> underWay = new ArrayDeque<>();
    try {
      int next = 0;
      for (int done = 0; done < count; done++) {
        while (next < count && !free.isEmpty()) {
          int index = next++;
          Chunk chunk = free.remove();
          underWay.add(workers.submit(() -> ended.get() ? null : chunk.fill(slices, index)));
        }
        Chunk made = Workers.result(underWay.element());
        underWay.remove();
        out.write(made);
        free.add(made);
      }
    } finally {
      // None may be at work on a chunk that is closed next.
      ended.set(true);
      underWay.forEach(NiftiSliceWriter::await);
    }
  }

  private static void await(Future<Chunk> future) {
    boolean interrupted = false;
    while (true) {
      try {
        future.get();
        break;
      } catch (ExecutionException e) {
        // Another slice's failure is thrown already.
        break;
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  /** A slice on its way: its voxels, and where the file is gzipped, what they become. */
  private static final class Chunk implements AutoCloseable {
    final byte[] raw;
    byte[] packed;
    int length;
    private final Deflater deflater;

    Chunk(int bytes, boolean gzip) {
      raw = new byte[bytes];
      // A little more than zlib's bound for data that cannot be compressed.
      packed = gzip ? new byte[Math.addExact(bytes, (bytes >> 10) + 64)] : raw;
      deflater = gzip ? new Deflater(NiftiWriter.GZIP_LEVEL, true) : null;
    }

    Chunk fill(Slices slices, int index) {
      slices.make(index, ByteBuffer.wrap(raw).order(ByteOrder.LITTLE_ENDIAN));
      length = raw.length;
      if (deflater != null) {
        deflater.reset();
        deflater.setInput(raw);
        length = deflate(0);
        while (length == packed.length) {
          packed = Arrays.copyOf(packed, Math.multiplyExact(packed.length, 2));
          length += deflate(length);
        }
      }
      return this;
    }

    private int deflate(int from) {
      return deflater.deflate(packed, from, packed.length - from, Deflater.SYNC_FLUSH);
    }

    @Override
    public void close() {
      if (deflater != null) {
        deflater.end();
      }
    }
  }

  /** The file, chunk after chunk. */
  private static final class Output {
    private final FileChannel channel;
    private final CRC32 crc;
    private long rawBytes;

    Output(FileChannel channel, boolean gzip) throws IOException {
      this.channel = channel;
      crc = gzip ? new CRC32() : null;
      if (gzip) {
        write(ByteBuffer.wrap(GZIP_HEADER));
      }
    }

    void write(Chunk chunk) throws IOException {
      if (crc != null) {
        crc.update(chunk.raw);
        rawBytes += chunk.raw.length;
      }
      write(ByteBuffer.wrap(chunk.packed, 0, chunk.length));
    }

    void end() throws IOException {
      if (crc != null) {
        write(ByteBuffer.wrap(LAST_BLOCK));
        ByteBuffer trailer = ByteBuffer.allocate(TRAILER).order(ByteOrder.LITTLE_ENDIAN);
        write(trailer.putInt((int) crc.getValue()).putInt((int) rawBytes).flip());
      }
    }

    private void write(ByteBuffer bytes) throws IOException {
      while (bytes.hasRemaining()) {
        channel.write(bytes);
      }
    }
  }
}
