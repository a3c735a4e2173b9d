package org.covidmmar.inference;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.List;
import org.apache.commons.rng.UniformRandomProvider;
import org.covidmmar.Seeds;
import org.covidmmar.io.nifti.NiftiReader;
import org.covidmmar.transform.CropForeground;
import org.covidmmar.transform.Orient;
import org.covidmmar.transform.Pipeline;
import org.covidmmar.transform.Resize;
import org.covidmmar.transform.ResizeMode;
import org.covidmmar.transform.Sample;
import org.covidmmar.volume.Affine;
import org.covidmmar.volume.Orientation;
import org.covidmmar.volume.Shape;
import org.covidmmar.volume.Volume;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class OnScanTest {
  private static final Shape INPUT = new Shape(24, 20, 16);

  private static float[] filled(Shape s, Voxels voxels) {
    float[] values = new float[(int) s.voxels()];
    int n = 0;
    for (int k = 0; k < s.z(); k++) {
      for (int j = 0; j < s.y(); j++) {
        for (int i = 0; i < s.x(); i++) {
          values[n++] = voxels.at(i, j, k);
        }
      }
    }
    return values;
  }

  /** A scan with its mask, stored with any order and direction of axes, oblique, off the origin. */
  @SuppressWarnings("ArrayRecordComponent") // made, read, never compared
  private record Scan(Volume image, Volume mask, int[] from, int[] to) {}

  private static Scan scan(long seed, Voxels voxels) {
    UniformRandomProvider random = new Seeds(seed).child("scan").generator();
    int[] axes = {0, 1, 2};
    for (int n = 2; n > 0; n--) {
      int other = random.nextInt(n + 1);
      int axis = axes[n];
      axes[n] = axes[other];
      axes[other] = axis;
    }
    double[] m = new double[12];
    for (int axis = 0; axis < 3; axis++) {
      m[4 * axes[axis] + axis] = (random.nextBoolean() ? 1 : -1) * random.nextDouble(0.6, 3);
      m[4 * axis + 3] = random.nextDouble(-300, 300);
    }
    Affine oblique = rotation(random, 0.3).times(Affine.of(m));
    Shape shape = new Shape(random.nextInt(30, 48), random.nextInt(30, 48), random.nextInt(30, 48));
    int[] from = new int[3];
    int[] to = new int[3];
    for (int axis = 0; axis < 3; axis++) {
      // Sometimes so close to the edge that the margin is cut there.
      from[axis] = random.nextInt(0, 8);
      to[axis] = shape.along(axis) - random.nextInt(0, 8);
    }
    float[] image = filled(shape, voxels);
    float[] mask =
        filled(
            shape,
            (i, j, k) ->
                i >= from[0] && i < to[0] && j >= from[1] && j < to[1] && k >= from[2] && k < to[2]
                    ? 1
                    : 0);
    return new Scan(Volume.of(shape, oblique, image), Volume.of(shape, oblique, mask), from, to);
  }

  private static Affine rotation(UniformRandomProvider random, double most) {
    Affine all = Affine.identity();
    for (int axis = 0; axis < 3; axis++) {
      double angle = random.nextDouble(-most, most);
      double[] m = new double[12];
      int a = (axis + 1) % 3;
      int b = (axis + 2) % 3;
      m[5 * axis] = 1;
      m[5 * a] = Math.cos(angle);
      m[5 * b] = Math.cos(angle);
      m[4 * a + b] = -Math.sin(angle);
      m[4 * b + a] = Math.sin(angle);
      all = all.times(Affine.of(m));
    }
    return all;
  }

  @FunctionalInterface
  private interface Voxels {
    float at(int i, int j, int k);
  }

  private static Pipeline pipeline(ResizeMode mode, int margin, boolean allowSmaller) {
    return new Pipeline(
        List.of(
            new Orient(), new CropForeground(margin, allowSmaller, 1), new Resize(INPUT, mode)));
  }

  /** What the network sees of a scan, taken back, is the scan: wherever its axes run. */
  @ParameterizedTest
  @EnumSource
  void whatWasCroppedAndResizedComesBackToItsPlace(ResizeMode mode) {
    for (long seed = 0; seed < 24; seed++) {
      // Linear, so that neither resizing nor interpolation changes it but at the edges.
      Scan scan = scan(seed, (i, j, k) -> 3 * i + 5 * j + 7 * k);
      boolean allowSmaller = seed % 3 != 0;
      Volume seen =
          pipeline(mode, 2, allowSmaller).fixed(new Sample("", scan.image(), scan.mask())).image();
      OnScan back = new OnScan(seen, scan.image().affine());
      Shape s = scan.image().shape();
      int compared = 0;
      for (int k = 0; k < s.z(); k++) {
        for (int j = 0; j < s.y(); j++) {
          for (int i = 0; i < s.x(); i++) {
            int inside = inside(scan, i, j, k);
            if (inside < -2) {
              assertEquals(0, back.at(i, j, k), "seed " + seed + ", outside the margin");
            } else if (inside >= 2) {
              compared++;
              // Windows of an area resize are not centred where they share voxels.
              double tolerance = mode == ResizeMode.AREA ? 0.5 * (3 + 5 + 7) : 1e-3;
              assertEquals(scan.image().at(i, j, k), back.at(i, j, k), tolerance, "seed " + seed);
            }
          }
        }
      }
      assertTrue(compared > 1000);
    }
  }

  /** How many voxels deep in the mask; below 0 how far outside. */
  private static int inside(Scan scan, int... voxel) {
    int depth = Integer.MAX_VALUE;
    for (int axis = 0; axis < 3; axis++) {
      depth = Math.min(depth, voxel[axis] - scan.from()[axis]);
      depth = Math.min(depth, scan.to()[axis] - 1 - voxel[axis]);
    }
    return depth;
  }

  /** A bright voxel of the scan is the map's brightest, and there it is bright again. */
  @Test
  void aBrightSpotLandsOnItsVoxel() {
    for (long seed = 0; seed < 24; seed++) {
      UniformRandomProvider random = new Seeds(seed).child("spot").generator();
      int[] spot = {random.nextInt(12, 18), random.nextInt(12, 18), random.nextInt(12, 18)};
      Scan scan =
          scan(
              seed,
              (i, j, k) ->
                  (float)
                      Math.exp(
                          -(Math.pow(i - spot[0], 2)
                                  + Math.pow(j - spot[1], 2)
                                  + Math.pow(k - spot[2], 2))
                              / 18));
      Volume seen =
          pipeline(ResizeMode.AREA, 5, true)
              .fixed(new Sample("", scan.image(), scan.mask()))
              .image();
      OnScan back = new OnScan(seen, scan.image().affine());
      Shape s = scan.image().shape();
      float most = 0;
      int[] at = new int[3];
      for (int k = 0; k < s.z(); k++) {
        for (int j = 0; j < s.y(); j++) {
          for (int i = 0; i < s.x(); i++) {
            if (back.at(i, j, k) > most) {
              most = back.at(i, j, k);
              at = new int[] {i, j, k};
            }
          }
        }
      }
      assertTrue(most > 0.7, "seed " + seed + ": " + most);
      for (int axis = 0; axis < 3; axis++) {
        assertEquals(spot[axis], at[axis], 1.5, "seed " + seed + ", axis " + axis);
      }
    }
  }

  /** A map taken back and through the preprocessing again is the map. */
  @Test
  void forwardAgainItIsTheMap() {
    for (long seed = 0; seed < 12; seed++) {
      Scan scan = scan(seed, (i, j, k) -> 0);
      Pipeline pipeline = pipeline(ResizeMode.TRILINEAR, 2, true);
      Volume seen = pipeline.fixed(new Sample("", scan.image(), scan.mask())).image();
      float[] values = filled(INPUT, (i, j, k) -> 2 * i - 3 * j + 5 * k);
      OnScan back = new OnScan(Volume.of(INPUT, seen.affine(), values), scan.image().affine());
      Shape s = scan.image().shape();
      float[] onScan = filled(s, back::at);
      Volume again =
          pipeline
              .fixed(new Sample("", Volume.of(s, scan.image().affine(), onScan), scan.mask()))
              .image();
      for (int k = 1; k < INPUT.z() - 1; k++) {
        for (int j = 1; j < INPUT.y() - 1; j++) {
          for (int i = 1; i < INPUT.x() - 1; i++) {
            assertEquals(2 * i - 3 * j + 5 * k, again.at(i, j, k), 1e-3, "seed " + seed);
          }
        }
      }
    }
  }

  /** Half-pixel centres, the edge's value in the outermost half voxel, and nothing outside. */
  @Test
  void aVoxelOfTheMapIsCentredOnThoseItWasMadeOf() {
    Affine scan = Affine.of(1, 0, 0, -20, 0, 1, 0, 3, 0, 0, 1, 7);
    // Of 4 x 1 x 1 voxels each, from the scan's voxel 2 on.
    Affine input = scan.startingAt(3.5, 0, 0).times(Affine.of(4, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0));
    OnScan map = new OnScan(Volume.of(new Shape(2, 1, 1), input, new float[] {1, 9}), scan);
    float[] expected = {0, 0, 1, 1, 2, 4, 6, 8, 9, 9, 0};
    for (int i = 0; i < expected.length; i++) {
      assertEquals(expected[i], map.at(i, 0, 0), 1e-6);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"RAS", "LPS", "ASL", "SPR"})
  void theFileHasTheScansGrid(String axes, @TempDir Path folder) {
    Volume ras =
        Volume.of(
            new Shape(5, 6, 7), Affine.of(2, 0, 0, -9, 0, 3, 0, 4, 0, 0, 1, 8), new float[210]);
    Volume scan = Orientation.parse(axes).reorient(ras);
    Volume map = ras.cropped(1, 4, 2, 6, 0, 7);
    float[] values = new float[(int) map.shape().voxels()];
    for (int n = 0; n < values.length; n++) {
      values[n] = n + 1;
    }
    OnScan onScan = new OnScan(Volume.of(map.shape(), map.affine(), values), scan.affine());
    onScan.write(folder.resolve("map.nii.gz"), scan.shape(), 2);
    Volume read = NiftiReader.read(folder.resolve("map.nii.gz"));
    assertEquals(scan.shape(), read.shape());
    assertTrue(scan.affine().isClose(read.affine(), 1e-4));
    Volume turned = Orientation.RAS.reorient(read);
    assertArrayEquals(values, turned.cropped(1, 4, 2, 6, 0, 7).floats(), 1e-4f);
    assertEquals(0, turned.at(0, 3, 3));
    assertEquals(0, turned.at(2, 1, 3));
  }
}
