package org.covidmmar.io.dicom;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.security.GeneralSecurityException;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Objects;
import javax.crypto.KeyGenerator;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.covidmmar.AtomicFiles;
import org.covidmmar.CovidException;

/**
 * A secret with which patients' identifiers are hashed (HMAC-SHA256). Identifiers are few: a hash
 * without a secret would be found by trying all of them.
 */
public final class PatientKey {
  private static final int BYTES = 32;
  private static final int DIGITS = 16;
  private static final String ALGORITHM = "HmacSHA256";

  private final byte[] secret;

  private PatientKey(byte[] secret) {
    this.secret = secret;
  }

  /**
   * The key in a file, which is made where it is missing. Who has the file can try identifiers; who
   * loses it gets other hashes.
   *
   * @throws CovidException where the file can't be read or made, or holds something else
   */
  public static PatientKey of(Path file) {
    try {
      if (!Files.exists(file)) {
        make(file);
      }
      if (Files.size(file) > 2 + 2 * BYTES) {
        throw unusable(file, null);
      }
      byte[] secret = HexFormat.of().parseHex(Files.readString(file).strip());
      if (secret.length != BYTES) {
        throw unusable(file, null);
      }
      return new PatientKey(secret);
    } catch (IOException | IllegalArgumentException e) {
      throw unusable(file, e);
    } catch (NoSuchAlgorithmException e) {
      throw everyPlatformHasIt(e);
    }
  }

  private static void make(Path file) throws NoSuchAlgorithmException {
    KeyGenerator generator = KeyGenerator.getInstance(ALGORITHM);
    generator.init(BYTES * Byte.SIZE);
    String text = HexFormat.of().formatHex(generator.generateKey().getEncoded()) + "\n";
    try {
      Path folder = Files.createDirectories(file.toAbsolutePath().getParent());
      // Temporary files are their owner's alone from the start.
      Path part = Files.createTempFile(folder, ".patient-key", ".part");
      try {
        Files.writeString(part, text, StandardOpenOption.WRITE, StandardOpenOption.SYNC);
        Files.move(part, file, StandardCopyOption.ATOMIC_MOVE);
      } finally {
        Files.deleteIfExists(part);
      }
    } catch (IOException e) {
      throw AtomicFiles.unwritable(file, e);
    }
  }

  private static IllegalStateException everyPlatformHasIt(GeneralSecurityException e) {
    return new IllegalStateException("every Java platform has " + ALGORITHM, e);
  }

  private static CovidException unusable(Path file, Exception cause) {
    return new CovidException(
        file.toString(),
        "expected a key of " + 2 * BYTES + " hexadecimal digits that hashes patients' identifiers",
        "make it readable, or delete it and convert all series anew",
        cause);
  }

  /** Sixteen hexadecimal digits that stand for a patient. */
  String hash(String patient) {
    try {
      Mac mac = Mac.getInstance(ALGORITHM);
      mac.init(new SecretKeySpec(secret, ALGORITHM));
      byte[] hash = mac.doFinal(Objects.requireNonNull(patient).getBytes(StandardCharsets.UTF_8));
      return HexFormat.of().formatHex(hash).substring(0, DIGITS);
    } catch (GeneralSecurityException e) {
      throw everyPlatformHasIt(e);
    }
  }
}
