package org.covidmmar.dataset;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.NoSuchElementException;
import org.covidmmar.Seeds;
import org.covidmmar.Thrown;
import org.covidmmar.transform.Augmentation;
import org.covidmmar.transform.Pipeline;
import org.covidmmar.transform.Sample;
import org.covidmmar.transform.ScaleIntensityRange;
import org.covidmmar.transform.Step;
import org.covidmmar.volume.Shape;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BatchLoaderTest {
  private static final Seeds RUN = new Seeds(5);

  @TempDir Path folder;
  private Cohort cohort;
  private List<Case> cases;
  private PreprocessCache cache;

  @BeforeEach
  void writeCases() {
    cohort = new Cohort(folder);
    cases = cohort.cases(7);
    cache = cache(Augmentation.RECIPE);
  }

  @AfterEach
  void noThreadIsLeft() {
    long left =
        Thread.getAllStackTraces().keySet().stream()
            .filter(thread -> thread.isAlive() && thread.getName().equals("covid-loader"))
            .count();
    assertEquals(0, left);
  }

  private PreprocessCache cache(Augmentation augmentation) {
    return new PreprocessCache(
        folder.resolve("cache"), Cohort.pipeline(augmentation), new DataFingerprints(), note -> {});
  }

  private static BatchSource source(PreprocessCache cache, Shape shape, int threads, int depth) {
    return new BatchSource(cache, shape, 3, RUN, new BatchLoader.Prefetch(threads, depth));
  }

  private BatchLoader loader(List<Case> order, long epoch, int threads, int depth) {
    return source(cache, Cohort.INPUT, threads, depth).load(order, epoch);
  }

  private List<Batch> load(List<Case> order, long epoch, int threads, int depth) {
    List<Batch> batches = new ArrayList<>();
    try (BatchLoader loader = loader(order, epoch, threads, depth)) {
      loader.forEachRemaining(batches::add);
      assertThrows(NoSuchElementException.class, loader::next);
    }
    return batches;
  }

  private static float[] image(List<Batch> batches, int n) {
    return batches.get(n / 3).images().get(n % 3).floats();
  }

  @Test
  void handsOutTheCasesInTheirOrder() {
    cache = cache(Augmentation.NONE);
    List<Case> order = new ArrayList<>(cases);
    order.set(6, new Case("unknown", cases.get(6).image(), cases.get(6).mask(), null));
    List<Batch> batches = load(order, 1, 2, 2);
    assertEquals(List.of(3, 3, 1), batches.stream().map(Batch::size).toList());
    assertEquals(List.of("c0", "c1", "c2"), batches.get(0).ids());
    assertArrayEquals(new int[] {1, 0, 1}, batches.get(1).labels());
    assertArrayEquals(new int[] {-1}, batches.get(2).labels());
    for (int n = 0; n < order.size(); n++) {
      assertArrayEquals(cache.get(order.get(n)).image().floats(), image(batches, n));
    }
  }

  @ParameterizedTest
  @CsvSource({"1,1", "1,5", "4,1", "4,2", "8,20"})
  void threadsAndDepthChangeNothing(int threads, int depth) {
    List<Batch> expected = load(cases, 4, 1, 1);
    List<Batch> actual = load(cases, 4, threads, depth);
    assertEquals(expected.size(), actual.size());
    for (int n = 0; n < cases.size(); n++) {
      assertEquals(expected.get(n / 3).ids(), actual.get(n / 3).ids());
      assertArrayEquals(image(expected, n), image(actual, n));
    }
  }

  @Test
  void augmentationHangsOnSeedEpochCaseAndDrawAlone() {
    Case c = cases.get(2);
    List<Batch> epoch4 = load(List.of(c, cases.get(0), c, c), 4, 2, 2);
    float[] first = image(epoch4, 0);
    Seeds seeds = RUN.child("epoch").child(4).child(c.id());
    Sample drawn = cache.pipeline().random(cache.get(c), seeds);
    assertArrayEquals(drawn.image().floats(), first);
    // Drawn again it is augmented anew; elsewhere in the order it is the same.
    assertFalse(Arrays.equals(first, image(epoch4, 2)));
    assertFalse(Arrays.equals(image(epoch4, 2), image(epoch4, 3)));
    List<Batch> moved = load(List.of(cases.get(0), cases.get(1), c, c), 4, 2, 2);
    assertArrayEquals(first, image(moved, 2));
    assertArrayEquals(image(epoch4, 2), image(moved, 3));
    assertFalse(Arrays.equals(first, image(load(List.of(c), 5, 1, 1), 0)));
  }

  @Test
  void aBadCaseIsNamedAndEndsTheThreads() {
    float[] voxels = Cohort.hu(4);
    voxels[0] = Float.NaN;
    Path image = cohort.image("c4.nii.gz", voxels);
    // Deep enough that the bad case fails while its batch is still far away.
    BatchLoader loader = loader(cases, 1, 3, 10);
    Thrown.by(() -> loader.forEachRemaining(batch -> {}), image.toString(), "NaN");
    noThreadIsLeft();
    assertFalse(loader.hasNext());
    loader.close();
  }

  @Test
  void aDefectIsReportedWithItsCase() {
    PreprocessCache broken =
        new PreprocessCache(
            folder.resolve("broken"),
            Cohort.pipeline(Augmentation.NONE),
            new DataFingerprints(),
            note -> {});
    Case c = new Case("odd", Path.of("/"), cases.get(0).mask(), 0);
    try (BatchLoader loader = source(broken, Cohort.INPUT, 1, 1).load(List.of(c), 1)) {
      RuntimeException e = assertThrows(RuntimeException.class, loader::next);
      assertTrue(e.getMessage().contains("/"), e.getMessage());
    }
  }

  @Test
  void refusesASampleOfAnotherShape() {
    try (BatchLoader loader = source(cache, new Shape(6, 8, 4), 2, 2).load(cases, 1)) {
      Thrown.by(
          loader::next,
          folder.resolve("c").toString(),
          "has the shape 8,6,4 after preprocessing, the network takes 6,8,4",
          "covid.inputShape");
    }
  }

  @Test
  void withoutAugmentationFixedStepsAfterRandomOnesStay() {
    List<Step> steps = new ArrayList<>(Cohort.pipeline(Augmentation.RECIPE).steps());
    steps.add(new ScaleIntensityRange(0, 1, 5, 6, true));
    cache =
        new PreprocessCache(
            folder.resolve("cache"), new Pipeline(steps), new DataFingerprints(), note -> {});
    PreprocessCache plain = cache(Augmentation.NONE);
    try (BatchLoader loader =
        source(cache, Cohort.INPUT, 2, 2).withoutAugmentation().load(cases, 1)) {
      float[] image = loader.next().images().get(0).floats();
      float[] unscaled = plain.get(cases.get(0)).image().floats();
      for (int n = 0; n < image.length; n++) {
        assertEquals(unscaled[n] + 5, image[n], 1e-5f);
      }
    }
  }

  @Test
  void mayBeClosedAtAnyTime() {
    try (BatchLoader unread = loader(cases, 1, 2, 3)) {
      assertTrue(unread.hasNext());
    }
    try (BatchLoader begun = loader(cases, 1, 2, 1)) {
      assertEquals(3, begun.next().size());
    }
    try (BatchLoader empty = loader(List.of(), 1, 2, 1)) {
      assertFalse(empty.hasNext());
    }
  }
}
