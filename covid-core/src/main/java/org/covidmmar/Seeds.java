package org.covidmmar;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import org.apache.commons.rng.UniformRandomProvider;
import org.apache.commons.rng.simple.RandomSource;

/**
 * A node of the seed tree. Every random draw of a run comes from a node reached by names (epoch,
 * case, transform), never from a shared generator, so that order, threads, caching and resuming
 * change nothing.
 *
 * @param value the node's 64-bit seed
 */
public record Seeds(long value) {

  /** The node below this one that is called {@code name}. */
  public Seeds child(String name) {
    return child('s', name.getBytes(StandardCharsets.UTF_8));
  }

  /** The node below this one with the given number; differs from the one named by its digits. */
  public Seeds child(long number) {
    return child('n', ByteBuffer.allocate(Long.BYTES).putLong(number).array());
  }

  private Seeds child(char kind, byte[] key) {
    MessageDigest sha = Fingerprint.sha256();
    sha.update(ByteBuffer.allocate(Long.BYTES).putLong(value).array());
    sha.update((byte) kind);
    return new Seeds(ByteBuffer.wrap(sha.digest(key)).getLong());
  }

  /** A new generator, always of the same algorithm and state for the same node. */
  public UniformRandomProvider generator() {
    return RandomSource.XO_SHI_RO_256_PP.create(value);
  }
}
