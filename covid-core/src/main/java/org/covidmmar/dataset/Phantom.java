package org.covidmmar.dataset;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntConsumer;
import java.util.stream.IntStream;
import org.apache.commons.rng.sampling.ListSampler;
import org.covidmmar.AtomicFiles;
import org.covidmmar.CovidException;
import org.covidmmar.Seeds;
import org.covidmmar.StrictJson;
import org.covidmmar.io.nifti.NiftiWriter;

/**
 * A cohort of synthetic chest CTs with lung masks, for demonstration and tests: what a network
 * scores on it says nothing of patients.
 *
 * <p>Positive cases have ground-glass opacities, peripheral and mostly basal, in part consolidated;
 * apart from these the classes are alike: anatomy, nodules, atelectases, emphysema, dependent
 * density, pose and noise are drawn without knowing the class.
 */
public final class Phantom {
  /** Marks a folder as a synthetic cohort, and says of which spec. */
  static final String MARK = "phantom.json";

  private Phantom() {}

  /**
   * Writes {@code images/case-000.nii.gz} (int16, HU), {@code masks/case-000_lungs.nii.gz} (uint8,
   * 1 lung, 0 background) and so on, {@code phantom.json} (the spec), and last {@code dataset.json}
   * with the lists training, validation and testing, each with both classes alike often in random
   * order. The same spec gives the same bytes on however many threads.
   *
   * @param progress hears, from one thread at a time, how many cases are written
   * @return the dataset written
   * @throws CovidException where the folder can't be written, or holds a dataset.json that is not
   *     of such a cohort
   */
  public static Dataset write(Path folder, PhantomSpec spec, IntConsumer progress) {
    Path file = folder.resolve("dataset.json");
    if (Files.exists(file) && !Files.exists(folder.resolve(MARK))) {
      throw new CovidException(
          file,
          "exists and does not belong to a synthetic cohort (no " + MARK + " beside it)",
          "set covid.dataRoot to another folder; this one is left as it is");
    }
    delete(file);
    Map<String, List<Case>> lists = lists(folder, spec);
    List<Case> cases = lists.values().stream().flatMap(List::stream).toList();
    AtomicFiles.writeString(folder.resolve(MARK), describe(spec));
    Seeds patients = new Seeds(spec.seed()).child("phantom");
    AtomicInteger written = new AtomicInteger();
    IntStream.range(0, cases.size())
        .parallel()
        .forEach(
            n -> {
              write(cases.get(n), patients.child(n), spec);
              synchronized (written) {
                progress.accept(written.incrementAndGet());
              }
            });
    Dataset dataset = new Dataset(file, folder, lists);
    dataset.write(file);
    return dataset;
  }

  /** Whether the folder holds the whole cohort of this spec. */
  public static boolean isCurrent(Path folder, PhantomSpec spec) {
    try {
      return Files.exists(folder.resolve("dataset.json"))
          && Files.readString(folder.resolve(MARK)).equals(describe(spec))
          && lists(folder, spec).values().stream()
              .flatMap(List::stream)
              .allMatch(c -> Files.exists(c.image()) && Files.exists(c.mask()));
    } catch (IOException e) {
      return false;
    }
  }

  private static void delete(Path file) {
    try {
      Files.deleteIfExists(file);
    } catch (IOException e) {
      throw AtomicFiles.unwritable(file, e);
    }
  }

  private static void write(Case c, Seeds patient, PhantomSpec spec) {
    PhantomScan scan = PhantomScan.of(patient, spec.shape(), c.label() == 1, spec.severity());
    NiftiWriter.write(c.image(), scan.image(), NiftiWriter.Type.INT16);
    NiftiWriter.write(c.mask(), scan.mask(), NiftiWriter.Type.UINT8);
  }

  private static Map<String, List<Case>> lists(Path folder, PhantomSpec spec) {
    Map<String, Integer> counts = new LinkedHashMap<>();
    counts.put(Dataset.TRAINING, spec.training());
    counts.put(Dataset.VALIDATION, spec.validation());
    counts.put(Dataset.TESTING, spec.testing());
    Map<String, List<Case>> lists = new LinkedHashMap<>();
    Path root = folder.toAbsolutePath().normalize();
    int number = 0;
    for (Map.Entry<String, Integer> list : counts.entrySet()) {
      List<Integer> labels = new ArrayList<>(Collections.nCopies(list.getValue() / 2, 0));
      labels.addAll(Collections.nCopies(list.getValue() / 2, 1));
      Seeds seeds = new Seeds(spec.seed()).child("labels").child(list.getKey());
      ListSampler.shuffle(seeds.generator(), labels);
      List<Case> cases = new ArrayList<>();
      for (int label : labels) {
        String id = String.format(Locale.ROOT, "case-%03d", number++);
        Path image = root.resolve("images").resolve(id + ".nii.gz");
        Path mask = root.resolve("masks").resolve(id + "_lungs.nii.gz");
        cases.add(new Case(id, image, mask, label));
      }
      lists.put(list.getKey(), cases);
    }
    return lists;
  }

  private static String describe(PhantomSpec spec) {
    ObjectNode json = StrictJson.MAPPER.createObjectNode();
    json.put("about", "Synthetic chest CTs for demonstration; they show no patient.");
    json.put("seed", spec.seed());
    json.put("training", spec.training());
    json.put("validation", spec.validation());
    json.put("testing", spec.testing());
    json.putArray("shape").add(spec.shape().x()).add(spec.shape().y()).add(spec.shape().z());
    json.put("severity", spec.severity());
    return json.toPrettyString() + "\n";
  }
}
