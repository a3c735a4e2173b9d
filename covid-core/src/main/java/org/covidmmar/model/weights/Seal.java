package org.covidmmar.model.weights;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.HexFormat;
import org.covidmmar.Fingerprint;

/**
 * A checksum of a file that stands in the file's own header: SHA-256 of all its bytes, with zeros
 * where the checksum is.
 */
final class Seal {
  /** Its name among the header's texts. */
  static final String KEY = "sha256";

  /** What stands in its place while it is computed. */
  static final String PLACEHOLDER = "0".repeat(64);

  private static final int CHUNK = 1 << 20;

  private final MessageDigest digest = Fingerprint.sha256();

  /** Takes the next bytes of the file; the buffer's position stays. */
  void add(ByteBuffer bytes) {
    digest.update(bytes.duplicate());
  }

  /** Writes the checksum of what was added into the header, which began with the file. */
  void write(FileChannel channel, long headerStart, byte[] header) throws IOException {
    channel.position(headerStart + indexOf(PLACEHOLDER, header));
    ByteBuffer text = ByteBuffer.wrap(hex(digest).getBytes(StandardCharsets.US_ASCII));
    while (text.hasRemaining()) {
      channel.write(text);
    }
  }

  /**
   * Whether a file is as it was when its seal was written.
   *
   * @param seal what its header has as checksum; null where it has none
   * @param headerEnd number of bytes in which the checksum stands
   */
  static boolean isIntact(FileChannel channel, String seal, int headerEnd) throws IOException {
    MessageDigest digest = Fingerprint.sha256();
    long length = channel.size();
    int size = headerEnd;
    for (long position = 0; position < length; position += size) {
      size = (int) Math.min(position == 0 ? headerEnd : CHUNK, length - position);
      ByteBuffer bytes = ByteBuffer.allocate(size);
      while (bytes.hasRemaining() && channel.read(bytes, position + bytes.position()) >= 0) {}
      if (position == 0) {
        int at = seal == null ? -1 : indexOf(seal, bytes.array());
        if (at < 0) {
          return false;
        }
        Arrays.fill(bytes.array(), at, at + seal.length(), (byte) '0');
      }
      digest.update(bytes.array());
    }
    return hex(digest).equals(seal);
  }

  private static int indexOf(String text, byte[] header) {
    return new String(header, StandardCharsets.ISO_8859_1).indexOf(text);
  }

  private static String hex(MessageDigest digest) {
    return HexFormat.of().formatHex(digest.digest());
  }
}
