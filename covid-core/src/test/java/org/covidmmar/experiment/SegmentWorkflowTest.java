package org.covidmmar.experiment;

import static java.nio.file.StandardCopyOption.REPLACE_EXISTING;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.covidmmar.CovidException;
import org.covidmmar.dataset.CompletedDataset;
import org.covidmmar.dataset.Dataset;
import org.covidmmar.io.dicom.SyntheticCt;
import org.covidmmar.io.nifti.NiftiReader;
import org.covidmmar.io.nifti.NiftiWriter;
import org.covidmmar.segmentation.ChestModel;
import org.covidmmar.volume.Volume;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Two of the four cases for training have no mask. */
class SegmentWorkflowTest {
  private static final ObjectMapper JSON = new ObjectMapper();

  @TempDir Path basedir;
  private TinyStudy study;

  @BeforeEach
  void takeMasksAway() throws IOException {
    study = new TinyStudy(basedir);
    chest("training0", new ChestModel());
    chest("training1", new ChestModel().withoutLeftLung());
    removeMasks(2);
  }

  private void chest(String name, ChestModel chest) throws IOException {
    NiftiWriter.write(study.data().resolve(name + ".nii.gz"), chest.spacing(4, 4, 8).scan().ct());
    Files.delete(study.data().resolve(name + "_lungs.nii.gz"));
  }

  private void removeMasks(int count) throws IOException {
    Path file = study.data().resolve("dataset.json");
    ObjectNode root = (ObjectNode) JSON.readTree(file.toFile());
    root.put("name", "of the user");
    for (int n = 0; n < count; n++) {
      ((ObjectNode) root.get("training").get(n)).remove("label_image");
    }
    Files.writeString(file, root.toPrettyString());
  }

  private Path output() {
    return basedir.resolve("target/covid/segment");
  }

  @Test
  void masksAreMadeWhereThereAreNoneAndLaterGoalsTakeThem() throws IOException {
    byte[] own = Files.readAllBytes(study.data().resolve("dataset.json"));
    study.run(Main.Goal.SEGMENT);
    assertEquals(output().resolve("dataset.json"), study.lastPath());
    assertArrayEquals(own, Files.readAllBytes(study.data().resolve("dataset.json")));

    Volume image = NiftiReader.read(study.data().resolve("training0.nii.gz"));
    Volume mask = NiftiReader.read(output().resolve("training0_lungs.nii.gz"));
    assertEquals(image.shape(), mask.shape());
    assertTrue(image.affine().isClose(mask.affine(), 1e-4));
    JsonNode sidecar = JSON.readTree(output().resolve("training0_lungs.json").toFile());
    assertTrue(sidecar.path("rightMl").asDouble() > 1000, sidecar.toString());
    assertTrue(sidecar.path("leftMl").asDouble() > 1000, sidecar.toString());
    assertEquals("training0.nii.gz", sidecar.path("image").asText());
    assertTrue(sidecar.path("method").asText().startsWith("classical"));

    JsonNode copy = JSON.readTree(output().resolve("dataset.json").toFile());
    assertEquals("of the user", copy.path("name").asText());
    assertEquals(
        "../target/covid/segment/training0_lungs.nii.gz",
        copy.path("training").get(0).path("label_image").asText());
    assertEquals(
        "training2_lungs.nii.gz", copy.path("training").get(2).path("label_image").asText());

    Message.Table table = tables().get(0);
    assertEquals(List.of("case", "right ml", "left ml", "confidence"), table.header());
    assertEquals(2, table.rows().size());
    assertTrue(warnings().stream().anyMatch(w -> w.contains("training1") && w.contains("only")));

    study.run(Main.Goal.CHECK);
    study.run(Main.Goal.TRAIN);
  }

