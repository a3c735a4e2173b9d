package org.covidmmar.io.dicom.codec;

/**
 * How the samples of a frame are laid out, as its data set says: one sample a pixel.
 *
 * @param rows the frame's height in pixels
 * @param columns the frame's width in pixels
 * @param bitsAllocated 8 or 16
 * @param bitsStored 1 to bitsAllocated; a sample is its low bits
 * @param signed whether samples are two's complement
 * @param transferSyntax the UID
 */
public record FrameLayout(
    int rows,
    int columns,
    int bitsAllocated,
    int bitsStored,
    boolean signed,
    String transferSyntax) {
  public FrameLayout {
    if (rows < 1 || columns < 1 || (long) rows * columns > Integer.MAX_VALUE - 64) {
      throw new IllegalArgumentException(rows + " rows of " + columns);
    }
    if ((bitsAllocated != 8 && bitsAllocated != 16)
        || bitsStored < 1
        || bitsStored > bitsAllocated) {
      throw new IllegalArgumentException(bitsStored + " bits of " + bitsAllocated);
    }
  }

  /** Rows times columns. */
  public int pixels() {
    return rows * columns;
  }

  /** The least sample. */
  int least() {
    return signed ? -(1 << (bitsStored - 1)) : 0;
  }

  /** The greatest sample. */
  int most() {
    return (1 << (signed ? bitsStored - 1 : bitsStored)) - 1;
  }

  /** Refuses a stream that has another size than the data set. */
  void requireSize(int width, int height) throws CodecException {
    if (width != columns || height != rows) {
      throw new CodecException(
          "the stream has %d rows of %d pixels, the data set %d of %d"
              .formatted(height, width, rows, columns));
    }
  }

  /** Makes each value the sample that its low {@code bitsStored} bits, shifted left, stand for. */
  void extend(short[] out, int shift) {
    if (shift == 0 && bitsStored == Short.SIZE) {
      return;
    }
    int free = Integer.SIZE - bitsStored;
    if (signed) {
      for (int i = 0; i < pixels(); i++) {
        out[i] = (short) (out[i] << shift << free >> free);
      }
    } else {
      for (int i = 0; i < pixels(); i++) {
        out[i] = (short) (out[i] << shift << free >>> free);
      }
    }
  }
}
