package org.covidmmar.inference;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import javax.imageio.ImageIO;
import org.covidmmar.volume.Affine;
import org.covidmmar.volume.Orientation;
import org.covidmmar.volume.Shape;
import org.covidmmar.volume.Volume;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SaliencyPictureTest {
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

  private static Volume scan(String axes) {
    short[] voxels = new short[40 * 40 * 40];
    Arrays.fill(voxels, HU);
    return Orientation.parse(axes)
        .reorient(Volume.of(new Shape(40, 40, 40), Affine.identity(), voxels));
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
