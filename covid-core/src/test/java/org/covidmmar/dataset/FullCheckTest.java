package org.covidmmar.dataset;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import org.covidmmar.Fingerprint;
import org.covidmmar.dataset.Finding.Kind;
import org.covidmmar.dataset.Finding.Severity;
import org.covidmmar.transform.Augmentation;
import org.covidmmar.transform.Pipeline;
import org.covidmmar.transform.Recipes;
import org.covidmmar.transform.ResizeMode;
import org.covidmmar.volume.Affine;
import org.covidmmar.volume.Shape;
import org.covidmmar.volume.Volume;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FullCheckTest {
  @TempDir Path folder;
  private Chest chest;
  private final Map<String, List<Case>> lists = new LinkedHashMap<>();
  private Pipeline pipeline = mmar(-1000, 500);
  private boolean balances;

  private static Pipeline mmar(double low, double high) {
    return Recipes.mmar(new Shape(32, 32, 32), ResizeMode.AREA, low, high, Augmentation.FLIP);
  }

  @BeforeEach
  void writeGoodCases() {
    chest = new Chest(folder);
    for (String list : List.of("training", "validation")) {
      List<Case> cases = new ArrayList<>();
      for (int n = 0; n < 6; n++) {
        cases.add(chest.good(list + n, n % 2));
      }
      lists.put(list, cases);
    }
  }

  private List<Finding> findings(int threads) {
    return FullCheck.of(
        new Dataset(folder.resolve("dataset.json"), folder, lists),
        new FullCheck.Demands(pipeline, true, 2, balances),
        new DataFingerprints(),
        threads,
        (done, total) -> {});
  }

  /** The one finding there is. */
  private Finding only(Severity severity, Kind kind, String place, String... parts) {
    List<Finding> all = findings(2);
    assertEquals(1, all.size(), all::toString);
    Finding f = all.get(0);
    assertEquals(List.of(severity, kind, place), List.of(f.severity(), f.kind(), "" + f.where()));
    for (String part : parts) {
      assertTrue((f.problem() + " -> " + f.remedy()).contains(part), f::toString);
    }
    assertFalse(f.remedy().isBlank());
    return f;
  }

  private Case training(int n) {
    return lists.get("training").get(n);
  }

  private void replace(int n, UnaryOperator<Case> change) {
    lists.get("training").set(n, change.apply(training(n)));
  }

  private void image(int n, Path file) {
    replace(n, c -> new Case(c.id(), file, c.mask(), c.label(), c.patient()));
  }

  private void mask(int n, float... voxels) {
    Path file = chest.write("other_mask" + n + ".nii.gz", voxels);
    replace(n, c -> c.withMask(file));
  }

  private static float[] each(float[] voxels, UnaryOperator<Float> change) {
    for (int n = 0; n < voxels.length; n++) {
      voxels[n] = change.apply(voxels[n]);
    }
    return voxels;
  }

  private void imageOf(UnaryOperator<Float> change) {
    image(1, chest.write("changed.nii.gz", each(Chest.hu("changed"), change)));
  }

  @Test
  void nothingIsFoundInGoodData() {
    assertEquals(List.of(), findings(2));
  }

  @Test
  void truncatedFile() throws IOException {
    Path file = training(1).image();
    byte[] bytes = Files.readAllBytes(file);
    // The header is whole, the voxels are not.
    Files.write(file, Arrays.copyOf(bytes, bytes.length - 400));
    Finding f =
        only(Severity.ERROR, Kind.FILE_UNREADABLE, "training[1].image", "copy the file again");
    assertEquals(file, f.file());
    assertEquals("training1", f.where().caseId());
  }

  @Test
  void wrongChecksum() throws IOException {
    Path file = training(1).mask();
    byte[] bytes = Files.readAllBytes(file);
    bytes[bytes.length - 8] ^= 1;
    Files.write(file, bytes);
    only(Severity.ERROR, Kind.FILE_UNREADABLE, "training[1].label_image", "CRC");
  }

  @Test
  void maskOfAnotherShapeAndAffine() {
    Shape turned = new Shape(24, 26, 22);
    Volume other = Volume.of(turned, Chest.AFFINE, Chest.lungs());
    Path file = chest.write("turned.nii.gz", other);
    replace(0, c -> c.withMask(file));
    only(Severity.ERROR, Kind.MASK_GRID, "training[0].label_image", "shape is 24,26,22");
    Path moved =
        chest.write("moved.nii.gz", Volume.of(Chest.SHAPE, Affine.identity(), Chest.lungs()));
    replace(0, c -> c.withMask(moved));
    only(Severity.ERROR, Kind.MASK_GRID, "training[0].label_image", "affine", "resample");
  }

  @Test
  void emptyMask() {
    mask(0, Chest.filled(0));
    only(Severity.ERROR, Kind.MASK_EMPTY, "training[0].label_image", "no voxel is lung");
  }

  @Test
  void invertedMask() {
    mask(0, each(Chest.lungs(), v -> 1 - v));
    only(Severity.ERROR, Kind.MASK_INVERTED, "training[0].label_image", "inverted", "write 1");
  }

  @Test
  void maskOfTheWholeImageIsUnusualAndToldOnce() {
    Path whole = chest.write("whole.nii.gz", Chest.filled(1));
    lists.replaceAll((name, cases) -> cases.stream().map(c -> c.withMask(whole)).toList());
    only(
        Severity.WARNING,
        Kind.MASK_LARGE,
        "training[0].label_image",
        "100 % of the image, as the mask of 12 entries");
  }

  @Test
  void largeAndSmallMask() {
    float[] most = Chest.filled(1);
    most[0] = 0;
    mask(0, most);
    only(Severity.WARNING, Kind.MASK_LARGE, "training[0].label_image");
    float[] few = Chest.filled(0);
    few[5000] = 1;
    mask(0, few);
    only(Severity.ERROR, Kind.MASK_SMALL, "training[0].label_image", "0.00728 % of the image");
    Arrays.fill(few, 5000, 5010, 1);
    mask(0, few);
    only(Severity.WARNING, Kind.MASK_SMALL, "training[0].label_image");
  }

  @Test
  void maskWithOtherValues() {
    mask(0, each(Chest.lungs(), v -> v / 2));
    only(Severity.ERROR, Kind.MASK_VALUES, "training[0].label_image", "value 0.5", "threshold");
    float[] labels = Chest.lungs();
    int n = 0;
    for (int i = 0; i < labels.length; i++) {
      labels[i] *= 1 + n++ % 3;
    }
    mask(0, labels);
    only(Severity.WARNING, Kind.MASK_LABELS, "training[0].label_image", "labels 1, 2, 3");
    mask(0, each(Chest.lungs(), v -> 255 * v));
    assertEquals(List.of(), findings(1));
  }

  @Test
  void swappedMaskAndImage() {
    replace(2, c -> new Case(c.id(), c.mask(), c.image(), c.label()));
    only(Severity.ERROR, Kind.SWAPPED, "training[2]", "swapped", "exchange");
    Path interpolated = chest.write("soft.nii.gz", each(Chest.lungs(), v -> 127.5f * v));
    replace(2, c -> new Case(c.id(), interpolated, c.mask(), c.label()));
    only(Severity.ERROR, Kind.SWAPPED, "training[2]", "swapped");
  }

  @Test
  void aMaskThatIsAnImageToo() {
    image(2, training(1).mask());
    only(Severity.ERROR, Kind.NOT_HU, "training[2].image", "or of a mask");
  }

  @Test
  void voxelsThatAreNoNumbers() {
    imageOf(v -> v > 45 ? Float.NaN : v);
    only(Severity.ERROR, Kind.NOT_FINITE, "training[1].image", "NaN or infinite");
  }

  @Test
  void constantImage() {
    image(1, chest.write("constant.nii.gz", Chest.filled(7)));
    only(Severity.ERROR, Kind.CONSTANT, "training[1].image", "every voxel is 7");
  }

  @Test
  void imageWithoutRescale() {
    imageOf(v -> v + 1024);
    only(Severity.ERROR, Kind.NOT_HU, "training[1].image", "rescale", "covid.intensityRange");
    // With padding outside the field of view, as some scanners have it.
    imageOf(v -> v < -1000 ? -2000 : v + 1024);
    only(Severity.ERROR, Kind.NOT_HU, "training[1].image", "from -2000", "may be missing");
  }

  @Test
  void imageScaledBefore() {
    imageOf(v -> (v + 1024) / 2048);
    only(Severity.ERROR, Kind.NOT_HU, "training[1].image", "scaled before");
    imageOf(v -> (float) Math.round((v + 1024) / 5));
    only(Severity.ERROR, Kind.NOT_HU, "training[1].image", "grey values");
    imageOf(v -> Math.max(v, -160));
    only(Severity.ERROR, Kind.NOT_HU, "training[1].image", "window without air");
  }

  @Test
  void imageRescaledTwice() {
    imageOf(v -> v - 1024);
    only(Severity.ERROR, Kind.NOT_HU, "training[1].image", "added twice");
    // As a scaling to the range of int16 and back leaves it: what is soft is still lost.
    imageOf(v -> Math.max(-1024, v - 1024));
    only(Severity.ERROR, Kind.NOT_HU, "training[1].image", "added twice");
    pipeline = mmar(0, 2000);
    only(Severity.WARNING, Kind.NOT_HU, "training[1].image", "added twice");
  }

  @Test
  void anotherIntensityRangeIsTheUsersOwn() {
    pipeline = mmar(0, 2000);
    imageOf(v -> v + 1024);
    only(Severity.WARNING, Kind.NOT_HU, "training[1].image", "rescale");
  }

  @Test
  void fewSlices() {
    int slice = Chest.SHAPE.x() * Chest.SHAPE.y();
    for (int slices : new int[] {15, 3}) {
      Shape shape = new Shape(Chest.SHAPE.x(), Chest.SHAPE.y(), slices);
      float[] hu = Arrays.copyOfRange(Chest.hu("few"), 4 * slice, (4 + slices) * slice);
      float[] lungs = Arrays.copyOfRange(Chest.lungs(), 4 * slice, (4 + slices) * slice);
      Path image = chest.write("few.nii.gz", Volume.of(shape, Chest.AFFINE, hu));
      Path mask = chest.write("few_lungs.nii.gz", Volume.of(shape, Chest.AFFINE, lungs));
      replace(3, c -> new Case(c.id(), image, mask, c.label()));
      only(
          slices == 3 ? Severity.ERROR : Severity.WARNING,
          Kind.FEW_SLICES,
          "training[3].image",
          "26,24," + slices,
          "whole series");
    }
  }

  @Test
  void equalVoxelsInAnotherFormat() {
    // Int16 and not compressed: another file, the same content.
    float[] hu = Chest.hu("training0");
    short[] shorts = new short[hu.length];
    for (int n = 0; n < hu.length; n++) {
      shorts[n] = (short) hu[n];
    }
    Path copy = chest.write("copy.nii", Volume.of(Chest.SHAPE, Chest.AFFINE, shorts));
    Case first = training(0);
    lists.get("training").add(new Case("copy", copy, first.mask(), 0));
    only(Severity.ERROR, Kind.DUPLICATE, "training[6]", "same content as training[0]");
    lists.get("training").remove(6);
    lists.get("validation").add(new Case("copy", copy, first.mask(), 0));
    only(Severity.ERROR, Kind.LEAKAGE, "validation[6]", "same content as training[0]");
  }

  @Test
  void theSameFileTwiceIsToldOnce() {
    lists.get("validation").add(training(0));
    only(Severity.ERROR, Kind.LEAKAGE, "validation[6]", "is the same file as training[0]");
  }

  @Test
  void theSamePatientInTwoLists() throws IOException {
    replace(3, c -> new Case(c.id(), c.image(), c.mask(), c.label(), "Jane Roe"));
    List<Case> validation = lists.get("validation");
    Case judged = validation.get(1);
    validation.set(1, new Case("v", judged.image(), judged.mask(), 1, "Jane Roe"));
    Finding f =
        only(Severity.ERROR, Kind.PATIENT_LEAKAGE, "validation[1]", "same patient as training[3]");
    assertFalse(f.toString().contains("Roe"), f::toString);

    validation.set(1, judged);
    Files.writeString(folder.resolve("training2.json"), "{\"patientHash\": \"ab12\"}");
    Files.writeString(folder.resolve("validation0.json"), "{\"patientHash\": \"ab12\"}");
    only(Severity.ERROR, Kind.PATIENT_LEAKAGE, "validation[0]", "same patient as training[2]");
    Files.writeString(folder.resolve("validation0.json"), "{\"patientHash\": \"ab");
    only(Severity.WARNING, Kind.SIDECAR, "validation[0]", "cannot be read as JSON");
  }

  private void patient(String list, int n, String patient) {
    lists.get(list).set(n, patientOf(lists.get(list).get(n), patient));
  }

  private static Case patientOf(Case c, String patient) {
    return new Case(c.id(), c.image(), c.mask(), c.label(), patient);
  }

  @Test
  void anonymisedPatientsAreToldApartByDatasetJson() throws IOException {
    Files.writeString(folder.resolve("training2.json"), "{\"patientHash\": \"ab12\"}");
    Files.writeString(folder.resolve("validation0.json"), "{\"patientHash\": \" ab12\"}");
    patient("training", 2, "1");
    only(Severity.ERROR, Kind.PATIENT_LEAKAGE, "validation[0]", "give both entries their");
    patient("validation", 0, "2");
    assertEquals(List.of(), findings(2));
    patient("training", 2, null);
    only(Severity.ERROR, Kind.PATIENT_LEAKAGE, "validation[0]", "same patient as training[2]");
    Files.writeString(folder.resolve("training2.json"), "{\"patientHash\": \"  \"}");
    Files.writeString(folder.resolve("validation0.json"), "{\"patientHash\": \"\"}");
    patient("validation", 0, null);
    assertEquals(List.of(), findings(2), "a blank one is none");
  }

  @Test
  void testsAreApartFromValidationToo() throws IOException {
    List<Case> testing = new ArrayList<>();
    for (int n = 0; n < 20; n++) {
      testing.add(chest.good("testing" + n, n % 2));
    }
    lists.put("testing", testing);
    assertEquals(List.of(), findings(2));
    Case own = testing.get(3);
    testing.set(3, lists.get("validation").get(1));
    only(
        Severity.ERROR,
        Kind.LEAKAGE,
        "testing[3]",
        "is the same file as validation[1]: the model would be judged by what it was chosen by");
    Path copy = Files.copy(testing.get(3).image(), folder.resolve("copy.nii.gz"));
    testing.set(3, new Case("copy", copy, own.mask(), 1));
    only(Severity.ERROR, Kind.LEAKAGE, "testing[3]", "same content as validation[1]");
    testing.set(3, patientOf(own, "7"));
    patient("validation", 4, "7");
    only(Severity.ERROR, Kind.PATIENT_LEAKAGE, "testing[3]", "same patient as validation[4]");
    DatasetCheck.forTraining(
        new Dataset(folder.resolve("dataset.json"), folder, lists), true, true, 2);
  }

  @Test
  void labels() {
    replace(0, c -> new Case(c.id(), c.image(), c.mask(), null));
    only(Severity.ERROR, Kind.LABEL_MISSING, "training[0].label");
    replace(0, c -> new Case(c.id(), c.image(), c.mask(), 2));
    only(Severity.ERROR, Kind.LABEL_RANGE, "training[0].label", "is 2; expected 0 or 1");
  }

  @Test
  void classBalance() {
    replace(1, c -> new Case(c.id(), c.image(), c.mask(), 0));
    replace(3, c -> new Case(c.id(), c.image(), c.mask(), 0));
    only(Severity.WARNING, Kind.RARE_CLASS, "training", "1 of its 6 labelled cases is COVID");
    balances = true;
    only(Severity.WARNING, Kind.RARE_CLASS, "training");
    List<Case> many = lists.get("training");
    for (int n = 6; n < 30; n++) {
      many.add(chest.good("more" + n, n == 7 ? 1 : 0));
    }
    assertEquals(List.of(), findings(2));
    balances = false;
    only(Severity.WARNING, Kind.RARE_CLASS, "training", "2 of its 30", "covid.sampling=balanced");
  }

  @Test
  void oneClassIsNotRareAsWell() {
    lists.replaceAll(
        (name, cases) ->
            name.equals("validation")
                ? cases.stream().map(c -> new Case(c.id(), c.image(), c.mask(), 1)).toList()
                : cases);
    only(Severity.ERROR, Kind.ONE_CLASS, "validation", "AUC is undefined");
  }

  @Test
  void withoutNeedOfMasksNoneIsRead() {
    pipeline = new Pipeline(List.of());
    mask(0, Chest.filled(0));
    replace(1, c -> c.withMask(null));
    assertEquals(List.of(), findings(2));
  }

  @Test
  void everythingAtOnceWhateverTheThreads() throws IOException {
    mask(0, Chest.filled(0));
    imageOf(v -> v + 1024);
    replace(2, c -> new Case(c.id(), c.mask(), c.image(), 7));
    Files.delete(training(3).image());
    List<Case> validation = lists.get("validation");
    Path copy = Files.copy(training(0).image(), folder.resolve("copy.nii.gz"));
    validation.set(0, new Case("copy", copy, validation.get(0).mask(), 0));
    validation.set(1, validation.get(1).withMask(null));
    lists.put("testing", List.of(chest.good("t", 1)));
    List<Finding> all = findings(1);
    assertEquals(all, findings(4));
    assertEquals(
        List.of(
            "training[0].label_image mask-empty",
            "training[1].image not-hu",
            "training[2].label label-range",
            "training[2] swapped",
            "training[3].image file-missing",
            "validation[0] leakage",
            "validation[1] mask-missing",
            "testing rare-class",
            "testing rare-class"),
        all.stream().map(f -> f.where() + " " + f.kind().word()).toList());
  }

  @Test
  void fingerprintsAreKnownWithoutReadingAgain() throws IOException {
    DataFingerprints fingerprints = new DataFingerprints();
    Path plain = chest.write("plain.nii", Chest.hu("plain"));
    // Bytes after the voxels belong to the file.
    Files.write(plain, new byte[100_000], StandardOpenOption.APPEND);
    chest.write("pair.hdr", Chest.hu("pair"));
    for (Path file : List.of(training(0).image(), plain, folder.resolve("pair.img"))) {
      Fingerprint expected = Fingerprint.of(file);
      fingerprints.scan(file, (values, n) -> {});
      FileTime time = Files.getLastModifiedTime(file);
      Files.write(file, new byte[(int) Files.size(file)]);
      Files.setLastModifiedTime(file, time);
      assertEquals(expected, fingerprints.ofFile(file));
    }
  }

  @Test
  void theReferenceNamesEveryKindWithItsSeverities() throws IOException {
    String page = Files.readString(Path.of("../docs/reference/check.md"));
    Set<Kind> missing =
        EnumSet.allOf(Kind.class).stream()
            .filter(kind -> !page.contains("| `" + kind.word() + "` |"))
            .collect(Collectors.toSet());
    assertEquals(Set.of(), missing);
  }
}
