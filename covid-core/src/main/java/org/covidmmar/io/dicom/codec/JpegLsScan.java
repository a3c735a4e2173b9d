package org.covidmmar.io.dicom.codec;

import java.util.Arrays;

/** The scan of a JPEG-LS stream; the names of variables are those of ITU-T T.87, annex A. */
final class JpegLsScan {
  private static final int[] J = {
    0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7, 8, 9, 10, 11, 12, 13,
    14, 15
  };

  /** The context of runs that end between different neighbours; the other one follows. */
  private static final int RUN = 365;

  private final byte[] data;
  private final int end;
  private final int maxval;
  private final int near;
  private final int reset;
  private final int range;
  private final int qbpp;
  private final int limit;
  private final byte[] quantized;
  private final int[] a = new int[RUN + 2];
  private final int[] b = new int[RUN + 2];
  private final int[] c = new int[RUN];
  private final int[] n = new int[RUN + 2];
  private int runIndex;

  private int next;
  private long word;
  private int available;
  private boolean afterFf;

  /**
   * @param from where the entropy-coded data begin
   * @param thresholds T1, T2, T3
   */
  JpegLsScan(byte[] data, int from, int end, int maxval, int near, int[] thresholds, int reset) {
    this.data = data;
    this.end = end;
    this.maxval = maxval;
    this.near = near;
    this.reset = reset;
    next = from;
    range = (maxval + 2 * near) / (2 * near + 1) + 1;
    qbpp = bits(range - 1);
    int bpp = Math.max(2, bits(maxval));
    limit = 2 * (bpp + Math.max(8, bpp));
    quantized = new byte[2 * maxval + 1];
    for (int d = 0; d <= maxval; d++) {
      int q = d <= near ? 0 : 1;
      for (int t : thresholds) {
        q += q > 0 && d >= t ? 1 : 0;
      }
      quantized[maxval + d] = (byte) q;
      quantized[maxval - d] = (byte) -q;
    }
  }

  /** Bits that are needed for 0 to {@code most}. */
  private static int bits(int most) {
    return Integer.SIZE - Integer.numberOfLeadingZeros(most);
  }

  /**
   * Decodes all rows.
   *
   * @param interval rows between restart markers, or 0
   */
  void decode(short[] out, int rows, int columns, int interval) throws CodecException {
    // One more at each side: the first of the row before, and what is right above the last.
    int[] previous = new int[columns + 2];
    int[] current = new int[columns + 2];
    begin();
    for (int row = 0; row < rows; row++) {
      if (interval > 0 && row > 0 && row % interval == 0) {
        restart(row / interval - 1);
        Arrays.fill(previous, 0);
      }
      previous[columns + 1] = previous[columns];
      current[0] = previous[1];
      row(previous, current, columns);
      int start = row * columns;
      for (int x = 0; x < columns; x++) {
        out[start + x] = (short) current[x + 1];
      }
      int[] swap = previous;
      previous = current;
      current = swap;
    }
  }

  private void begin() {
    Arrays.fill(a, Math.max(2, (range + 32) >> 6));
    Arrays.fill(b, 0);
    Arrays.fill(c, 0);
    Arrays.fill(n, 1);
    runIndex = 0;
    word = 0;
    available = 0;
    afterFf = false;
  }

  private void restart(int number) throws CodecException {
    int marker = Segments.RST0 + (number & 7);
    // Bits are read ahead up to the marker, not beyond it.
    while (next < end - 1 && data[next] == -1 && data[next + 1] == -1) {
      next++;
    }
    if (next >= end - 1 || data[next] != -1 || (data[next + 1] & 0xff) != marker) {
      throw new CodecException("restart marker %02x is missing".formatted(marker));
    }
    next += 2;
    begin();
  }

  private void row(int[] previous, int[] current, int columns) throws CodecException {
    int x = 1;
    while (x <= columns) {
      int ra = current[x - 1];
      int rb = previous[x];
      int rc = previous[x - 1];
      int q =
          81 * quantized[maxval + previous[x + 1] - rb]
              + 9 * quantized[maxval + rb - rc]
              + quantized[maxval + rc - ra];
      if (q == 0) {
        x = run(previous, current, x, columns);
      } else {
        current[x++] = regular(q, ra, rb, rc);
      }
    }
  }

  private int regular(int signed, int ra, int rb, int rc) throws CodecException {
    int sign = signed >> 31 | 1;
    int q = signed * sign;
    int lesser = Math.min(ra, rb);
    int greater = Math.max(ra, rb);
    int px = rc >= greater ? lesser : rc <= lesser ? greater : ra + rb - rc;
    px = Math.max(0, Math.min(maxval, px + sign * c[q]));
    int k = k(n[q], a[q]);
    int mapped = golomb(k, limit);
    int error = (mapped & 1) == 0 ? mapped >> 1 : -((mapped + 1) >> 1);
    if (near == 0 && k == 0 && 2 * b[q] <= -n[q]) {
      error = ~error;
    }
    update(q, error);
    return reconstruct(px, sign * error);
  }

