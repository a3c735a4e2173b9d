package org.covidmmar.inference;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import javax.imageio.ImageIO;
import org.covidmmar.io.nifti.NiftiWriter;
import org.covidmmar.volume.Affine;
import org.covidmmar.volume.Orientation;
import org.covidmmar.volume.Shape;
import org.covidmmar.volume.Volume;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SaliencyPictureTest {
  @TempDir Path folder;

  private static final int SLICE = 208;
  private static final int LINE = 26;

  /** The window's middle. */
  private static final short HU = -600;

  private static final int GRAY = 0x808080;

  private static BufferedImage decoded(byte[] png) throws IOException {
    return ImageIO.read(new ByteArrayInputStream(png));
  }

  private static int rgb(BufferedImage picture, int x, int y) {
    return picture.getRGB(x, y) & 0xffffff;
  }

  /** A map of the scan's middle: 1 towards the patient's right, -1 towards the left. */
  private static Volume map() {
    Shape shape = new Shape(10, 10, 10);
    float[] values = new float[1000];
    for (int n = 0; n < values.length; n++) {
      values[n] = n % 10 < 5 ? -1 : 1;
    }
    return Volume.of(shape, Affine.of(2, 0, 0, 10.5, 0, 2, 0, 10.5, 0, 0, 2, 10.5), values);
  }

  private Path scan(String axes) {
    short[] voxels = new short[40 * 40 * 40];
    Arrays.fill(voxels, HU);
    return file(axes, Volume.of(new Shape(40, 40, 40), Affine.identity(), voxels));
  }

  private Path file(String axes, Volume volume) {
    Path file = folder.resolve(axes + ".nii.gz");
    NiftiWriter.write(file, Orientation.parse(axes).reorient(volume));
    return file;
  }

  /** However its axes run, a scan of many shades is drawn with the same bytes. */
  @Test
  void theSlicesAreThoseOfTheScan() throws IOException {
    Shape shape = new Shape(26, 52, 24);
    short[] voxels = new short[(int) shape.voxels()];
    for (int n = 0; n < voxels.length; n++) {
      // 1 HU a step to the right, 10 to the front, 25 to the head; 5.9 HU are a shade.
      voxels[n] = (short) (-1350 + n % 26 + 10 * (n / 26 % 52) + 25 * (n / (26 * 52)));
    }
    Volume scan = Volume.of(shape, Affine.of(2, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0), voxels);
    List<SaliencyPicture.Layer> layers =
        List.of(
            new SaliencyPicture.Layer(
                "", Volume.of(shape, scan.affine(), new float[voxels.length]), false));
    byte[] drawn = SaliencyPicture.png(file("RAS", scan), "", layers);
    for (String axes : List.of("LPS", "SAL", "IRP")) {
      assertArrayEquals(drawn, SaliencyPicture.png(file(axes, scan), "", layers), axes);
    }
    BufferedImage picture = decoded(drawn);
    for (int slice = 0; slice < 6; slice++) {
      // Six of 24 slices: 22, 18, and so on. The pixel's centre lies between two voxels.
      int z = 22 - 4 * slice;
      double hu = -1350 + 25 - 9.5 / 8 + 10 * (51 - 19.5 / 4) + 25 * z;
      int x = slice * SLICE + 10;
      int gray = (int) Math.round(255 * (hu + 1350) / 1500);
      assertEquals(gray, rgb(picture, x, 2 * LINE + 20) & 0xff, 1, "slice " + slice);
    }
  }

  @Test
  void theScanIsNeverWholeInMemory() {
    Shape shape = new Shape(256, 256, 512);
    Path file = file("LPS", Volume.of(shape, Affine.identity(), new short[1 << 25]));
    List<SaliencyPicture.Layer> layers = List.of(new SaliencyPicture.Layer("", map(), true));
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    long before = threads.getCurrentThreadAllocatedBytes();
    SaliencyPicture.png(file, "", layers);
    long allocated = threads.getCurrentThreadAllocatedBytes() - before;
    assertTrue(allocated < shape.voxels(), allocated + " bytes for voxels of int16");
  }

  @Test
  void theLocaleChangesNothing() {
    List<SaliencyPicture.Layer> layers = List.of(new SaliencyPicture.Layer("", map(), true));
    byte[] drawn = SaliencyPicture.png(scan("RAS"), "", layers);
    Locale before = Locale.getDefault();
    Locale.setDefault(Locale.forLanguageTag("ar-EG-u-nu-arab"));
    try {
      assertArrayEquals(drawn, SaliencyPicture.png(scan("RAS"), "", layers));
    } finally {
      Locale.setDefault(before);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"RAS", "LPS", "SAL"})
  void colourLiesWhereTheMapDoes(String axes) throws IOException {
    BufferedImage picture =
        decoded(
            SaliencyPicture.png(
                scan(axes),
                "title",
                List.of(
                    new SaliencyPicture.Layer("positive", map(), false),
                    new SaliencyPicture.Layer("signed", map(), true))));
    assertEquals(6 * SLICE, picture.getWidth());
    assertEquals(3 * (LINE + SLICE) + 2 * LINE, picture.getHeight());
    // In the first slice and the last: at the patient's right, at the left, and outside the map.
    for (int slice : new int[] {0, 5}) {
      int right = slice * SLICE + SLICE * 3 / 8;
      int left = slice * SLICE + SLICE * 5 / 8;
      int outside = slice * SLICE + SLICE / 8;
      int row = 2 * LINE + SLICE / 2;
      assertEquals(GRAY, rgb(picture, right, row));
      row += LINE + SLICE;
      assertEquals(0xccbd33, rgb(picture, right, row), "0.6 of yellow, 0.4 of gray");
      assertEquals(GRAY, rgb(picture, left, row));
      assertEquals(GRAY, rgb(picture, outside, row));
      row += LINE + SLICE;
      assertEquals(0xccbd33, rgb(picture, right, row));
      assertEquals(0x33bdcc, rgb(picture, left, row));
      assertEquals(GRAY, rgb(picture, outside, row));
    }
  }

  @Test
  void whereNothingSpeaksForItThereIsNoColour() throws IOException {
    Volume nothing = Volume.of(map().shape(), map().affine(), new float[1000]);
    BufferedImage picture =
        decoded(
            SaliencyPicture.png(
                scan("RAS"), "", List.of(new SaliencyPicture.Layer("", nothing, true))));
    assertEquals(GRAY, rgb(picture, SLICE / 2, 3 * LINE + SLICE + SLICE / 2));
  }

  /** What is written can be read: every letter of the lines has a picture of its own. */
  @Test
  void everyLetterHasAPicture() throws IOException {
    String letters =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789.,:;'-+%()/"
            + ModelConfig.USE;
    Canvas canvas = new Canvas(Canvas.widthOf(letters), Canvas.TEXT);
    canvas.text(0, 0, letters, 0xffffff);
    BufferedImage picture = decoded(canvas.png());
    Map<String, Character> drawn = new HashMap<>();
    for (int n = 0; n < letters.length(); n++) {
      int width = Canvas.widthOf("x");
      int[] pixels = picture.getRGB(n * width, 0, width, Canvas.TEXT, null, 0, width);
      Character before = drawn.put(Arrays.toString(pixels), letters.charAt(n));
      assertTrue(
          before == null || before == letters.charAt(n),
          before + " looks like " + letters.charAt(n));
    }
  }

  @Test
  void theLineOfResearchUseIsTheLast() throws IOException {
    BufferedImage picture =
        decoded(
            SaliencyPicture.png(
                scan("RAS"), "", List.of(new SaliencyPicture.Layer("", map(), false))));
    Canvas line = new Canvas(picture.getWidth(), LINE);
    line.text(6, 6, ModelConfig.USE, 0xffd080);
    BufferedImage expected = decoded(line.png());
    for (int y = 0; y < LINE; y++) {
      for (int x = 0; x < picture.getWidth(); x++) {
        assertEquals(rgb(expected, x, y), rgb(picture, x, picture.getHeight() - LINE + y));
      }
    }
  }
}
