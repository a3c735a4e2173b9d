package org.covidmmar.dataset;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.covidmmar.Seeds;
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
  void adrenalSetIsReadCheckedAndLoaded() {
    String data = System.getenv("COVID_REAL_DATA");
    Assumptions.assumeTrue(data != null, "COVID_REAL_DATA is not set");
    Path root = Path.of(data, "adrenal");
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
