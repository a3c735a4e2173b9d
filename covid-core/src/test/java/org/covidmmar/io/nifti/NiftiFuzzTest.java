package org.covidmmar.io.nifti;

import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.apache.commons.rng.UniformRandomProvider;
import org.covidmmar.CovidException;
import org.covidmmar.Seeds;
import org.covidmmar.volume.Orientation;
import org.covidmmar.volume.Volume;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whatever a file's bytes are, it gives a volume that can be used, or a CovidException. */
class NiftiFuzzTest {
  private static final int[] EXTREMES = {0, 1, 0x7f, 0x80, 0xff};

  @TempDir private Path folder;

  @Test
  void mutated() {
    mutate(1, 4_000);
  }

  @Test
  @Tag("long")
  void mutatedManyTimes() {
    mutate(2, 200_000);
  }

  private void mutate(long seed, int times) {
    byte[] one =
        NiftiBytes.int16(6, 5, 4)
            .scaling(1, -1024)
            .qform(1, 0, 0, 0)
            .sform(1, 2, 0, 0, 0, 0, 2, 0, 0, 0, 0, 3, 0)
            .extension(16)
            .single();
    byte[] two =
        new NiftiBytes(2, ByteOrder.BIG_ENDIAN, 16, 32, 3, 4, 5).qform(1, 0.1, 0.2, 0.3).single();
    List<byte[]> seeds = List.of(one, two, NiftiBytes.gzip(one), NiftiBytes.gzip(two));
    int read = 0;
    for (int n = 0; n < times; n++) {
      UniformRandomProvider random = new Seeds(seed).child(n).generator();
      byte[] content = mutated(seeds.get(n % seeds.size()), random);
      // The name matters only for pairs.
      Path file = NiftiBytes.write(folder.resolve("fuzz.nii"), content);
      try {
        Volume volume = NiftiReader.read(file);
        Orientation.toRas(volume);
        volume.affine().inverse();
        read++;
      } catch (CovidException e) {
        Assertions.assertFalse(e.problem().isBlank());
      } catch (RuntimeException | Error e) {
        Assertions.fail("mutation " + n + " of seed " + seed, e);
      }
    }
    // Neither outcome may be the only one, or the mutations show nothing.
    Assertions.assertTrue(read > times / 50 && read < times, read + " of " + times + " read");
  }

  private static byte[] mutated(byte[] source, UniformRandomProvider random) {
    byte[] content = source.clone();
    int changes = 1 + random.nextInt(4);
    for (int c = 0; c < changes; c++) {
      // Mostly in the header, where bytes mean something.
      int at =
          random.nextInt(random.nextInt(4) == 0 ? content.length : Math.min(content.length, 360));
      content[at] =
          (byte)
              switch (random.nextInt(3)) {
                case 0 -> random.nextInt(256);
                case 1 -> EXTREMES[random.nextInt(EXTREMES.length)];
                default -> content[at] ^ (1 << random.nextInt(8));
              };
    }
    return random.nextInt(10) == 0
        ? Arrays.copyOf(content, random.nextInt(content.length))
        : content;
  }
}