  @Test
  void nothingIsDoneTwice() throws IOException {
    study.run(Main.Goal.SEGMENT);
    Path first = output().resolve("training0_lungs.nii.gz");
    Path second = output().resolve("training1_lungs.nii.gz");
    byte[] bytes = Files.readAllBytes(first);
    var time = Files.getLastModifiedTime(first);
    study.messages.clear();
    study.run(Main.Goal.SEGMENT);
    assertEquals("segment: up to date", firstLine());

    Files.delete(second);
    study.run(Main.Goal.SEGMENT);
    assertTrue(Files.exists(second));
    assertEquals(time, Files.getLastModifiedTime(first), "kept");

    chestAgain("training0", new ChestModel().bowelGas());
    study.run(Main.Goal.SEGMENT);
    assertFalse(time.equals(Files.getLastModifiedTime(first)), "made of another image");

    study.set("covid.threads", "1");
    chestAgain("training0", new ChestModel());
    study.run(Main.Goal.SEGMENT);
    assertArrayEquals(bytes, Files.readAllBytes(first), "the same on one thread");
  }

  private void chestAgain(String name, ChestModel chest) {
    NiftiWriter.write(study.data().resolve(name + ".nii.gz"), chest.spacing(4, 4, 8).scan().ct());
  }

  @Test
  void goodCasesAreKeptWhereOthersFailAndAllFailuresAreTold() throws IOException {
    for (int n = 2; n < 4; n++) {
      Files.delete(study.data().resolve("training" + n + "_lungs.nii.gz"));
    }
    removeMasks(4);
    CovidException e = assertThrows(CovidException.class, () -> study.run(Main.Goal.SEGMENT));
    assertTrue(e.getMessage().contains("training2.nii.gz"), e.getMessage());
    assertTrue(e.getMessage().contains("training3.nii.gz"), e.getMessage());
    assertTrue(Files.exists(output().resolve("training0_lungs.nii.gz")));
    assertFalse(Files.exists(output().resolve("training2_lungs.nii.gz")));
    assertTrue(Files.exists(output().resolve("dataset.json")));
    study.messages.clear();
    assertThrows(CovidException.class, () -> study.run(Main.Goal.SEGMENT), "told again");
    CovidException check = assertThrows(CovidException.class, () -> study.run(Main.Goal.CHECK));
    assertTrue(check.getMessage().contains("covid:segment"), check.getMessage());
    assertFalse(check.getMessage().contains("training0.nii.gz"), "has its mask");
  }

  @Test
  void aMaskThatWasCorrectedIsNotLost() throws IOException {
    study.run(Main.Goal.SEGMENT);
    Path mask = output().resolve("training0_lungs.nii.gz");
    Files.writeString(mask, "corrected");
    study.set("covid.list", "training");
    Files.delete(basedir.resolve("target/covid/segment/training1_lungs.nii.gz"));
    String reason = refused();
    assertTrue(reason.contains("training0_lungs.nii.gz: was changed since"), reason);
    assertTrue(reason.contains("name it as \"label_image\""), reason);
    chestAgain("training0", new ChestModel().bowelGas());
    assertTrue(refused().contains("was changed since"), "nor where its image changed");
    assertEquals("corrected", Files.readString(mask));
    Files.delete(mask);
    study.run(Main.Goal.SEGMENT);
    assertTrue(Files.size(mask) > 100);
  }

  private String refused() {
    return assertThrows(CovidException.class, () -> study.run(Main.Goal.SEGMENT)).getMessage();
  }

