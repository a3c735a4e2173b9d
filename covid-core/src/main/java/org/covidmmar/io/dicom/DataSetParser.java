package org.covidmmar.io.dicom;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * Reads a data set up to its pixel data (DICOM PS3.5, sections 7 and A) and keeps the few elements
 * that make an image of it. All else is passed over: sequences of defined length unread, those of
 * undefined length item by item.
 */
final class DataSetParser {
  private static final long UNDEFINED = 0xffffffffL;
  private static final int MOST_DEPTH = 32;
  private static final int MOST_VALUE = 1 << 12;
  private static final int MOST_KEPT = 1 << 24;
  private static final int MOST_ITEMS = 1 << 18;

  private final DicomInput in;
  private final boolean identifying;
  private long kept;
  private int items;
  private Pixels pixels;
  private boolean floating;

  /**
   * How elements are written.
   *
   * @param explicit whether each says its value representation
   */
  record Encoding(boolean explicit, boolean bigEndian) {
    static final Encoding IMPLICIT = new Encoding(false, false);
    static final Encoding EXPLICIT = new Encoding(true, false);
  }

  /**
   * Where the pixel data are.
   *
   * @param offset of the value, from the start of the input
   * @param length in bytes; -1 where it is encapsulated
   * @param bytes whether they are said to be bytes (OB), not words
   */
  record Pixels(long offset, long length, boolean bytes) {}

  /**
   * @param identifying whether elements that tell who the patient is are kept
   */
  DataSetParser(DicomInput in, boolean identifying) {
    this.in = in;
    this.identifying = identifying;
  }

  /** Reads group 0002, and leaves the input at the first element after it. */
  DataSet readMeta() throws IOException {
    DataSet meta = new DataSet(false);
    while (!in.atEnd()) {
      long start = in.position();
      int tag = readTag(false);
      if (tag >>> 16 != 2) {
        in.seek(start);
        break;
      }
      readElement(meta, tag, Encoding.EXPLICIT, 0, false);
    }
    return meta;
  }

  /** Reads the data set into one; ends at its pixel data, or at its end. */
  void read(DataSet set, Encoding encoding) throws IOException {
    while (pixels == null && !floating && !in.atEnd()) {
      readElement(set, readTag(encoding.bigEndian()), encoding, 0, true);
    }
  }

  /** Where the pixel data were found; null where there are none. */
  Pixels pixels() {
    return pixels;
  }

  /** Whether the pixel data are floating-point numbers. */
  boolean isFloating() {
    return floating;
  }

  private int readTag(boolean bigEndian) throws IOException {
    int group = in.unsignedShort(bigEndian);
    return group << 16 | in.unsignedShort(bigEndian);
  }

  /**
   * @param set takes what is kept; null where nothing is
   * @param top whether this is no item of a sequence, so that pixel data are the image's
   */
  private void readElement(DataSet set, int tag, Encoding encoding, int depth, boolean top)
      throws IOException {
    boolean unknown = false;
    boolean bytes = false;
    long length;
    if (encoding.explicit()) {
      int a = in.unsignedByte();
      int b = in.unsignedByte();
      if (isLetter(a) && isLetter(b)) {
        boolean isLong = isLong(a, b);
        unknown = a == 'U' && b == 'N';
        bytes = a == 'O' && b == 'B';
        length = in.unsignedShort(encoding.bigEndian());
        if (isLong) {
          length = in.unsignedInt(encoding.bigEndian());
        }
      } else {
        // Some writers leave private elements implicit.
        int low = in.unsignedShort(encoding.bigEndian());
        length =
            encoding.bigEndian() ? (long) (a << 8 | b) << 16 | low : (long) low << 16 | b << 8 | a;
      }
    } else {
      length = in.unsignedInt(encoding.bigEndian());
    }
    if (top && tag == Tag.PIXELS) {
      pixels = new Pixels(in.position(), length == UNDEFINED ? -1 : length, bytes);
    } else if (top && (tag == Tag.FLOAT_PIXELS || tag == Tag.DOUBLE_PIXELS)) {
      floating = true;
    } else if (length == UNDEFINED) {
      // Of unknown representation, a sequence is implicit (PS3.5, 6.2.2).
      Encoding inner = unknown ? Encoding.IMPLICIT : encoding;
      boolean keep = set != null && Tag.isKeptSequence(tag);
      List<DataSet> read = readSequence(inner, Long.MAX_VALUE, depth + 1, keep);
      if (keep) {
        set.put(tag, read);
      }
    } else {
      in.require(length, DataSet.name(tag));
      if (set != null && Tag.isKeptSequence(tag)) {
        set.put(tag, readSequence(encoding, in.position() + length, depth + 1, true));
      } else if (set != null && isKept(tag) && length <= MOST_VALUE) {
        set.put(tag, readValue((int) length));
      } else {
        in.skip(length);
      }
    }
  }

