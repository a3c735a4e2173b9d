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
import java.util.List;
import java.util.function.Predicate;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.covidmmar.CovidException;
import org.covidmmar.io.nifti.NiftiReader;
import org.covidmmar.io.nifti.NiftiWriter;
import org.covidmmar.tracking.RunFolder;
import org.covidmmar.tracking.RunJournal;
import org.covidmmar.volume.Volume;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A run made again from its record, on an experiment that is as it was, and on ones that are not.
 */
class ReproduceTest {
  private static final ObjectMapper JSON = new ObjectMapper();

  @TempDir static Path trained;
  @TempDir Path basedir;
  private TinyStudy study;

  private static TinyStudy study(Path folder) {
    return new TinyStudy(folder).set("covid.dropout", "0.2");
  }

  @BeforeAll
  static void trainAndValidate() {
    TinyStudy original = study(trained);
    original.run(Main.Goal.TRAIN);
    original.run(Main.Goal.VALIDATE);
  }

  /** The same data in another folder, and there the runs of the first. */
  @BeforeEach
  void copyRuns() throws IOException {
    study = study(basedir);
    try (Stream<Path> files = Files.walk(trained.resolve("mlruns"))) {
      for (Path file : files.toList()) {
        Files.copy(file, basedir.resolve(trained.relativize(file)));
      }
    }
  }

  private Path run() {
    return RunJournal.newestFinished(basedir, "tiny").orElseThrow();
  }

  private JsonNode outcome() throws IOException {
    return JSON.readTree(basedir.resolve("target/covid/reproduce/reproduction.json").toFile());
  }

  private static List<String> names(JsonNode items) {
    return StreamSupport.stream(items.spliterator(), false)
        .map(item -> item.get("name").textValue())
        .toList();
  }

  /** The differences that fail, by name. */
  private List<String> decisive() throws IOException {
    return StreamSupport.stream(outcome().get("differences").spliterator(), false)
        .filter(d -> List.of("CONFIGURATION", "DATA").contains(d.get("kind").textValue()))
        .map(d -> d.get("name").textValue())
        .toList();
  }

  private String refused() {
    return assertThrows(CovidException.class, () -> study.run(Main.Goal.REPRODUCE)).problem();
  }

  @Test
  void theSameExperimentGivesTheSameRun() throws IOException {
    study.run(Main.Goal.REPRODUCE);
    assertEquals("identical", outcome().get("verdict").textValue());
    assertTrue(outcome().get("differences").isEmpty(), outcome().toString());
    assertTrue(study.messages.stream().noneMatch(Message.Warning.class::isInstance));
    List<String> items = names(outcome().get("results"));
    for (String item :
        List.of(
            "learning_rate",
            "train/loss",
            "val/auc",
            "weights after each of 2 epochs",
            "model.safetensors",
            "predictions of 4 cases")) {
      assertTrue(items.contains(item), item + " in " + items);
    }
    assertEquals(1, RunJournal.finished(basedir, "tiny").size(), "the experiment got a run");
    assertFalse(Files.exists(basedir.resolve("target/covid/reproduce/made-again/.covid")));
  }

  @Test
  void thatTheBytesMayDifferIsSaidBeforeTheTraining() throws IOException {
    Path provenance = run().resolve("artifacts/provenance.json");
    JsonNode recorded = JSON.readTree(provenance.toFile());
    ((ObjectNode) recorded.get("hardware")).put("cpu", "another").put("cpuMaker", "Elsewhere");
    ((ObjectNode) recorded.get("software")).put("java", "11.0.2+7");
    JSON.writeValue(provenance.toFile(), recorded);
    study.set("covid.reproduce.epochs", "1");
    study.messages.clear();
    study.run(Main.Goal.REPRODUCE);
    int said = first(m -> m instanceof Message.Warning w && w.text().contains("may differ"));
    int trained = first(m -> m instanceof Message.Progress p && p.stage().startsWith("epoch"));
    assertTrue(0 <= said && said < trained, study.messages.toString());
    String text = ((Message.Warning) study.messages.get(said)).text();
    for (String part : List.of("another: Elsewhere", "recorded 11, here", "covid.isa=avx2")) {
      assertTrue(text.contains(part), text);
    }
  }

