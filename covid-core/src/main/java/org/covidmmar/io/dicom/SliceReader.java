package org.covidmmar.io.dicom;

import java.io.EOFException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import org.covidmmar.CovidException;
import org.covidmmar.io.dicom.codec.CodecException;
import org.covidmmar.io.dicom.codec.FrameLayout;
import org.covidmmar.io.dicom.codec.PixelCodec;
import org.covidmmar.io.dicom.codec.PixelCodecs;

/** Reads the pixels of slices. Keeps its buffers from slice to slice: one a thread. */
final class SliceReader {
  private static final int ITEM_HEADER = 8;
  private static final long SPARE = 1L << 20;

  private byte[] bytes = new byte[0];
  private short[] values = new short[0];

  /**
   * The stored values of a slice, row by row, extended to 16 bits; of unsigned ones from 32768 on
   * the bit pattern. The array, which may be longer, is used again for the next slice.
   *
   * @throws CovidException where the file is damaged, or has changed since it was looked at
   */
  short[] read(CtSlice slice) {
    CtSlice.Stored stored = slice.stored();
    FrameLayout layout = stored.layout();
    Path file = slice.source().file();
    if (values.length < layout.pixels()) {
      values = new short[layout.pixels()];
    }
    try (DicomInput in =
        stored.deflatedFrom() < 0
            ? DicomInput.open(file)
            : DicomInput.openDeflated(file, stored.deflatedFrom())) {
      int length = length(stored, layout);
      if (!in.has(stored.from() + length)) {
        throw new EOFException();
      }
      if (bytes.length < length) {
        bytes = new byte[length];
      }
      in.skip(stored.from());
      in.readFully(bytes, 0, length);
      if (stored.encapsulated()) {
        decode(layout, join(length));
      } else {
        unpack(stored, layout);
      }
      return values;
    } catch (EOFException e) {
      throw DicomFile.damaged(file, "truncated: fewer bytes of pixel data than expected", e);
    } catch (CodecException e) {
      throw DicomFile.damaged(
          file,
          "pixel data in " + PixelCodecs.name(layout.transferSyntax()) + ": " + e.getMessage(),
          e);
    } catch (DicomFormatException e) {
      throw DicomFile.damaged(file, e.getMessage(), e);
    } catch (IOException e) {
      throw DicomFile.unreadable(file, e);
    }
  }

  private static int length(CtSlice.Stored stored, FrameLayout layout) throws DicomFormatException {
    long raw = (long) layout.pixels() * (layout.bitsAllocated() / Byte.SIZE);
    if (!stored.encapsulated()) {
      return Math.toIntExact(raw);
    }
    long length = stored.to() - stored.from();
    if (length > 4 * raw + SPARE) {
      throw new DicomFormatException(
          "expected compressed pixel data, found %d bytes for %d of pixels".formatted(length, raw));
    }
    return Math.toIntExact(length);
  }

  /** Joins the fragments at the start of the buffer; gives their length together. */
  private int join(int length) throws DicomFormatException {
    int at = 0;
    int joined = 0;
    while (at + ITEM_HEADER <= length) {
      int tag = word(at, 0) << 16 | word(at, 2);
      long size = (long) word(at, 6) << 16 | word(at, 4);
      at += ITEM_HEADER;
      if (tag == Tag.SEQUENCE_END) {
        return joined;
      }
      if (tag != Tag.ITEM || size > length - at) {
        throw new DicomFormatException(
            "truncated: a fragment of pixel data expected, found %s of %d bytes"
                .formatted(DataSet.name(tag), size));
      }
      System.arraycopy(bytes, at, bytes, joined, (int) size);
      joined += (int) size;
      at += (int) size;
    }
    // A frame of several ends with its last fragment.
    return joined;
  }

  private int word(int at, int plus) {
    return (bytes[at + plus] & 0xff) | (bytes[at + plus + 1] & 0xff) << 8;
  }

  private void decode(FrameLayout layout, int length) throws CodecException {
    PixelCodec codec = PixelCodecs.of(layout.transferSyntax()).orElseThrow();
    codec.decode(bytes, 0, length, layout, values);
  }

  private void unpack(CtSlice.Stored stored, FrameLayout layout) {
    int count = layout.pixels();
    int left = Integer.SIZE - layout.bitsStored() - stored.shift();
    int right = Integer.SIZE - layout.bitsStored();
    boolean signed = layout.signed();
    if (layout.bitsAllocated() == Byte.SIZE) {
      for (int i = 0; i < count; i++) {
        int shifted = (bytes[i] & 0xff) << left;
        values[i] = (short) (signed ? shifted >> right : shifted >>> right);
      }
      return;
    }
    int low = layout.transferSyntax().equals(DicomFile.BIG_ENDIAN) ? 1 : 0;
    int high = 1 - low;
    for (int i = 0; i < count; i++) {
      int shifted = ((bytes[2 * i + low] & 0xff) | (bytes[2 * i + high] & 0xff) << 8) << left;
      values[i] = (short) (signed ? shifted >> right : shifted >>> right);
    }
  }

  /** Whether two slices hold the same image. */
  static boolean isSame(CtSlice a, CtSlice b) {
    if (a.stored().layout().signed() != b.stored().layout().signed()
        || !a.rescale().equals(b.rescale())) {
      return false;
    }
    int count = a.stored().layout().pixels();
    short[] first = new SliceReader().read(a);
    short[] second = new SliceReader().read(b);
    return count == b.stored().layout().pixels()
        && Arrays.equals(first, 0, count, second, 0, count);
  }
}
