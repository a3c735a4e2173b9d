package org.covidmmar.io.nifti;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.function.ObjDoubleConsumer;
import org.covidmmar.volume.Affine;
import org.covidmmar.volume.Shape;
import org.covidmmar.volume.Volume;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What right files hold, against values written here by the standard's offsets. */
class NiftiReaderTest {
  @TempDir private Path folder;

  private record Kind(
      int code, int bits, List<Double> values, ObjDoubleConsumer<ByteBuffer> put, boolean int16) {}

  private static final List<Kind> KINDS =
      List.of(
          new Kind(2, 8, List.of(0., 1., 200., 255.), (b, v) -> b.put((byte) v), true),
          new Kind(256, 8, List.of(0., -1., -128., 127.), (b, v) -> b.put((byte) v), true),
          new Kind(
              4, 16, List.of(0., -1024., -32768., 32767.), (b, v) -> b.putShort((short) v), true),
          new Kind(512, 16, List.of(0., 1., 4095., 32767.), (b, v) -> b.putShort((short) v), true),
          new Kind(
              512,
              16,
              List.of(0., 1., 32768., 65535.),
              (b, v) -> b.putShort((short) (int) v),
              false),
          new Kind(8, 32, List.of(0., -1., 30000., -32768.), (b, v) -> b.putInt((int) v), true),
          new Kind(8, 32, List.of(0., -1., 32768., 1e6), (b, v) -> b.putInt((int) v), false),
          new Kind(
              768, 32, List.of(0., 1., 2., 4294967040.), (b, v) -> b.putInt((int) (long) v), false),
          new Kind(1024, 64, List.of(0., -5., 7., 32767.), (b, v) -> b.putLong((long) v), true),
          new Kind(1024, 64, List.of(0., -5., 7., -0x1p62), (b, v) -> b.putLong((long) v), false),
          new Kind(
              1280,
              64,
              List.of(0., 0x1p63, 3., 9.),
              (b, v) -> b.putLong(v < 0x1p63 ? (long) v : Long.MIN_VALUE),
              false),
          new Kind(16, 32, List.of(0., -1.5, 1e30, 3.), (b, v) -> b.putFloat((float) v), false),
          new Kind(64, 64, List.of(0., -1.5, 0.1, 3.), (b, v) -> b.putDouble(v), false));

  @ParameterizedTest
  @CsvSource({"1,true", "1,false", "2,true", "2,false"})
  void readsEveryTypeInEitherByteOrder(int version, boolean little) {
    ByteOrder order = little ? ByteOrder.LITTLE_ENDIAN : ByteOrder.BIG_ENDIAN;
    for (Kind kind : KINDS) {
      NiftiBytes bytes = new NiftiBytes(version, order, kind.code, kind.bits, 2, 2, 1);
      ByteBuffer voxels = bytes.voxels(4 * kind.bits / 8);
      kind.values.forEach(v -> kind.put.accept(voxels, v));

      Volume v = NiftiReader.read(bytes.writeTo(folder));

      assertEquals(new Shape(2, 2, 1), v.shape());
      assertEquals(kind.int16, v.isInt16(), kind.toString());
      for (int i = 0; i < 4; i++) {
        assertEquals((float) (double) kind.values.get(i), v.at(i), kind.toString());
      }
    }
  }

  @Test
  void unsigned64RoundsOnce() {
    NiftiBytes bytes = new NiftiBytes(1, ByteOrder.LITTLE_ENDIAN, 1280, 64, 2, 1, 1);
    bytes.voxels(16).putLong(-1L).putLong(0x8000000000000401L);
    Volume v = NiftiReader.read(bytes.writeTo(folder));
    assertEquals(0x1p64f, v.at(0));
    assertEquals(0x1p63f, v.at(1));
  }

  @Test
  void scalesInDoublePrecision() {
    NiftiBytes bytes = NiftiBytes.int16(3, 1, 1).scaling(0.1f, -1024.5f);
    bytes.voxels(6).putShort((short) 3).putShort((short) -7).putShort((short) 32767);
    Volume v = NiftiReader.read(bytes.writeTo(folder));
    assertFalse(v.isInt16());
    assertArrayEquals(
        new float[] {
          (float) (3 * (double) 0.1f - 1024.5),
          (float) (-7 * (double) 0.1f - 1024.5),
          (float) (32767 * (double) 0.1f - 1024.5)
        },
        v.floats());
  }

  @Test
  void wholeScalingStaysInt16UntilAValueDoesNotFit() {
    NiftiBytes bytes = NiftiBytes.int16(2, 1, 1).scaling(2, -1000);
    bytes.voxels(4).putShort((short) 100).putShort((short) 16000);
    Volume fits = NiftiReader.read(bytes.writeTo(folder));
    assertArrayEquals(new short[] {-800, 31000}, fits.shorts());

    bytes.voxels(4).putShort((short) 100).putShort((short) -16000);
    Volume doesNot = NiftiReader.read(bytes.writeTo(folder));
    assertArrayEquals(new float[] {-800, -33000}, doesNot.floats());
  }

  @ParameterizedTest
  @CsvSource({"0,7", "NaN,7", "Infinity,7", "NaN,NaN", "1,0"})
  void noScaling(double slope, double inter) {
    NiftiBytes bytes = NiftiBytes.int16(2, 1, 1).scaling(slope, inter);
    bytes.voxels(4).putShort((short) 5).putShort((short) -6);
    assertArrayEquals(new short[] {5, -6}, NiftiReader.read(bytes.writeTo(folder)).shorts());
  }

