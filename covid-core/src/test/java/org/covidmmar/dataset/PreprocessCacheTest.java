package org.covidmmar.dataset;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.apache.commons.rng.UniformRandomProvider;
import org.covidmmar.Fingerprint;
import org.covidmmar.Seeds;
import org.covidmmar.Thrown;
import org.covidmmar.Workers;
import org.covidmmar.transform.Augmentation;
import org.covidmmar.transform.MaskImage;
import org.covidmmar.transform.Pipeline;
import org.covidmmar.transform.Sample;
import org.covidmmar.transform.Step;
import org.covidmmar.volume.Affine;
import org.covidmmar.volume.Volume;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class PreprocessCacheTest {
  @TempDir Path folder;
  private final List<String> notes = Collections.synchronizedList(new ArrayList<>());
  private Cohort cohort;
  private List<Case> cases;

  @BeforeEach
  void writeCases() {
    cohort = new Cohort(folder);
    cases = cohort.cases(4);
  }

  private Path cacheFolder() {
    return folder.resolve("cache");
  }

  private PreprocessCache cache(Pipeline pipeline) {
    return new PreprocessCache(cacheFolder(), pipeline, new DataFingerprints(), notes::add);
  }

  private PreprocessCache cache() {
    return cache(Cohort.pipeline(Augmentation.NONE));
  }

  private static Pipeline masking() {
    List<Step> steps = new ArrayList<>(Cohort.pipeline(Augmentation.FLIP).steps());
    steps.add(new MaskImage());
    return new Pipeline(steps);
  }

  private List<Path> kept() throws IOException {
    try (Stream<Path> files = Files.walk(cacheFolder())) {
      return files.filter(Files::isRegularFile).sorted().toList();
    }
  }

  private static void assertSame(Volume expected, Volume actual) {
    assertEquals(expected.shape(), actual.shape());
    assertEquals(expected.affine(), actual.affine());
    assertEquals(expected.isInt16(), actual.isInt16());
    assertArrayEquals(expected.floats(), actual.floats());
  }

  private static void assertSame(Sample expected, Sample actual) {
    assertEquals(expected.id(), actual.id());
    assertSame(expected.image(), actual.image());
    assertEquals(expected.mask() == null, actual.mask() == null);
    if (expected.mask() != null) {
      assertSame(expected.mask(), actual.mask());
    }
  }

  @Test
  void keptIsTheSameAsNewAndAsThePipelines() throws IOException {
    for (Pipeline pipeline : List.of(Cohort.pipeline(Augmentation.RECIPE), masking())) {
      PreprocessCache cache = cache(pipeline);
      Sample cold = cache.get(cases.get(0));
      Sample warm = cache.get(cases.get(0));
      Sample other = cache(pipeline).get(cases.get(0));
      assertSame(cold, warm);
      assertSame(cold, other);
      Sample direct = pipeline.fixed(CaseReader.read(cases.get(0), true).sample());
      assertArrayEquals(direct.image().floats(), warm.image().floats());
      assertEquals(direct.image().affine(), warm.image().affine());
      assertEquals(pipeline.needsMask(), warm.mask() != null);
      if (pipeline.needsMask()) {
        assertArrayEquals(direct.mask().floats(), warm.mask().floats());
      }
    }
    assertEquals(2, kept().size());
    assertEquals(List.of(), notes);
  }

  /** What a file may hold as mask. */
  enum Mask {
    NONE,
    SHORTS,
    WHOLE_FLOATS,
    FRACTIONS,
    LARGE_SHORTS
  }

  @ParameterizedTest
  @EnumSource
  void filesGiveBackEveryBit(Mask kind) throws IOException {
    float[] voxels = Cohort.hu(5);
    voxels[0] = -0.0f;
    voxels[1] = Float.MIN_VALUE;
    Volume image = Volume.of(Cohort.SHAPE, Cohort.AFFINE, voxels);
    short[] lung = Cohort.box(5);
    float[] floats = new float[lung.length];
    for (int n = 0; n < lung.length; n++) {
      floats[n] = lung[n];
    }
    Affine other = Cohort.AFFINE.flipped(1, Cohort.SHAPE.y());
    if (kind == Mask.FRACTIONS) {
      floats[3] = 0.25f;
    } else if (kind == Mask.LARGE_SHORTS) {
      lung[3] = 300;
    }
    Volume mask =
        switch (kind) {
          case NONE -> null;
          case SHORTS, LARGE_SHORTS -> Volume.of(Cohort.SHAPE, other, lung);
          case WHOLE_FLOATS, FRACTIONS -> Volume.of(Cohort.SHAPE, other, floats);
        };
    CacheFile.Content content =
        new CacheFile.Content(new Sample("a", image, mask), -1024.5f, 3071).asKept();
    if (mask != null) {
      assertArrayEquals(mask.floats(), content.sample().mask().floats());
    }
    Path file = folder.resolve("one.sample");
    CacheFile.write(file, content);
    CacheFile.Content read = CacheFile.read(file, "a");
    assertSame(content.sample(), read.sample());
    assertEquals(
        Float.floatToRawIntBits(-0.0f), Float.floatToRawIntBits(read.sample().image().floats()[0]));
    assertEquals(-1024.5f, read.min());
    assertEquals(3071, read.max());
    assertEquals(new CacheFile.Range(-1024.5f, 3071), CacheFile.readRange(file));
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10})
  void damageAnywhereIsNoticedAndMended(long seed) throws IOException {
    Sample good = cache(masking()).get(cases.get(1));
    Path file = kept().get(0);
    byte[] bytes = Files.readAllBytes(file);
    UniformRandomProvider rng = new Seeds(seed).generator();
    byte[] damaged = bytes.clone();
    // Half of them in the header, which is small.
    int at = rng.nextInt(seed % 2 == 0 ? bytes.length : 236);
    damaged[at] ^= (byte) (1 << rng.nextInt(8));
    Files.write(file, seed == 10 ? Arrays.copyOf(bytes, rng.nextInt(bytes.length)) : damaged);
    assertSame(good, cache(masking()).get(cases.get(1)));
    assertEquals(1, notes.size());
    assertTrue(notes.get(0).contains(file.toString()), notes.get(0));
    assertTrue(notes.get(0).contains("made anew"), notes.get(0));
    assertArrayEquals(bytes, Files.readAllBytes(file));
  }

  @Test
  void mayBeDeletedAtAnyTime() throws IOException {
    PreprocessCache cache = cache();
    Sample good = cache.get(cases.get(0));
    for (Path file : kept()) {
      Files.delete(file);
      Files.delete(file.getParent());
    }
    Files.delete(cacheFolder());
    assertSame(good, cache.get(cases.get(0)));
    assertEquals(List.of(), notes);
  }

  @Test
  void equalContentIsKeptOnceOtherContentOrPipelineApart() throws IOException {
    PreprocessCache cache = cache();
    cache.get(cases.get(0));
    Path copy = folder.resolve("copy.nii.gz");
    Files.copy(cases.get(0).image(), copy);
    assertEquals("copy", cache.get(new Case("copy", copy, cases.get(0).mask(), 0)).id());
    assertEquals(1, kept().size());
    cache.get(cases.get(0).withMask(cases.get(1).mask()));
    assertEquals(2, kept().size());
    cache(masking()).get(cases.get(0));
    assertEquals(3, kept().size());
  }

  @Test
  void noticesAFileThatChangesDuringTheRun() throws IOException {
    PreprocessCache cache = cache();
    Sample first = cache.get(cases.get(0));
    Path image = cases.get(0).image();
    Files.setLastModifiedTime(image, FileTime.fromMillis(0));
    assertSame(first, cache.get(cases.get(0)));
    cohort.image("c0.nii.gz", Cohort.hu(99));
    Thrown.by(
        () -> cache.get(cases.get(0)),
        image + ": changed while the run was using it",
        "bytes of 1970-01-01",
        "-> leave the data alone");
    assertNotEquals(first.image().floats()[50], cache().get(cases.get(0)).image().floats()[50]);
    Files.delete(image);
    Thrown.by(() -> cache.get(cases.get(0)), image + ": vanished", "-> put the file back");
  }

  @Test
  void bothFilesOfAPairCount() throws IOException {
    Volume volume = Volume.of(Cohort.SHAPE, Cohort.AFFINE, Cohort.hu(1));
    Path header = cohort.write("pair.hdr", volume);
    String before = new DataFingerprints().of(header).hex();
    assertEquals(before, new DataFingerprints().of(folder.resolve("pair.img")).hex());
    Path voxels = folder.resolve("pair.img");
    byte[] bytes = Files.readAllBytes(voxels);
    bytes[100] ^= 1;
    Files.write(voxels, bytes);
    assertNotEquals(before, new DataFingerprints().of(header).hex());
  }

  @Test
  void preparesAllCasesAndTellsOfProgress() throws IOException {
    List<Case> all = cohort.cases(12);
    List<Case> twice = new ArrayList<>(all);
    twice.addAll(all);
    List<Integer> done = new ArrayList<>();
    PreprocessCache cache = cache();
    cache.prepare(
        twice,
        3,
        (n, total) -> {
          assertEquals(12, total);
          done.add(n);
        });
    assertEquals(Stream.iterate(1, n -> n + 1).limit(12).toList(), done);
    assertEquals(12, kept().size());
    // From now on the scans' voxels are not read: those of the cache serve.
    List<Path> files = kept();
    List<FileTime> times = new ArrayList<>();
    for (Path file : files) {
      times.add(Files.getLastModifiedTime(file));
    }
    cache().prepare(all, 2, (n, total) -> {});
    for (int n = 0; n < files.size(); n++) {
      assertEquals(times.get(n), Files.getLastModifiedTime(files.get(n)));
    }
    assertEquals(List.of(), notes);
  }

  @Test
  void prepareListsEveryBadCaseAtOnce() throws IOException {
    float[] voxels = Cohort.hu(0);
    voxels[9] = Float.NaN;
    cohort.image("c0.nii.gz", voxels);
    cohort.mask("c2_lungs.nii.gz", new short[Math.toIntExact(Cohort.SHAPE.voxels())]);
    byte[] whole = Files.readAllBytes(cases.get(3).image());
    Files.write(cases.get(3).image(), Arrays.copyOf(whole, whole.length / 2));
    AtomicInteger done = new AtomicInteger();
    Thrown.by(
        () -> cache().prepare(cases, 2, (n, total) -> done.set(n)),
        "3 problems",
        cases.get(0).image() + ": 1 voxel is NaN",
        cases.get(2).mask() + ": the mask is empty",
        cases.get(3).image().toString());
    assertEquals(4, done.get());
    assertEquals(1, kept().size());
  }

  @Test
  void notesImagesUnlikeHuNewOrKept() {
    float[] grey = new float[Math.toIntExact(Cohort.SHAPE.voxels())];
    grey[5] = 255;
    cohort.image("c1.nii.gz", grey);
    cache().prepare(cases, 2, (n, total) -> {});
    cache().prepare(cases, 2, (n, total) -> {});
    assertEquals(2, notes.size());
    assertEquals(notes.get(0), notes.get(1));
    String expected = "1 of 4 images do not look like CT in HU, the first " + cases.get(1).image();
    assertTrue(notes.get(0).startsWith(expected), notes.get(0));
  }

  @Test
  void stepsThatFailNameTheFile() {
    Case unmasked = cases.get(0).withMask(null);
    Thrown.by(() -> cache().get(unmasked), unmasked.image() + ": has no lung mask", "label_image");
  }

  @Test
  void refusesAFolderThatCannotBeMade() throws IOException {
    Files.writeString(cacheFolder(), "a file where the folder should be");
    Thrown.by(this::cache, cacheFolder().toString(), "cannot be written", "-> ");
  }

  @Test
  void aCacheThatCannotBeWrittenIsOneProblem() throws IOException {
    PreprocessCache cache = cache();
    try (Stream<Path> inside = Files.list(cacheFolder())) {
      Path samples = inside.findFirst().orElseThrow();
      Files.delete(samples);
      Files.writeString(samples, "a file where the folder should be");
    }
    String message =
        Thrown.by(
            () -> cache.prepare(cases, 2, (n, total) -> {}), cacheFolder().toString(), "cannot be");
    assertFalse(message.contains("problems"), message);
  }

  @Test
  void twoRunsAtOnceDoNotDisturbEachOther() throws IOException {
    List<Case> all = cohort.cases(10);
    List<Future<?>> runs = new ArrayList<>();
    try (Workers workers = new Workers("test", 2)) {
      for (int run = 0; run < 2; run++) {
        runs.add(
            workers.submit(
                () -> {
                  cache().prepare(all, 2, (n, total) -> {});
                  return null;
                }));
      }
      runs.forEach(Workers::result);
    }
    assertEquals(10, kept().size());
    assertEquals(List.of(), notes);
    PreprocessCache fresh =
        new PreprocessCache(
            folder.resolve("fresh"), cache().pipeline(), new DataFingerprints(), notes::add);
    for (Case c : all) {
      assertSame(fresh.get(c), cache().get(c));
    }
  }

  @Test
  void memoryGateNeverLetsMoreInThanFits() {
    MemoryGate gate = new MemoryGate(100L << 20); // 60 MB for cases
    AtomicInteger inside = new AtomicInteger();
    AtomicInteger most = new AtomicInteger();
    List<Future<Integer>> all = new ArrayList<>();
    try (Workers workers = new Workers("test", 8)) {
      for (int n = 0; n < 64; n++) {
        int megabytes = n % 8 == 0 ? 500 : 25;
        all.add(
            workers.submit(
                () ->
                    gate.within(
                        (long) megabytes << 20,
                        folder,
                        "testing",
                        () -> {
                          int taken = Math.min(60, megabytes);
                          most.accumulateAndGet(inside.addAndGet(taken), Math::max);
                          Fingerprint.of(new byte[1 << 18]); // stays a while
                          inside.addAndGet(-taken);
                          return taken;
                        })));
      }
      all.forEach(Workers::result);
    }
    assertTrue(most.get() <= 60, () -> "at most 60 MB at once, were " + most);
    assertEquals(0, inside.get());
  }

  @Test
  void asKeptDropsNothing() {
    Volume image = Volume.of(Cohort.SHAPE, Cohort.AFFINE, Cohort.box(3));
    Sample kept = new CacheFile.Content(new Sample("a", image, null), 0, 1).asKept().sample();
    assertArrayEquals(image.floats(), kept.image().floats());
    assertNull(kept.mask());
  }
}