  @Test
  void filesOfTheUserAreNotReplaced() throws IOException {
    Path data = study.data();
    Path images = Files.createDirectory(basedir.resolve("images"));
    for (String name : List.of("training0", "training1")) {
      Files.move(data.resolve(name + ".nii.gz"), images.resolve(name + ".nii.gz"));
    }
    Path fold = data.resolve("fold1.json");
    String own = Files.readString(data.resolve("dataset.json"));
    Files.writeString(fold, own.replaceAll("\"(training[01]\\.nii\\.gz)\"", "\"../images/$1\""));
    study.set("covid.dataset", "fold1.json").set("covid.output", "elsewhere");
    Path elsewhere = Files.createDirectory(basedir.resolve("elsewhere"));
    Files.writeString(elsewhere.resolve("dataset.json"), own);
    assertTrue(refused().contains("covid.output"));
    assertEquals(own, Files.readString(elsewhere.resolve("dataset.json")));

    Files.delete(elsewhere.resolve("dataset.json"));
    Path mask = Files.writeString(elsewhere.resolve("training0_lungs.nii.gz"), "by hand");
    String reason = refused();
    assertTrue(reason.contains("was not made by covid:segment"), reason);
    assertEquals("by hand", Files.readString(mask));
    assertTrue(Files.exists(elsewhere.resolve("training1_lungs.nii.gz")), "the other is made");

    // The same folder by another name.
    Files.delete(mask);
    Files.createSymbolicLink(basedir.resolve("link"), elsewhere);
    Files.copy(fold, elsewhere.resolve("own.json"));
    Files.move(elsewhere.resolve("own.json"), elsewhere.resolve("dataset.json"), REPLACE_EXISTING);
    study.set("covid.dataset", "../link/dataset.json");
    assertTrue(refused().contains("would replace"));
  }

  @Test
  void masksAreFoundByTheirImageWhateverTheOrderOfTheCopy() throws IOException {
    study.run(Main.Goal.SEGMENT);
    Path copy = output().resolve("dataset.json");
    ObjectNode root = (ObjectNode) JSON.readTree(copy.toFile());
    JsonNode last = root.withArray("training").remove(1);
    root.withArray("training").remove(2);
    root.withArray("training").insert(0, last);
    Files.writeString(copy, root.toPrettyString());
    Dataset read =
        CompletedDataset.read(
                copy, Dataset.read(study.data().resolve("dataset.json"), study.data()))
            .orElseThrow();
    assertEquals(
        List.of("training0", "training1", "training2", "training3"),
        read.list("training").stream()
            .map(c -> c.mask().getFileName().toString().replace("_lungs.nii.gz", ""))
            .toList());
  }

  @Test
  void aDatasetThatChangedSinceItWasReadIsNotCopied() throws IOException {
    Path file = study.data().resolve("dataset.json");
    Dataset before = Dataset.read(file, study.data());
    Files.writeString(file, Files.readString(file).replace("training1.nii.gz", "other.nii.gz"));
    Path copy = basedir.resolve("copy.json");
    assertThrows(
        CovidException.class, () -> CompletedDataset.write(copy, before, Map.of(), basedir));
    assertFalse(Files.exists(copy));
  }

  @Test
  void aCopyOfACopyIsOurs() throws IOException {
    Path file = study.data().resolve("dataset.json");
    ObjectNode root = (ObjectNode) JSON.readTree(file.toFile());
    Files.writeString(file, root.put("completes", "0".repeat(64)).toPrettyString());
    study.run(Main.Goal.SEGMENT);
    study.run(Main.Goal.CHECK);
  }

  @Test
  void anIncompleteCopyIsCompletedWhereTheScanIsAsBefore() throws IOException {
    study.run(Main.Goal.SEGMENT);
    Path image = study.data().resolve("training1.nii.gz");
    byte[] good = Files.readAllBytes(image);
    var time = Files.getLastModifiedTime(image);
    Files.writeString(image, "damaged");
    refused();
    Files.write(image, good);
    Files.setLastModifiedTime(image, time);
    study.run(Main.Goal.SEGMENT);
    JsonNode copy = JSON.readTree(output().resolve("dataset.json").toFile());
    assertTrue(copy.path("training").get(1).has("label_image"));
  }

  @Test
  void masksOfOneListAreKeptWhereThoseOfAnotherAreMade() throws IOException {
    Path file = study.data().resolve("dataset.json");
    ObjectNode root = (ObjectNode) JSON.readTree(file.toFile());
    root.withArray("validation").add(root.withArray("training").remove(1));
    Files.writeString(file, root.toPrettyString());
    study.set("covid.list", "training").run(Main.Goal.SEGMENT);
    study.set("covid.list", "validation").run(Main.Goal.SEGMENT);
    JsonNode copy = JSON.readTree(output().resolve("dataset.json").toFile());
    assertTrue(copy.path("training").get(0).has("label_image"));
    assertTrue(copy.path("validation").get(4).has("label_image"));
  }