  private void update(int q, int error) {
    b[q] += error * (2 * near + 1);
    a[q] += Math.abs(error);
    if (n[q] == reset) {
      a[q] >>= 1;
      b[q] >>= 1;
      n[q] >>= 1;
    }
    n[q]++;
    if (b[q] <= -n[q]) {
      b[q] = Math.max(b[q] + n[q], 1 - n[q]);
      c[q] = Math.max(c[q] - 1, -128);
    } else if (b[q] > 0) {
      b[q] = Math.min(b[q] - n[q], 0);
      c[q] = Math.min(c[q] + 1, 127);
    }
  }

  private int reconstruct(int px, int error) {
    int step = 2 * near + 1;
    int rx = px + error * step;
    if (rx < -near) {
      rx += range * step;
    } else if (rx > maxval + near) {
      rx -= range * step;
    }
    return Math.max(0, Math.min(maxval, rx));
  }

  /** Decodes a run and the pixel that ends it; returns the column after them. */
  private int run(int[] previous, int[] current, int start, int columns) throws CodecException {
    int ra = current[start - 1];
    int x = start;
    int left = columns + 1 - start;
    while (left > 0 && take(1) == 1) {
      int whole = 1 << J[runIndex];
      int count = Math.min(whole, left);
      Arrays.fill(current, x, x + count, ra);
      x += count;
      left -= count;
      if (count == whole && runIndex < J.length - 1) {
        runIndex++;
      }
    }
    if (left == 0) {
      return x;
    }
    int count = take(J[runIndex]);
    if (count >= left) {
      throw new CodecException("a run of %d pixels, %d are left".formatted(count, left - 1));
    }
    Arrays.fill(current, x, x + count, ra);
    x += count;
    current[x] = interruption(ra, previous[x]);
    runIndex = Math.max(0, runIndex - 1);
    return x + 1;
  }

  private int interruption(int ra, int rb) throws CodecException {
    int type = Math.abs(ra - rb) <= near ? 1 : 0;
    int q = RUN + type;
    int k = k(n[q], a[q] + (type == 1 ? n[q] >> 1 : 0));
    int mapped = golomb(k, limit - J[runIndex] - 1);
    int whole = mapped + type;
    int map = whole & 1;
    int magnitude = (whole + map) >> 1;
    // For these two contexts b counts the negative errors (T.87's Nn).
    boolean negative = (k != 0 || 2 * b[q] >= n[q]) == (map == 1);
    int error = negative ? -magnitude : magnitude;
    if (error < 0) {
      b[q]++;
    }
    a[q] += (mapped + 1 - type) >> 1;
    if (n[q] == reset) {
      a[q] >>= 1;
      b[q] >>= 1;
      n[q] >>= 1;
    }
    n[q]++;
    return type == 1 ? reconstruct(ra, error) : reconstruct(rb, ra > rb ? -error : error);
  }

  private static int k(int n, int a) {
    int k = 0;
    while (n << k < a && k < Short.SIZE) {
      k++;
    }
    return k;
  }

  private int golomb(int k, int most) throws CodecException {
    fill();
    int zeros = Long.numberOfLeadingZeros(word);
    int escape = most - qbpp - 1;
    if (zeros > escape || zeros >= available) {
      throw new CodecException(
          available < Long.SIZE - Byte.SIZE
              ? "the stream ends before the last pixel"
              : "a code begins with more than " + escape + " zero bits");
    }
    drop(zeros + 1);
    int mapped = zeros < escape ? (zeros << k) + take(k) : take(qbpp) + 1;
    if (mapped > range) {
      throw new CodecException("an error has the code " + mapped + ", the most is " + range);
    }
    return mapped;
  }

  /** The next bits, at most 16. */
  private int take(int count) throws CodecException {
    if (available < count) {
      fill();
      if (available < count) {
        throw new CodecException("the stream ends before the last pixel");
      }
    }
    int value = (int) (word >>> 1 >>> (Long.SIZE - 1 - count));
    drop(count);
    return value;
  }

  private void drop(int count) {
    word <<= count;
    available -= count;
  }

  /**
   * Reads ahead, 56 bits at least if they are there; after ff a byte has only seven (T.87, C.1).
   */
  private void fill() {
    while (available < Long.SIZE - Byte.SIZE && next < end) {
      int value = data[next] & 0xff;
      if (value == 0xff && (next + 1 == end || (data[next + 1] & 0x80) != 0)) {
        return; // A marker.
      }
      int bits = afterFf ? Byte.SIZE - 1 : Byte.SIZE;
      available += bits;
      word |= (long) value << (Long.SIZE - available);
      afterFf = value == 0xff;
      next++;
    }
  }
}
