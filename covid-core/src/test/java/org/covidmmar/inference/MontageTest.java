package org.covidmmar.inference;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import javax.imageio.ImageIO;
import org.covidmmar.volume.Affine;
import org.covidmmar.volume.Shape;
import org.covidmmar.volume.Volume;
import org.junit.jupiter.api.Test;

class MontageTest {
  private static final Shape SHAPE = new Shape(40, 40, 48);
  private static final int SLICE = 160;

  private static BufferedImage decoded(byte[] png) throws IOException {
    return ImageIO.read(new ByteArrayInputStream(png));
  }

  private static int gray(BufferedImage image, int x, int y) {
    return image.getRaster().getSample(x, y, 0);
  }

  private static int alpha(BufferedImage image, int x, int y) {
    return image.getRGB(x, y) >>> 24;
  }

  /** Brighter towards the right, much brighter towards the front, brightest towards the head. */
  private static Volume gradient(Affine affine) {
    float[] voxels = new float[(int) SHAPE.voxels()];
    for (int n = 0; n < voxels.length; n++) {
      int i = n % 40;
      int j = n / 40 % 40;
      int k = n / 1600;
      voxels[n] = (i / 39f + 2 * j / 39f + 4 * k / 47f) / 7;
    }
    return Volume.of(SHAPE, affine, voxels);
  }

  @Test
  void rightIsLeftFrontIsUpAndHeadIsFirst() throws IOException {
    Montage montage = Montage.of(gradient(Affine.identity()), null, null);
    assertEquals(480, montage.width());
    assertEquals(320, montage.height());
    assertNull(montage.lungs());
    assertNull(montage.saliency());
    BufferedImage scan = decoded(montage.scan());
    assertEquals(480, scan.getWidth());
    assertEquals(320, scan.getHeight());
    // The first slice is k = 44: right and front, then left and back.
    assertEquals(Math.round(255 * (3 + 4 * 44 / 47f) / 7), gray(scan, 0, 0));
    assertEquals(Math.round(255 * (2 + 4 * 44 / 47f) / 7), gray(scan, 159, 0));
    assertEquals(Math.round(255 * (1 + 4 * 44 / 47f) / 7), gray(scan, 0, 159));
    // The last is k = 4.
    assertEquals(Math.round(255 * (4 * 4 / 47f) / 7), gray(scan, 479, 319));
    assertEquals(Math.round(255 * (3 + 4 * 36 / 47f) / 7), gray(scan, SLICE, 0), "the second");
  }

  @Test
  void theAffineTellsWhereTheRightIsAndHowLongAVoxel() throws IOException {
    // The first axis runs to the left; rows are twice as far apart as columns.
    Affine affine = Affine.of(-1, 0, 0, 0, 0, 2, 0, 0, 0, 0, 1, 0);
    Montage montage = Montage.of(gradient(affine), null, null);
    assertEquals(2 * 320, montage.height());
    BufferedImage scan = decoded(montage.scan());
    assertEquals(Math.round(255 * (2 + 4 * 44 / 47f) / 7), gray(scan, 0, 0));
  }

  @Test
  void valuesBeyondTheRangeStayApart() throws IOException {
    float[] voxels = new float[(int) SHAPE.voxels()];
    java.util.Arrays.fill(voxels, -3);
    voxels[0] = 5;
    Montage montage = Montage.of(Volume.of(SHAPE, Affine.identity(), voxels), null, null);
    assertEquals(0, gray(decoded(montage.scan()), 80, 80));
  }

  @Test
  void theOutlineStandsWhereTheMaskIsInThePatient() throws IOException {
    // A mask on a finer, shifted grid: x from 10 to 20, y from 5 to 30 of the image.
    Shape fine = new Shape(120, 120, 60);
    Affine affine = Affine.of(0.5, 0, 0, -5, 0, 0.5, 0, -5, 0, 0, 1, -2);
    short[] mask = new short[(int) fine.voxels()];
    for (int n = 0; n < mask.length; n++) {
      double x = 0.5 * (n % 120) - 5;
      double y = 0.5 * (n / 120 % 120) - 5;
      mask[n] = (short) (x >= 10 && x <= 20 && y >= 5 && y <= 30 ? 3 : 0);
    }
    Montage montage = Montage.of(gradient(Affine.identity()), Volume.of(fine, affine, mask), null);
    BufferedImage lungs = decoded(montage.lungs());
    int left = SLICE;
    int right = -1;
    int top = SLICE;
    int bottom = -1;
    for (int y = 0; y < SLICE; y++) {
      for (int x = 0; x < SLICE; x++) {
        if (alpha(lungs, x, y) > 0) {
          left = Math.min(left, x);
          right = Math.max(right, x);
          top = Math.min(top, y);
          bottom = Math.max(bottom, y);
        }
      }
    }
    // Four pixels a voxel, from the right and from the front.
    assertEquals(4 * (39 - 20) + 2, left, 2);
    assertEquals(4 * (39 - 10) + 2, right, 2);
    assertEquals(4 * (39 - 30) + 2, top, 2);
    assertEquals(4 * (39 - 5) + 2, bottom, 2);
    assertEquals(0, alpha(lungs, (left + right) / 2, (top + bottom) / 2), "no fill");
  }

  @Test
  void saliencyIsTransparentAtNothingAndStrongestAtItsGreatest() throws IOException {
    float[] map = new float[(int) SHAPE.voxels()];
    // Right, front, and nearest the head of the slices shown.
    map[39 + 40 * (39 + 40 * 44)] = 7;
    Montage montage =
        Montage.of(gradient(Affine.identity()), null, Volume.of(SHAPE, Affine.identity(), map));
    BufferedImage saliency = decoded(montage.saliency());
    assertEquals(178.5, alpha(saliency, 0, 0), 1);
    assertEquals(0, alpha(saliency, 100, 100));
    Montage empty =
        Montage.of(
            gradient(Affine.identity()),
            null,
            Volume.of(SHAPE, Affine.identity(), new float[map.length]));
    assertEquals(0, alpha(decoded(empty.saliency()), 0, 0));
    assertTrue(empty.saliency().length < 1500);
  }
}
