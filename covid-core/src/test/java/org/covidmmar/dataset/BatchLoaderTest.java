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
import org.covidmmar.transform.Augmentation;
import org.covidmmar.transform.Sample;
import org.covidmmar.volume.Shape;
import org.covidmmar.volume.Volume;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BatchLoaderTest {
  private static final Seeds RUN = new Seeds(5);
  private static final int VOXELS = Math.toIntExact(Cohort.INPUT.voxels());

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

  private BatchLoader loader(List<Case> order, long epoch, int threads, int depth) {
    return new BatchLoader(
        order, cache, Cohort.INPUT, 3, RUN, epoch, new BatchLoader.Prefetch(threads, depth));
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
    return Arrays.copyOfRange(batches.get(n / 3).images(), n % 3 * VOXELS, (n % 3 + 1) * VOXELS);
  }

  @Test
  void handsOutTheCasesInTheirOrderZFastest() {
    cache = cache(Augmentation.NONE);
    List<Case> order = new ArrayList<>(cases);
    order.set(6, new Case("unknown", cases.get(6).image(), cases.get(6).mask(), null));
    List<Batch> batches = load(order, 1, 2, 2);
    assertEquals(List.of(3, 3, 1), batches.stream().map(Batch::size).toList());
    assertEquals(List.of("c0", "c1", "c2"), batches.get(0).ids());
    assertArrayEquals(new int[] {1, 0, 1}, batches.get(1).labels());
    assertArrayEquals(new int[] {-1}, batches.get(2).labels());
    for (int n = 0; n < order.size(); n++) {
      Volume volume = cache.get(order.get(n)).image();
      float[] image = image(batches, n);
      Shape s = Cohort.INPUT;
      for (int i = 0; i < s.x(); i++) {
        for (int j = 0; j < s.y(); j++) {
          for (int k = 0; k < s.z(); k++) {
            assertEquals(volume.at(i, j, k), image[k + s.z() * (j + s.y() * i)]);
          }
        }
      }
    }
  }

  @ParameterizedTest
  @CsvSource({"1,1", "1,5", "4,1", "4,2", "8,20"})
  void threadsAndDepthChangeNothing(int threads, int depth) {
    List<Batch> expected = load(cases, 4, 1, 1);
    List<Batch> actual = load(cases, 4, threads, depth);
    assertEquals(expected.size(), actual.size());
    for (int n = 0; n < expected.size(); n++) {
      assertEquals(expected.get(n).ids(), actual.get(n).ids());
      assertArrayEquals(expected.get(n).images(), actual.get(n).images());
    }
  }

  @Test
  void augmentationHangsOnSeedEpochCaseAndDrawAlone() {
    Case c = cases.get(2);
    List<Batch> epoch4 = load(List.of(c, cases.get(0), c, c), 4, 2, 2);
    float[] first = image(epoch4, 0);
    Seeds seeds = RUN.child("epoch").child(4).child(c.id());
    Sample drawn = cache.pipeline().random(cache.get(c), seeds);
    float[] expected = new float[VOXELS];
    VoxelOrder.zFastest(drawn.image().floats(), Cohort.INPUT, expected, 0);
    assertArrayEquals(expected, first);
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
    try (BatchLoader loader =
        new BatchLoader(
            List.of(c), broken, Cohort.INPUT, 1, RUN, 1, new BatchLoader.Prefetch(1, 1))) {
      RuntimeException e = assertThrows(RuntimeException.class, loader::next);
      assertTrue(e.getMessage().contains("/"), e.getMessage());
    }
  }

  @Test
  void refusesASampleOfAnotherShape() {
    try (BatchLoader loader =
        new BatchLoader(
            cases, cache, new Shape(6, 8, 4), 3, RUN, 1, new BatchLoader.Prefetch(2, 2))) {
      Thrown.by(
          loader::next,
          folder.resolve("c").toString(),
          "has the shape 8,6,4 after preprocessing, the network takes 6,8,4",
          "covid.inputShape");
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
