package org.covidmmar.volume;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.apache.commons.rng.UniformRandomProvider;
import org.covidmmar.Seeds;
import org.junit.jupiter.api.Test;

class OrientationTest {
  private static final Shape SHAPE = new Shape(4, 3, 2);

  private static List<Orientation> all() {
    List<Orientation> all = new ArrayList<>();
    for (Orientation.Direction a : Orientation.Direction.values()) {
      for (Orientation.Direction b : Orientation.Direction.values()) {
        for (Orientation.Direction c : Orientation.Direction.values()) {
          if (a.axis() != b.axis() && a.axis() != c.axis() && b.axis() != c.axis()) {
            all.add(Orientation.parse("" + a + b + c));
          }
        }
      }
    }
    assertEquals(48, all.size());
    return all;
  }

  /** An affine of the orientation, each entry disturbed by up to {@code noise}. */
  private static Affine affine(Orientation o, double noise, UniformRandomProvider random) {
    double[] rows = new double[12];
    for (int axis = 0; axis < 3; axis++) {
      rows[4 * o.along(axis).axis() + axis] = o.along(axis).isPositive() ? 1 : -1;
    }
    double[] spacing = {0.7, 3, 1.5};
    for (int r = 0; r < 3; r++) {
      for (int c = 0; c < 3; c++) {
        rows[4 * r + c] = (rows[4 * r + c] + noise * (2 * random.nextDouble() - 1)) * spacing[c];
      }
      rows[4 * r + 3] = 100 * random.nextDouble();
    }
    return Affine.of(rows);
  }

  private static Volume numbered(Affine affine, boolean int16) {
    short[] voxels = new short[24];
    float[] floats = new float[24];
    for (short i = 0; i < 24; i++) {
      voxels[i] = i;
      floats[i] = i + 0.5f;
    }
    return int16 ? Volume.of(SHAPE, affine, voxels) : Volume.of(SHAPE, affine, floats);
  }

  @Test
  void closestOfObliqueAffines() {
    UniformRandomProvider random = new Seeds(5).generator();
    for (Orientation o : all()) {
      for (double noise : new double[] {0, 0.1, 0.3}) {
        assertEquals(o, Orientation.of(affine(o, noise, random)));
      }
    }
  }

  @Test
  void everyVoxelStaysWhereItIs() {
    UniformRandomProvider random = new Seeds(6).generator();
    for (Orientation from : all()) {
      for (Orientation to : List.of(Orientation.RAS, Orientation.parse("LPS"), from)) {
        for (boolean int16 : new boolean[] {true, false}) {
          Volume source = numbered(affine(from, 0.2, random), int16);
          Volume turned = to.reorient(source);
          assertEquals(to, Orientation.of(turned.affine()));
          assertEquals(int16, turned.isInt16());
          assertSameInPatient(source, turned);
        }
      }
    }
  }

  private static void assertSameInPatient(Volume source, Volume turned) {
    Affine back = source.affine().inverse().times(turned.affine());
    Shape shape = turned.shape();
    assertEquals(source.shape().voxels(), shape.voxels());
    for (int k = 0; k < shape.z(); k++) {
      for (int j = 0; j < shape.y(); j++) {
        for (int i = 0; i < shape.x(); i++) {
          double[] at = back.apply(i, j, k);
          int[] index = new int[3];
          for (int axis = 0; axis < 3; axis++) {
            index[axis] = (int) Math.round(at[axis]);
            assertEquals(index[axis], at[axis], 1e-9);
          }
          assertEquals(source.at(index[0], index[1], index[2]), turned.at(i, j, k));
        }
      }
    }
  }

  @Test
  void whatRunsSoAlreadyIsReturnedItself() {
    Volume v = numbered(Affine.of(2, 0.1, 0, 5, 0, 3, 0, 6, 0, 0, 4, 7), true);
    assertSame(v, Orientation.toRas(v));
  }

  @Test
  void mirroredAffine() {
    Volume v = numbered(Affine.of(-2, 0, 0, 5, 0, -3, 0, 6, 0, 0, 4, 7), true);
    Volume ras = Orientation.toRas(v);
    assertEquals(Affine.of(2, 0, 0, -1, 0, 3, 0, 0, 0, 0, 4, 7), ras.affine());
    assertArrayEquals(
        new short[] {11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0}, Arrays.copyOf(ras.shorts(), 12));
  }

  @Test
  void shearThatTheColumnsAloneWouldMisjudge() {
    // Both columns are largest along x; without the nearest rotation the order would decide.
    Affine sheared = Affine.of(1, 0.9, 0, 0, 0.1, 0.8, 0, 0, 0, 0, 1, 0);
    assertEquals("RAS", Orientation.of(sheared).toString());
    assertEquals("ARS", Orientation.of(sheared.permuted(1, 0, 2)).toString());
  }

  @Test
  void refusesWhatIsNoOrientation() {
    for (String codes : List.of("RA", "RAX", "RLS", "RASS", "")) {
      assertThrows(IllegalArgumentException.class, () -> Orientation.parse(codes), codes);
    }
    Affine flat = Affine.of(1, 1, 0, 0, 1, 1, 0, 0, 0, 0, 1, 0);
    assertThrows(ArithmeticException.class, () -> Orientation.of(flat));
  }

  @Test
  void inverseTakesBack() {
    Affine a = Affine.of(2, 0.5, 0, -7, 0.25, 3, 0.25, 8, 0, 1, 4, 9);
    assertTrue(a.times(a.inverse()).isClose(Affine.identity(), 1e-12));
    assertTrue(a.inverse().times(a).isClose(Affine.identity(), 1e-12));
    assertArrayEquals(
        new double[] {2 + 1 - 7, 0.25 + 6 + 0.75 + 8, 2 + 12 + 9}, a.apply(1, 2, 3), 1e-12);
    assertEquals(2 * (12 - 0.25) - 0.5 * (1 - 0), a.determinant(), 1e-12);
    assertThrows(ArithmeticException.class, () -> Affine.of(new double[12]).inverse());
  }

  @Test
  void productAppliesTheArgumentFirst() {
    Affine a = Affine.of(0, -1, 0, 1, 1, 0, 0, 2, 0, 0, 1, 3);
    Affine b = Affine.of(2, 0, 0, 5, 0, 1, 0, 0, 0, 0, 1, 0);
    double[] inner = b.apply(1, 2, 3);
    assertArrayEquals(a.apply(inner[0], inner[1], inner[2]), a.times(b).apply(1, 2, 3), 1e-12);
  }

  @Test
  void cropKeepsVoxelsInPlace() {
    Affine affine = affine(Orientation.parse("LPS"), 0.1, new Seeds(7).generator());
    for (boolean int16 : new boolean[] {true, false}) {
      Volume v = numbered(affine, int16);
      Volume box = v.cropped(1, 4, 0, 2, 1, 2);
      assertEquals(new Shape(3, 2, 1), box.shape());
      assertEquals(int16, box.isInt16());
      for (int j = 0; j < 2; j++) {
        for (int i = 0; i < 3; i++) {
          assertEquals(v.at(i + 1, j, 1), box.at(i, j, 0));
          assertArrayEquals(v.affine().apply(i + 1, j, 1), box.affine().apply(i, j, 0), 1e-12);
        }
      }
      assertThrows(IllegalArgumentException.class, () -> v.cropped(0, 5, 0, 1, 0, 1));
      assertThrows(IllegalArgumentException.class, () -> v.cropped(-1, 2, 0, 1, 0, 1));
      assertThrows(IllegalArgumentException.class, () -> v.cropped(2, 2, 0, 1, 0, 1));
    }
  }
}
