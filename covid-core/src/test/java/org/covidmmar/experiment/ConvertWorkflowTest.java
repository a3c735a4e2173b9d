package org.covidmmar.experiment;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.covidmmar.CovidException;
import org.covidmmar.config.ExperimentConfig;
import org.covidmmar.config.Settings;
import org.covidmmar.io.dicom.SyntheticCt;
import org.covidmmar.io.nifti.NiftiReader;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ConvertWorkflowTest {
  @TempDir private Path basedir;

  private final Map<String, String> properties = new HashMap<>();
  private final List<Message> messages = new ArrayList<>();

  private void run() {
    messages.clear();
    ExperimentConfig config = ExperimentConfig.of(Settings.of(properties), "test", null);
    Main.Goal.CONVERT.run(new Request(config, basedir, Map.of()), false, messages::add);
  }

  private List<String> lines() {
    return messages.stream()
        .filter(Message.Line.class::isInstance)
        .map(m -> ((Message.Line) m).text())
        .toList();
  }

  private Message.Table table() {
    return messages.stream()
        .filter(Message.Table.class::isInstance)
        .map(Message.Table.class::cast)
        .findFirst()
        .orElseThrow();
  }

  @Test
  void withoutADicomFolderOneLineAndNothingElse() {
    run();
    assertEquals(List.of("convert: nothing to convert, as covid.dicomDir is not set"), lines());
    assertFalse(Files.exists(basedir.resolve("data")));
  }

  @Test
  void volumesGoToTheDataRootAndASecondRunDoesNothing() throws IOException {
    new SyntheticCt().at(0, 2, 4, 8).write(basedir.resolve("dicom"));
    properties.put("covid.dicomDir", "dicom");
    properties.put("covid.convert.name", "{series}");
    run();
    assertEquals(5, NiftiReader.read(basedir.resolve("data/7.nii.gz")).shape().z());
    assertEquals("convert: not done yet", lines().get(0));
    assertEquals("wrote: " + basedir.resolve("data"), lines().get(lines().size() - 1));
    assertEquals(
        List.of("7", "7.nii.gz", "4", "12,10,5", "0.75,0.50,2.00", "converted"),
        table().rows().get(0).subList(0, 6));
    assertTrue(messages.stream().anyMatch(Message.Warning.class::isInstance), "a missing slice");
    JsonNode list =
        new JsonMapper().readTree(basedir.resolve("target/covid/convert/volumes.json").toFile());
    assertEquals("7.nii.gz", list.get(0).path("image").asText());

    run();
    assertEquals(List.of("convert: up to date", "wrote: " + basedir.resolve("data")), lines());

    properties.put("covid.convert.format", ".nii");
    run();
    assertEquals("convert: format changed .nii.gz -> .nii", lines().get(0));
    Files.delete(basedir.resolve("data/7.nii"));
    run();
    assertEquals("convert: data/7.nii is missing", lines().get(0));
  }

  @Test
  void aLossEndsTheGoalAfterAllElseIsDone() throws IOException {
    new SyntheticCt().at(0, 2, 4).write(basedir.resolve("dicom"));
    SyntheticCt bad = new SyntheticCt().at(0);
    bad.series = "1.2.3.9";
    bad.write(basedir.resolve("dicom"));
    Path file = basedir.resolve("dicom/1.2.3.9-000.dcm");
    byte[] content = Files.readAllBytes(file);
    Files.write(file, java.util.Arrays.copyOf(content, content.length - 2));
    properties.put("covid.dicomDir", "dicom");
    CovidException e = assertThrows(CovidException.class, this::run);
    assertTrue(e.subject().endsWith("1.2.3.9-000.dcm"), e.getMessage());
    assertEquals("converted", table().rows().get(0).get(5));
    assertThrows(CovidException.class, this::run);
    assertEquals("unchanged, skipped", table().rows().get(0).get(5));
  }

  @Test
  void aFolderWithoutCtIsSaid() throws IOException {
    Files.createDirectories(basedir.resolve("dicom"));
    Files.writeString(basedir.resolve("dicom/README"), "no images here");
    properties.put("covid.dicomDir", "dicom");
    CovidException e = assertThrows(CovidException.class, this::run);
    assertTrue(e.problem().contains("1 files, no DICOM file"), e.problem());
  }

  @Test
  void spacingIsOneNumberOrThree() {
    for (String text : List.of("1", "1,1,1")) {
      properties.put("covid.convert.spacing", text);
      assertEquals(
          List.of(1.0, 1.0, 1.0),
          ExperimentConfig.of(Settings.of(properties), "test", null).conversion().spacing());
    }
    for (String text : List.of("0", "1,2", "1,1,-1", "x")) {
      properties.put("covid.convert.spacing", text);
      assertThrows(CovidException.class, () -> Settings.of(properties), text);
    }
  }
}
