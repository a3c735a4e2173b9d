package org.covidmmar.io.dicom.codec;

/**
 * JPEG lossless, Huffman-coded (ITU-T T.81, process 14, annex H): all seven predictors, 2 to 16
 * bits, point transform, restart markers.
 */
final class LosslessJpegCodec implements PixelCodec {
  private static final int SOF3 = 0xc3;
  private static final int INDEX_SHIFT = Long.SIZE - HuffmanTable.BITS;

  /** The one category without additional bits, beside 0: the difference 32768. */
  private static final int WIDEST = 16;

  @Override
  public void decode(byte[] frame, int offset, int length, FrameLayout layout, short[] out)
      throws CodecException {
    Segments segments = new Segments(frame, offset, length);
    HuffmanTable[] tables = new HuffmanTable[4];
    int precision = 0;
    int interval = 0;
    int marker = segments.next();
    while (marker != Segments.SOS) {
      if (marker == SOF3) {
        precision = segments.precision(layout);
      } else if (Segments.isFrame(marker)) {
        throw new CodecException(
            "lossless JPEG (SOF3) was expected, found the process SOF" + (marker & 15));
      } else if (marker == Segments.DRI) {
        interval = segments.u16();
      } else if (marker == Segments.DHT) {
        while (segments.left() > 0) {
          int number = segments.u8();
          tables[number & 3] = new HuffmanTable(segments);
        }
      }
      marker = segments.next();
    }
    if (precision == 0) {
      throw new CodecException("the stream has no frame header (SOF3)");
    }
    int components = segments.u8();
    segments.u8();
    HuffmanTable table = tables[segments.u8() >> 4 & 3];
    int predictor = segments.u8();
    segments.u8();
    int shift = segments.u8() & 15;
    if (components != 1 || table == null || predictor < 1 || predictor > 7 || shift >= precision) {
      throw new CodecException(
          "the scan has %d components, %s Huffman table, predictor %d, point transform %d of %d bits"
              .formatted(components, table == null ? "no" : "a", predictor, shift, precision));
    }
    if (table.most() > WIDEST) {
      throw new CodecException("a difference has " + table.most() + " bits, 16 are the most");
    }
    if (interval % layout.columns() != 0) {
      throw new CodecException(
          "a restart interval of %d pixels is no whole rows of %d"
              .formatted(interval, layout.columns()));
    }
    EntropyBits bits = new EntropyBits(frame, segments.segmentEnd(), segments.end());
    int[] lookup = combined(table);
    int columns = layout.columns();
    int rowsAnInterval = interval == 0 ? layout.rows() : interval / columns;
    int position = 0;
    for (int row = 0; row < layout.rows(); row++) {
      int start = row * columns;
      boolean first = row % rowsAnInterval == 0;
      if (first) {
        position = 0;
        if (row > 0) {
          bits.restart(row / rowsAnInterval - 1);
        }
      }
      position = differences(bits, position, table, lookup, out, start, start + columns);
      if (position > bits.size()) {
        throw new CodecException("the stream ends in row " + (row + 1) + " of " + layout.rows());
      }
      int before = first ? 1 << (precision - shift - 1) : out[start - columns];
      predict(first ? 1 : predictor, out, start, columns, before);
    }
    layout.extend(out, shift);
  }

  /** Entries: the category, times 256, plus the bits of its code and of the difference after it. */
  private static int[] combined(HuffmanTable table) {
    int[] lookup = new int[table.lookup.length];
    for (int i = 0; i < lookup.length; i++) {
      int entry = table.lookup[i];
      int category = entry >> 8;
      lookup[i] = entry == 0 || category == WIDEST ? 0 : entry + category;
    }
    return lookup;
  }

  /**
   * Decodes differences modulo 65536 into {@code out[from..to)}; returns the position after them,
   * which is beyond the end where the stream was cut off.
   */
  private static int differences(
      EntropyBits bits,
      int position,
      HuffmanTable table,
      int[] lookup,
      short[] out,
      int from,
      int to)
      throws CodecException {
    int size = bits.size();
    int at = position;
    int i = from;
    while (i < to && at <= size) {
      long word = bits.at(at);
      int entry = lookup[(int) (word >>> INDEX_SHIFT)];
      if (entry == 0) {
        entry = table.find(word);
        if (entry == 0) {
          throw new CodecException("no Huffman code at bit " + at);
        }
        int category = entry >> 8;
        out[i++] =
            category == WIDEST
                ? Short.MIN_VALUE
                : (short) HuffmanTable.difference(word << entry, category);
        at += (entry & 0xff) + (category & 15);
      } else {
        // A shift takes the low six bits of its distance: the category above them does no harm.
        out[i++] = difference(word, entry);
        at += entry & 0xff;
        // Two differences of looked-up codes are at most 54 bits: no need to load again.
        word <<= entry;
        entry = lookup[(int) (word >>> INDEX_SHIFT)];
        if (entry != 0 && i < to) {
          out[i++] = difference(word, entry);
          at += entry & 0xff;
        }
      }
    }
    return i < to ? Integer.MAX_VALUE : at;
  }

  private static short difference(long word, int entry) {
    int category = entry >> 8;
    return (short) HuffmanTable.difference(word << (entry - category), category);
  }

  /**
   * Adds predictions to the differences of a row (T.81, H.1.2.1), modulo 65536.
   *
   * @param before what predicts the first pixel
   */
  private static void predict(int predictor, short[] out, int start, int columns, int before) {
    int left = (out[start] + before) & 0xffff;
    out[start] = (short) left;
    int end = start + columns;
    if (predictor == 1) {
      for (int i = start + 1; i < end; i++) {
        left += out[i];
        out[i] = (short) left;
      }
      return;
    }
    int corner = out[start - columns] & 0xffff;
    for (int i = start + 1; i < end; i++) {
      int above = out[i - columns] & 0xffff;
      int prediction =
          switch (predictor) {
            case 2 -> above;
            case 3 -> corner;
            case 4 -> left + above - corner;
            case 5 -> left + ((above - corner) >> 1);
            case 6 -> above + ((left - corner) >> 1);
            default -> (left + above) >> 1;
          };
      left = (out[i] + prediction) & 0xffff;
      out[i] = (short) left;
      corner = above;
    }
  }
}