  @Test
  void aCopyOfAnotherDatasetIsNotTaken() throws IOException {
    study.run(Main.Goal.SEGMENT);
    Path file = study.data().resolve("dataset.json");
    Files.writeString(file, Files.readString(file).replace("of the user", "changed"));
    study.messages.clear();
    assertThrows(CovidException.class, () -> study.run(Main.Goal.CHECK));
    assertTrue(warnings().toString().contains("changed since it was made"), warnings().toString());
    study.run(Main.Goal.SEGMENT);
    study.run(Main.Goal.CHECK);
  }

  @Test
  void aMovedExperimentKeepsItsMasks() throws IOException {
    study.run(Main.Goal.SEGMENT);
    Path moved = basedir.resolveSibling(basedir.getFileName() + "-moved");
    Files.move(basedir, moved);
    try {
      study.in(moved).run(Main.Goal.CHECK);
    } finally {
      Files.move(moved, basedir);
    }
  }

  @Test
  void whereEveryCaseHasAMaskNothingIsDoneButALine() throws IOException {
    TinyStudy complete = new TinyStudy(basedir.resolve("complete"));
    complete.run(Main.Goal.SEGMENT);
    assertEquals(
        List.of("segment: every case has a lung mask"),
        complete.messages.stream().map(m -> ((Message.Line) m).text()).toList());
    assertFalse(Files.exists(basedir.resolve("complete/target")));
  }

  @Test
  void onlyTheListThatIsAskedFor() {
    study.set("covid.list", "validation").run(Main.Goal.SEGMENT);
    assertEquals("segment: every case has a lung mask", firstLine());
    study.set("covid.list", "training").run(Main.Goal.SEGMENT);
    assertTrue(Files.exists(output().resolve("training0_lungs.nii.gz")));
  }

  @Test
  void whatTheUserHasIsNotReplaced() {
    study.set("covid.output", "data");
    CovidException e = assertThrows(CovidException.class, () -> study.run(Main.Goal.SEGMENT));
    assertEquals("covid.output", e.subject());
  }

  @Test
  void scansWithoutMaskArePredictedWithOneThatIsMade() throws IOException {
    study.run(Main.Goal.SEGMENT);
    study.run(Main.Goal.TRAIN);
    Path scans = basedir.resolve("scans");
    for (String name : List.of("a", "b")) {
      NiftiWriter.write(
          scans.resolve(name + ".nii.gz"), new ChestModel().spacing(4, 4, 8).scan().ct());
    }
    study.set("covid.input", "scans");
    study.messages.clear();
    study.run(Main.Goal.INFER);
    assertEquals(3, Files.readAllLines(study.lastPath()).size());
    assertTrue(
        study.messages.stream()
            .anyMatch(
                m ->
                    m instanceof Message.Line l
                        && l.text().contains("2 of 2 cases have no lung mask of their own")));
    Path masks = basedir.resolve("target/covid/infer");
    assertTrue(Files.exists(masks.resolve("a_lungs.nii.gz")));
    try (Stream<Path> files = Files.list(scans)) {
      assertEquals(2, files.count(), "nothing is written beside the scans");
    }
    String alone = Files.readAllLines(study.lastPath()).get(1);
    study.messages.clear();
    study.run(Main.Goal.INFER);
    assertEquals("infer: up to date", firstLine());

    // With the mask that was made given as one's own the prediction is the same.
    study.set("covid.input", "scans/a.nii.gz");
    study.set("covid.mask", "target/covid/infer/a_lungs.nii.gz");
    study.run(Main.Goal.INFER);
    assertEquals(alone, Files.readAllLines(study.lastPath()).get(1));
  }

