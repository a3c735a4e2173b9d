package org.covidmmar.io.dicom.codec;

import java.util.Arrays;

/**
 * A Huffman table of a JPEG stream (ITU-T T.81, annexes C and F.2.2.3). The first {@value #BITS}
 * bits of what is to be decoded are an index into {@code lookup}; longer codes are rare.
 */
final class HuffmanTable {
  static final int BITS = 12;
  private static final int LONGEST = 16;

  /** Entries: the symbol, times 256, plus the length of its code; 0 for longer or unknown codes. */
  final int[] lookup = new int[1 << BITS];

  /** For each length the first code beyond those of this length, and where its symbols begin. */
  private final int[] limit = new int[LONGEST + 1];

  private final int[] first = new int[LONGEST + 1];
  private final byte[] symbols;

  /** Reads one table of a segment DHT, after its class and number. */
  HuffmanTable(Segments segment) throws CodecException {
    int[] counts = new int[LONGEST + 1];
    int total = 0;
    for (int length = 1; length <= LONGEST; length++) {
      counts[length] = segment.u8();
      total += counts[length];
    }
    if (total == 0 || total > 256) {
      throw new CodecException("a Huffman table has " + total + " codes");
    }
    symbols = new byte[total];
    for (int i = 0; i < total; i++) {
      symbols[i] = (byte) segment.u8();
    }
    int code = 0;
    int index = 0;
    for (int length = 1; length <= LONGEST; length++, code <<= 1) {
      first[length] = index - code;
      for (int i = 0; i < counts[length]; i++, code++, index++) {
        if (code >= 1 << length) {
          throw new CodecException("a Huffman table has too many codes of " + length + " bits");
        }
        if (length <= BITS) {
          int free = BITS - length;
          int entry = (symbols[index] & 0xff) << 8 | length;
          Arrays.fill(lookup, code << free, (code + 1) << free, entry);
        }
      }
      limit[length] = code;
    }
  }

  /** The entry of whatever code the bits begin with; 0 where there is none. */
  int find(long bits) {
    int entry = lookup[(int) (bits >>> (Long.SIZE - BITS))];
    for (int length = BITS + 1; entry == 0 && length <= LONGEST; length++) {
      int code = (int) (bits >>> (Long.SIZE - length));
      if (code < limit[length]) {
        entry = (symbols[first[length] + code] & 0xff) << 8 | length;
      }
    }
    return entry;
  }

  /**
   * The number that additional bits stand for (T.81, F.2.2.1): negative where the first of them is
   * 0.
   *
   * @param category how many bits, 0 to 16
   */
  static int difference(long bits, int category) {
    int value = (int) (bits >>> 1 >>> (Long.SIZE - 1 - category));
    return value - ((int) (~bits >> (Long.SIZE - 1)) & ((1 << category) - 1));
  }

  /** The largest symbol. */
  int most() {
    int most = 0;
    for (byte s : symbols) {
      most = Math.max(most, s & 0xff);
    }
    return most;
  }
}
