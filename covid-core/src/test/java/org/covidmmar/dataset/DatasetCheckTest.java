package org.covidmmar.dataset;

import static org.junit.jupiter.api.Assertions.assertFalse;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.covidmmar.Thrown;
import org.covidmmar.volume.Affine;
import org.covidmmar.volume.Shape;
import org.covidmmar.volume.Volume;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DatasetCheckTest {
  @TempDir Path folder;
  private Cohort cohort;
  private final List<Case> training = new ArrayList<>();
  private final List<Case> validation = new ArrayList<>();

  @BeforeEach
  void writeCases() {
    cohort = new Cohort(folder);
    List<Case> cases = cohort.cases(8);
    training.addAll(cases.subList(0, 4));
    validation.addAll(cases.subList(4, 8));
  }

  private Dataset dataset(Map<String, List<Case>> lists) {
    return new Dataset(folder.resolve("dataset.json"), folder, lists);
  }

  private Dataset dataset() {
    Map<String, List<Case>> lists = new LinkedHashMap<>();
    lists.put("training", training);
    lists.put("validation", validation);
    return dataset(lists);
  }

  private String refused(String... parts) {
    return Thrown.by(() -> DatasetCheck.forTraining(dataset(), true, true, 2), parts);
  }

  private static Case labelled(Case c, Integer label) {
    return new Case(c.id(), c.image(), c.mask(), label);
  }

  @Test
  void passesGoodData() {
    DatasetCheck.forTraining(dataset(), true, true, 4);
    DatasetCheck.forEvaluation(dataset(), "validation", true);
    DatasetCheck.forInference(dataset(), "training", true);
    DatasetCheck.content(dataset(), List.of("training", "validation"), new DataFingerprints());
  }

  @Test
  void listMissing() {
    Dataset dataset = dataset(Map.of("training", training));
    Thrown.by(
        () -> DatasetCheck.forTraining(dataset, true, true, 2),
        "dataset.json: validation: there is no such list; there are: training",
        "-> add \"validation\"");
  }

  @Test
  void listEmpty() {
    training.clear();
    refused("dataset.json: training: the list is empty", "-> add cases");
  }

  @Test
  void fileMissing() throws IOException {
    Files.delete(training.get(1).image());
    Files.delete(validation.get(2).mask());
    refused(
        "2 problems",
        "training[1].image: " + training.get(1).image() + ": does not exist",
        "validation[2].label_image: " + validation.get(2).mask() + ": does not exist",
        "covid.dataRoot",
        "it is " + folder);
  }

  @Test
  void wrongDataRootIsOneProblem() throws IOException {
    for (Case c : training) {
      Files.delete(c.image());
    }
    String message = refused("training: none of its 4 images exists", "-> set covid.dataRoot");
    assertFalse(message.contains("problems"), message);
  }

  @Test
  void notANifti() throws IOException {
    Files.writeString(training.get(0).image(), "a letter, not a scan");
    refused(training.get(0).image().toString(), "-> ");
  }

  @Test
  void absurdHeader() throws IOException {
    Path file = cohort.image("absurd.nii", Cohort.hu(1));
    byte[] bytes = Files.readAllBytes(file);
    for (int axis = 1; axis <= 3; axis++) {
      bytes[40 + 2 * axis] = (byte) 0xff;
      bytes[41 + 2 * axis] = 0x7f;
    }
    Files.write(file, bytes);
    Case good = training.get(2);
    training.set(2, new Case(good.id(), file, good.mask(), good.label()));
    refused(file.toString(), "-> ");
  }

  @Test
  void maskOfAnotherShapeOrAffine() {
    Shape shape = new Shape(10, 12, 14);
    Path turned =
        cohort.write(
            "turned.nii",
            Volume.of(shape, Cohort.AFFINE, new short[Math.toIntExact(shape.voxels())]));
    Path moved =
        cohort.write("moved.nii", Volume.of(Cohort.SHAPE, Affine.identity(), Cohort.box(1)));
    training.set(0, training.get(0).withMask(turned));
    training.set(1, training.get(1).withMask(moved));
    refused(
        "2 problems",
        turned + ": the mask's shape is 10,12,14; expected 14,12,10",
        "as its image " + training.get(0).image(),
        moved + ": the mask's affine",
        "-> resample the mask onto the grid of " + training.get(1).image());
  }

  @Test
  void maskMissing() {
    training.set(3, training.get(3).withMask(null));
    refused(training.get(3).image() + ": has no lung mask", "-> add \"label_image\"");
    DatasetCheck.forTraining(dataset(), false, true, 2);
  }

  @Test
  void sharedMaskIsReportedOnce() throws IOException {
    Path mask = folder.resolve("all.nii.gz");
    Files.writeString(mask, "no mask");
    training.replaceAll(c -> c.withMask(mask));
    String message = refused(mask.toString());
    assertFalse(message.contains("problems"), message);
  }

  @Test
  void labelMissing() {
    training.set(1, labelled(training.get(1), null));
    refused(
        "training[1].label: " + training.get(1).image() + ": is missing", "[0] (non-COVID) or [1]");
    Thrown.by(() -> DatasetCheck.forEvaluation(dataset(), "training", true), "training[1].label");
    DatasetCheck.forInference(dataset(), "training", true);
  }

  @Test
  void labelTwo() {
    training.set(1, labelled(training.get(1), 2));
    validation.set(0, labelled(validation.get(0), -1));
    refused(
        "training[1].label: " + training.get(1).image() + ": is 2; expected 0 or 1",
        "validation[0].label: " + validation.get(0).image() + ": is -1; expected 0 or 1");
    Thrown.by(() -> DatasetCheck.forInference(dataset(), "training", true), "is 2");
  }

  @Test
  void duplicateEntries() throws IOException {
    training.add(training.get(0));
    Path link = Files.createSymbolicLink(folder.resolve("link.nii.gz"), training.get(1).image());
    validation.add(new Case("link", link, validation.get(0).mask(), 0));
    refused(
        "training[4]: " + training.get(0).image() + ": is the same file as training[0]",
        "-> keep one of the two entries",
        "validation[4]: " + link + ": is the same file as training[1]",
        "judged by what it was trained on");
  }

  @Test
  void equalContentUnderTwoNames() throws IOException {
    Path copy = folder.resolve("copy.nii.gz");
    Files.copy(training.get(3).image(), copy);
    validation.add(new Case("copy", copy, validation.get(0).mask(), 0));
    Path twin = folder.resolve("twin.nii.gz");
    Files.copy(validation.get(0).image(), twin);
    validation.add(new Case("twin", twin, validation.get(0).mask(), 0));
    DatasetCheck.forTraining(dataset(), true, true, 2);
    Thrown.by(
        () ->
            DatasetCheck.content(
                dataset(), List.of("training", "validation"), new DataFingerprints()),
        "2 problems",
        "validation[4]: " + copy + ": has the same content as training[3]",
        "validation[5]: " + twin + ": has the same content as validation[0]");
  }

  @Test
  void aPatientInBothLists() {
    training.set(1, of("Jane Roe", training.get(1)));
    validation.set(2, of("Jane Roe", validation.get(2)));
    String message = refused("validation[2]", "is of the same patient as training[1]");
    assertFalse(message.contains("Roe"), message);
  }

  private static Case of(String patient, Case c) {
    return new Case(c.id(), c.image(), c.mask(), c.label(), patient);
  }

  @Test
  void numbersAreThoseOfNoLocale() {
    Locale before = Locale.getDefault();
    Locale.setDefault(Locale.GERMANY);
    try {
      maskOfAnotherShapeOrAffine();
      refused("at most 0.0800 mm");
    } finally {
      Locale.setDefault(before);
    }
  }

  @Test
  void oneClass() {
    validation.replaceAll(c -> labelled(c, 1));
    refused("validation: every label is 1: its AUC is undefined", "covid.keyMetric");
    DatasetCheck.forTraining(dataset(), true, false, 2);
    training.replaceAll(c -> labelled(c, 0));
    Thrown.by(
        () -> DatasetCheck.forTraining(dataset(), true, false, 2),
        "training: every label is 0: nothing can be learnt");
  }

  @Test
  void batchLargerThanTheSet() {
    DatasetCheck.forTraining(dataset(), true, true, 4);
    Thrown.by(
        () -> DatasetCheck.forTraining(dataset(), true, true, 5),
        "covid.batchSize: 5 is more than the 4 cases of the list training",
        "-> set it to at most 4");
  }

  @Test
  void listsEverythingAtOnce() throws IOException {
    Files.delete(training.get(1).image());
    training.set(2, labelled(training.get(2), 2));
    validation.clear();
    refused(
        "3 problems", "training[1].image", "training[2].label", "validation: the list is empty");
  }
}
