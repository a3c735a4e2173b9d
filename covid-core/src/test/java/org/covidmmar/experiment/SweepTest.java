package org.covidmmar.experiment;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.covidmmar.CovidException;
import org.covidmmar.config.ExperimentConfig;
import org.covidmmar.config.Grid;
import org.covidmmar.config.Settings;
import org.covidmmar.tracking.RunFolder;
import org.covidmmar.tracking.RunJournal;
import org.covidmmar.transform.Orient;
import org.covidmmar.transform.Step;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SweepTest {
  @TempDir Path basedir;

  /** What the runner was asked for. */
  private final List<String> asked = new ArrayList<>();

  private List<Step> preTransforms;

  private Sweep sweep(TinyStudy study, String text, boolean force) {
    Grid grid = Grid.parse(text);
    List<Request> requests =
        grid.points().stream()
            .map(point -> new Request(config(study, point), basedir, Map.of()))
            .toList();
    return new Sweep(
        grid,
        requests,
        force,
        (goal, request, forced) -> {
          asked.add(
              goal.lowerCase()
                  + " "
                  + request.config().optimization().learningRate()
                  + " "
                  + request.config().training().seed()
                  + (forced ? " forced" : ""));
          goal.run(request, forced, study.messages::add);
        },
        study.messages::add);
  }

  private ExperimentConfig config(TinyStudy study, Grid.Point point) {
    Map<String, String> properties = new HashMap<>(study.properties());
    point.values().forEach((setting, text) -> properties.put(setting.property(), text));
    return ExperimentConfig.of(Settings.of(properties), "tiny", preTransforms);
  }

  private TinyStudy study() {
    return new TinyStudy(basedir).set("covid.epochs", "1");
  }

  @Test
  void aPointThatFailsLeavesTheOthersAndNothingIsTrainedTwice() throws IOException {
    TinyStudy study = study();
    Sweep sweep = sweep(study, "learningRate=1e30,1e-3;seed=1", false);
    CovidException e = assertThrows(CovidException.class, sweep::run);
    assertTrue(e.problem().startsWith("1 of 2 points failed:"), e.getMessage());
    assertTrue(e.getMessage().contains("- learningRate=1e30 seed=1: "), e.getMessage());
    assertFalse(e.getMessage().contains("1e-3"), e.getMessage());
    assertEquals(
        List.of("train 1.0E30 1 forced", "train 0.001 1 forced", "validate 0.001 1"), asked);
    List<Path> runs = RunJournal.finished(basedir, "tiny");
    assertEquals(1, runs.size());
    assertEquals("learningRate=1e-3 seed=1", tag(runs.get(0), Sweep.POINT_TAG));
    assertEquals(sweep.grid().id(), tag(runs.get(0), Sweep.TAG));
    assertTrue(
        said(study, "sweep 2/2: learningRate=1e-3 seed=1; about "), study.messages::toString);
    assertEquals(basedir.resolve("target/covid/sweep"), study.lastPath());

    String page = Files.readString(basedir.resolve("target/covid/sweep/report.html"));
    assertTrue(page.contains(runs.get(0).getFileName().toString().substring(0, 8)));

    asked.clear();
    assertThrows(CovidException.class, sweep::run);
    assertEquals(List.of("train 1.0E30 1 forced", "validate 0.001 1"), asked);
    assertEquals(runs, RunJournal.finished(basedir, "tiny"));
    assertTrue(said(study, "validate: up to date"), study.messages::toString);
    List<String> points = Files.readAllLines(basedir.resolve("target/covid/sweep/sweep.csv"));
    assertTrue(points.get(1).startsWith("1e30,1,,,,,,,,,failed,"), points.get(1));
    assertTrue(points.get(2).contains(runs.get(0).getFileName() + ",up to date,"), points.get(2));
  }

  @Test
  void forceRunsAllAnewAndARunOfTrainCounts() {
    TinyStudy study = study().set("covid.seed", "7");
    study.run(Main.Goal.TRAIN);
    Path run = study.lastPath();
    sweep(study, "seed=7", false).run();
    assertEquals(List.of("validate 0.001 7"), asked);
    assertEquals("seed=7", tag(run, Sweep.POINT_TAG));

    asked.clear();
    sweep(study, "seed=7", true).run();
    assertEquals(List.of("train 0.001 7 forced", "validate 0.001 7 forced"), asked);
    assertEquals(2, RunJournal.finished(basedir, "tiny").size());
  }

  @Test
  void changedDataIsTrainedAgain() throws IOException {
    TinyStudy study = study();
    sweep(study, "seed=0", false).run();
    Files.copy(
        study.data().resolve("training0.nii.gz"),
        study.data().resolve("training2.nii.gz"),
        java.nio.file.StandardCopyOption.REPLACE_EXISTING);
    asked.clear();
    CovidException e =
        assertThrows(CovidException.class, () -> sweep(study, "seed=0", false).run());
    assertEquals(List.of("train 0.001 0 forced"), asked, e.getMessage());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '!',
      value = {
        "keyMetric=val/loss;batchSize=2,3!validation!covid.batchSize",
        "seed=0!tesing!tesing",
        "dataset=dataset.json,missing.json!validation!missing.json",
        "pretrained=missing.safetensors!validation!missing.safetensors",
      })
  void whatIsKnownToFailIsSaidBeforeAnythingRuns(String grid, String list, String named) {
    TinyStudy study = study().set("covid.list", list);
    CovidException e = assertThrows(CovidException.class, () -> sweep(study, grid, false).run());
    assertTrue(e.getMessage().contains(named), e.getMessage());
    assertEquals(List.of(), asked);
    assertFalse(Files.exists(basedir.resolve("mlruns")));
  }

  @Test
  void whatPreTransformsReplaceIsNotSwept() {
    preTransforms = List.of(new Orient());
    Sweep sweep = sweep(study(), "recipe=mmar,naturecomm;augmentation=none;seed=1", false);
    CovidException e = assertThrows(CovidException.class, sweep::run);
    assertTrue(e.problem().startsWith("2 problems"), e.getMessage());
    assertTrue(e.getMessage().contains("recipe has no effect"), e.getMessage());
  }

  private static String tag(Path run, String name) {
    return new RunFolder(run).tags().get(name);
  }

  private static boolean said(TinyStudy study, String beginning) {
    return study.messages.stream()
        .anyMatch(m -> m instanceof Message.Line line && line.text().startsWith(beginning));
  }
}
