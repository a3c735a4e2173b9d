package org.covidmmar.io.nifti;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.apache.commons.rng.UniformRandomProvider;
import org.covidmmar.CovidException;
import org.covidmmar.Seeds;
import org.covidmmar.volume.Orientation;
import org.covidmmar.volume.Volume;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Whatever a file's bytes are, it gives a volume that can be used, or a CovidException; with and
 * without keeping the voxels alike. What hangs is ended by the time limits, which are far off.
 */
class NiftiFuzzTest {
  private static final int[] EXTREMES = {0, 1, 0x7f, 0x80, 0xff};
  private static final long[] LIES = {
    -1,
    0,
    1,
    2,
    255,
    256,
    348,
    352,
    32767,
    -32768,
    65535,
    1L << 24,
    Integer.MAX_VALUE,
    Integer.MIN_VALUE,
    1L << 32,
    1L << 40,
    1L << 53,
    Long.MAX_VALUE,
    Long.MIN_VALUE
  };

  /** Where dims, types, bitpix, offsets, scaling and forms stand, and the extension after all. */
  private static final int[] FIELDS_1 = {
    40, 42, 44, 46, 48, 70, 72, 76, 80, 108, 112, 252, 254, 356
  };

  private static final int[] FIELDS_2 = {
    12, 14, 16, 24, 32, 40, 48, 104, 112, 168, 176, 344, 348, 548
  };

  /** Bytes of zeros that a gzip file of some kilobytes unpacks to. */
  private static final int BOMB = 4 << 20;

  @TempDir private Path folder;

  /**
   * A valid image.
   *
   * @param voxels of a pair, in a file of their own; null for a single file
   */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  private record Valid(int version, ByteOrder order, byte[] content, byte[] voxels) {
    int[] fields() {
      return version == 1 ? FIELDS_1 : FIELDS_2;
    }
  }

