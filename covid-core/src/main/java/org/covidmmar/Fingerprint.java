package org.covidmmar;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * SHA-256 of a content.
 *
 * @param hex 64 lower-case hexadecimal digits
 */
public record Fingerprint(String hex) {
  private static final int BUFFER = 1 << 16;

  public static Fingerprint of(byte[] bytes) {
    return of(sha256(), bytes);
  }

  public static Fingerprint of(String text) {
    return of(text.getBytes(StandardCharsets.UTF_8));
  }

  /** The fingerprint of a file's bytes; its name does not matter. */
  public static Fingerprint of(Path file) throws IOException {
    MessageDigest sha = sha256();
    byte[] buffer = new byte[BUFFER];
    try (InputStream in = Files.newInputStream(file)) {
      for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
        sha.update(buffer, 0, n);
      }
    }
    return of(sha);
  }

  /** The fingerprint of all that a {@link #sha256} was given; it begins anew. */
  public static Fingerprint of(MessageDigest sha) {
    return of(sha, new byte[0]);
  }

  private static Fingerprint of(MessageDigest sha, byte[] last) {
    return new Fingerprint(HexFormat.of().formatHex(sha.digest(last)));
  }

  /** A new digest of the algorithm that fingerprints use. */
  public static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }

  @Override
  public String toString() {
    return hex;
  }
}
