package org.covidmmar.io.dicom.codec;

import java.util.Arrays;

/**
 * The headers of a JPEG 2000 codestream (ITU-T T.800, annex A), checked before a decoder allocates
 * what they claim: one component of the image's size, every part there, a number of tiles,
 * precincts, code-blocks and layers that fits the number of pixels.
 */
final class Jpeg2000Headers {
  private static final int SOC = 0xff4f;
  private static final int SIZ = 0xff51;
  private static final int COD = 0xff52;
  private static final int COC = 0xff53;
  private static final int TLM = 0xff55;
  private static final int RGN = 0xff5e;
  private static final int PPM = 0xff60;
  private static final int PPT = 0xff61;
  private static final int COM = 0xff64;
  private static final int SOT = 0xff90;
  private static final int SOD = 0xff93;
  private static final int EOC = 0xffd9;
  private static final int LEAST_CODED = 0xff30;
  private static final int LAST_CODED = 0xff3f;

  private byte[] data;
  private final FrameLayout layout;
  private int at;
  private int tilesAcross;
  private int tiles;
  private long tileWidth;
  private long tileHeight;

  Jpeg2000Headers(byte[] frame, int offset, int length, FrameLayout layout) {
    data = Arrays.copyOfRange(frame, offset, offset + length);
    this.layout = layout;
  }

  /** The stream without what was hidden by the check. */
  byte[] stream() {
    return data;
  }

  int tilesAcross() {
    return tilesAcross;
  }

  int tiles() {
    return tiles;
  }

  void check() throws CodecException {
    if (u16() != SOC) {
      throw new CodecException(
          "the stream does not begin with a JPEG 2000 codestream's marker SOC");
    }
    if (u16() != SIZ) {
      throw new CodecException("the image's size (SIZ) is missing from the stream's begin");
    }
    int afterSize = at + u16();
    size();
    if (at != afterSize) {
      throw new CodecException("the segment SIZ is not that of one component");
    }
    int marker = segments(SOT);
    boolean[] seen = new boolean[tiles];
    while (marker == SOT) {
      int start = at - 2;
      int length = u16();
      int tile = u16();
      long part = u32();
      int partEnd = part == 0 ? data.length : (int) Math.min(Integer.MAX_VALUE, start + part);
      if (length != 10 || tile >= tiles || partEnd > data.length || partEnd < start + 14) {
        throw new CodecException(
            "a part of tile %d has %d bytes, the stream has %d tiles and %d bytes more"
                .formatted(tile, part, tiles, data.length - start));
      }
      seen[tile] = true;
      u16();
      segments(SOD);
      if (at > partEnd) {
        throw new CodecException("a part of tile " + tile + " ends in its header");
      }
      at = partEnd;
      marker = data.length - at < 2 ? EOC : u16();
      if (marker != SOT && part != 0) {
        // JJ2000 wants EOC right after the last part.
        data = Arrays.copyOf(data, partEnd + 2);
        data[partEnd] = (byte) (EOC >> Byte.SIZE);
        data[partEnd + 1] = (byte) EOC;
      }
    }
    for (int tile = 0; tile < tiles; tile++) {
      if (!seen[tile]) {
        throw new CodecException("tile %d of %d is missing".formatted(tile, tiles));
      }
    }
  }

  /** Reads segments until a marker, which is returned. */
  private int segments(int last) throws CodecException {
    while (true) {
      int marker = u16();
      if (marker == last) {
        return marker;
      }
      if (marker < 0xff00 || marker == SOT || marker == SOD || marker == EOC) {
        throw new CodecException("a marker segment was expected, found %04x".formatted(marker));
      }
      if (marker >= LEAST_CODED && marker <= LAST_CODED) {
        continue;
      }
      int next = at + u16();
      if (next < at || next > data.length) {
        throw new CodecException("segment %04x is longer than the stream".formatted(marker));
      }
      if (marker == RGN || marker == PPM || marker == PPT) {
        // JJ2000 reads packed headers (PPM, PPT) for ever where they end too early.
        throw new CodecException(
            "JPEG 2000 with a region of interest or packed headers (%04x) is not decoded"
                .formatted(marker));
      } else if (marker == TLM) {
        // It repeats the lengths of the parts; a second truth would need checks of its own.
        hide(next);
      } else if (marker == COD) {
        int style = u8();
        u8();
        int layers = u16();
        u8();
        coding(style, layers);
      } else if (marker == COC) {
        u8();
        coding(u8(), 1);
      }
      at = next;
    }
  }