  @Test
  void aMaskThatWasKilledIsMadeAgain() throws IOException {
    study.run(Main.Goal.SEGMENT);
    Path mask = output().resolve("training0_lungs.nii.gz");
    byte[] whole = Files.readAllBytes(mask);
    Path sidecar = output().resolve("training0_lungs.json");
    ObjectNode begun = (ObjectNode) JSON.readTree(sidecar.toFile());
    Files.writeString(sidecar, begun.put("maskSha256", "").toString());
    Files.write(mask, new byte[3]);
    Files.delete(output().resolve("segment.stamp.json"));
    study.run(Main.Goal.SEGMENT);
    assertArrayEquals(whole, Files.readAllBytes(mask));
  }

  @Test
  void aFolderOfDicomFilesIsConvertedSegmentedAndPredicted() throws IOException {
    study.run(Main.Goal.SEGMENT);
    study.run(Main.Goal.TRAIN);
    Path dicom = basedir.resolve("dicom");
    new SyntheticCt().of(new ChestModel().spacing(4, 4, 8).scan().ct()).write(dicom);
    Files.writeString(dicom.resolve("readme.txt"), "no image");
    study.set("covid.input", "dicom").set("covid.saliency", "gradcam");
    study.run(Main.Goal.INFER);
    List<String> predicted = Files.readAllLines(study.lastPath());
    assertEquals(2, predicted.size());
    Path infer = study.lastPath().getParent();
    String id = predicted.get(1).substring(0, predicted.get(1).indexOf(','));
    assertEquals(
        NiftiReader.readHeader(infer.resolve("converted/" + id + ".nii.gz")).affine(),
        NiftiReader.readHeader(infer.resolve("saliency/" + id + "_gradcam.nii.gz")).affine());
    study.messages.clear();
    study.run(Main.Goal.INFER);
    assertEquals("infer: up to date", firstLine());
    Path map = infer.resolve("saliency/" + id + "_gradcam.nii.gz");
    Files.delete(map);
    study.run(Main.Goal.INFER);
    assertTrue(Files.exists(map));

    // As if it had been converted before.
    study.set("covid.input", "target/covid/infer/converted");
    study.run(Main.Goal.INFER);
    assertEquals(predicted, Files.readAllLines(study.lastPath()));

    // A series that is lost does not keep the others from being predicted.
    study.set("covid.input", "dicom");
    SyntheticCt other = new SyntheticCt().at(0, 2, 4);
    other.series = "1.2.3.5";
    other.write(basedir.resolve("other"));
    byte[] slice = Files.readAllBytes(basedir.resolve("other/1.2.3.5-001.dcm"));
    Files.write(dicom.resolve("damaged.dcm"), Arrays.copyOf(slice, slice.length - 9));
    CovidException lost = assertThrows(CovidException.class, () -> study.run(Main.Goal.INFER));
    assertTrue(lost.getMessage().contains("damaged.dcm"), lost::getMessage);
    assertEquals(
        predicted, Files.readAllLines(basedir.resolve("target/covid/infer/predictions.csv")));
    // Nor are the predictions of that run taken for those of an earlier one.
    Files.delete(dicom.resolve("damaged.dcm"));
    study.messages.clear();
    study.run(Main.Goal.INFER);
    assertEquals("infer: not done yet", firstLine());

    // Neither does a series of another part of the body.
    other.write(dicom);
    CovidException lungless = assertThrows(CovidException.class, () -> study.run(Main.Goal.INFER));
    assertTrue(lungless.getMessage().contains("converted"), lungless::getMessage);
    assertEquals(
        predicted, Files.readAllLines(basedir.resolve("target/covid/infer/predictions.csv")));

    study.set("covid.mask", "lungs.nii.gz");
    CovidException mask = assertThrows(CovidException.class, () -> study.run(Main.Goal.INFER));
    assertEquals("covid.mask", mask.subject());
  }

  private String firstLine() {
    return ((Message.Line) study.messages.get(0)).text();
  }

  private List<Message.Table> tables() {
    return study.messages.stream()
        .filter(Message.Table.class::isInstance)
        .map(Message.Table.class::cast)
        .toList();
  }

  private List<String> warnings() {
    return study.messages.stream()
        .filter(Message.Warning.class::isInstance)
        .map(m -> ((Message.Warning) m).text())
        .toList();
  }
}
