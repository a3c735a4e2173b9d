package org.covidmmar.experiment;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.covidmmar.dataset.DataFingerprints;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StageTest {
  @TempDir Path basedir;
  private Path scan;
  private Path stamp;

  @BeforeEach
  void stampOfOneScan() throws IOException {
    scan = Files.writeString(basedir.resolve("a.nii.gz"), "voxels");
    stamp = basedir.resolve("stamp.json");
    stage("learningRate", "5.0E-6").stamp(stamp, new DataFingerprints());
  }

  private Stage stage(String... values) {
    Map<String, String> map = new TreeMap<>();
    for (int i = 0; i < values.length; i += 2) {
      map.put(values[i], values[i + 1]);
    }
    return new Stage(basedir, new TreeMap<>(map), List.of(scan));
  }

  private Optional<String> reason(String... values) {
    return stage(values).reason(stamp);
  }

  @Test
  void whatIsTheSameIsUpToDate() {
    assertEquals(Optional.empty(), reason("learningRate", "5.0E-6"));
    assertEquals(
        Optional.of("not done yet"),
        stage("learningRate", "5.0E-6").reason(basedir.resolve("none.json")));
  }

  @Test
  void aTouchedFileIsReadAgainAndCountsByItsContent() throws IOException {
    Files.setLastModifiedTime(scan, FileTime.from(Instant.EPOCH));
    assertEquals(Optional.empty(), reason("learningRate", "5.0E-6"));
    Files.writeString(scan, "voxelS");
    assertEquals(Optional.of("a.nii.gz changed"), reason("learningRate", "5.0E-6"));
    Files.delete(scan);
    assertEquals(Optional.of("a.nii.gz is gone"), reason("learningRate", "5.0E-6"));
  }

  @Test
  void changedValuesAreNamedWithBothTexts() {
    assertEquals(
        Optional.of("learningRate changed 5.0E-6 -> 1.0E-5"), reason("learningRate", "1.0E-5"));
    assertEquals(
        Optional.of("learningRate no longer set, was 5.0E-6, patience set to 3"),
        reason("patience", "3"));
    assertEquals(
        Optional.of("a set to 1, b set to 1, c set to 1 and 1 more"),
        reason("a", "1", "b", "1", "c", "1", "d", "1", "learningRate", "5.0E-6"));
  }

  @Test
  void aProductThatIsGoneIsMadeAgain() throws IOException {
    Stage stage = stage("learningRate", "5.0E-6");
    Path product = basedir.resolve("model.safetensors");
    assertEquals(Optional.of("model.safetensors is missing"), stage.reason(stamp, product));
    Files.createFile(product);
    assertEquals(Optional.empty(), stage.reason(stamp, product));
  }

  @Test
  void aFileThatChangesWhileItIsUsedIsNotTakenForUpToDate() throws IOException {
    Stage stage = stage("learningRate", "5.0E-6");
    Files.writeString(scan, "other voxels");
    stage.stamp(stamp, new DataFingerprints());
    assertEquals(Optional.of("a.nii.gz changed"), reason("learningRate", "5.0E-6"));
  }

  @Test
  void aDamagedStampIsNone() throws IOException {
    for (String damaged : List.of("", "{", "null", "{}", "[1]")) {
      Files.writeString(stamp, damaged);
      assertEquals(Optional.of("not done yet"), reason("learningRate", "5.0E-6"), damaged);
    }
  }
}
