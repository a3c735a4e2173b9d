package org.covidmmar.io.dicom.codec;

/**
 * The marker segments of a JPEG or JPEG-LS stream, one after the other, up to the entropy-coded
 * data (ITU-T T.81, B.1.1). Nothing is read beyond the stream or beyond a segment.
 */
final class Segments {
  static final int DHT = 0xc4;
  static final int DQT = 0xdb;
  static final int DRI = 0xdd;
  static final int RST0 = 0xd0;
  static final int SOS = 0xda;
  private static final int SOI = 0xd8;
  private static final int EOI = 0xd9;
  private static final int PREFIX = 0xff;

  private final byte[] data;
  private final int end;
  private int at;
  private int segmentEnd;

  Segments(byte[] data, int offset, int length) throws CodecException {
    this.data = data;
    end = offset + length;
    at = offset;
    segmentEnd = end;
    if (left() < 2 || u8() != PREFIX || u8() != SOI) {
      throw new CodecException("the stream does not begin with a JPEG's marker SOI");
    }
    segmentEnd = at;
  }

  /** Goes to the next segment: its marker's second byte. Standalone markers are passed over. */
  int next() throws CodecException {
    at = segmentEnd;
    while (true) {
      segmentEnd = end;
      if (u8() != PREFIX) {
        throw new CodecException("a marker was expected at byte " + (at - 1) + " of the stream");
      }
      int marker = u8();
      while (marker == PREFIX) {
        marker = u8();
      }
      if (marker == EOI) {
        throw new CodecException("the stream ends (EOI) before any pixel (SOS)");
      }
      boolean standalone = marker <= 1 || (marker >= RST0 && marker <= SOI);
      if (!standalone) {
        int length = u16();
        if (length < 2 || length - 2 > left()) {
          throw new CodecException(
              "segment %02x has %d bytes, %d are left".formatted(marker, length - 2, left()));
        }
        segmentEnd = at + length - 2;
        return marker;
      }
    }
  }

  /** Bytes of this segment that were not read. */
  int left() {
    return segmentEnd - at;
  }

  int u8() throws CodecException {
    if (at >= segmentEnd) {
      throw new CodecException("the stream is cut off in its header");
    }
    return data[at++] & 0xff;
  }

  int u16() throws CodecException {
    return u8() << 8 | u8();
  }

  /** Where the bytes after this segment begin: after SOS the entropy-coded ones. */
  int segmentEnd() {
    return segmentEnd;
  }

  int end() {
    return end;
  }

  /** Reads a frame header (SOF) of one component: bits of a sample. The rest is left unread. */
  int precision(FrameLayout layout) throws CodecException {
    int precision = u8();
    int height = u16();
    int width = u16();
    int components = u8();
    layout.requireSize(width, height);
    if (components != 1) {
      throw new CodecException("one component was expected, the stream has " + components);
    }
    if (precision < 2 || precision > layout.bitsAllocated()) {
      throw new CodecException(
          "the stream has %d bits a sample, the data set %d"
              .formatted(precision, layout.bitsAllocated()));
    }
    return precision;
  }

  /** Whether the marker is a frame header (SOF) of whatever process. */
  static boolean isFrame(int marker) {
    return marker >= 0xc0 && marker <= 0xcf && marker != DHT && marker != 0xc8 && marker != 0xcc;
  }
}