  @Test
  @Timeout(value = 5, unit = TimeUnit.MINUTES, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
  void mutated() throws IOException {
    mutate(1, 6_000);
  }

  @Test
  @Tag("long")
  @Timeout(value = 2, unit = TimeUnit.HOURS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
  void mutatedManyTimes() throws IOException {
    mutate(2, 500_000);
  }

  private static List<Valid> valid() {
    ByteOrder little = ByteOrder.LITTLE_ENDIAN;
    ByteOrder big = ByteOrder.BIG_ENDIAN;
    NiftiBytes one =
        NiftiBytes.int16(6, 5, 4)
            .scaling(1, -1024)
            .qform(1, 0, 0, 0)
            .sform(1, 2, 0, 0, 0, 0, 2, 0, 0, 0, 0, 3, 0)
            .extension(16);
    NiftiBytes two = new NiftiBytes(2, big, 16, 32, 3, 4, 5).qform(1, 0.1, 0.2, 0.3);
    NiftiBytes pair = new NiftiBytes(1, big, 2, 8, 7, 3, 2).magic("ni1").offset(0);
    return List.of(
        new Valid(1, little, one.single(), null),
        new Valid(2, big, two.single(), null),
        new Valid(1, big, pair.headerAlone(), pair.voxelsAlone()));
  }

  private void mutate(long seed, int times) throws IOException {
    List<Valid> valid = valid();
    int read = 0;
    for (int n = 0; n < times; n++) {
      UniformRandomProvider random = new Seeds(seed).child(n).generator();
      Path file = write(valid.get(random.nextInt(valid.size())), random);
      String which = "mutation " + n + " of seed " + seed;
      boolean volume = isRead(file, which);
      read += volume ? 1 : 0;
      Assertions.assertEquals(volume, isScanned(file, which), which);
    }
    // Neither outcome may be the only one, or the mutations show nothing.
    Assertions.assertTrue(read > times / 50 && read < times * 0.9, read + " of " + times);
  }

  private static boolean isRead(Path file, String which) {
    try {
      Volume volume = NiftiReader.read(file);
      Orientation.toRas(volume);
      volume.affine().inverse();
      return true;
    } catch (CovidException e) {
      Assertions.assertFalse(e.problem().isBlank());
      return false;
    } catch (RuntimeException | Error e) {
      return Assertions.fail(which, e);
    }
  }

  private static boolean isScanned(Path file, String which) {
    long[] seen = {0};
    try {
      NiftiReader.scan(file, in -> in, (values, n) -> seen[0] += n);
      Assertions.assertEquals(NiftiReader.readHeader(file).shape().voxels(), seen[0], which);
      return true;
    } catch (CovidException e) {
      return false;
    } catch (RuntimeException e) {
      return Assertions.fail(which, e);
    }
  }

  /** Writes what became of an image; the name tells nothing but pairs. */
  private Path write(Valid valid, UniformRandomProvider random) throws IOException {
    byte[] content = damaged(valid, random);
    if (valid.voxels() == null) {
      return Files.write(folder.resolve("fuzz.nii"), packed(content, random));
    }
    byte[] voxels = random.nextBoolean() ? valid.voxels() : bytes(valid.voxels(), random);
    Files.write(folder.resolve("fuzz.img"), packed(voxels, random));
    return Files.write(folder.resolve("fuzz.hdr"), packed(content, random));
  }

  private static byte[] damaged(Valid valid, UniformRandomProvider random) {
    byte[] content = valid.content().clone();
    return switch (random.nextInt(4)) {
      case 0 -> content;
      case 1 -> lies(content, valid, random);
      case 2 -> bytes(lies(content, valid, random), random);
      default -> bytes(content, random);
    };
  }

  /** Fields that say what is not so. */
  private static byte[] lies(byte[] content, Valid valid, UniformRandomProvider random) {
    ByteBuffer header = ByteBuffer.wrap(content).order(valid.order());
    for (int count = 1 + random.nextInt(3); count > 0; count--) {
      int at = valid.fields()[random.nextInt(valid.fields().length)];
      long lie = LIES[random.nextInt(LIES.length)];
      if (at + Long.BYTES > content.length) {
        continue;
      }
      switch (random.nextInt(5)) {
        case 0 -> header.putShort(at, (short) lie);
        case 1 -> header.putInt(at, (int) lie);
        case 2 -> header.putLong(at, lie);
        case 3 -> header.putFloat(at, random.nextBoolean() ? Float.NaN : (float) lie);
        default ->
            header.putDouble(at, random.nextBoolean() ? Double.POSITIVE_INFINITY : (double) lie);
      }
    }
    return content;
  }

  /** Bytes changed, mostly in the header, where they mean something; or cut off. */
  private static byte[] bytes(byte[] source, UniformRandomProvider random) {
    byte[] content = source.clone();
    for (int changes = 1 + random.nextInt(4); changes > 0; changes--) {
      int reach = random.nextInt(4) == 0 ? content.length : Math.min(content.length, 360);
      int at = random.nextInt(reach);
      content[at] =
          (byte)
              switch (random.nextInt(3)) {
                case 0 -> random.nextInt(256);
                case 1 -> EXTREMES[random.nextInt(EXTREMES.length)];
                default -> content[at] ^ (1 << random.nextInt(8));
              };
    }
    return switch (random.nextInt(10)) {
      case 0 -> Arrays.copyOf(content, random.nextInt(content.length));
      case 1 -> Arrays.copyOf(content, content.length + random.nextInt(1000));
      default -> content;
    };
  }

  /** As it is, or gzipped, and that damaged too. */
  private static byte[] packed(byte[] content, UniformRandomProvider random) {
    if (random.nextBoolean()) {
      return content;
    }
    byte[] zipped = NiftiBytes.gzip(content);
    int half = random.nextInt(content.length + 1);
    return switch (random.nextInt(100)) {
      case 0 -> NiftiBytes.gzip(Arrays.copyOf(content, content.length + random.nextInt(BOMB)));
      case 1, 2 -> NiftiBytes.gzip(zipped);
      case 3, 4, 5 ->
          NiftiBytes.join(
              NiftiBytes.gzip(Arrays.copyOf(content, half)),
              NiftiBytes.gzip(Arrays.copyOfRange(content, half, content.length)));
      case 6, 7, 8 -> NiftiBytes.join(zipped, new byte[random.nextInt(50)]);
      case 9, 10, 11 -> NiftiBytes.join(zipped, bytes(zipped, random));
      case 12, 13, 14 -> flagged(zipped, random);
      case 15, 16, 17 -> trailer(zipped, random);
      case 18, 19, 20 -> Arrays.copyOf(zipped, random.nextInt(zipped.length));
      case 21, 22, 23, 24, 25, 26, 27, 28, 29 -> bytes(zipped, random);
      default -> zipped;
    };
  }

  /** Optional fields announced in gzip's header. */
  private static byte[] flagged(byte[] zipped, UniformRandomProvider random) {
    zipped[3] = (byte) random.nextInt(256);
    return zipped;
  }

  /** Another length of the unpacked data, or checksum. */
  private static byte[] trailer(byte[] zipped, UniformRandomProvider random) {
    ByteBuffer.wrap(zipped)
        .order(ByteOrder.LITTLE_ENDIAN)
        .putInt(zipped.length - (random.nextBoolean() ? 4 : 8), random.nextInt());
    return zipped;
  }

  @Test
  void aTrailerThatLiesAsTheHeaderDoesAllocatesLittle() throws IOException {
    // 3 MB of gzip might hold 2 GB, and header and trailer say that they do.
    byte[] noise = new byte[3_000_000];
    new Seeds(1).generator().nextBytes(noise);
    NiftiBytes bytes = NiftiBytes.int16(2, 2, 2).dim(1, 1000).dim(2, 1000).dim(3, 900);
    byte[] zipped = NiftiBytes.gzip(NiftiBytes.join(bytes.headerAlone(), new byte[4], noise));
    ByteBuffer.wrap(zipped)
        .order(ByteOrder.LITTLE_ENDIAN)
        .putInt(zipped.length - 4, 352 + 1_800_000_000);
    Path file = Files.write(folder.resolve("lie.nii.gz"), zipped);
    long before = NiftiBadFilesTest.allocated();
    Assertions.assertThrows(CovidException.class, () -> NiftiReader.read(file));
    long used = NiftiBadFilesTest.allocated() - before;
    Assertions.assertTrue(used < 100 << 20, used + " bytes");
  }
}
