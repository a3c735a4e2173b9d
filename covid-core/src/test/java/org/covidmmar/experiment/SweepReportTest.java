package org.covidmmar.experiment;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.covidmmar.CovidException;
import org.covidmmar.config.Grid;
import org.covidmmar.evaluation.Evaluation;
import org.covidmmar.evaluation.ScoredCase;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SweepReportTest {
  @TempDir Path folder;

  /** Of four cases, so many of the two negatives scored above every positive. */
  private static Evaluation evaluation(int wrong) {
    List<ScoredCase> cases = new ArrayList<>();
    for (int i = 0; i < 2; i++) {
      cases.add(ScoredCase.of("p" + i, "p.nii", 0.6f, 1));
      cases.add(ScoredCase.of("n" + i, "n.nii", i < wrong ? 0.9f : 0.1f, 0));
    }
    return Evaluation.of(cases, 0.5f);
  }

  private static SweepResult trained(Grid.Point point, String id, Evaluation evaluation) {
    return new SweepResult(
        point, SweepResult.State.TRAINED, Path.of("mlruns/1", id), "3", evaluation, null);
  }

  private static SweepReport report(String text, Evaluation... evaluations) {
    Grid grid = Grid.parse(text);
    List<SweepResult> results = new ArrayList<>();
    for (int i = 0; i < evaluations.length; i++) {
      Grid.Point point = grid.points().get(i);
      results.add(
          evaluations[i] == null
              ? SweepResult.failed(point, new CovidException("training", "a, \"b\"", "mend"))
              : trained(point, "r" + i, evaluations[i]));
    }
    return new SweepReport(grid, results);
  }

  @Test
  void aLineAPointAndMeansOverSeeds() throws IOException {
    SweepReport report =
        report(
            "learningRate=1e-4,1e-5;seed=0,1", evaluation(0), evaluation(1), evaluation(1), null);
    report.write(folder);
    List<String> points = Files.readAllLines(folder.resolve("sweep.csv"));
    assertEquals(
        "learningRate,seed,best_epoch,auc,auc_low,auc_high,accuracy,sensitivity,specificity,run,state,failure",
        points.get(0));
    assertEquals("1e-4,0,3,1.0,,,1.0,1.0,1.0,r0,trained,", points.get(1));
    assertTrue(points.get(2).startsWith("1e-4,1,3,0.5,0.0,1.0,0.75,1.0,0.5,r1,"), points.get(2));
    assertEquals("1e-5,1,,,,,,,,,failed,\"training: a, \"\"b\"\" -> mend\"", points.get(4));
    List<String> summary = Files.readAllLines(folder.resolve("summary.csv"));
    assertEquals("learningRate,figure,n,mean,sd,low,high", summary.get(0));
    assertTrue(summary.get(1).startsWith("1e-4,auc,2,0.75,0.35355339059327"), summary.get(1));
    assertTrue(summary.get(2).startsWith("1e-4,accuracy,2,0.875,0.17677669529663"), summary.get(2));
    assertEquals("1e-5,auc,1,0.5,,,", summary.get(3));
    List<List<String>> rows = report.tables().get(1).rows();
    assertEquals(
        List.of("learningRate=1e-4", "2 of 2", "0.7500", "0.3536"), rows.get(0).subList(0, 4));
    assertEquals("-2.4266 to 3.9266", rows.get(0).get(4));
    assertEquals(
        List.of("learningRate=1e-5", "1 of 2", "0.5000", "", ""), rows.get(1).subList(0, 5));
  }

  @Test
  void withoutSeedsThereIsNoMean() throws IOException {
    Files.writeString(folder.resolve("summary.csv"), "of an earlier sweep");
    SweepReport report = report("epochs=1,2", evaluation(0), evaluation(1));
    report.write(folder);
    assertEquals(1, report.tables().size());
    assertFalse(Files.exists(folder.resolve("summary.csv")));
  }

  @Test
  void seedsAloneAreOneLine() throws IOException {
    SweepReport report = report("seed=1,2,3", evaluation(0), null, evaluation(1));
    report.write(folder);
    List<String> summary = Files.readAllLines(folder.resolve("summary.csv"));
    assertEquals(3, summary.size());
    assertTrue(summary.get(1).startsWith("auc,2,0.75,"), summary.get(1));
    assertEquals("all", report.tables().get(1).rows().get(0).get(0));
  }

  @Test
  void wherePointsAllFailedThereIsNothingToAverage() throws IOException {
    Files.writeString(folder.resolve("report.html"), "of an earlier sweep");
    SweepReport report = report("seed=1,2", null, null);
    report.write(folder);
    report.writeComparison(folder);
    assertFalse(Files.exists(folder.resolve("report.html")));
    List<String> summary = Files.readAllLines(folder.resolve("summary.csv"));
    assertEquals(List.of("auc,0,,,,", "accuracy,0,,,,"), summary.subList(1, 3));
    assertEquals("0 of 2", report.tables().get(1).rows().get(0).get(1));
  }

  @Test
  void rowsAreAsWideAsTheHeader() {
    for (Message.Table table : report("epochs=1,2;seed=0", evaluation(0), null).tables()) {
      table.rows().forEach(row -> assertEquals(table.header().size(), row.size()));
    }
  }
}
