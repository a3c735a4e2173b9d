package org.covidmmar.inference;

import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.zip.CRC32;
import java.util.zip.Deflater;
import java.util.zip.DeflaterOutputStream;

/** Writes PNG (ISO/IEC 15948) of 8 bits a pixel; needs no AWT, which small Java images lack. */
final class Png {
  private static final byte[] SIGNATURE = {(byte) 0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n'};
  private static final int GRAY = 0;
  private static final int RGB = 2;
  private static final int INDEXED = 3;
  private static final int NO_FILTER = 0;
  private static final int PAETH = 4;

  private Png() {}

  /**
   * A picture in shades of gray.
   *
   * @param pixels row by row from the top left, 0 black, 255 white
   */
  static byte[] gray(int width, int[] pixels) {
    return png(width, bytes(pixels, 1), GRAY, null);
  }

  /**
   * A picture in colours.
   *
   * @param pixels row by row from the top left: red, green, blue from bit 23 down
   */
  static byte[] rgb(int width, int[] pixels) {
    return png(3 * width, bytes(pixels, 3), RGB, null);
  }

  /**
   * A picture of few colours.
   *
   * @param pixels row by row from the top left, indices of the palette
   * @param palette alpha, red, green, blue from the highest byte down; 256 at most
   */
  static byte[] indexed(int width, int[] pixels, int[] palette) {
    return png(width, bytes(pixels, 1), INDEXED, palette);
  }

  /** So many low bytes of each pixel, the highest first. */
  private static byte[] bytes(int[] pixels, int each) {
    byte[] bytes = new byte[Math.multiplyExact(pixels.length, each)];
    for (int n = 0; n < bytes.length; n++) {
      bytes[n] = (byte) (pixels[n / each] >> (8 * (each - 1 - n % each)));
    }
    return bytes;
  }

  /**
   * @param row bytes of a row
   */
  private static byte[] png(int row, byte[] pixels, int type, int[] palette) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (DataOutputStream out = new DataOutputStream(bytes)) {
      out.write(SIGNATURE);
      int each = type == RGB ? 3 : 1;
      chunk(out, "IHDR", header(row / each, pixels.length / row, type));
      if (palette != null) {
        byte[] colours = new byte[3 * palette.length];
        byte[] alphas = new byte[palette.length];
        for (int i = 0; i < palette.length; i++) {
          colours[3 * i] = (byte) (palette[i] >> 16);
          colours[3 * i + 1] = (byte) (palette[i] >> 8);
          colours[3 * i + 2] = (byte) palette[i];
          alphas[i] = (byte) (palette[i] >> 24);
        }
        chunk(out, "PLTE", colours);
        chunk(out, "tRNS", alphas);
      }
      // Neighbours predict shades; an index says nothing of the next.
      chunk(out, "IDAT", compressed(row, pixels, type == INDEXED ? NO_FILTER : PAETH, each));
      chunk(out, "IEND", new byte[0]);
    } catch (IOException e) {
      throw new UncheckedIOException("memory does not fail to be written", e);
    }
    return bytes.toByteArray();
  }

  private static byte[] header(int width, int height, int type) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (DataOutputStream out = new DataOutputStream(bytes)) {
      out.writeInt(width);
      out.writeInt(height);
      // Bits, type, compression, filter, not interlaced.
      out.write(new byte[] {8, (byte) type, 0, 0, 0});
    }
    return bytes.toByteArray();
  }

  private static byte[] compressed(int width, byte[] pixels, int filter, int each)
      throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    Deflater deflater = new Deflater(Deflater.BEST_COMPRESSION);
    try (DeflaterOutputStream out = new DeflaterOutputStream(bytes, deflater)) {
      byte[] above = new byte[width];
      for (int at = 0; at < pixels.length; at += width) {
        byte[] row = Arrays.copyOfRange(pixels, at, at + width);
        out.write(filter);
        out.write(filter == PAETH ? filtered(row, above, each) : row);
        above = row;
      }
    } finally {
      deflater.end();
    }
    return bytes.toByteArray();
  }

  /** Each byte's distance from that of left, above, above left that Paeth's rule predicts. */
  private static byte[] filtered(byte[] row, byte[] above, int each) {
    byte[] differences = new byte[row.length];
    for (int i = 0; i < row.length; i++) {
      int left = i < each ? 0 : row[i - each] & 0xff;
      int corner = i < each ? 0 : above[i - each] & 0xff;
      int up = above[i] & 0xff;
      int estimate = left + up - corner;
      int toLeft = Math.abs(estimate - left);
      int toUp = Math.abs(estimate - up);
      int toCorner = Math.abs(estimate - corner);
      int predicted = toLeft <= toUp && toLeft <= toCorner ? left : toUp <= toCorner ? up : corner;
      differences[i] = (byte) (row[i] - predicted);
    }
    return differences;
  }

  private static void chunk(DataOutputStream out, String name, byte[] data) throws IOException {
    byte[] type = name.getBytes(StandardCharsets.US_ASCII);
    CRC32 crc = new CRC32();
    crc.update(type);
    crc.update(data);
    out.writeInt(data.length);
    out.write(type);
    out.write(data);
    out.writeInt((int) crc.getValue());
  }
}
