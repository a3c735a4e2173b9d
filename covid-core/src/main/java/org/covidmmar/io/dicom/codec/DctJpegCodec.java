package org.covidmmar.io.dicom.codec;

import java.util.Arrays;

/**
 * JPEG of the discrete cosine transform, sequential, Huffman-coded (ITU-T T.81, processes 1, 2 and
 * 4): baseline and extended, 8 or 12 bits. It is lossy: decoders may differ by 1.
 */
final class DctJpegCodec implements PixelCodec {
  private static final int SOF1 = 0xc1;
  private static final int SIDE = 8;
  private static final int BLOCK = SIDE * SIDE;
  private static final int[] ZIGZAG = {
    0, 1, 8, 16, 9, 2, 3, 10, 17, 24, 32, 25, 18, 11, 4, 5, 12, 19, 26, 33, 40, 48, 41, 34, 27, 20,
    13, 6, 7, 14, 21, 28, 35, 42, 49, 56, 57, 50, 43, 36, 29, 22, 15, 23, 30, 37, 44, 51, 58, 59,
    52, 45, 38, 31, 39, 46, 53, 60, 61, 54, 47, 55, 62, 63
  };

  /** For frequency u and place x at 8 u + x: the basis of T.81, A.3.3. */
  private static final float[] COSINES = new float[BLOCK];

  static {
    for (int u = 0; u < SIDE; u++) {
      for (int x = 0; x < SIDE; x++) {
        double scale = u == 0 ? Math.sqrt(0.125) : 0.5;
        COSINES[u * SIDE + x] = (float) (scale * StrictMath.cos((2 * x + 1) * u * Math.PI / 16));
      }
    }
  }

  @Override
  public void decode(byte[] frame, int offset, int length, FrameLayout layout, short[] out)
      throws CodecException {
    Segments segments = new Segments(frame, offset, length);
    HuffmanTable[] dc = new HuffmanTable[4];
    HuffmanTable[] ac = new HuffmanTable[4];
    int[][] steps = new int[4][];
    int precision = 0;
    int quantization = 0;
    int interval = 0;
    int marker = segments.next();
    while (marker != Segments.SOS) {
      if (marker == SOF1 || marker == SOF1 - 1) {
        precision = segments.precision(layout);
        segments.u16();
        quantization = segments.u8() & 3;
      } else if (Segments.isFrame(marker)) {
        throw new CodecException(
            "sequential JPEG (SOF0, SOF1) was expected, found the process SOF" + (marker & 15));
      } else if (marker == Segments.DRI) {
        interval = segments.u16();
      } else if (marker == Segments.DQT) {
        while (segments.left() > 0) {
          int kind = segments.u8();
          int[] table = new int[BLOCK];
          for (int i = 0; i < BLOCK; i++) {
            table[i] = kind >> 4 == 0 ? segments.u8() : segments.u16();
          }
          steps[kind & 3] = table;
        }
      } else if (marker == Segments.DHT) {
        while (segments.left() > 0) {
          int kind = segments.u8();
          (kind >> 4 == 0 ? dc : ac)[kind & 3] = new HuffmanTable(segments);
        }
      }
      marker = segments.next();
    }
    if (precision != 8 && precision != 12) {
      throw new CodecException("8 or 12 bits a sample were expected, found " + precision);
    }
    int components = segments.u8();
    segments.u8();
    int tables = segments.u8();
    int[] step = steps[quantization];
    HuffmanTable first = dc[tables >> 4 & 3];
    HuffmanTable others = ac[tables & 3];
    if (components != 1 || step == null || first == null || others == null) {
      throw new CodecException("the scan lacks a table, or has several components");
    }
    EntropyBits bits = new EntropyBits(frame, segments.segmentEnd(), segments.end());
    new Scan(bits, first, others, step, precision, layout).decode(layout, interval, out);
    layout.extend(out, 0);
  }

  private static final class Scan {
    private final EntropyBits bits;
    private final HuffmanTable dc;
    private final HuffmanTable ac;
    private final int[] steps;
    private final int most;
    private final int mostStored;
    private final float[] frequencies = new float[BLOCK];
    private final float[] rows = new float[BLOCK];
    private int position;
    private int mean;

    Scan(
        EntropyBits bits,
        HuffmanTable dc,
        HuffmanTable ac,
        int[] steps,
        int precision,
        FrameLayout layout) {
      this.bits = bits;
      this.dc = dc;
      this.ac = ac;
      this.steps = steps;
      most = (1 << precision) - 1;
      // What a lossy stream has beyond the stored bits is its error, not another value.
      mostStored = layout.signed() ? most : Math.min(most, layout.most());
    }

    void decode(FrameLayout layout, int interval, short[] out) throws CodecException {
      int block = 0;
      for (int y = 0; y < layout.rows(); y += SIDE) {
        for (int x = 0; x < layout.columns(); x += SIDE, block++) {
          if (interval > 0 && block > 0 && block % interval == 0) {
            bits.restart(block / interval - 1);
            position = 0;
            mean = 0;
          }
          read(y);
          if (position > bits.size()) {
            throw new CodecException("the stream ends in row " + (y + 1));
          }
          transform(layout, y, x, out);
        }
      }
    }

    private void read(int y) throws CodecException {
      Arrays.fill(frequencies, 0);
      int category = symbol(dc, y);
      if (category > 15) {
        throw new CodecException(
            "a block in row " + (y + 1) + " has a mean of " + category + " bits");
      }
      mean += additional(category);
      frequencies[0] = mean * steps[0];
      for (int i = 1; i < BLOCK; i++) {
        int symbol = symbol(ac, y);
        int size = symbol & 15;
        if (size == 0 && symbol != 0xf0) {
          return; // End of block.
        }
        i += symbol >> 4;
        if (i >= BLOCK) {
          throw new CodecException("a block in row " + (y + 1) + " has more than 64 frequencies");
        }
        frequencies[ZIGZAG[i]] = additional(size) * steps[i];
      }
    }

    private int symbol(HuffmanTable table, int y) throws CodecException {
      if (position > bits.size()) {
        throw new CodecException("the stream ends in row " + (y + 1));
      }
      int entry = table.find(bits.at(position));
      if (entry == 0) {
        throw new CodecException("no Huffman code in row " + (y + 1));
      }
      position += entry & 0xff;
      return entry >> 8;
    }

    /** At most 15 bits, right after a code that began before the end. */
    private int additional(int size) {
      int value = HuffmanTable.difference(bits.at(position), size);
      position += size;
      return value;
    }

    private void transform(FrameLayout layout, int y0, int x0, short[] out) {
      for (int v = 0; v < SIDE; v++) {
        for (int x = 0; x < SIDE; x++) {
          float sum = 0;
          for (int u = 0; u < SIDE; u++) {
            sum += frequencies[v * SIDE + u] * COSINES[u * SIDE + x];
          }
          rows[v * SIDE + x] = sum;
        }
      }
      float middle = (most + 1) / 2f + 0.5f;
      for (int y = 0; y < Math.min(SIDE, layout.rows() - y0); y++) {
        for (int x = 0; x < Math.min(SIDE, layout.columns() - x0); x++) {
          float sum = middle;
          for (int v = 0; v < SIDE; v++) {
            sum += rows[v * SIDE + x] * COSINES[v * SIDE + y];
          }
          int value = Math.max(0, Math.min(mostStored, (int) Math.floor(sum)));
          out[(y0 + y) * layout.columns() + x0 + x] = (short) value;
        }
      }
    }
  }
}