  @Test
  void aRunThatIsTakenUpWithAnotherJavaSaysSoAndRecordsBoth() throws IOException {
    RunFolder run = killed();
    ObjectNode recorded = (ObjectNode) JSON.readTree(run.provenance().toFile());
    ((ObjectNode) recorded.get("software")).put("java", "11.0.2+7");
    JSON.writeValue(run.provenance().toFile(), recorded);
    study.run(Main.Goal.TRAIN);
    int said = first(m -> m instanceof Message.Warning w && w.text().contains("goes on otherwise"));
    String text = ((Message.Warning) study.messages.get(said)).text();
    assertTrue(text.contains("Java (recorded 11, here "), text);
    assertFalse(text.contains("processor"), text);
    JsonNode software = JSON.readTree(run.provenance().toFile()).get("software");
    assertTrue(software.get("java").textValue().startsWith("11.0.2+7, then "), software.toString());
  }

  private int first(Predicate<Message> which) {
    return study.messages.indexOf(study.messages.stream().filter(which).findFirst().orElseThrow());
  }

  @Test
  void theFirstEpochsAlone() throws IOException {
    study.set("covid.reproduce.epochs", "1").run(Main.Goal.REPRODUCE);
    assertEquals("identical", outcome().get("verdict").textValue());
    List<String> items = names(outcome().get("results"));
    assertTrue(items.contains("weights after each of 1 epochs"), items.toString());
    assertFalse(items.contains("model.safetensors"), items.toString());

    study.run(Main.Goal.REPRODUCE);
    Path made = basedir.resolve("target/covid/reproduce/made-again");
    assertEquals(2, RunJournal.finished(made, "tiny").size(), "what was made before was taken");
  }

  @Test
  void nothingIsLostWhereTheOutputIsTheExperimentItself() throws IOException {
    Path kept = Files.createDirectories(basedir.resolve(".covid")).resolve("kept");
    Files.writeString(kept, "mine");
    study.set("covid.output", ".").set("covid.reproduce.epochs", "1").run(Main.Goal.REPRODUCE);
    assertTrue(Files.exists(kept));
    assertEquals(1, RunJournal.finished(basedir, "tiny").size(), "the experiment got a run");
  }

  @Test
  void anOutputInWhoseWayTheExperimentIsIsRefused() {
    Path inTheWay = basedir.resolve("made-again");
    TinyStudy other = study(inTheWay).set("covid.output", "..");
    CovidException e = assertThrows(CovidException.class, () -> other.run(Main.Goal.REPRODUCE));
    assertEquals("covid.output", e.subject());
  }

  /** As a kill leaves a run: not ended, without the outcome. */
  private RunFolder killed() throws IOException {
    RunFolder run = new RunFolder(run());
    Path meta = run.path().resolve("meta.yaml");
    Files.writeString(meta, Files.readString(meta).replace("status: 3", "status: 1"));
    ObjectNode provenance = (ObjectNode) JSON.readTree(run.provenance().toFile());
    provenance.remove("outcome");
    JSON.writeValue(run.provenance().toFile(), provenance);
    study.set("covid.run", run.meta().id());
    return run;
  }

  @Test
  void aRunThatWasKilledBeforeItsModelIsTheSame() throws IOException {
    Files.delete(killed().model());
    study.run(Main.Goal.REPRODUCE);
    assertEquals("identical", outcome().get("verdict").textValue());
    assertEquals(2, outcome().get("epochs").intValue());
  }

  @Test
  void ofARunThatWasKilledWhileItToldOfAnEpochTheOnesBeforeAreCompared() throws IOException {
    RunFolder run = killed();
    for (String told : List.of("metrics/val/auc", "artifacts/weights.csv")) {
      Path file = run.path().resolve(told);
      Files.writeString(file, Files.readAllLines(file).get(0) + "\n");
    }
    study.run(Main.Goal.REPRODUCE);
    assertEquals("identical", outcome().get("verdict").textValue());
    assertEquals(1, outcome().get("epochs").intValue());
  }

