package org.covidmmar.segmentation;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.covidmmar.CovidException;
import org.covidmmar.volume.Affine;
import org.covidmmar.volume.Orientation;
import org.covidmmar.volume.Shape;
import org.covidmmar.volume.Volume;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class LungSegmenterTest {
  private static final LungSegmenter SEGMENTER = new LungSegmenter();

  private record Scene(String name, ChestModel chest, double dice) {
    @Override
    public String toString() {
      return name;
    }
  }

  static Stream<Scene> scenes() {
    return Stream.of(
        new Scene("plain", new ChestModel(), 0.98),
        new Scene("fine voxels", new ChestModel().spacing(1, 1, 3), 0.98),
        new Scene("slices of 8 mm", new ChestModel().spacing(1.5, 1.5, 8), 0.97),
        new Scene("table and blanket", new ChestModel().table(false).blanket(), 0.98),
        new Scene("prone", new ChestModel().table(true), 0.98),
        new Scene("bowel gas", new ChestModel().bowelGas(), 0.98),
        new Scene("lungs touch", new ChestModel().touching(), 0.97),
        new Scene("lungs touch, bowel gas", new ChestModel().touching().bowelGas(), 0.97),
        new Scene("consolidation", new ChestModel().consolidation(24), 0.97),
        new Scene("effusion", new ChestModel().effusion(40), 0.95),
        new Scene("poorly aerated", new ChestModel().lungs(-600), 0.97),
        new Scene("emphysema", new ChestModel().lungs(-930), 0.97),
        new Scene("lower half", new ChestModel().view(2, -190, 20), 0.97),
        new Scene("upper half", new ChestModel().view(2, 0, 190), 0.97),
        new Scene("sides cut off", new ChestModel().view(0, -100, 100), 0.97),
        new Scene("round field of view", new ChestModel().circle(150), 0.96),
        new Scene("padding", new ChestModel().circle(175), 0.98),
        new Scene("one lung", new ChestModel().withoutLeftLung(), 0.98));
  }

  @ParameterizedTest
  @MethodSource("scenes")
  void theLungsAreFound(Scene scene) {
    ChestModel.Scan scan = scene.chest().scan();
    LungMask found = SEGMENTER.segment(scene.name(), scan.ct());
    double dice = ChestModel.dice(found.mask(), scan.truth());
    String figures =
        "%s: dice %.4f, right %.0f ml, left %.0f ml, confidence %.2f %s"
            .formatted(
                scene.name(),
                dice,
                found.rightMl(),
                found.leftMl(),
                found.confidence(),
                found.findings());
    System.out.println(figures);
    assertTrue(dice >= scene.dice(), figures);
    assertEquals(scan.ct().shape(), found.mask().shape());
    assertEquals(scan.ct().affine(), found.mask().affine());
  }

  @Test
  void volumesAreOfThePatientsSides() {
    ChestModel.Scan scan = new ChestModel().scan();
    LungMask found = SEGMENTER.segment("chest", scan.ct());
    Volume ras = Orientation.toRas(scan.truth());
    double[] ml = new double[2];
    for (int k = 0; k < ras.shape().z(); k++) {
      for (int j = 0; j < ras.shape().y(); j++) {
        for (int i = 0; i < ras.shape().x(); i++) {
          int side = ras.affine().apply(i, j, k)[0] > 0 ? 0 : 1;
          ml[side] += ras.at(i, j, k) * ras.affine().determinant() / 1000;
        }
      }
    }
    assertEquals(ml[0], found.rightMl(), 0.03 * ml[0]);
    assertEquals(ml[1], found.leftMl(), 0.03 * ml[1]);
    assertTrue(ml[0] > 1.05 * ml[1], "the heart takes from the left");
    assertEquals(1, found.confidence(), 1e-9);
    assertEquals(List.of(), found.findings());
  }

  /** However the axes run, the same voxels of the patient are lung. */
  @Test
  void theMaskTurnsWithTheAxes() {
    ChestModel.Scan scan =
        new ChestModel().spacing(3, 2.6, 6).table(false).bowelGas().orientation("RAS").scan();
    Volume expected = SEGMENTER.segment("RAS", scan.ct()).mask();
    for (String codes : orientations()) {
      Volume turned = Orientation.parse(codes).reorient(scan.ct());
      Volume mask = Orientation.RAS.reorient(SEGMENTER.segment(codes, turned).mask());
      assertArrayEquals(expected.shorts(), mask.shorts(), codes);
    }
  }

  private static List<String> orientations() {
    List<String> all = new ArrayList<>();
    String[] axes = {"RL", "AP", "SI"};
    int[][] orders = {{0, 1, 2}, {0, 2, 1}, {1, 0, 2}, {1, 2, 0}, {2, 0, 1}, {2, 1, 0}};
    for (int o = 0; o < orders.length; o++) {
      // Each order with two of its eight directions, opposite ones.
      for (int flips : new int[] {o, 7 - o}) {
        StringBuilder codes = new StringBuilder();
        for (int n = 0; n < 3; n++) {
          codes.append(axes[orders[o][n]].charAt(flips >> n & 1));
        }
        all.add(codes.toString());
      }
    }
    return all;
  }

  @Test
  void voxelsOfFloatGiveTheSameMask() {
    Volume ct = new ChestModel().spacing(1, 1, 5).scan().ct();
    Volume floats = Volume.of(ct.shape(), ct.affine(), ct.floats());
    assertArrayEquals(
        SEGMENTER.segment("int16", ct).mask().shorts(),
        SEGMENTER.segment("float32", floats).mask().shorts());
  }

  @Test
  void trachea() {
    ChestModel.Scan with = new ChestModel().spacing(1, 1, 3).scan();
    Volume mask = Orientation.toRas(SEGMENTER.segment("chest", with.ct()).mask());
    for (double z = 30; z < 130; z += 5) {
      double[] at = mask.affine().inverse().apply(0, -18, z);
      float inside = mask.at((int) at[0], (int) at[1], (int) at[2]);
      assertEquals(0, inside, "trachea at " + z);
    }
    assertTrue(
        SEGMENTER.segment("chest", with.ct()).findings().stream()
            .noneMatch(f -> f.contains("trachea")));
    ChestModel.Scan without = new ChestModel().withoutAirways().scan();
    assertTrue(
        SEGMENTER.segment("chest", without.ct()).findings().toString().contains("no trachea"));
  }

  @Test
  void confidenceSaysWhatIsUnusual() {
    Map<String, ChestModel> unusual = new TreeMap<>();
    unusual.put("only the right lung", new ChestModel().withoutLeftLung());
    unusual.put("beyond the top", new ChestModel().view(2, -190, 20));
    unusual.put("beyond the bottom", new ChestModel().view(2, 0, 190));
    unusual.put("field of view", new ChestModel().view(0, -100, 100));
    unusual.forEach(
        (finding, chest) -> {
          LungMask found = SEGMENTER.segment(finding, chest.scan().ct());
          assertTrue(found.findings().toString().contains(finding), found.findings().toString());
          assertTrue(found.confidence() < 1, finding);
        });
    LungMask one = SEGMENTER.segment("one lung", new ChestModel().withoutLeftLung().scan().ct());
    assertTrue(one.confidence() < LungMask.LOW, "one lung is worth a look");
    assertEquals(0, one.leftMl());
  }

  @Test
  void whatIsNoChestIsRefused() {
    refused(new ChestModel().withoutLungs().scan().ct(), "no CT of the chest");
    refused(new ChestModel().withoutLungs().bowelGas().scan().ct(), "no CT of the chest");
    refused(
        new ChestModel().bowelGas().view(2, -400, -75).withoutAirways().scan().ct(),
        "a CT of the abdomen");
    refused(head(), "no CT of the chest");
    refused(constant(0), "is empty");
    refused(constant(-1000), "is empty");
    Volume ct = new ChestModel().scan().ct();
    short[] unsigned = ct.shorts().clone();
    for (int n = 0; n < unsigned.length; n++) {
      unsigned[n] = (short) (unsigned[n] + 1024);
    }
    refused(Volume.of(ct.shape(), ct.affine(), unsigned), "no CT in HU");
    float[] scaled = ct.floats();
    for (int n = 0; n < scaled.length; n++) {
      scaled[n] = (scaled[n] + 1000) / 1500;
    }
    refused(Volume.of(ct.shape(), ct.affine(), scaled), "no CT in HU");
    float[] broken = ct.floats();
    broken[7] = Float.NaN;
    refused(Volume.of(ct.shape(), ct.affine(), broken), "voxel 7 is NaN");
    refused(Volume.of(ct.shape(), Affine.of(new double[12]), ct.shorts()), "affine");
  }

  @ParameterizedTest
  @CsvSource({"1,1,1", "2,1,1", "1,1,40", "64,1,64", "3,500,2"})
  void gridsOfAnyShapeAreRefusedWithoutHarm(int x, int y, int z) {
    Shape shape = new Shape(x, y, z);
    short[] voxels = new short[(int) shape.voxels()];
    for (int i = 0; i < voxels.length; i++) {
      voxels[i] = (short) (i % 3 == 0 ? -1000 : 40);
    }
    for (double mm : new double[] {1e-6, 1, 1e6}) {
      Affine affine = Affine.of(mm, 0, 0, 0, 0, mm, 0, 0, 0, 0, mm, 0);
      assertThrows(
          CovidException.class,
          () -> SEGMENTER.segment("grid", Volume.of(shape, affine, voxels)),
          shape + " of " + mm);
    }
  }

  private static void refused(Volume ct, String reason) {
    CovidException e =
        assertThrows(CovidException.class, () -> SEGMENTER.segment("scan.nii.gz", ct));
    assertTrue(e.getMessage().contains(reason), e.getMessage());
    assertEquals("scan.nii.gz", e.subject());
  }

  private static Volume constant(int hu) {
    Shape shape = new Shape(40, 40, 20);
    short[] voxels = new short[(int) shape.voxels()];
    Arrays.fill(voxels, (short) hu);
    return Volume.of(shape, Affine.of(8, 0, 0, 0, 0, 8, 0, 0, 0, 0, 8, 0), voxels);
  }

  /** A skull with brain, sinuses and pharynx. */
  private static Volume head() {
    Shape shape = new Shape(100, 120, 60);
    short[] voxels = new short[(int) shape.voxels()];
    for (int k = 0, at = 0; k < shape.z(); k++) {
      for (int j = 0; j < shape.y(); j++) {
        for (int i = 0; i < shape.x(); i++, at++) {
          double x = 2.0 * i - 100;
          double y = 2.0 * j - 120;
          double z = 4.0 * k - 120;
          double r = x * x / (75 * 75) + y * y / (95 * 95) + z * z / (115 * 115);
          int hu = r > 1 ? -1000 : r > 0.88 ? 900 : 35;
          boolean sinus = Math.hypot(Math.abs(x) - 22, Math.hypot(y - 62, z + 25)) < 16;
          boolean pharynx = Math.hypot(x, y - 30) < 11 && z < -30;
          voxels[at] = (short) (r < 1 && (sinus || pharynx) ? -1000 : hu);
        }
      }
    }
    return Volume.of(shape, Affine.of(2, 0, 0, 0, 0, 2, 0, 0, 0, 0, 4, 0), voxels);
  }
}
