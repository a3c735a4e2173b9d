package org.covidmmar.experiment;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.covidmmar.report.Browser;
import org.covidmmar.tracking.RunFolder;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Two real runs in MLflow's own pages, as {@code covid:ui} opens them and a browser shows them. */
@Tag("peers")
class MlflowUiBrowserTest {
  private static final String TEXT = "document.body.innerText";

  @TempDir static Path folder;
  private static List<RunFolder> runs;
  private static UiProcess ui;
  private static Browser browser;

  @BeforeAll
  static void start() throws IOException {
    TinyStudy study = new TinyStudy(folder.resolve("study"));
    for (String n : List.of("1", "2")) {
      study.set("covid.seed", n).set("covid.learningRate", n + "e-3");
      study.run(Main.Goal.TRAIN);
      study.run(Main.Goal.VALIDATE);
      study.run(Main.Goal.REPORT);
    }
    runs = RunFolder.finished(study.basedir, study.config().experiment());
    assertEquals(2, runs.size());
    ui = UiProcess.withMlflow(study.basedir, study.config()).awaitPages();
    browser = new Browser(Files.createDirectory(folder.resolve("profile")));
    browser.resize(1400, 900);
    closeAssistant();
  }

  @AfterAll
  static void end() throws Exception {
    try (UiProcess process = ui;
        Browser used = browser) {
      if (used != null) {
        process.interrupt();
      }
    }
  }

  /** Beside what is looked at, MLflow opens an assistant, until it was closed once. */
  private static void closeAssistant() {
    browser.open(ui.link("runs"));
    String close = "button[aria-label=\"Close\"]";
    browser.await("document.querySelector('" + close + "')");
    browser.click(close);
    browser.await("!document.querySelector('" + close + "')");
  }

  private static void awaitTexts(String... texts) {
    for (String text : texts) {
      browser.await(TEXT + ".includes('" + text + "')");
    }
  }

  private static String[] names() {
    return runs.stream().map(run -> run.meta().name()).toArray(String[]::new);
  }

  private static void picture(String name) throws IOException {
    Files.write(Path.of("target/mlflow-" + name + ".png"), browser.screenshot());
  }

  @Test
  void theTableHasBothRunsAndTheChartsTheirCurves() throws IOException {
    browser.open(ui.link("runs"));
    awaitTexts(names());
    awaitTexts("2 matching runs", "covid:train", "dataset.json training");
    picture("runs");
    browser.click("label:has(input[value=\"CHART\"])");
    awaitTexts(names());
    awaitTexts("train/loss", "train/accuracy", "val/auc", "val/loss");
    for (String name : names()) {
      awaitTexts(name + " (train/loss)", name + " (val/auc)");
    }
    browser.await("document.querySelectorAll('.js-plotly-plot .main-svg').length > 4");
    // Without a pointer, as it is here, the charts never fold their tools away.
    browser.eval(
        "document.head.insertAdjacentHTML('beforeend', '<style>.modebar {display: none}</style>')");
    picture("charts");
  }

  @Test
  void theComparisonShowsInWhatTheRunsDiffer() throws IOException {
    browser.open(ui.link("compared"));
    awaitTexts("Comparing 2 Runs from 1 Experiment");
    awaitTexts(names());
    awaitTexts("network.dropout", "val/auc", "val/loss", "train/loss", "report.html");
    browser.click("button[aria-label=\"Parameters - Show diff only\"]");
    browser.await("!" + TEXT + ".includes('network.dropout')");
    String left = browser.eval(TEXT).asText();
    assertTrue(left.contains("optimization.learningRate\t0.002\t0.001"), left);
    assertTrue(left.contains("training.seed\t2\t1"), left);
    assertFalse(left.contains("training.epochs"), left);
    picture("compare");
  }

  @Test
  void aRunsArtifactsAreListedAndOpen() throws IOException {
    String table = ui.link("runs").toString();
    browser.open(ui.link("runs"));
    awaitTexts(names());
    String name = runs.get(0).meta().name();
    String run =
        browser
            .eval(
                "[...document.querySelectorAll('a')].find((a) => a.textContent.includes('"
                    + name
                    + "')).hash")
            .asText();
    assertTrue(run.matches("#/experiments/1/runs/[0-9a-f]{32}.*"), run);
    String artifacts = run.replaceAll("\\?.*", "") + "/artifacts";
    browser.open(
        URI.create(
            table.substring(0, table.indexOf('#')) + artifacts + "?workflowType=machine_learning"));
    select("evaluation");
    select("evaluation/roc.svg");
    browser.await("[...document.querySelectorAll('img')].some((img) => img.naturalWidth === 480)");
    picture("roc");
    select("provenance.json");
    awaitTexts("inputShape", "architecture", "densenet121");
    select("report.html");
    String page = "iframe.mlflow-html-iframe";
    browser.await("document.querySelector('" + page + "')?.src.startsWith('blob:')");
    assertEquals(
        Files.readString(runs.get(0).report()),
        browser
            .eval("fetch(document.querySelector('" + page + "').src).then((shown) => shown.text())")
            .asText());
    picture("artifacts");
  }

  /** Clicks a file in the tree, which folds by and by, once it is where it stays. */
  private static void select(String path) {
    String node = "[artifact-name=\"" + path.substring(path.lastIndexOf('/') + 1) + "\"]";
    browser.await("document.querySelector('" + node + "')");
    browser.await(
        "(() => { const y = document.querySelector('"
            + node
            + "').getBoundingClientRect().y; window.still = y === window.y ? window.still + 1 : 0;"
            + " window.y = y; return window.still > 5; })()");
    browser.click(node);
    awaitTexts("/artifacts/" + path);
  }
}