  private boolean isKept(int tag) {
    return Tag.isKept(tag) || (identifying && Tag.IDENTIFYING.containsValue(tag));
  }

  private byte[] readValue(int length) throws IOException {
    kept += length;
    if (kept > MOST_KEPT) {
      throw new DicomFormatException("expected a header of at most 16 MB, found more");
    }
    byte[] value = new byte[length];
    in.readFully(value, 0, length);
    return value;
  }

  private List<DataSet> readSequence(Encoding encoding, long end, int depth, boolean keep)
      throws IOException {
    if (depth > MOST_DEPTH) {
      throw new DicomFormatException("sequences are nested more than " + MOST_DEPTH + " deep");
    }
    List<DataSet> read = new ArrayList<>();
    while (in.position() < end) {
      int tag = readTag(encoding.bigEndian());
      long length = in.unsignedInt(encoding.bigEndian());
      if (tag == Tag.SEQUENCE_END) {
        break;
      }
      if (tag != Tag.ITEM) {
        throw new DicomFormatException(
            "expected an item of a sequence at byte %d, found %s"
                .formatted(in.position() - 8, DataSet.name(tag)));
      }
      DataSet item = keep ? new DataSet(encoding.bigEndian()) : null;
      if (keep) {
        read.add(item);
        if (++items > MOST_ITEMS) {
          throw new DicomFormatException("expected at most " + MOST_ITEMS + " items, found more");
        }
      }
      if (length == UNDEFINED) {
        readItem(item, encoding, end, depth);
      } else if (!in.has(length) || in.position() + length > end) {
        throw new DicomFormatException(
            "truncated: an item at byte %d has %d bytes, fewer are there"
                .formatted(in.position(), length));
      } else if (keep) {
        readItem(item, encoding, in.position() + length, depth);
      } else {
        in.skip(length);
      }
    }
    return read;
  }

  private void readItem(DataSet item, Encoding encoding, long end, int depth) throws IOException {
    while (in.position() < end) {
      int tag = readTag(encoding.bigEndian());
      if (tag == Tag.ITEM_END) {
        in.unsignedInt(encoding.bigEndian());
        return;
      }
      readElement(item, tag, encoding, depth, false);
    }
  }

  private static boolean isLetter(int c) {
    return c >= 'A' && c <= 'Z';
  }

  /** Whether two bytes and a length of four follow the representation, instead of one of two. */
  private static boolean isLong(int a, int b) {
    return switch (a << 8 | b) {
      case 'O' << 8 | 'B',
          'O' << 8 | 'D',
          'O' << 8 | 'F',
          'O' << 8 | 'L',
          'O' << 8 | 'V',
          'O' << 8 | 'W',
          'S' << 8 | 'Q',
          'S' << 8 | 'V',
          'U' << 8 | 'C',
          'U' << 8 | 'N',
          'U' << 8 | 'R',
          'U' << 8 | 'T',
          'U' << 8 | 'V' ->
          true;
      default -> false;
    };
  }
}
