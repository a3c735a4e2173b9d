package org.covidmmar.io.dicom.codec;

import java.util.Arrays;

/** DICOM's run lengths (PS3.5, annex G): a segment for each byte of a sample, the highest first. */
final class RleCodec implements PixelCodec {
  private static final int HEADER = 64;

  @Override
  public void decode(byte[] frame, int offset, int length, FrameLayout layout, short[] out)
      throws CodecException {
    if (length < HEADER) {
      throw new CodecException("an RLE header of 64 bytes was expected, found " + length);
    }
    int expected = layout.bitsAllocated() / Byte.SIZE;
    int segments = u32(frame, offset);
    if (segments != expected) {
      throw new CodecException(
          "%d RLE segments were expected, found %d"
              .formatted(expected, Integer.toUnsignedLong(segments)));
    }
    Arrays.fill(out, 0, layout.pixels(), (short) 0);
    for (int s = 0; s < segments; s++) {
      int from = u32(frame, offset + Integer.BYTES * (s + 1));
      int to = s + 1 < segments ? u32(frame, offset + Integer.BYTES * (s + 2)) : length;
      if (from < HEADER || to < from || to > length) {
        throw new CodecException(
            "RLE segment %d is bytes %d to %d of %d".formatted(s + 1, from, to, length));
      }
      segment(frame, offset + from, offset + to, (segments - 1 - s) * Byte.SIZE, layout, out);
    }
    layout.extend(out, 0);
  }

  private static void segment(
      byte[] data, int from, int to, int shift, FrameLayout layout, short[] out)
      throws CodecException {
    int pixels = layout.pixels();
    int i = 0;
    int at = from;
    while (i < pixels) {
      int control = at < to ? data[at++] : Byte.MIN_VALUE;
      boolean run = control < 0;
      int count = run ? 1 - control : control + 1;
      if (control == Byte.MIN_VALUE && at < to) {
        continue;
      }
      if (control == Byte.MIN_VALUE || to - at < (run ? 1 : count)) {
        throw new CodecException("an RLE segment ends after %d of %d pixels".formatted(i, pixels));
      }
      if (count > pixels - i) {
        throw new CodecException("an RLE segment has more than %d pixels".formatted(pixels));
      }
      for (int end = i + count; i < end; i++) {
        out[i] |= (short) ((data[at] & 0xff) << shift);
        at += run ? 0 : 1;
      }
      at += run ? 1 : 0;
    }
  }

  private static int u32(byte[] data, int at) {
    return (data[at] & 0xff)
        | ((data[at + 1] & 0xff) << 8)
        | ((data[at + 2] & 0xff) << 16)
        | ((data[at + 3] & 0xff) << 24);
  }
}
