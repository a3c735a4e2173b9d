package org.covidmmar.io.dicom.codec;

/** JPEG-LS, lossless and near-lossless (ITU-T T.87): one component, 2 to 16 bits. */
final class JpegLsCodec implements PixelCodec {
  private static final int SOF55 = 0xf7;
  private static final int LSE = 0xf8;
  private static final int DEFAULT_RESET = 64;

  @Override
  public void decode(byte[] frame, int offset, int length, FrameLayout layout, short[] out)
      throws CodecException {
    Segments segments = new Segments(frame, offset, length);
    int precision = 0;
    int interval = 0;
    int[] preset = new int[5];
    int marker = segments.next();
    while (marker != Segments.SOS) {
      if (marker == SOF55) {
        precision = segments.precision(layout);
      } else if (Segments.isFrame(marker)) {
        throw new CodecException(
            "JPEG-LS (SOF55) was expected, found the process SOF" + (marker & 15));
      } else if (marker == Segments.DRI) {
        while (segments.left() > 0) { // T.87 allows two to four bytes.
          interval = interval << 8 | segments.u8();
        }
      } else if (marker == LSE) {
        int kind = segments.u8();
        if (kind != 1) {
          throw new CodecException("JPEG-LS with mapping tables (LSE " + kind + ") is not decoded");
        }
        for (int i = 0; i < preset.length; i++) {
          preset[i] = segments.u16();
        }
      }
      marker = segments.next();
    }
    if (precision == 0) {
      throw new CodecException("the stream has no frame header (SOF55)");
    }
    int components = segments.u8();
    segments.u8();
    int table = segments.u8();
    int near = segments.u8();
    int interleave = segments.u8();
    int shift = segments.u8() & 15;
    int most = preset[0] == 0 ? (1 << precision) - 1 : preset[0];
    if (components != 1 || table != 0 || interleave != 0 || shift != 0) {
      throw new CodecException(
          "the scan has %d components, mapping table %d, interleave %d, point transform %d; 1, 0, 0, 0 were expected"
              .formatted(components, table, interleave, shift));
    }
    if (most >= 1 << precision || near > Math.min(255, most / 2)) {
      throw new CodecException(
          "largest value %d and error %d of %d bits".formatted(most, near, precision));
    }
    int[] thresholds = thresholds(preset, most, near);
    int reset = preset[4] == 0 ? DEFAULT_RESET : preset[4];
    if (reset < 3) {
      throw new CodecException("contexts are halved after " + reset + ", 3 is the least");
    }
    JpegLsScan scan =
        new JpegLsScan(frame, segments.segmentEnd(), segments.end(), most, near, thresholds, reset);
    scan.decode(out, layout.rows(), layout.columns(), interval);
    layout.extend(out, 0);
  }

  /** T.87, C.2.4.1.1. */
  private static int[] thresholds(int[] preset, int most, int near) throws CodecException {
    int[] t = new int[3];
    int[] base = {3, 7, 21};
    int below = near + 1;
    for (int i = 0; i < t.length; i++) {
      int slack = (2 * i + 3) * near;
      int value;
      if (most >= 128) {
        value = ((Math.min(most, 4095) + 128) >> 8) * (base[i] - 2 - i) + 2 + i + slack;
      } else {
        value = Math.max(2 + i, base[i] / (256 / (most + 1)) + slack);
      }
      t[i] = value > most || value < below ? below : value;
      below = t[i];
    }
    for (int i = 0; i < t.length; i++) {
      int chosen = preset[i + 1];
      if (chosen != 0) {
        t[i] = chosen;
      }
      if (t[i] < (i == 0 ? near + 1 : t[i - 1]) || t[i] > most) {
        throw new CodecException(
            "thresholds %d, %d, %d of values up to %d".formatted(t[0], t[1], t[2], most));
      }
    }
    return t;
  }
}
