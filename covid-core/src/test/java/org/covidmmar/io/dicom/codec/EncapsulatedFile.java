package org.covidmmar.io.dicom.codec;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/**
 * One frame of a real file in explicit little endian, found by looking for tags: enough for files
 * known to be of this kind, and independent of the reader.
 *
 * @param frame the compressed stream, or the samples as they are
 */
@SuppressWarnings("ArrayRecordComponent")
record EncapsulatedFile(FrameLayout layout, byte[] frame) {
  private static final int ITEM = 0xe000fffe;
  private static final int UNDEFINED = -1;

  /** The files of a folder of real data; the test is skipped without. */
  static List<Path> list(String... folder) throws IOException {
    String root = System.getenv("COVID_REAL_DATA");
    assumeTrue(root != null, "COVID_REAL_DATA is not set: no real files to decode");
    try (Stream<Path> files = Files.list(Path.of(root, folder))) {
      return files.filter(f -> f.toString().endsWith(".dcm")).sorted().toList();
    }
  }

  static EncapsulatedFile read(Path file) throws IOException {
    byte[] bytes = Files.readAllBytes(file);
    ByteBuffer data = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    int syntax = find(data, 0x0002, 0x0010, "UI");
    String uid =
        new String(bytes, syntax + 8, data.getShort(syntax + 6), StandardCharsets.US_ASCII)
            .replace("\0", "");
    FrameLayout layout =
        new FrameLayout(
            number(data, 0x0010),
            number(data, 0x0011),
            number(data, 0x0100),
            number(data, 0x0101),
            number(data, 0x0103) == 1,
            uid);
    int at = find(data, 0x7fe0, 0x0010, "O") + 8;
    int length = data.getInt(at);
    at += 4;
    ByteArrayOutputStream frame = new ByteArrayOutputStream();
    if (length != UNDEFINED) {
      frame.write(bytes, at, length);
    } else {
      at += 8 + data.getInt(at + 4); // The table of offsets.
      while (data.getInt(at) == ITEM) {
        frame.write(bytes, at + 8, data.getInt(at + 4));
        at += 8 + data.getInt(at + 4);
      }
    }
    return new EncapsulatedFile(layout, frame.toByteArray());
  }

  short[] decode() throws CodecException {
    short[] out = new short[layout.pixels()];
    PixelCodecs.of(layout.transferSyntax())
        .orElseThrow()
        .decode(frame, 0, frame.length, layout, out);
    return out;
  }

  /** The samples of a frame that is not compressed. */
  short[] samples() {
    short[] out = new short[layout.pixels()];
    ByteBuffer.wrap(frame).order(ByteOrder.LITTLE_ENDIAN).asShortBuffer().get(out);
    layout.extend(out, 0);
    return out;
  }

  private static int number(ByteBuffer data, int element) {
    return data.getShort(find(data, 0x0028, element, "US") + 8) & 0xffff;
  }

  private static int find(ByteBuffer data, int group, int element, String kind) {
    for (int at = 0; at < data.limit() - 12; at++) {
      boolean found =
          data.getShort(at) == (short) group && data.getShort(at + 2) == (short) element;
      for (int i = 0; found && i < kind.length(); i++) {
        found = data.get(at + 4 + i) == kind.charAt(i);
      }
      if (found) {
        return at;
      }
    }
    throw new AssertionError("no element %04x,%04x".formatted(group, element));
  }
}
