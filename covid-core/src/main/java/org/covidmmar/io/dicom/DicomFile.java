package org.covidmmar.io.dicom;

import java.io.EOFException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.covidmmar.CovidException;

/**
 * A DICOM file without its pixels.
 *
 * @param sop the SOP class, of the data set or else of the file; may be empty
 * @param other what else it is than images of CT; null where it is such
 * @param frames where the pixels of each frame are; empty where there are no pixel data, and of
 *     what is no CT
 * @param pixelBytes length of pixel data that are not encapsulated; else -1
 * @param deflatedFrom where the deflated data set begins in the file; -1 where it is not deflated
 */
record DicomFile(
    Path path,
    long size,
    long modified,
    String transferSyntax,
    String sop,
    DataSet set,
    String other,
    List<Range> frames,
    long pixelBytes,
    long deflatedFrom) {

  static final String COPY_AGAIN =
      "copy the file again from the archive it came from, or take it out of the folder";
  static final String IMPLICIT = "1.2.840.10008.1.2";
  static final String EXPLICIT = "1.2.840.10008.1.2.1";
  static final String DEFLATED = "1.2.840.10008.1.2.1.99";
  static final String BIG_ENDIAN = "1.2.840.10008.1.2.2";

  private static final int PREAMBLE = 128;
  private static final int MAGIC = 4;
  private static final int ITEM_HEADER = 8;
  private static final int MOST_FRAGMENTS = 1 << 20;
  private static final int MOST_FRAMES = 1 << 16;

  /** Bytes from a place on to another, excluded. */
  record Range(long from, long to) {}

  /**
   * Reads a file up to its pixel data.
   *
   * @param identifying whether elements that tell who the patient is are kept
   * @param begun gets the data set before it is read, so that what was read of a damaged file is
   *     known
   * @return null where it is no DICOM file
   * @throws CovidException where it is a damaged one, or can't be read
   */
  static DicomFile read(Path file, boolean identifying, Consumer<DataSet> begun) {
    try (DicomInput in = DicomInput.open(file)) {
      return isDicom(in) ? read(file, in, identifying, begun) : null;
    } catch (EOFException e) {
      throw damaged(file, "truncated: its data set has no end", e);
    } catch (DicomFormatException e) {
      throw damaged(file, e.getMessage(), e);
    } catch (IOException e) {
      throw unreadable(file, e);
    }
  }

  static CovidException damaged(Path file, String problem, Exception cause) {
    return new CovidException(file.toString(), problem, COPY_AGAIN, cause);
  }

  static CovidException unreadable(Path file, IOException e) {
    return new CovidException(
        file.toString(), "cannot be read: " + e, "make the file readable, or take it away", e);
  }

  /** Leaves the input at the first element. */
  private static boolean isDicom(DicomInput in) throws IOException {
    byte[] head = new byte[PREAMBLE + MAGIC];
    if (in.has(head.length)) {
      in.readFully(head, 0, head.length);
      if (head[128] == 'D' && head[129] == 'I' && head[130] == 'C' && head[131] == 'M') {
        return true;
      }
    }
    in.seek(0);
    if (!in.has(ITEM_HEADER)) {
      return false;
    }
    in.readFully(head, 0, ITEM_HEADER);
    in.seek(0);
    // Without preamble: the first element is of group 2 or 8, and a short one.
    boolean little = (head[0] == 2 || head[0] == 8) && head[1] == 0 && head[3] == 0;
    boolean big = head[0] == 0 && (head[1] == 2 || head[1] == 8) && head[2] == 0;
    boolean shortLittle = head[7] == 0 && (head[6] == 0 || isExplicit(head));
    boolean shortBig = isExplicit(head) && head[6] == 0;
    return (little && shortLittle) || (big && shortBig);
  }

  private static boolean isExplicit(byte[] element) {
    return element[4] >= 'A' && element[4] <= 'Z' && element[5] >= 'A' && element[5] <= 'Z';
  }

  private static DicomFile read(
      Path file, DicomInput in, boolean identifying, Consumer<DataSet> begun) throws IOException {
    DataSet meta = new DataSetParser(in, false).readMeta();
    String syntax = meta.text(Tag.TRANSFER_SYNTAX);
    if (syntax.isEmpty()) {
      syntax = guessed(in);
    }
    long size = Files.size(file);
    long modified = Files.getLastModifiedTime(file).toMillis();
    if (!syntax.equals(DEFLATED)) {
      return read(file, size, modified, syntax, meta, in, -1, identifying, begun);
    }
    long from = in.position();
    try (DicomInput inflated = DicomInput.openDeflated(file, from)) {
      return read(file, size, modified, syntax, meta, inflated, from, identifying, begun);
    }
  }

  private static String guessed(DicomInput in) throws IOException {
    long start = in.position();
    byte[] element = new byte[ITEM_HEADER];
    in.readFully(element, 0, ITEM_HEADER);
    in.seek(start);
    if (!isExplicit(element)) {
      return IMPLICIT;
    }
    return element[0] == 0 ? BIG_ENDIAN : EXPLICIT;
  }

  private static DicomFile read(
      Path file,
      long size,
      long modified,
      String syntax,
      DataSet meta,
      DicomInput in,
      long deflatedFrom,
      boolean identifying,
      Consumer<DataSet> begun)
      throws IOException {
    DataSetParser.Encoding encoding =
        new DataSetParser.Encoding(!syntax.equals(IMPLICIT), syntax.equals(BIG_ENDIAN));
    DataSetParser parser = new DataSetParser(in, identifying);
    DataSet set = new DataSet(encoding.bigEndian());
    begun.accept(set);
    parser.read(set, encoding);
    long pixelBytes = parser.pixels() == null ? -1 : parser.pixels().length();
    String sop = set.has(Tag.SOP_CLASS) ? set.text(Tag.SOP_CLASS) : meta.text(Tag.MEDIA_SOP_CLASS);
    String other = CtSlices.other(sop, set);
    List<Range> frames = List.of();
    if (other == null) {
      frames = frames(in, parser, set, encoding.bigEndian(), size);
    }
    return new DicomFile(
        file, size, modified, syntax, sop, set, other, frames, pixelBytes, deflatedFrom);
  }

  private static List<Range> frames(
      DicomInput in, DataSetParser parser, DataSet set, boolean bigEndian, long size)
      throws IOException {
    if (parser.isFloating()) {
      throw new DicomFormatException("expected pixel data of integers, found floating-point ones");
    }
    int count = set.integer(Tag.FRAMES, 1);
    if (count < 1 || count > MOST_FRAMES) {
      throw new DicomFormatException(
          "(0028,0008): expected 1 to " + MOST_FRAMES + " frames, found " + count);
    }
    DataSetParser.Pixels pixels = parser.pixels();
    if (pixels == null) {
      return List.of();
    }
    if (pixels.length() < 0) {
      return encapsulated(in, count, size);
    }
    in.require(pixels.length(), "pixel data");
    if (bigEndian && !pixels.bytes() && set.unsigned(Tag.BITS_ALLOCATED, 0) == Byte.SIZE) {
      throw new DicomFormatException(
          "expected pixels of 8 bits in big endian as bytes (OB), found words (OW)");
    }
    return contiguous(pixels, set, count);
  }

  /** Frames follow each other without a gap; after the last there may be a byte of padding. */
  private static List<Range> contiguous(DataSetParser.Pixels pixels, DataSet set, int count)
      throws DicomFormatException {
    List<Range> frames = new ArrayList<>();
    long row =
        (long) set.unsigned(Tag.COLUMNS, 0) * (set.unsigned(Tag.BITS_ALLOCATED, 0) / Byte.SIZE);
    long frame = row * set.unsigned(Tag.ROWS, 0);
    long expected = frame * count;
    if (frame > 0 && pixels.length() - expected >= Math.max(row, 2)) {
      throw new DicomFormatException(
          "expected %d bytes of pixel data, by frames, rows, columns and bits, found %d"
              .formatted(expected, pixels.length()));
    }
    // Where there are too few, the slices' reader says so.
    long each = frame > 0 && expected <= pixels.length() ? frame : pixels.length() / count;
    for (int f = 0; f < count; f++) {
      frames.add(new Range(pixels.offset() + f * each, pixels.offset() + (f + 1) * each));
    }
    return frames;
  }

  /** The fragments of each frame (PS3.5, A.4), the input being at the table of offsets. */
  private static List<Range> encapsulated(DicomInput in, int count, long size) throws IOException {
    long[] table = table(in, count);
    long first = in.position();
    if (count == 1) {
      return List.of(new Range(first, size));
    }
    List<Long> starts = new ArrayList<>();
    long end = first;
    while (!in.atEnd()) {
      long start = in.position();
      long length = fragment(in);
      if (length < 0) {
        break;
      }
      if (starts.size() == MOST_FRAGMENTS) {
        throw new DicomFormatException(
            "expected at most " + MOST_FRAGMENTS + " fragments of pixel data, found more");
      }
      starts.add(start);
      in.skip(length);
      end = in.position();
    }
    return frames(starts, end, table, first, count);
  }

  private static List<Range> frames(
      List<Long> starts, long end, long[] table, long first, int count)
      throws DicomFormatException {
    List<Long> bounds = new ArrayList<>();
    if (starts.size() == count) {
      bounds.addAll(starts);
    } else if (table.length == count) {
      for (long offset : table) {
        bounds.add(first + offset);
      }
    } else {
      throw new DicomFormatException(
          "expected a fragment of pixel data for each of %d frames or a table of offsets, found %d"
              .formatted(count, starts.size()));
    }
    bounds.add(end);
    List<Range> frames = new ArrayList<>();
    for (int f = 0; f < count; f++) {
      if (bounds.get(f) >= bounds.get(f + 1)) {
        throw new DicomFormatException("the table of the frames' offsets does not ascend");
      }
      frames.add(new Range(bounds.get(f), bounds.get(f + 1)));
    }
    return frames;
  }

  private static long[] table(DicomInput in, int count) throws IOException {
    long length = fragment(in);
    if (length < 0) {
      throw new DicomFormatException("expected fragments of pixel data, found none");
    }
    if (length != (long) Integer.BYTES * count) {
      in.skip(length);
      return new long[0];
    }
    long[] table = new long[count];
    for (int f = 0; f < count; f++) {
      table[f] = in.unsignedInt(false);
    }
    return table;
  }

  /** The length of the item that begins here; -1 where the sequence ends. */
  private static long fragment(DicomInput in) throws IOException {
    int tag = in.unsignedShort(false) << 16 | in.unsignedShort(false);
    long length = in.unsignedInt(false);
    if (tag == Tag.SEQUENCE_END) {
      return -1;
    }
    if (tag != Tag.ITEM || !in.has(length)) {
      throw new DicomFormatException(
          "truncated: a fragment of pixel data expected at byte %d, found %s of %d bytes"
              .formatted(in.position() - ITEM_HEADER, DataSet.name(tag), length));
    }
    return length;
  }
}
