package org.covidmmar.experiment;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.covidmmar.CovidException;
import org.covidmmar.dataset.Case;
import org.covidmmar.dataset.Dataset;
import org.covidmmar.evaluation.EvaluationFiles;
import org.covidmmar.evaluation.ScoredCase;
import org.covidmmar.inference.Pictures;
import org.covidmmar.model.weights.SafeTensors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WorkflowTest {
  @TempDir Path basedir;

  @Test
  void aModelIsTrainedEvaluatedAndUsed() throws IOException {
    TinyStudy study = new TinyStudy(basedir);
    study.run(Main.Goal.TRAIN);
    Path run = study.lastPath();
    assertEquals(2, Files.readAllLines(run.resolve("metrics/val/auc")).size());
    assertEquals(2, Files.readAllLines(run.resolve("metrics/train/loss")).size());
    assertEquals("2", Files.readString(run.resolve("params/training.epochs")));
    assertTrue(Files.readString(run.resolve("meta.yaml")).contains("status: 3"));
    JsonNode provenance =
        new ObjectMapper().readTree(run.resolve("artifacts/provenance.json").toFile());
    assertEquals(8, provenance.path("data").size());
    assertEquals("2.7.1", provenance.path("software").path("libtorch").asText());
    try (SafeTensors model = SafeTensors.open(run.resolve("artifacts/model/model.safetensors"))) {
      assertEquals(727, model.entries().size());
    }

    study.run(Main.Goal.VALIDATE);
    assertEquals(run, study.lastPath());
    JsonNode evaluation =
        new ObjectMapper().readTree(run.resolve("artifacts/evaluation/evaluation.json").toFile());
    assertEquals(4, evaluation.path("n").asInt());
    String bestAuc =
        Files.readAllLines(run.resolve("metrics/val/auc")).stream()
            .map(line -> line.substring(line.indexOf(' ') + 1, line.lastIndexOf(' ')))
            .max(String::compareTo)
            .orElseThrow();
    assertEquals(Double.parseDouble(bestAuc), evaluation.path("auc").path("value").asDouble());

    study.run(Main.Goal.INFER);
    List<String> predictions = Files.readAllLines(study.lastPath());
    assertEquals(
        Files.readAllLines(run.resolve("artifacts/evaluation/predictions.csv")), predictions);

    addListOfPositives(study);
    study.set("covid.list", "positives").run(Main.Goal.VALIDATE);
    evaluation =
        new ObjectMapper().readTree(run.resolve("artifacts/evaluation/evaluation.json").toFile());
    assertEquals(2, evaluation.path("n").asInt());
    assertEquals("no negative case", evaluation.path("auc").path("undefined").asText());
  }

  @Test
  void theWorstCasesHavePicturesWithSaliencyWhereAskedFor() throws IOException {
    TinyStudy study = new TinyStudy(basedir).set("covid.report.cases", "3");
    study.run(Main.Goal.TRAIN);
    Path evaluation = study.lastPath().resolve("artifacts/evaluation");
    study.run(Main.Goal.VALIDATE);
    List<String> worst =
        EvaluationFiles.readPredictions(evaluation.resolve("predictions.csv")).stream()
            .sorted(ScoredCase.LARGEST_ERROR_FIRST)
            .map(ScoredCase::id)
            .limit(3)
            .toList();
    List<Pictures.OfCase> cases = pictures(evaluation);
    assertEquals(worst, cases.stream().map(Pictures.OfCase::id).toList());
    assertTrue(Files.exists(evaluation.resolve("cases/03-lungs.png")));
    assertNull(cases.get(0).saliency());

    study.set("covid.saliency", "true").set("covid.report.cases", "1").run(Main.Goal.VALIDATE);
    cases = pictures(evaluation);
    assertEquals(1, cases.size());
    assertTrue(Files.exists(evaluation.resolve("cases").resolve(cases.get(0).saliency())));
    assertFalse(Files.exists(evaluation.resolve("cases/03-lungs.png")), "left from before");

    study.set("covid.report.cases", "0").run(Main.Goal.VALIDATE);
    assertEquals(List.of(), pictures(evaluation));
    study.messages.clear();
    study.run(Main.Goal.VALIDATE);
    assertEquals("validate: up to date", ((Message.Line) study.messages.get(0)).text());
  }

  private static List<Pictures.OfCase> pictures(Path evaluation) {
    return Pictures.in(evaluation.resolve("cases")).orElseThrow().cases();
  }

  private static void addListOfPositives(TinyStudy study) {
    Path file = study.data().resolve("dataset.json");
    Dataset read = Dataset.read(file, study.data());
    Map<String, List<Case>> lists = new LinkedHashMap<>(read.lists());
    lists.put(
        "positives", read.list(Dataset.VALIDATION).stream().filter(c -> c.label() == 1).toList());
    new Dataset(file, study.data(), lists).write(file);
  }

  @Test
  void aScanIsPredictedWithItsMaskAlikeAloneAndInAFolder() throws IOException {
    TinyStudy study = new TinyStudy(basedir);
    study.run(Main.Goal.TRAIN);
    study.set("covid.input", "data/validation1.nii.gz");
    CovidException noMask = assertThrows(CovidException.class, () -> study.run(Main.Goal.INFER));
    assertTrue(noMask.getMessage().contains("mask"), noMask.getMessage());

    study.set("covid.mask", "data/validation1_lungs.nii.gz").set("covid.list", "validation");
    study.run(Main.Goal.INFER);
    String alone = Files.readAllLines(study.lastPath()).get(1);
    study.set("covid.input", "data").set("covid.mask", "").run(Main.Goal.INFER);
    List<String> folder = Files.readAllLines(study.lastPath());
    assertEquals(9, folder.size());
    assertTrue(folder.contains(alone), alone + " in " + folder);

    study.set("covid.input", "").set("covid.mask", "data/validation1_lungs.nii.gz");
    CovidException noScan = assertThrows(CovidException.class, () -> study.run(Main.Goal.INFER));
    assertEquals("covid.mask", noScan.subject());
  }

  @Test
  void theSameExperimentGivesTheSameBytes() throws IOException {
    byte[][] weights = new byte[2][];
    for (int i = 0; i < 2; i++) {
      TinyStudy study = new TinyStudy(basedir.resolve("copy" + i));
      study.set("covid.dropout", "0.2").set("covid.accumulate", "2").run(Main.Goal.TRAIN);
      weights[i] =
          Files.readAllBytes(study.lastPath().resolve("artifacts/model/model.safetensors"));
    }
    assertArrayEquals(weights[0], weights[1]);
  }

  @Test
  void aRunThatIsTakenUpKeepsThePomThatItWasBegunWith() throws IOException {
    TinyStudy study = new TinyStudy(basedir);
    Path pom = basedir.resolve("pom.xml");
    Files.writeString(pom, "<project/>");
    study.run(Main.Goal.TRAIN);
    Path run = study.lastPath();
    Path meta = run.resolve("meta.yaml");
    Files.writeString(meta, Files.readString(meta).replace("status: 3", "status: 5"));
    Files.writeString(pom, "<project><!-- changed --></project>");
    study.run(Main.Goal.TRAIN);
    assertEquals(run, study.lastPath());
    assertEquals("<project/>", Files.readString(run.resolve("artifacts/project/pom.xml")));
  }

  @Test
  void fineTuningStartsFromTheGivenWeights() throws IOException {
    TinyStudy study = new TinyStudy(basedir);
    study.run(Main.Goal.TRAIN);
    Path run = study.lastPath();
    study.set("covid.pretrained", run.getFileName().toString());
    study.set("covid.learningRate", "1e-12").set("covid.epochs", "1").run(Main.Goal.TRAIN);
    Path tuned = study.lastPath().resolve("artifacts/model/model.safetensors");
    try (SafeTensors before = SafeTensors.open(run.resolve("artifacts/model/model.safetensors"));
        SafeTensors after = SafeTensors.open(tuned)) {
      assertArrayEquals(
          before.floats("features.conv0.weight"), after.floats("features.conv0.weight"), 1e-8f);
    }
  }

  @Test
  void trainingStopsEarlyWhereNothingGetsBetter() {
    TinyStudy study = new TinyStudy(basedir);
    study.set("covid.epochs", "50").set("covid.patience", "1").set("covid.learningRate", "1e-12");
    study.run(Main.Goal.TRAIN);
    assertTrue(
        study.messages.stream()
            .anyMatch(m -> m instanceof Message.Line l && l.text().startsWith("stopped early")));
  }

  @Test
  void aModelsPreprocessingIsNotContradicted() {
    TinyStudy study = new TinyStudy(basedir);
    study.run(Main.Goal.TRAIN);
    study.set("covid.inputShape", "32,32,40");
    CovidException e = assertThrows(CovidException.class, () -> study.run(Main.Goal.VALIDATE));
    assertEquals("covid.inputShape", e.subject());
    assertTrue(e.problem().contains("trained with 32,32,32"), e.getMessage());
  }

  @Test
  void withoutAModelNothingIsEvaluated() {
    TinyStudy study = new TinyStudy(basedir);
    CovidException e = assertThrows(CovidException.class, () -> study.run(Main.Goal.VALIDATE));
    assertEquals("covid.model", e.subject());
    study.set("covid.model", "missing.safetensors");
    e = assertThrows(CovidException.class, () -> study.run(Main.Goal.INFER));
    assertTrue(e.problem().contains("missing.safetensors"), e.getMessage());
  }

  @Test
  void aDivergingTrainingNamesItsCasesAndEndsAsFailed() throws IOException {
    TinyStudy study = new TinyStudy(basedir);
    study.set("covid.optimizer", "sgd").set("covid.learningRate", "1e30");
    CovidException e = assertThrows(CovidException.class, () -> study.run(Main.Goal.TRAIN));
    assertTrue(e.subject().contains("training"), e.getMessage());
    assertTrue(e.remedy().contains("covid.learningRate"), e.getMessage());
    try (Stream<Path> files = Files.walk(basedir.resolve("mlruns/1"), 2)) {
      Path meta =
          files
              .filter(f -> f.endsWith("meta.yaml") && f.getNameCount() > basedir.getNameCount() + 3)
              .findFirst()
              .orElseThrow();
      assertTrue(Files.readString(meta).contains("status: 4"), Files.readString(meta));
    }
    assertFalse(Files.exists(basedir.resolve("target")));
  }
}