  private void size() throws CodecException {
    u16();
    long x1 = u32();
    long y1 = u32();
    long x0 = u32();
    long y0 = u32();
    tileWidth = u32();
    tileHeight = u32();
    long tileX = u32();
    long tileY = u32();
    int components = u16();
    if (components != 1) {
      throw new CodecException("one component was expected, the stream has " + components);
    }
    int bits = (u8() & 0x7f) + 1;
    int steps = u16();
    boolean inRange = x1 < 1 << 30 && y1 < 1 << 30 && x0 < x1 && y0 < y1;
    layout.requireSize(inRange ? (int) (x1 - x0) : 0, inRange ? (int) (y1 - y0) : 0);
    if (bits > layout.bitsAllocated()) {
      throw new CodecException(
          "the stream has %d bits a sample, the data set %d"
              .formatted(bits, layout.bitsAllocated()));
    }
    if (steps != 0x0101
        || tileX > x0
        || tileY > y0
        || tileWidth == 0
        || tileHeight == 0
        || tileX + tileWidth <= x0
        || tileY + tileHeight <= y0
        || tileWidth > Integer.MAX_VALUE
        || tileHeight > Integer.MAX_VALUE) {
      throw new CodecException("the stream's tiles are not those of an image of one component");
    }
    long across = (x1 - tileX + tileWidth - 1) / tileWidth;
    long down = (y1 - tileY + tileHeight - 1) / tileHeight;
    require("tiles", across * down, 16 + layout.pixels() / 256);
    tilesAcross = (int) across;
    tiles = (int) (across * down);
    tileWidth = Math.min(tileWidth, layout.columns());
    tileHeight = Math.min(tileHeight, layout.rows());
  }

  /** Reads the rest of a segment COD or COC, from the number of levels on. */
  private void coding(int style, int layers) throws CodecException {
    int levels = u8();
    int blockWidth = u8() + 2;
    int blockHeight = u8() + 2;
    u16();
    if (levels > 32 || blockWidth > 10 || blockHeight > 10 || blockWidth + blockHeight > 12) {
      throw new CodecException(
          "the stream has %d levels and code-blocks of 2^%d by 2^%d"
              .formatted(levels, blockWidth, blockHeight));
    }
    long precincts = 0;
    long blocks = 0;
    for (int level = 0; level <= levels; level++) {
      int size = (style & 1) == 0 ? 0xff : u8();
      int width = size & 15;
      int height = size >> 4;
      long x = (tileWidth >> (levels - level) >> width) + 2;
      long y = (tileHeight >> (levels - level) >> height) + 2;
      precincts += x * y;
      int w = Math.min(blockWidth, Math.max(0, width - 1));
      int h = Math.min(blockHeight, Math.max(0, height - 1));
      blocks +=
          ((tileWidth >> (levels - level) >> w) + 2) * ((tileHeight >> (levels - level) >> h) + 2);
    }
    long pixels = layout.pixels();
    require("precincts", precincts, 1024 + pixels / 16);
    require("code-blocks", blocks, 1024 + pixels / 2);
    require("pieces of code-blocks", layers * blocks, 65536 + 8 * pixels);
    require("packets", layers * precincts * tiles, 65536 + 8 * pixels);
  }

  private void require(String what, long count, long most) throws CodecException {
    if (count > most) {
      throw new CodecException(
          "%d %s in an image of %d pixels".formatted(count, what, layout.pixels()));
    }
  }

  /** Makes the segment a comment of a kind that no decoder knows. */
  private void hide(int next) throws CodecException {
    if (next - at < 2) {
      throw new CodecException("a segment TLM is empty");
    }
    data[at - 3] = (byte) COM;
    data[at] = 0;
    data[at + 1] = 0;
  }

  private int u8() throws CodecException {
    if (at >= data.length) {
      throw new CodecException("the stream is cut off in its headers");
    }
    return data[at++] & 0xff;
  }

  private int u16() throws CodecException {
    return u8() << 8 | u8();
  }

  private long u32() throws CodecException {
    return (long) u16() << 16 | u16();
  }
}
