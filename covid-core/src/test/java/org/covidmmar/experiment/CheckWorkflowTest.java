package org.covidmmar.experiment;

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
import java.util.ArrayList;
import java.util.List;
import org.covidmmar.CovidException;
import org.covidmmar.io.nifti.NiftiWriter;
import org.covidmmar.volume.Affine;
import org.covidmmar.volume.Volume;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The masks of the tiny study are large: warnings, no errors. */
class CheckWorkflowTest {
  private static final ObjectMapper JSON = new ObjectMapper();

  @TempDir Path basedir;
  private TinyStudy study;

  @BeforeEach
  void writeStudy() {
    // Whatever memory the machine has.
    study = new TinyStudy(basedir).set("covid.device", "gpu");
  }

  private JsonNode findings() throws IOException {
    return JSON.readTree(basedir.resolve("target/covid/check/findings.json").toFile());
  }

  private List<String> kinds(String severity) throws IOException {
    List<String> kinds = new ArrayList<>();
    for (JsonNode finding : findings()) {
      if (finding.get("severity").asText().equals(severity)) {
        kinds.add(finding.get("place").asText() + " " + finding.get("kind").asText());
      }
    }
    return kinds;
  }

  private void empty(String mask) {
    NiftiWriter.write(
        study.data().resolve(mask),
        Volume.of(TinyStudy.SHAPE, Affine.identity(), new short[(int) TinyStudy.SHAPE.voxels()]));
  }

  private List<String> check() {
    study.messages.clear();
    study.run(Main.Goal.CHECK);
    return study.messages.stream()
        .filter(Message.Line.class::isInstance)
        .map(m -> ((Message.Line) m).text())
        .toList();
  }

  @Test
  void warningsAreToldAndStopNothing() throws IOException {
    check();
    assertEquals(study.basedir.resolve("target/covid/check/findings.json"), study.lastPath());
    assertEquals(List.of(), kinds("error"));
    assertEquals(8, findings().size());
    assertEquals(
        JSON.readTree(
            """
            {"severity": "warning", "kind": "mask-large", "place": "training[0].label_image",
             "list": "training", "case": "training0", "file": "training0_lungs.nii.gz",
             "found": "the mask covers 95.0 % of the image", "expected": "less than half of it",
             "remedy": "look at the mask over its image, and segment it again where it is wrong"}
            """),
        findings().get(0));
    List<String> warnings =
        study.messages.stream()
            .filter(Message.Warning.class::isInstance)
            .map(m -> ((Message.Warning) m).text())
            .toList();
    assertEquals(1, warnings.size(), warnings::toString);
    assertTrue(warnings.get(0).startsWith("mask-large (the first of 8): "), warnings.get(0));
    assertTrue(warnings.get(0).contains("-> look at the mask"), warnings.get(0));
    Message.Table table =
        (Message.Table)
            study.messages.stream()
                .filter(m -> m instanceof Message.Table t && t.header().contains("severity"))
                .findFirst()
                .orElseThrow();
    assertEquals("0 errors, 8 warnings", table.title());
    assertEquals(6, table.rows().size());
    assertEquals("and 3 more", table.rows().get(5).get(4));

    assertEquals("check: up to date", check().get(0));
  }

  @Test
  void errorsAreListedAtOnceAndStop() throws IOException {
    check();
    empty("training1_lungs.nii.gz");
    Path dataset = study.data().resolve("dataset.json");
    ObjectNode root = (ObjectNode) JSON.readTree(dataset.toFile());
    ((ObjectNode) root.get("validation").get(2)).putArray("label").add(3);
    Files.write(dataset, JSON.writeValueAsBytes(root));
    study.set("covid.batchSize", "9");
    CovidException e = assertThrows(CovidException.class, this::check);
    for (String part :
        List.of(
            "3 problems",
            "training[1].label_image: " + study.data().resolve("training1_lungs.nii.gz"),
            "the mask is empty: no voxel is lung",
            "-> segment the image again",
            "validation[2].label",
            "covid.batchSize: 9 is more than the 4 cases")) {
      assertTrue(e.getMessage().contains(part), part + " in: " + e.getMessage());
    }
    assertEquals(
        List.of(
            "training[1].label_image mask-empty",
            "validation[2].label label-range",
            "covid.batchSize setting"),
        kinds("error"));
    // Also with everything as it was when it was last good.
    new TinyStudy(basedir);
    study.set("covid.batchSize", "2");
    assertEquals("check: not done yet", check().get(0));
  }

  @Test
  void whatChangesAFindingIsAReasonAndThreadsAreNot() throws IOException {
    check();
    study.set("covid.threads", "1");
    assertEquals("check: up to date", check().get(0));
    Files.writeString(study.data().resolve("training0.json"), "{\"patientHash\": \"x\"}");
    assertTrue(check().get(0).contains("training0.json is new"));
    study.set("covid.sampling", "balanced");
    assertTrue(check().get(0).contains("rare classes changed"));
    Files.delete(basedir.resolve("target/covid/check/findings.json"));
    assertTrue(check().get(0).contains("findings.json is missing"));
  }

  @Test
  void manyErrorsOfAKindAreToldInPart() throws IOException {
    Path dataset = study.data().resolve("dataset.json");
    ObjectNode root = (ObjectNode) JSON.readTree(dataset.toFile());
    for (int n = 0; n < 30; n++) {
      root.withArray("training").addObject().put("image", "gone" + n + ".nii.gz");
    }
    Files.write(dataset, JSON.writeValueAsBytes(root));
    CovidException e = assertThrows(CovidException.class, this::check);
    assertTrue(e.getMessage().contains("gone19.nii.gz: does not exist"), e.getMessage());
    assertFalse(e.getMessage().contains("gone20.nii.gz: does not exist"), e.getMessage());
    assertTrue(e.getMessage().contains("10 more findings of the kind file-missing"));
    assertEquals(90, kinds("error").size());
  }

  @Test
  void halfAPairIsOneFindingOfSeveral() throws IOException {
    Path header = study.data().resolve("pair.hdr");
    NiftiWriter.write(
        header,
        Volume.of(TinyStudy.SHAPE, Affine.identity(), new short[(int) TinyStudy.SHAPE.voxels()]));
    Files.delete(study.data().resolve("pair.img"));
    Path dataset = study.data().resolve("dataset.json");
    ObjectNode root = (ObjectNode) JSON.readTree(dataset.toFile());
    ((ObjectNode) root.get("training").get(0)).put("image", "pair.hdr");
    Files.write(dataset, JSON.writeValueAsBytes(root));
    empty("training1_lungs.nii.gz");
    assertThrows(CovidException.class, this::check);
    assertEquals(
        List.of("training[0].image file-unreadable", "training[1].label_image mask-empty"),
        kinds("error"));
  }

  @Test
  void outputIsWhereAsked() {
    study.set("covid.output", "out");
    check();
    assertTrue(Files.exists(basedir.resolve("out/findings.json")));
  }
}
