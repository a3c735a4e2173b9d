package org.covidmmar.io.dicom;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.zip.Inflater;
import java.util.zip.InflaterInputStream;
import java.util.zip.ZipException;

/**
 * Reads a file, or the deflated rest of one, from front to back. What is skipped in a file is not
 * read; what a deflated file may hold is bounded.
 */
final class DicomInput implements AutoCloseable {
  // Most headers of CT images end within it, so that a file takes one read.
  private static final int BUFFER = 1 << 15;
  private static final long LEAST_INFLATED = 1L << 26;
  // CT images deflate to no less than a tenth.
  private static final int MOST_INFLATED_RATIO = 50;

  private final FileChannel channel;
  private final InflaterInputStream inflated;
  private final Inflater inflater;
  private final long end;
  private final byte[] buffer = new byte[BUFFER];
  private long base;
  private int at;
  private int filled;

  private DicomInput(FileChannel channel, Inflater inflater, long end) {
    this.channel = channel;
    this.inflater = inflater;
    this.inflated =
        inflater == null
            ? null
            : new InflaterInputStream(Channels.newInputStream(channel), inflater, BUFFER);
    this.end = end;
  }

  static DicomInput open(Path file) throws IOException {
    FileChannel channel = FileChannel.open(file);
    try {
      return new DicomInput(channel, null, channel.size());
    } catch (IOException e) {
      channel.close();
      throw e;
    }
  }

  /** What the deflated bytes from a place in a file on stand for; positions count from 0 there. */
  static DicomInput openDeflated(Path file, long from) throws IOException {
    FileChannel channel = FileChannel.open(file);
    try {
      channel.position(from);
      long most = Math.max(LEAST_INFLATED, (channel.size() - from) * MOST_INFLATED_RATIO);
      return new DicomInput(channel, new Inflater(true), most);
    } catch (IOException e) {
      channel.close();
      throw e;
    }
  }

  /** The place of the next byte. */
  long position() {
    return base + at;
  }

  /** Whether a data set may hold so many bytes more. */
  boolean has(long bytes) {
    return bytes >= 0 && bytes <= end - position();
  }

  /** Refuses what cannot be there. */
  void require(long bytes, String what) throws DicomFormatException {
    if (!has(bytes)) {
      throw inflated == null
          ? new DicomFormatException(
              "truncated: %s at byte %d has %d bytes, fewer are there"
                  .formatted(what, position(), bytes))
          : tooMuchInflated();
    }
  }

  private DicomFormatException tooMuchInflated() {
    return new DicomFormatException(
        "expected deflated data of a likely size, found more than %d MB in them"
            .formatted(end >> 20));
  }

  /** Whether there is no byte more. */
  boolean atEnd() throws IOException {
    return at == filled && !fill();
  }

  int unsignedByte() throws IOException {
    if (at == filled && !fill()) {
      throw new EOFException();
    }
    return buffer[at++] & 0xff;
  }

  int unsignedShort(boolean bigEndian) throws IOException {
    int a = unsignedByte();
    int b = unsignedByte();
    return bigEndian ? a << 8 | b : b << 8 | a;
  }

  long unsignedInt(boolean bigEndian) throws IOException {
    long a = unsignedShort(bigEndian);
    long b = unsignedShort(bigEndian);
    return bigEndian ? a << 16 | b : b << 16 | a;
  }

  void readFully(byte[] into, int from, int length) throws IOException {
    int done = 0;
    while (done < length) {
      if (at < filled) {
        int n = Math.min(length - done, filled - at);
        System.arraycopy(buffer, at, into, from + done, n);
        at += n;
        done += n;
      } else if (inflated == null && length - done >= BUFFER) {
        ByteBuffer rest = ByteBuffer.wrap(into, from + done, length - done);
        int n = channel.read(rest, position());
        if (n < 0) {
          throw new EOFException();
        }
        restart(position() + n);
        done += n;
      } else if (!fill()) {
        throw new EOFException();
      }
    }
  }

  /** Skips bytes that {@link #has} said to be there. */
  void skip(long bytes) throws IOException {
    long rest = bytes - (filled - at);
    if (rest <= 0) {
      at += (int) bytes;
    } else if (inflated == null) {
      restart(base + filled + rest);
    } else {
      while (rest > 0) {
        at = filled;
        if (!fill()) {
          throw new EOFException();
        }
        int n = (int) Math.min(rest, filled);
        at = n;
        rest -= n;
      }
    }
  }

  /** Goes to a place in a file that is not deflated. */
  void seek(long position) {
    if (position >= base && position <= base + filled) {
      at = (int) (position - base);
    } else {
      restart(position);
    }
  }

  private void restart(long position) {
    base = position;
    at = 0;
    filled = 0;
  }

  private boolean fill() throws IOException {
    restart(base + filled);
    if (base >= end && inflated == null) {
      return false;
    }
    int n;
    if (inflated == null) {
      n = channel.read(ByteBuffer.wrap(buffer), base);
    } else {
      n = inflate();
    }
    filled = Math.max(n, 0);
    return n > 0;
  }

  private int inflate() throws IOException {
    if (base >= end) {
      throw tooMuchInflated();
    }
    try {
      return inflated.read(buffer, 0, (int) Math.min(BUFFER, end - base));
    } catch (ZipException e) {
      throw new DicomFormatException("the deflated data are damaged: " + e.getMessage());
    }
  }

  @Override
  public void close() throws IOException {
    try (channel) {
      if (inflater != null) {
        inflater.end();
      }
    }
  }
}
