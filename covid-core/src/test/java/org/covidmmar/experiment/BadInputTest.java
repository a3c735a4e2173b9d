package org.covidmmar.experiment;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.function.Consumer;
import org.covidmmar.CovidException;
import org.covidmmar.io.nifti.NiftiWriter;
import org.covidmmar.volume.Affine;
import org.covidmmar.volume.Shape;
import org.covidmmar.volume.Volume;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What train refuses before it trains: each by the name of the file or property, with a remedy. */
class BadInputTest {
  private static final ObjectMapper JSON = new ObjectMapper();

  @TempDir Path basedir;
  private TinyStudy study;

  @BeforeEach
  void writeStudy() {
    study = new TinyStudy(basedir);
  }

  private void assertRefused(String... parts) {
    CovidException e = assertThrows(CovidException.class, () -> study.run(Main.Goal.TRAIN));
    for (String part : parts) {
      assertTrue(e.getMessage().contains(part), part + " in: " + e.getMessage());
    }
    assertFalse(e.remedy().isBlank());
    assertFalse(Files.exists(basedir.resolve("mlruns/1")), "a run was begun");
  }

  private Path image() {
    return study.data().resolve("training1.nii.gz");
  }

  private Path mask() {
    return study.data().resolve("training1_lungs.nii.gz");
  }

  private void edit(Consumer<ObjectNode> change) throws IOException {
    Path file = study.data().resolve("dataset.json");
    JsonNode root = JSON.readTree(Files.readAllBytes(file));
    change.accept((ObjectNode) root);
    Files.write(file, JSON.writeValueAsBytes(root));
  }

  private static ArrayNode list(ObjectNode root, String name) {
    return (ArrayNode) root.get(name);
  }

  private static void fill(Path file, Shape shape, Affine affine, float value) {
    float[] voxels = new float[(int) shape.voxels()];
    Arrays.fill(voxels, value);
    NiftiWriter.write(file, Volume.of(shape, affine, voxels));
  }

  @Test
  void missingFile() throws IOException {
    Files.delete(image());
    assertRefused("training1.nii.gz", "does not exist");
  }

  @Test
  void missingDataset() throws IOException {
    Files.delete(study.data().resolve("dataset.json"));
    assertRefused("dataset.json", "does not exist", "covid.dataset");
  }

  @Test
  void truncatedFile() throws IOException {
    byte[] bytes = Files.readAllBytes(image());
    Files.write(image(), Arrays.copyOf(bytes, bytes.length / 2));
    assertRefused("training1.nii.gz");
  }

  @Test
  void notNifti() throws IOException {
    Files.writeString(
        image(), "not a NIfTI file at all, but long enough to hold a header. ".repeat(20));
    assertRefused("training1.nii.gz");
  }

  @Test
  void absurdHeader() throws IOException {
    Path plain = study.data().resolve("training1.nii");
    fill(plain, TinyStudy.SHAPE, Affine.identity(), -500);
    byte[] bytes = Files.readAllBytes(plain);
    ByteBuffer header = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    for (int axis = 1; axis <= 3; axis++) {
      header.putShort(40 + 2 * axis, (short) 30000);
    }
    Files.write(plain, bytes);
    edit(root -> ((ObjectNode) list(root, "training").get(1)).put("image", "training1.nii"));
    assertRefused("training1.nii", "30000");
  }

  @Test
  void nanVoxels() {
    fill(image(), TinyStudy.SHAPE, Affine.identity(), Float.NaN);
    assertRefused("training1.nii.gz", "NaN");
  }

  @Test
  void maskOfAnotherShape() {
    fill(mask(), new Shape(39, 40, 40), Affine.identity(), 1);
    assertRefused("training1_lungs.nii.gz", "39,40,40");
  }

  @Test
  void maskOfAnotherAffine() {
    fill(mask(), TinyStudy.SHAPE, Affine.of(1, 0, 0, 9, 0, 1, 0, 0, 0, 0, 1, 0), 1);
    assertRefused("training1_lungs.nii.gz");
  }

  @Test
  void emptyMask() {
    fill(mask(), TinyStudy.SHAPE, Affine.identity(), 0);
    assertRefused("training1_lungs.nii.gz", "empty");
  }

  @Test
  void labelOutOfRangeAndMissing() throws IOException {
    edit(
        root -> {
          ((ObjectNode) list(root, "training").get(0)).putArray("label").add(2);
          ((ObjectNode) list(root, "validation").get(1)).remove("label");
        });
    assertRefused("2 problems", "training[0]", "validation[1]", "label");
  }

  @Test
  void duplicateEntries() throws IOException {
    edit(root -> list(root, "training").add(list(root, "training").get(0).deepCopy()));
    assertRefused("training0.nii.gz");
  }

  @Test
  void theSameScanInTwoLists() throws IOException {
    edit(root -> list(root, "validation").add(list(root, "training").get(0).deepCopy()));
    assertRefused("training0.nii.gz");
  }

  @Test
  void theSameScanUnderTwoNames() throws IOException {
    Files.copy(
        study.data().resolve("training0.nii.gz"),
        study.data().resolve("validation0.nii.gz"),
        java.nio.file.StandardCopyOption.REPLACE_EXISTING);
    assertRefused("validation0.nii.gz", "same content as training[0]");
  }

  @Test
  void emptyLists() throws IOException {
    edit(
        root -> {
          root.putArray("training");
          root.putArray("validation");
        });
    assertRefused("training", "validation", "empty");
  }

  @Test
  void aValidationListOfOneClass() throws IOException {
    edit(
        root -> {
          for (JsonNode entry : list(root, "validation")) {
            ((ObjectNode) entry).putArray("label").add(1);
          }
        });
    assertRefused("validation", "AUC");
  }

  @Test
  void severalBadFilesAreListedAtOnce() throws IOException {
    Files.delete(image());
    fill(
        study.data().resolve("validation0_lungs.nii.gz"), new Shape(8, 8, 8), Affine.identity(), 1);
    assertRefused("2 problems", "training1.nii.gz", "validation0_lungs.nii.gz");
  }

  @ParameterizedTest
  @CsvSource({
    "covid.epochs, 0, covid.epochs",
    "covid.epoch, 3, did you mean covid.epochs",
    "covid.batchSize, 5, covid.batchSize",
    "'covid.inputShape', '31,32,32', covid.inputShape",
    "covid.batchSize, 1, covid.batchSize",
    "covid.batchSize, 3, covid.batchSize",
    "covid.lrPolicy, stepp, did you mean step",
    "covid.pretrained, gone.safetensors, covid.pretrained",
  })
  void aWrongProperty(String property, String value, String said) {
    study.set(property, value);
    assertRefused(said);
  }

  @Test
  void unwritableOutput() throws IOException {
    Files.writeString(basedir.resolve("mlruns"), "a file where the folder should be");
    assertRefused("mlruns", "cannot be written");
  }

  @Test
  void unwritableCache() throws IOException {
    Files.writeString(basedir.resolve(".covid"), "a file where the folder should be");
    assertRefused(".covid", "cannot be written");
  }
}