  @Test
  void aRunsFolderThatWasCopiedElsewhereIsCompared() throws IOException {
    Path copy = basedir.resolve("elsewhere/run");
    try (Stream<Path> files = Files.walk(run())) {
      for (Path file : files.toList()) {
        Path to = copy.resolve(run().relativize(file));
        Files.createDirectories(to.getParent());
        Files.copy(file, to);
      }
    }
    study.set("covid.run", "elsewhere/run," + run().getFileName()).run(Main.Goal.COMPARE);
    assertTrue(Files.exists(study.lastPath()));
  }

  @Test
  void aChangedPropertyIsNamedAndNothingElse() throws IOException {
    study.set("covid.learningRate", "2e-3");
    String problem = refused();
    assertTrue(problem.endsWith("learningRate 0.001 -> 0.002"), problem);
    assertEquals(List.of("learningRate"), decisive());
    assertEquals("identical", outcome().get("verdict").textValue());
  }

  @Test
  void anotherThreadCountIsNamedAndNothingElse() throws IOException {
    study.set("covid.threads", "1");
    String problem = refused();
    assertTrue(problem.endsWith("found something else: threads 2 -> 1"), problem);
    assertEquals(List.of("threads"), decisive());
  }

  @Test
  void aChangedVoxelIsNamedByItsCase() throws IOException {
    Path image = study.data().resolve("training1.nii.gz");
    Volume volume = NiftiReader.read(image);
    short[] voxels = volume.shorts().clone();
    voxels[voxels.length / 2] = 200;
    NiftiWriter.write(image, Volume.of(volume.shape(), volume.affine(), voxels));
    String problem = refused();
    assertTrue(problem.contains("training training1 image"), problem);
    assertEquals(List.of("training training1 image"), decisive());
    assertFalse(problem.contains("mask"), problem);
    assertTrue(
        List.of("different", "within tolerance").contains(outcome().get("verdict").textValue()));
  }

  @Test
  void aProvenanceAloneTellsTheModelsChecksum() throws IOException {
    Path kept = basedir.resolve("kept.json");
    Files.copy(run().resolve("artifacts/provenance.json"), kept);
    study.set("covid.run", "kept.json").run(Main.Goal.REPRODUCE);
    assertEquals("identical", outcome().get("verdict").textValue());
    assertEquals(List.of("model.safetensors, SHA-256"), names(outcome().get("results")));
  }

  @Test
  void coordinatesThatTheProjectNoLongerHasAreNamed() throws IOException {
    Path provenance = run().resolve("artifacts/provenance.json");
    JsonNode recorded = JSON.readTree(provenance.toFile());
    ((ObjectNode) recorded.get("config").get("network")).put("pretrained", "org.x:m:mmar:1");
    JSON.writeValue(provenance.toFile(), recorded);
    assertEquals("expected org.x:m:mmar:1, which the run was tuned from, found none", refused());
  }

  @Test
  void whatIsNoRunIsRefused() {
    study.set("covid.run", "nothing");
    assertTrue(refused().contains("\"nothing\""));
  }

  @Test
  void twoRunsAreCompared() throws IOException {
    study.set("covid.seed", "1").run(Main.Goal.TRAIN);
    study.run(Main.Goal.VALIDATE);
    study.messages.clear();
    study.run(Main.Goal.COMPARE);
    List<Message.Table> tables =
        study.messages.stream()
            .filter(Message.Table.class::isInstance)
            .map(Message.Table.class::cast)
            .toList();
    assertEquals(List.of(List.of("configuration", "seed", "0", "1")), tables.get(0).rows());
    assertTrue(
        tables.get(1).rows().stream()
            .anyMatch(row -> row.get(0).equals("train/loss") && row.get(1).equals("different")),
        tables.get(1).rows().toString());
    assertEquals("AUC", tables.get(2).rows().get(0).get(0));
    assertTrue(tables.get(2).title().contains("2 COVID, 2 non-COVID"), tables.get(2).title());
    assertTrue(Files.readString(study.lastPath()).contains("paired test of DeLong"));

    study.set("covid.list", "training").run(Main.Goal.VALIDATE);
    study.messages.clear();
    study.run(Main.Goal.COMPARE);
    assertEquals(2, study.messages.stream().filter(Message.Table.class::isInstance).count());
    assertFalse(Files.readString(study.lastPath()).contains("paired test of DeLong"));
  }
}
