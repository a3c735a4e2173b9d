package org.covidmmar.io.nifti;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.sun.management.ThreadMXBean;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.lang.management.ManagementFactory;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.covidmmar.CovidException;
import org.covidmmar.Seeds;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Every wrong file is refused with its name, the field, what was expected and what was found. */
class NiftiBadFilesTest {
  private static final long LITTLE_MEMORY = 4 << 20;

  @TempDir private Path folder;

  private void refused(byte[] content, String... said) {
    refused(NiftiBytes.write(folder.resolve("bad.nii"), content), said);
    // A gzip file of the same content is no more acceptable.
    Path gz = NiftiBytes.write(folder.resolve("bad.nii.gz"), NiftiBytes.gzip(content));
    assertThrows(CovidException.class, () -> NiftiReader.read(gz));
  }

  private static void refused(Path file, String... said) {
    long before = allocated();
    CovidException e = assertThrows(CovidException.class, () -> NiftiReader.read(file));
    long used = allocated() - before;
    for (String text : said) {
      assertTrue(e.problem().contains(text), text + " expected in: " + e.getMessage());
    }
    assertEquals(file.toString(), e.subject());
    assertTrue(used < LITTLE_MEMORY, used + " bytes allocated for: " + e.getMessage());
  }

  static long allocated() {
    return ((ThreadMXBean) ManagementFactory.getThreadMXBean())
        .getThreadAllocatedBytes(Thread.currentThread().getId());
  }

  private void refused(NiftiBytes bytes, String... said) {
    refused(bytes.single(), said);
  }

  @Test
  void missingFileAndFolder() {
    refused(folder.resolve("none.nii.gz"), "no such file");
    refused(folder, "folder");
  }

  @Test
  void notANifti() {
    refused(new byte[0], "not a NIfTI file", "0 bytes");
    refused(new byte[3], "not a NIfTI file");
    refused(new byte[1024], "sizeof_hdr 348 or 540 expected, 0 found");
    refused(NiftiBytes.int16(2, 2, 2).magic("xy1"), "magic", "xy1");
    refused(NiftiBytes.int16(2, 2, 2).magic(""), "magic");
    NiftiBytes text = new NiftiBytes(2, ByteOrder.LITTLE_ENDIAN, 4, 16, 2, 2, 2);
    text.header.put(8, (byte) 0x0a);
    refused(text, "magic", "0d 0a 1a 0a");
  }

  @Test
  void truncatedAnywhere() {
    byte[] whole = NiftiBytes.int16(5, 4, 3).extension(16).single();
    byte[] zipped = NiftiBytes.gzip(whole);
    for (int length = 0; length < whole.length; length++) {
      refused(Arrays.copyOf(whole, length));
    }
    for (int length = 0; length < zipped.length; length++) {
      Path file = NiftiBytes.write(folder.resolve("cut.nii.gz"), Arrays.copyOf(zipped, length));
      refused(file);
    }
    refused(Arrays.copyOf(whole, whole.length - 1), "truncated", "120 bytes", "5,4,3");
    refused(Arrays.copyOf(whole, 100), "truncated", "header of 348 bytes");
  }

  @Test
  void absurdDimensions() {
    refused(NiftiBytes.int16(2, 2, 2).dim(0, 0), "dim[0]: 1 to 7", "0 found");
    refused(NiftiBytes.int16(2, 2, 2).dim(0, 8), "dim[0]");
    refused(NiftiBytes.int16(2, 2, 2).dim(2, 0), "dim[2]", "0 found");
    refused(NiftiBytes.int16(2, 2, 2).dim(3, -5), "dim[3]", "-5 found");
    refused(NiftiBytes.int16(2, 2, 2, 2), "dim[4]: one 3-D image expected, a series of 2");
    for (int n = 1; n <= 3; n++) {
      refused(NiftiBytes.int16(2, 2, 2).dim(n, 30000), "dim");
    }
    NiftiBytes huge = NiftiBytes.int16(2, 2, 2);
    refused(huge.dim(1, 30000).dim(2, 30000).dim(3, 30000), "dim[1..3]", "30000x30000x30000");
    NiftiBytes large = NiftiBytes.int16(2, 2, 2).dim(1, 1000).dim(2, 1000).dim(3, 1000);
    refused(large, "2000000000 bytes", "1000,1000,1000", "368 found");
    NiftiBytes two = new NiftiBytes(2, ByteOrder.BIG_ENDIAN, 4, 16, 2, 2, 2);
    refused(two.dim(1, Long.MAX_VALUE), "dim[1]");
    refused(two.dim(1, 1L << 32).dim(2, 1L << 32), "dim[1]");
  }

  @Test
  void gzipThatHoldsLessThanItsHeaderSaysAllocatesLittle() {
    // Large enough that the compression ratio does not rule the header out at once.
    byte[] noise = new byte[3_000_000];
    new Seeds(1).generator().nextBytes(noise);
    NiftiBytes bytes = NiftiBytes.int16(2, 2, 2).dim(1, 1000).dim(2, 1000).dim(3, 700);
    byte[] content = NiftiBytes.join(bytes.headerAlone(), new byte[4], noise);
    Path file = NiftiBytes.write(folder.resolve("bomb.nii.gz"), NiftiBytes.gzip(content));
    long before = allocated();
    CovidException e = assertThrows(CovidException.class, () -> NiftiReader.read(file));
    assertTrue(allocated() - before < 20 << 20);
    assertTrue(e.problem().contains("3000000 bytes of voxels found"), e.problem());
  }

