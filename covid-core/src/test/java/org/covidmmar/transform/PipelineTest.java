package org.covidmmar.transform;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.apache.commons.rng.UniformRandomProvider;
import org.covidmmar.CovidException;
import org.covidmmar.Fingerprint;
import org.covidmmar.Seeds;
import org.covidmmar.volume.Affine;
import org.covidmmar.volume.Orientation;
import org.covidmmar.volume.Shape;
import org.covidmmar.volume.Volume;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class PipelineTest {
  private static final Shape INPUT = new Shape(6, 5, 4);
  private static final Pipeline MMAR =
      Recipes.mmar(INPUT, ResizeMode.AREA, -1000, 500, Augmentation.RECIPE);
  private static final Pipeline NATURECOMM =
      Recipes.naturecomm(INPUT, ResizeMode.TRILINEAR, -1000, 500, Augmentation.FLIP);
  private static final Seeds SEEDS = new Seeds(7).child("case");

  @Test
  void sameAsItsStepsOneByOne() {
    for (int n = 0; n < 200; n++) {
      UniformRandomProvider random = Samples.random("one by one", n);
      List<Step> steps = new ArrayList<>();
      for (int s = random.nextInt(2, 6); s > 0; s--) {
        steps.add(StepTest.steps().toList().get(random.nextInt(20)));
      }
      steps.add(new MaskImage());
      Sample sample =
          Samples.of(Samples.shape(random, 8, 14), turned(random), random.nextBoolean());
      Sample expected = sample;
      try {
        for (Step step : steps) {
          expected = ((Transform) step).apply(expected);
        }
      } catch (CovidException e) {
        // A crop, rotation or zoom may have left nothing of the mask: then both must say so.
        assertThrows(CovidException.class, () -> new Pipeline(steps).fixed(sample));
        continue;
      }
      Sample actual = new Pipeline(steps).fixed(sample);
      StepHarness.assertSame(expected.image(), actual.image());
      assertNull(actual.mask());
    }
  }

  private static Affine turned(UniformRandomProvider random) {
    Orientation.Direction[] d = Orientation.Direction.values();
    double[] m = new double[12];
    int first = random.nextInt(3);
    int turn = random.nextBoolean() ? 1 : 2;
    for (int c = 0; c < 3; c++) {
      m[4 * ((first + c * turn) % 3) + c] = d[random.nextInt(6)].isPositive() ? 1.5 : -0.7;
    }
    return Affine.of(m);
  }

  @Test
  void orientsAsTheVolumePackageDoes() {
    for (int n = 0; n < 50; n++) {
      UniformRandomProvider random = Samples.random("orient", n);
      Sample sample = Samples.of(Samples.SMALL, turned(random), true);
      Sample turned = new Orient().apply(sample);
      StepHarness.assertSame(Orientation.toRas(sample.image()), turned.image());
      assertTrue(turned.image().isInt16(), "a scan of int16 stays so");
    }
  }

  @Test
  void keepsTheMaskWhereALaterStepNeedsIt() {
    assertFalse(MMAR.needsMask());
    assertNull(MMAR.fixed(Samples.small()).mask());
    List<Step> steps = new ArrayList<>(MMAR.steps());
    steps.add(new MaskImage());
    Pipeline masked = new Pipeline(steps);
    assertTrue(masked.needsMask());
    Sample fixed = masked.fixed(Samples.small());
    assertEquals(INPUT, fixed.mask().shape());
    StepHarness.assertSame(MMAR.fixed(Samples.small()).image(), fixed.image());
    assertNotEquals(MMAR.fixedFingerprint(), masked.fixedFingerprint());
    Sample random = masked.random(fixed, SEEDS);
    assertNull(random.mask());
    for (int i = 0; i < 120; i++) {
      assertTrue(fixed.mask().at(i) > 0 || random.image().at(i) == 0);
    }
  }

  @ParameterizedTest
  @EnumSource(Augmentation.class)
  void evaluatesWhatItTrainsOnLessTheRandomSteps(Augmentation augmentation) {
    Pipeline training = Recipes.mmar(INPUT, ResizeMode.AREA, -1000, 500, augmentation);
    Pipeline evaluation = training.withoutAugmentation();
    assertEquals(Recipes.mmar(INPUT, ResizeMode.AREA, -1000, 500, Augmentation.NONE), evaluation);
    assertEquals(training.fixedFingerprint(), evaluation.fixedFingerprint());
    Sample fixed = training.fixed(Samples.small());
    StepHarness.assertSame(fixed, evaluation.random(evaluation.fixed(Samples.small()), SEEDS));
    assertEquals(augmentation == Augmentation.NONE, training.equals(evaluation));
  }

  @Test
  void fingerprintDiffersWithEachStepOfThePrefix() {
    Set<Fingerprint> seen = new HashSet<>();
    List<Step> fixed = StepTest.steps().filter(s -> s instanceof Transform).toList();
    for (Step step : fixed) {
      assertTrue(seen.add(new Pipeline(List.of(step)).fixedFingerprint()), step.toString());
    }
    assertTrue(seen.add(NATURECOMM.fixedFingerprint()));
    assertTrue(seen.add(MMAR.fixedFingerprint()));
    assertTrue(
        seen.add(
            Recipes.mmar(INPUT, ResizeMode.AREA, -1000, 500.5, Augmentation.RECIPE)
                .fixedFingerprint()));
  }

  @Test
  void drawsByNameWhateverStandsBeside() {
    Pipeline two =
        new Pipeline(List.of(new RandScaleIntensity(1, 0.1), new RandShiftIntensity(1, 0.1)));
    Pipeline other =
        new Pipeline(
            List.of(
                new RandShiftIntensity(1, 0.1),
                new RandFlip(1, List.of(0)),
                new RandScaleIntensity(1, 0.1)));
    assertEquals(Set.copyOf(two.draw(SEEDS)), scales(other.draw(SEEDS)));
    assertNotEquals(two.draw(SEEDS), two.draw(new Seeds(7).child("another")));
  }

  private static Set<Transform> scales(List<Transform> drawn) {
    return Set.of(drawn.get(0), drawn.get(2));
  }

  @Test
  void stepsOfOneNameDrawApart() {
    Pipeline flips = Recipes.mmar(INPUT, ResizeMode.AREA, -1000, 500, Augmentation.FLIP);
    Set<List<Transform>> seen = new HashSet<>();
    int flipped = 0;
    int cases = 400;
    for (int n = 0; n < cases; n++) {
      List<Transform> drawn = flips.draw(SEEDS.child(n));
      seen.add(drawn);
      for (int axis = 0; axis < 3; axis++) {
        boolean flip = drawn.get(axis).equals(new Flip(List.of(axis)));
        assertTrue(flip || drawn.get(axis).equals(new Identity()));
        flipped += flip ? 1 : 0;
      }
    }
    assertEquals(8, seen.size());
    assertEquals(1.5, (double) flipped / cases, 0.15);
  }

  @Test
  void cardsAugmentationsAreDrawnFromItsRanges() {
    int contrasts = 0;
    int noises = 0;
    int zooms = 0;
    double most = 0;
    int cases = 2000;
    for (int n = 0; n < cases; n++) {
      List<Transform> drawn = MMAR.draw(SEEDS.child(n));
      most = Math.max(most, Math.abs(((ScaleIntensity) drawn.get(0)).factor()));
      if (drawn.get(1) instanceof AdjustContrast c) {
        contrasts++;
        assertTrue(c.gamma() >= 0.5 && c.gamma() < 4.5);
      }
      if (drawn.get(2) instanceof GaussianNoise g) {
        noises++;
        assertTrue(g.mean() == 0 && g.std() >= 0 && g.std() < 0.1);
      }
      if (drawn.get(3) instanceof Zoom z) {
        zooms++;
        assertTrue(z.factors().x() >= 0.8 && z.factors().x() < 1.2);
        assertNotEquals(z.factors().x(), z.factors().y());
      }
    }
    assertEquals(0.1, most, 0.001);
    assertEquals(0.5, (double) contrasts / cases, 0.04);
    assertEquals(0.75, (double) noises / cases, 0.04);
    assertEquals(0.25, (double) zooms / cases, 0.04);
  }

  @Test
  void randomStepsChangeTheImageAndRepeat() {
    Sample fixed = MMAR.fixed(Samples.small());
    StepHarness.assertSame(MMAR.random(fixed, SEEDS), MMAR.random(fixed, SEEDS));
    float[] one = MMAR.random(fixed, SEEDS.child(1)).image().floats();
    float[] two = MMAR.random(fixed, SEEDS.child(2)).image().floats();
    assertNotEquals(one[60], two[60]);
    StepHarness.assertSame(MMAR.fixed(Samples.small()), fixed);
  }

  @Test
  void noiseIsNormalOfItsDeviation() {
    Shape shape = new Shape(50, 40, 30);
    float[] zeros = new float[60_000];
    Sample black = new Sample("black", Volume.of(shape, Affine.identity(), zeros), null);
    float[] noise = new GaussianNoise(0.5, 2, 11).apply(black).image().floats();
    double sum = 0;
    double squares = 0;
    int within = 0;
    for (float v : noise) {
      sum += v;
      squares += (v - 0.5) * (v - 0.5);
      within += Math.abs(v - 0.5) < 2 ? 1 : 0;
    }
    assertEquals(0.5, sum / noise.length, 0.03);
    assertEquals(2, Math.sqrt(squares / noise.length), 0.03);
    assertEquals(0.6827, (double) within / noise.length, 0.01);
    assertNotEquals(noise[5], new GaussianNoise(0.5, 2, 12).apply(black).image().at(5));
  }

  @Test
  void namesTheCaseAndTheStepThatFails() {
    Volume image = Samples.small().image();
    float[] broken = image.floats();
    broken[17] = Float.NaN;
    Sample empty =
        new Sample(
            "patient-7",
            Volume.of(image.shape(), image.affine(), broken),
            Volume.of(image.shape(), image.affine(), new short[504]));
    CovidException e = assertThrows(CovidException.class, () -> NATURECOMM.fixed(empty));
    assertEquals("patient-7", e.subject());
    assertEquals(
        "step 2, CropForeground: the mask is empty: expected voxels above 0 where the lungs are,"
            + " found none (its input: shape 9,8,7, -1100.0 to 685.0, 1 NaN)",
        e.problem());
  }

  @ParameterizedTest
  @ValueSource(strings = {"none", "shape"})
  void refusesAMaskThatIsNotTheImages(String kind) {
    Volume image = Samples.small().image();
    Volume mask =
        kind.equals("none") ? null : Volume.of(new Shape(9, 7, 8), image.affine(), new short[504]);
    Sample sample = new Sample("patient-7", image, mask);
    for (Pipeline pipeline : List.of(MMAR, NATURECOMM, new Pipeline(List.of(new MaskImage())))) {
      CovidException e = assertThrows(CovidException.class, () -> pipeline.fixed(sample));
      assertEquals("patient-7", e.subject());
      String expected = mask == null ? "has no lung mask" : "expected 9,8,7, found 9,7,8";
      assertTrue(e.problem().contains(expected), e.problem());
    }
  }

  @Test
  void refusesAnAffineItCannotUse() {
    Affine flat = Affine.of(1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0);
    Affine tilted = Affine.of(1, 0, 0, 0, 0, 1, 0.5, 0, 0, 0, 2, 0);
    Pipeline spacing = new Pipeline(List.of(new Spacing(PerAxis.all(1))));
    for (Affine affine : List.of(flat, tilted)) {
      Sample sample = Samples.of(Samples.SMALL, affine, true);
      assertEquals(
          "small", assertThrows(CovidException.class, () -> spacing.fixed(sample)).subject());
    }
    Sample sample = Samples.of(Samples.SMALL, flat, true);
    CovidException e = assertThrows(CovidException.class, () -> MMAR.fixed(sample));
    assertTrue(e.problem().contains("step 1, Orient: "), e.problem());
  }

  @Test
  void refusesAGridThatNoArrayHolds() {
    Pipeline fine = new Pipeline(List.of(new Spacing(PerAxis.all(0.001))));
    Pipeline large =
        new Pipeline(List.of(new Resize(new Shape(4000, 4000, 4000), ResizeMode.AREA)));
    Pipeline wide = new Pipeline(List.of(new CropForeground(9999, false, 1)));
    for (Pipeline pipeline : List.of(fine, large, wide)) {
      CovidException e = assertThrows(CovidException.class, () -> pipeline.fixed(Samples.small()));
      assertTrue(e.problem().contains("fewer than 2^31 voxels"), e.problem());
    }
  }

  @Test
  void recipesStandAsTheCardHasThem() {
    String crop =
        "{\"name\":\"CropForeground\",\"margin\":5,\"allowSmaller\":true,\"kDivisible\":1}";
    String area = "{\"name\":\"Resize\",\"shape\":[6,5,4],\"mode\":\"area\"}";
    String range =
        "{\"name\":\"ScaleIntensityRange\",\"aMin\":-1000.0,\"aMax\":500.0,"
            + "\"bMin\":0.0,\"bMax\":1.0,\"clip\":true}";
    assertEquals(
        String.join(",", "[{\"name\":\"Orient\"}", range, crop, area)
            + ",{\"name\":\"RandScaleIntensity\",\"prob\":1.0,\"factor\":0.1}"
            + ",{\"name\":\"RandAdjustContrast\",\"prob\":0.5,\"minGamma\":0.5,\"maxGamma\":4.5}"
            + ",{\"name\":\"RandGaussianNoise\",\"prob\":0.75,\"mean\":0.0,\"std\":0.1}"
            + ",{\"name\":\"RandZoom\",\"prob\":0.25,\"min\":[0.8,0.8,0.8],\"max\":[1.2,1.2,1.2]}]",
        MMAR.toJson());
    assertEquals(
        String.join(",", "[{\"name\":\"Orient\"}", crop, area, range) + "]",
        Recipes.naturecomm(INPUT, ResizeMode.AREA, -1000, 500, Augmentation.NONE).toJson());
    assertNotNull(Pipeline.fromJson(MMAR.toJson()).draw(SEEDS));
    assertEquals(MMAR, Pipeline.fromJson(MMAR.toJson()));
  }
}
