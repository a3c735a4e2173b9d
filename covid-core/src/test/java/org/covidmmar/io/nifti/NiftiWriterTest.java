package org.covidmmar.io.nifti;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.Stream;
import org.covidmmar.CovidException;
import org.covidmmar.volume.Affine;
import org.covidmmar.volume.Shape;
import org.covidmmar.volume.Volume;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class NiftiWriterTest {
  private static final Affine AFFINE =
      Affine.of(-0.75, 0.125, 0, 180, 0, -0.75, 0.25, 200, 0.5, 0, 2, -300);
  private static final Shape SHAPE = new Shape(7, 5, 3);

  @TempDir private Path folder;

  private static Volume whole(int least, int step) {
    float[] voxels = new float[105];
    for (int i = 0; i < voxels.length; i++) {
      voxels[i] = least + step * i;
    }
    return Volume.of(SHAPE, AFFINE, voxels);
  }

  @ParameterizedTest
  @ValueSource(strings = {"v.nii", "v.nii.gz", "v.hdr", "v.img", "v.hdr.gz", "new/folder/V.NII.GZ"})
  void whatIsReadBackIsEqual(String name) {
    Path file = folder.resolve(name);
    Volume fine = Volume.of(SHAPE, AFFINE, whole(0, 1).floats().clone());
    fine.floats()[3] = 0.1f;
    fine.floats()[4] = Float.NaN;
    NiftiWriter.write(file, fine);
    assertArrayEquals(fine.floats(), NiftiReader.read(file).floats());
    assertEquals(AFFINE, NiftiReader.read(file).affine());

    Volume hu = whole(-1024, 40);
    NiftiWriter.write(file, hu, NiftiWriter.Type.INT16);
    Volume back = NiftiReader.read(file);
    assertTrue(back.isInt16());
    assertArrayEquals(hu.floats(), back.floats());
    NiftiWriter.write(file, back);
    assertArrayEquals(back.shorts(), NiftiReader.read(file).shorts());

    Volume bytes = whole(0, 2);
    NiftiWriter.write(file, bytes, NiftiWriter.Type.UINT8);
    assertEquals(NiftiType.UINT8, NiftiReader.readHeader(file).type());
    assertArrayEquals(bytes.floats(), NiftiReader.read(file).floats());
    assertEquals(SHAPE, NiftiReader.read(file).shape());
  }

  @Test
  void chunksOfEveryTypeJoin() {
    Shape large = new Shape(311, 97, 3);
    short[] voxels = new short[311 * 97 * 3];
    for (int i = 0; i < voxels.length; i++) {
      voxels[i] = (short) (i % 251);
    }
    Volume v = Volume.of(large, AFFINE, voxels);
    for (NiftiWriter.Type type : NiftiWriter.Type.values()) {
      Path file = folder.resolve(type + ".nii.gz");
      NiftiWriter.write(file, v, type);
      assertArrayEquals(v.floats(), NiftiReader.read(file).floats());
    }
  }

  @Test
  void longAxesAreWrittenAsNifti2() {
    Path file = folder.resolve("long.nii");
    NiftiWriter.write(file, Volume.of(new Shape(1, 40000, 1), AFFINE, new short[40000]));
    NiftiHeader header = NiftiReader.readHeader(file);
    assertEquals(2, header.version());
    assertEquals(new Shape(1, 40000, 1), header.shape());
    assertEquals(AFFINE, header.affine());
    assertEquals(40000, NiftiReader.read(file).shorts().length);
  }

  @Test
  void valuesOutsideTheTypeAreRefusedAndLeaveNothing() throws IOException {
    Path file = folder.resolve("v.nii.gz");
    for (Volume v : new Volume[] {whole(-1, 1), whole(200, 1)}) {
      assertThrows(
          IllegalArgumentException.class, () -> NiftiWriter.write(file, v, NiftiWriter.Type.UINT8));
    }
    float[] odd = new float[105];
    for (float value : new float[] {0.5f, Float.NaN, 32768}) {
      Arrays.fill(odd, value);
      Volume v = Volume.of(SHAPE, AFFINE, odd);
      assertThrows(
          IllegalArgumentException.class, () -> NiftiWriter.write(file, v, NiftiWriter.Type.INT16));
    }
    try (Stream<Path> left = Files.list(folder)) {
      assertEquals(0, left.count());
    }
  }

  @Test
  void sameVolumeSameBytes() throws IOException {
    Path a = folder.resolve("a.nii.gz");
    Path b = folder.resolve("b.nii.gz");
    NiftiWriter.write(a, whole(0, 1));
    NiftiWriter.write(b, whole(0, 1));
    assertArrayEquals(Files.readAllBytes(a), Files.readAllBytes(b));
  }

  @Test
  void otherNamesAreRefused() {
    CovidException e =
        assertThrows(
            CovidException.class, () -> NiftiWriter.write(folder.resolve("v.dcm"), whole(0, 1)));
    assertTrue(e.problem().contains(".nii"), e.problem());
  }
}
