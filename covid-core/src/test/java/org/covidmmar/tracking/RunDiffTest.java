package org.covidmmar.tracking;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.covidmmar.Fingerprint;
import org.covidmmar.tracking.RunDiff.Item;
import org.covidmmar.tracking.RunDiff.Verdict;
import org.covidmmar.training.TrainingEvent;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RunDiffTest {
  @TempDir Path basedir;

  /** A finished run with these values of a metric after its epochs. */
  private RunFolder run(String metric, Double... values) {
    try (RunJournal journal = RunJournal.begin(basedir, "a", "r", Clock.systemUTC())) {
      for (int epoch = 1; epoch <= values.length; epoch++) {
        Double value = values[epoch - 1];
        Map<String, Double> said = value == null ? Map.of() : Map.of(metric, value);
        journal.on(
            new TrainingEvent.EpochDone(
                epoch, new TreeMap<>(said), false, Fingerprint.of("weights")));
      }
      journal.end(RunJournal.Status.FINISHED);
      return new RunFolder(journal.folder());
    }
  }

  private static List<Item> between(RunFolder first, RunFolder second, int epochs) {
    return RunDiff.between(first, second, epochs).stream()
        .filter(item -> !item.name().startsWith("weights"))
        .toList();
  }

  private List<Item> ofLoss(List<Double> first, List<Double> second) {
    return between(
        run("train/loss", first.toArray(Double[]::new)),
        run("train/loss", second.toArray(Double[]::new)),
        Integer.MAX_VALUE);
  }

  @Test
  void theLastValueIsShownWhereAllAreTheSame() {
    assertEquals(
        List.of(new Item("train/loss", Verdict.IDENTICAL, "0.25 (epoch 2)", "0.25 (epoch 2)")),
        ofLoss(List.of(0.5, 0.25), List.of(0.5, 0.25)));
  }

  @Test
  void theEpochIsShownWhereTheyAreFurthestApart() {
    assertEquals(
        List.of(new Item("train/loss", Verdict.DIFFERENT, "0.25 (epoch 2)", "0.75 (epoch 2)")),
        ofLoss(List.of(0.5, 0.25, 0.125), List.of(0.5001, 0.75, 0.125)));
    assertEquals(Verdict.WITHIN_TOLERANCE, ofLoss(List.of(0.5), List.of(0.5001)).get(0).verdict());
  }

  @Test
  void aRunThatEndedEarlierIsDifferentFromThere() {
    assertEquals(
        List.of(new Item("train/loss", Verdict.DIFFERENT, "– (epoch 2)", "0.25 (epoch 2)")),
        ofLoss(List.of(0.5), List.of(0.5, 0.25, 0.125)));
  }

  @Test
  void notANumberIsTheSameAsItselfAndNothingElse() {
    assertEquals(
        Verdict.IDENTICAL, ofLoss(List.of(Double.NaN), List.of(Double.NaN)).get(0).verdict());
    assertEquals(Verdict.DIFFERENT, ofLoss(List.of(Double.NaN), List.of(0.5)).get(0).verdict());
    assertEquals(
        Verdict.IDENTICAL,
        ofLoss(List.of(Double.POSITIVE_INFINITY), List.of(Double.POSITIVE_INFINITY))
            .get(0)
            .verdict());
  }

  @Test
  void anotherLearningRateIsDifferentHoweverSmall() {
    List<Item> items =
        between(run("learning_rate", 5e-6), run("learning_rate", 1e-5), Integer.MAX_VALUE);
    assertEquals(
        List.of(
            new Item("learning_rate", Verdict.DIFFERENT, "5.0E-6 (epoch 1)", "1.0E-5 (epoch 1)")),
        items);
  }

  @Test
  void ofAMetricWithoutAValueSoFarNothingIsSaid() {
    RunFolder first = run("val/auc", null, 0.5);
    RunFolder second = run("val/auc", null, 0.75);
    assertEquals(List.of(), between(first, second, 1));
    assertEquals(Verdict.DIFFERENT, between(first, second, 2).get(0).verdict());
  }
}