  @ParameterizedTest
  @CsvSource({"1", "2"})
  void sformComesBeforeQformBeforeVoxelSizes(int version) {
    NiftiBytes bytes = new NiftiBytes(version, ByteOrder.BIG_ENDIAN, 2, 8, 3, 5, 7);
    bytes.pixdim(1, 3).pixdim(2, 2).pixdim(3, 1);
    assertEquals(
        Affine.of(-3, 0, 0, 3, 0, 2, 0, -4, 0, 0, 1, -3),
        NiftiReader.readHeader(bytes.writeTo(folder)).affine());

    // A quarter turn about z: x to y, y to -x; the third axis reversed by qfac.
    double half = Math.sqrt(0.5);
    bytes.qform(1, 0, 0, half, 10, 20, 30).pixdim(0, -1);
    Affine turned = Affine.of(0, -2, 0, 10, 3, 0, 0, 20, 0, 0, -1, 30);
    Affine qform = NiftiReader.readHeader(bytes.writeTo(folder)).affine();
    assertTrue(qform.isClose(turned, 1e-6), qform.toString());

    double[] rows = {2, 0.5, 0, -7, 0, 3, 0.25, 8, 0, 0, 4, 9};
    bytes.sform(2, rows);
    assertEquals(Affine.of(rows), NiftiReader.readHeader(bytes.writeTo(folder)).affine());

    bytes.sform(6, rows);
    assertEquals(qform, NiftiReader.readHeader(bytes.writeTo(folder)).affine());
  }

  @Test
  void skipsExtensions() {
    for (int version = 1; version <= 2; version++) {
      NiftiBytes bytes =
          new NiftiBytes(version, ByteOrder.LITTLE_ENDIAN, 2, 8, 2, 1, 1).extension(48);
      assertArrayEquals(new short[] {1, 2}, NiftiReader.read(bytes.writeTo(folder)).shorts());
    }
  }

  @Test
  void readsPairsFromEitherFileGzippedOrNot() {
    NiftiBytes bytes = NiftiBytes.int16(2, 2, 2).magic("ni1").offset(0);
    Volume expected = NiftiReader.read(NiftiBytes.int16(2, 2, 2).writeTo(folder));
    byte[] header = bytes.headerAlone();
    byte[] voxels = bytes.voxelsAlone();
    Path plain = NiftiBytes.write(folder.resolve("p.hdr"), header);
    Path plainImage = NiftiBytes.write(folder.resolve("p.img"), voxels);
    Path gzipped = NiftiBytes.write(folder.resolve("g.hdr.gz"), NiftiBytes.gzip(header));
    Path gzippedImage = NiftiBytes.write(folder.resolve("g.img.gz"), NiftiBytes.gzip(voxels));
    Path mixed = NiftiBytes.write(folder.resolve("M.HDR"), header);
    Path mixedImage = NiftiBytes.write(folder.resolve("M.IMG.GZ"), NiftiBytes.gzip(voxels));
    for (Path file : List.of(plain, plainImage, gzipped, gzippedImage, mixed, mixedImage)) {
      assertArrayEquals(expected.shorts(), NiftiReader.read(file).shorts(), file.toString());
    }
  }

  @Test
  void contentDecidesWhetherAFileIsGzipped() {
    byte[] content = NiftiBytes.int16(2, 2, 2).single();
    Path named = NiftiBytes.write(folder.resolve("x.nii.gz"), content);
    Path notNamed = NiftiBytes.write(folder.resolve("y.nii"), NiftiBytes.gzip(content));
    assertArrayEquals(NiftiReader.read(named).shorts(), NiftiReader.read(notNamed).shorts());
  }

  @Test
  void readsGzipOfSeveralMembers() {
    // More than the first room, so that room must grow: the last trailer tells its member alone.
    NiftiBytes bytes = new NiftiBytes(1, ByteOrder.LITTLE_ENDIAN, 2, 8, 300, 300, 100);
    byte[] content = bytes.single();
    int cut = content.length / 3;
    byte[] members =
        NiftiBytes.join(
            NiftiBytes.gzip(Arrays.copyOf(content, cut)),
            NiftiBytes.gzip(Arrays.copyOfRange(content, cut, content.length)));
    Volume v = NiftiReader.read(NiftiBytes.write(folder.resolve("m.nii.gz"), members));
    byte[] voxels = bytes.voxelsAlone();
    for (int i = 0; i < voxels.length; i += 997) {
      assertEquals(voxels[i] & 0xff, v.at(i));
    }
    assertEquals(voxels[voxels.length - 1] & 0xff, v.at(voxels.length - 1));
  }

  @Test
  void dropsTrailingAxesOfOneAndFillsMissingOnes() {
    assertEquals(
        new Shape(2, 3, 4),
        NiftiReader.read(NiftiBytes.int16(2, 3, 4, 1, 1).writeTo(folder)).shape());
    NiftiBytes flat = NiftiBytes.int16(2, 3).pixdim(3, 0);
    assertEquals(new Shape(2, 3, 1), NiftiReader.read(flat.writeTo(folder)).shape());
  }

  @Test
  void ignoresBytesAfterTheVoxels() {
    byte[] longer = NiftiBytes.join(NiftiBytes.int16(2, 1, 1).single(), new byte[100]);
    assertEquals(
        2, NiftiReader.read(NiftiBytes.write(folder.resolve("l.nii"), longer)).shorts().length);
    Path gz = NiftiBytes.write(folder.resolve("l.nii.gz"), NiftiBytes.gzip(longer));
    assertEquals(2, NiftiReader.read(gz).shorts().length);
  }
}
