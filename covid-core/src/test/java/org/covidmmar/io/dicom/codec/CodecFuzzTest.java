package org.covidmmar.io.dicom.codec;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.apache.commons.rng.UniformRandomProvider;
import org.covidmmar.Seeds;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Whatever a stream's bytes are, they give samples or a CodecException, and soon. */
class CodecFuzzTest {
  private static final int[] EXTREMES = {0, 1, 0x7f, 0x80, 0xff, 0xd0, 0xd9};

  /** Where headers end in most streams. */
  private static final int HEADER = 130;

  @Test
  @Timeout(value = 2, unit = TimeUnit.MINUTES, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
  void damaged() throws IOException {
    damage(1, 12_000);
  }

  @Test
  @Tag("long")
  @Timeout(value = 60, unit = TimeUnit.MINUTES, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
  void damagedManyTimes() throws IOException {
    damage(2, 400_000);
  }

  private static void damage(long seed, int times) throws IOException {
    List<GoldenStream> streams = GoldenStream.all();
    int decoded = 0;
    for (int n = 0; n < times; n++) {
      UniformRandomProvider random = new Seeds(seed).child(n).generator();
      GoldenStream golden = streams.get(n % streams.size());
      try {
        golden.decode(damaged(golden.stream(), random));
        decoded++;
      } catch (CodecException e) {
        assertFalse(e.getMessage().isBlank());
      } catch (RuntimeException | Error e) {
        fail("damage " + n + " of seed " + seed + " to " + golden, e);
      }
    }
    // Neither outcome may be the only one, or the damages show nothing.
    assertTrue(decoded > times / 50 && decoded < times * 9 / 10, decoded + " of " + times);
  }

  static byte[] damaged(byte[] source, UniformRandomProvider random) {
    byte[] bytes = source.clone();
    int changes = 1 + random.nextInt(4);
    for (int c = 0; c < changes; c++) {
      int within = random.nextInt(2) == 0 ? bytes.length : Math.min(bytes.length, HEADER);
      int at = random.nextInt(within);
      switch (random.nextInt(6)) {
        case 0 -> bytes[at] = (byte) random.nextInt(256);
        case 1 -> bytes[at] = (byte) EXTREMES[random.nextInt(EXTREMES.length)];
        case 2 -> bytes[at] ^= (byte) (1 << random.nextInt(8));
        case 3 -> bytes = inserted(bytes, at, random);
        case 4 -> bytes = removed(bytes, at, 1 + random.nextInt(4));
        default -> {
          // A length or a number of sixteen bits that lies.
          bytes[at] = (byte) random.nextInt(2);
          if (at + 1 < bytes.length) {
            bytes[at + 1] = (byte) random.nextInt(256);
          }
        }
      }
    }
    return random.nextInt(10) == 0 ? Arrays.copyOf(bytes, random.nextInt(bytes.length)) : bytes;
  }

  private static byte[] inserted(byte[] bytes, int at, UniformRandomProvider random) {
    int count = 1 + random.nextInt(4);
    byte[] longer = Arrays.copyOf(bytes, bytes.length + count);
    System.arraycopy(bytes, at, longer, at + count, bytes.length - at);
    for (int i = 0; i < count; i++) {
      longer[at + i] = (byte) EXTREMES[random.nextInt(EXTREMES.length)];
    }
    return longer;
  }

  private static byte[] removed(byte[] bytes, int at, int count) {
    if (bytes.length < 10) {
      return bytes;
    }
    int end = Math.min(bytes.length, at + count);
    byte[] shorter = Arrays.copyOf(bytes, bytes.length - (end - at));
    System.arraycopy(bytes, end, shorter, at, bytes.length - end);
    return shorter;
  }
}
