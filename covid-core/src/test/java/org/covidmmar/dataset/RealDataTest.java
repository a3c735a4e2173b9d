package org.covidmmar.dataset;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.covidmmar.Seeds;
import org.covidmmar.dataset.Finding.Kind;
import org.covidmmar.transform.Augmentation;
import org.covidmmar.transform.Recipes;
import org.covidmmar.transform.ResizeMode;
import org.covidmmar.volume.Shape;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A labelled set of 1286 real volumes; the environment variable COVID_REAL_DATA says where. */
class RealDataTest {
  @TempDir Path folder;

  @Test
  void adrenalSetPassesTheFullCheck() {
    Dataset dataset = Dataset.read(adrenal().resolve("dataset.json"), adrenal());
    List<Finding> findings = findings(dataset, 0, 255);
    assertEquals(List.of(), findings.stream().filter(Finding::isError).toList());
    Map<Kind, Long> kinds =
        findings.stream().collect(Collectors.groupingBy(Finding::kind, Collectors.counting()));
    assertEquals(Map.of(Kind.MASK_LARGE, 1L, Kind.NOT_HU, 1286L), kinds);
    // In the range of a CT they would train on nothing.
    assertTrue(findings(dataset, -1000, 500).stream().filter(Finding::isError).count() == 1286);
  }

  @Test
  void interpolatedMasksOfRealScansAreFound() {
    Path root = data().resolve("lungs");
    List<Case> cases = new ArrayList<>();
    for (String name : List.of("id001-128x128x64", "id002-128x128x64")) {
      Path mask = root.resolve(name + "-msk.nii.gz");
      cases.add(new Case(name, root.resolve(name + ".nii.gz"), mask, cases.size()));
    }
    Dataset dataset = new Dataset(root.resolve("dataset.json"), root, Map.of("training", cases));
    assertEquals(
        List.of("validation list-missing", "training[0] mask-values", "training[1] mask-values"),
        findings(dataset, -1000, 500).stream()
            .filter(Finding::isError)
            .map(f -> f.where().toString().replace(".label_image", "") + " " + f.kind().word())
            .toList());
  }

  private static List<Finding> findings(Dataset dataset, double low, double high) {
    Shape shape = new Shape(64, 64, 64);
    return FullCheck.of(
        dataset,
        new FullCheck.Demands(
            Recipes.mmar(shape, ResizeMode.AREA, low, high, Augmentation.FLIP), true, 2, false),
        new DataFingerprints(),
        2,
        (done, total) -> {});
  }

  private static Path data() {
    String data = System.getenv("COVID_REAL_DATA");
    Assumptions.assumeTrue(data != null, "COVID_REAL_DATA is not set: no real data to check");
    return Path.of(data);
  }

  private static Path adrenal() {
    return data().resolve("adrenal");
  }

  @Test
  void adrenalSetIsReadCheckedAndLoaded() {
    Path root = adrenal();
    Dataset dataset = Dataset.read(root.resolve("dataset.json"), root);
    assertEquals(1188, dataset.list("training").size());
    assertEquals(98, dataset.list("validation").size());
    assertEquals("train0002", dataset.list("training").get(2).id());
    DatasetCheck.forTraining(dataset, true, true, 8);
    List<String> notes = new ArrayList<>();
    Shape shape = new Shape(64, 64, 64);
    PreprocessCache cache =
        new PreprocessCache(
            folder,
            Recipes.mmar(shape, ResizeMode.AREA, 0, 255, Augmentation.FLIP),
            new DataFingerprints(),
            notes::add);
    List<Case> validation = dataset.list("validation").subList(0, 12);
    cache.prepare(validation, 2, (n, total) -> {});
    assertEquals(1, notes.size());
    assertTrue(notes.get(0).startsWith("12 of 12 images do not look like CT in HU"), notes.get(0));
    try (BatchLoader loader =
        new BatchSource(cache, shape, 8, new Seeds(0), new BatchLoader.Prefetch(2, 2))
            .load(validation, 1)) {
      Batch batch = loader.next();
      int ones = 0;
      for (float v : batch.images().get(0).floats()) {
        assertTrue(v == 0 || v == 1);
        ones += (int) v;
      }
      assertTrue(ones > 0);
      assertEquals(4, loader.next().size());
    }
  }
}
