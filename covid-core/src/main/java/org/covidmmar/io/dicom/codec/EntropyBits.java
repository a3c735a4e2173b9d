package org.covidmmar.io.dicom.codec;

import java.nio.ByteBuffer;

/**
 * Entropy-coded bits of a JPEG stream without the zero bytes that are stuffed after ff, one restart
 * interval at a time.
 */
final class EntropyBits {
  private static final long ONES = 0x0101010101010101L;
  private static final long HIGHS = 0x8080808080808080L;
  private static final int PADDING = 16;

  private final ByteBuffer source;
  private final int sourceEnd;
  private final ByteBuffer bits;
  private int next;
  private int end;

  /** The bits of {@code source[from..sourceEnd)}, the first interval first. */
  EntropyBits(byte[] source, int from, int sourceEnd) throws CodecException {
    if (sourceEnd - from > Integer.MAX_VALUE / Byte.SIZE - PADDING) {
      throw new CodecException("the stream is longer than any image");
    }
    this.source = ByteBuffer.wrap(source);
    this.sourceEnd = sourceEnd;
    bits = ByteBuffer.allocate(sourceEnd - from + PADDING);
    next = from;
    fill();
  }

  /** Takes the bytes up to the next marker, or to the end of the stream. */
  private void fill() {
    int from = next;
    int to = 0;
    boolean marker = false;
    while (from < sourceEnd && !marker) {
      while (from + Long.BYTES <= sourceEnd) {
        long word = source.getLong(from);
        if (((~word - ONES) & word & HIGHS) != 0) {
          break; // Some byte is ff.
        }
        bits.putLong(to, word);
        from += Long.BYTES;
        to += Long.BYTES;
      }
      boolean escaped = false;
      while (from < sourceEnd && !escaped && !marker) {
        byte b = source.get(from);
        int after = b == -1 ? from + 1 < sourceEnd ? source.get(from + 1) : 1 : 0;
        if (b == -1 && after == -1) {
          from++; // Markers may have any number of ff before them.
        } else if (b == -1 && after != 0) {
          marker = true;
        } else {
          bits.put(to++, b);
          escaped = b == -1;
          from += escaped ? 2 : 1;
        }
      }
    }
    next = from;
    end = to;
  }

  /** Goes on after the restart marker that is due, the first one's number being 0. */
  void restart(int number) throws CodecException {
    int marker = Segments.RST0 + (number & 7);
    if (next + 1 >= sourceEnd || (source.get(next + 1) & 0xff) != marker) {
      throw new CodecException("restart marker %02x is missing".formatted(marker));
    }
    next += 2;
    fill();
  }

  /** How many bits there are. */
  int size() {
    return end * Byte.SIZE;
  }

  /**
   * At least 57 bits from a position on, the first one highest.
   *
   * @param position 0 to {@link #size}; what follows the last bit is arbitrary
   */
  long at(int position) {
    return bits.getLong(position >>> 3) << (position & 7);
  }
}
