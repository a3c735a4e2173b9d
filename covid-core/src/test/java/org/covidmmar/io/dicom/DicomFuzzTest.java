package org.covidmmar.io.dicom;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.apache.commons.rng.UniformRandomProvider;
import org.covidmmar.CovidException;
import org.covidmmar.Seeds;
import org.covidmmar.io.nifti.NiftiReader;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Whatever a DICOM file's bytes are, it gives a volume, is left out, or is a problem with a name.
 */
class DicomFuzzTest {
  private static final int[] EXTREMES = {0, 1, 0x7f, 0x80, 0xfe, 0xff};

  @TempDir private Path folder;

  @Test
  void mutated() throws Exception {
    mutate(1, 500);
  }

  @Test
  @Tag("long")
  void mutatedManyTimes() throws Exception {
    mutate(2, 300_000);
  }

  private void mutate(long seed, int times) throws Exception {
    List<byte[]> sources = sources();
    Path in = folder.resolve("in");
    SyntheticCt good = new SyntheticCt().at(0, 2);
    DicomBytes.write(in.resolve("good"), good.file(0));
    int made = 0;
    int refused = 0;
    for (int n = 0; n < times; n++) {
      UniformRandomProvider random = new Seeds(seed).child(n).generator();
      byte[] content = mutated(sources.get(n % sources.size()), random);
      DicomBytes.write(in.resolve("fuzz"), content);
      Path out = folder.resolve("out");
      try {
        Conversion done = Conversions.convert(in, out);
        for (CovidException e : done.problems()) {
          Assertions.assertFalse(e.problem().isBlank());
        }
        for (Conversion.Series series : done.series()) {
          Assertions.assertTrue(Files.isRegularFile(series.file()));
          if (n % 50 == 0) {
            NiftiReader.read(series.file());
          }
        }
        made += done.problems().isEmpty() ? 1 : 0;
        refused += done.problems().isEmpty() ? 0 : 1;
      } catch (RuntimeException | Error e) {
        Assertions.fail("mutation " + n + " of seed " + seed, e);
      }
    }
    // Neither outcome may be rare, or the mutations show nothing.
    Assertions.assertTrue(
        made > times / 20 && refused > times / 20, made + " made, " + refused + " refused");
  }

  private static List<byte[]> sources() {
    SyntheticCt ct = new SyntheticCt().at(0, 2, 5);
    ct.extra =
        set -> set.sequence(0x00081140, false, new DicomBytes(ct.syntax).unsigned(0x00280010, 5));
    byte[] explicit = ct.file(1);
    byte[] enhanced = ct.enhanced(false);
    ct.sop = SyntheticCt.CT;
    ct.syntax = DicomBytes.IMPLICIT;
    byte[] implicit = ct.file(1);
    ct.syntax = DicomBytes.BIG_ENDIAN;
    byte[] big = ct.file(1);
    ct.syntax = DicomBytes.DEFLATED;
    byte[] deflated = ct.file(1);
    ct.syntax = "1.2.840.10008.1.2.5";
    byte[] rle = ct.header(1).fragments(new byte[4], new byte[70]).file(SyntheticCt.CT);
    return List.of(explicit, enhanced, implicit, big, deflated, rle);
  }

  private static byte[] mutated(byte[] source, UniformRandomProvider random) {
    byte[] content = source.clone();
    int changes = 1 + random.nextInt(4);
    for (int c = 0; c < changes; c++) {
      // The preamble means nothing.
      int at = 128 + random.nextInt(content.length - 128);
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