  @Test
  void moreVoxelsThanMemory() throws IOException {
    // Sparse: the length is there, the blocks are not.
    long voxels = 2_000_000_000L;
    NiftiBytes bytes = new NiftiBytes(1, ByteOrder.LITTLE_ENDIAN, 16, 32, 2, 2, 2);
    bytes.dim(1, 20000).dim(2, 20000).dim(3, 5);
    Path file = NiftiBytes.write(folder.resolve("large.nii"), bytes.single());
    try (RandomAccessFile f = new RandomAccessFile(file.toFile(), "rw")) {
      f.setLength(352 + 4 * voxels);
    }
    assumeTrue(Runtime.getRuntime().maxMemory() < 4 * voxels, "more than 8 GB of heap");
    refused(file, "dim: 20000,20000,5 voxels need 7629 MB of memory");
  }

  @Test
  void datatypes() {
    refused(NiftiBytes.int16(2, 2, 2).type(128, 24), "datatype", "128 (colours)");
    refused(NiftiBytes.int16(2, 2, 2).type(32, 64), "datatype", "complex");
    refused(NiftiBytes.int16(2, 2, 2).type(1536, 128), "datatype", "float128");
    refused(NiftiBytes.int16(2, 2, 2).type(0, 16), "datatype", "0 found");
    refused(NiftiBytes.int16(2, 2, 2).type(4, 8), "bitpix: 16 for datatype INT16 expected, 8");
  }

  @Test
  void offsets() {
    for (double offset : new double[] {0, 348, 351, -1, 352.5, Double.NaN, 1e30}) {
      refused(NiftiBytes.int16(2, 2, 2).offset(offset), "vox_offset");
    }
    refused(NiftiBytes.int16(2, 2, 2).offset(1e6), "vox_offset 1000000");
  }

  @Test
  void scaling() {
    refused(NiftiBytes.int16(2, 2, 2).scaling(1, Double.NaN), "scl_inter", "NaN found");
  }

  @Test
  void affines() {
    double nan = Double.NaN;
    refused(NiftiBytes.int16(2, 2, 2).pixdim(2, 0), "pixdim[2]", "0.0 found");
    refused(NiftiBytes.int16(2, 2, 2).pixdim(2, nan), "pixdim[2]", "NaN found");
    refused(NiftiBytes.int16(2, 2, 2).pixdim(1, 1e20), "pixdim", "voxel sizes");
    refused(NiftiBytes.int16(2, 2, 2).qform(1, 1, 1, 1), "quatern_b", "1.0, 1.0, 1.0 found");
    refused(NiftiBytes.int16(2, 2, 2).qform(1, nan, 0, 0), "quatern_b");
    refused(NiftiBytes.int16(2, 2, 2).qform(1, 0, 0, 0, nan), "qoffset");
    refused(NiftiBytes.int16(2, 2, 2).sform(1), "srow_x, srow_y, srow_z", "voxel sizes");
    refused(
        NiftiBytes.int16(2, 2, 2).sform(1, 1, 0, 0, nan, 0, 1, 0, 0, 0, 0, 1, 0),
        "srow_x",
        "finite");
    refused(
        NiftiBytes.int16(2, 2, 2).sform(1, 1, 1, 0, 0, 1, 1, 0, 0, 0, 0, 1, 0),
        "srow_x",
        "span space");
  }

  @Test
  void gzipDamage() {
    byte[] good = NiftiBytes.gzip(NiftiBytes.int16(9, 9, 9).single());
    byte[] garbage = NiftiBytes.join(good, "garbage".getBytes(StandardCharsets.UTF_8));
    refused(NiftiBytes.write(folder.resolve("g.nii.gz"), garbage), "arbage");
    byte[] checksum = good.clone();
    checksum[good.length - 8] ^= 1;
    refused(NiftiBytes.write(folder.resolve("c.nii.gz"), checksum), "CRC");
  }

  @Test
  void halfAPair() throws IOException {
    byte[] header = NiftiBytes.int16(2, 2, 2).magic("ni1").offset(0).headerAlone();
    refused(NiftiBytes.write(folder.resolve("h.hdr"), header), "h.img expected beside it");
    refused(NiftiBytes.write(folder.resolve("i.img"), new byte[16]), "i.hdr expected beside it");
    refused(NiftiBytes.write(folder.resolve("n.nii"), header), "name does not end in .hdr");
    Path image = NiftiBytes.write(folder.resolve("h.img"), new byte[15]);
    CovidException e =
        assertThrows(CovidException.class, () -> NiftiReader.read(folder.resolve("h.hdr")));
    assertEquals(image.toString(), e.subject());
    Files.write(image, new byte[16]);
    NiftiReader.read(folder.resolve("h.hdr"));
  }
}
