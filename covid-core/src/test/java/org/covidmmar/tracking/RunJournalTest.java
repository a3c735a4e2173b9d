package org.covidmmar.tracking;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import org.covidmmar.CovidException;
import org.covidmmar.Fingerprint;
import org.covidmmar.training.TrainingEvent;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RunJournalTest {
  private static final Clock AT_1000 = Clock.fixed(Instant.ofEpochMilli(1000), ZoneOffset.UTC);
  private static final Clock AT_2000 = Clock.fixed(Instant.ofEpochMilli(2000), ZoneOffset.UTC);

  @TempDir Path basedir;

  @Test
  void aRunIsLaidOutAsMlflowReadsIt() throws IOException {
    RunJournal journal = RunJournal.begin(basedir, "lung: ü", "first", AT_1000);
    journal.param("training.epochs", "3");
    TreeMap<String, Double> metrics = new TreeMap<>();
    metrics.put("val/auc", 0.75);
    journal.on(new TrainingEvent.EpochDone(1, metrics, true, Fingerprint.of("1")));
    metrics.put("val/auc", 0.875);
    journal.on(new TrainingEvent.EpochDone(2, metrics, true, Fingerprint.of("2")));
    journal.end(RunJournal.Status.FINISHED);

    Path run = journal.folder();
    assertEquals(
        "mlruns/1/" + run.getFileName(), basedir.relativize(run).toString().replace('\\', '/'));
    assertEquals("3", Files.readString(run.resolve("params/training.epochs")));
    assertEquals(
        List.of("1000 0.75 1", "1000 0.875 2"), Files.readAllLines(run.resolve("metrics/val/auc")));
    assertEquals("first", Files.readString(run.resolve("tags/mlflow.runName")));
    List<String> meta = Files.readAllLines(run.resolve("meta.yaml"));
    assertTrue(meta.contains("artifact_uri: ./mlruns/1/" + run.getFileName() + "/artifacts"));
    assertTrue(meta.contains("experiment_id: \"1\""), meta.toString());
    assertTrue(meta.contains("status: 3"), meta.toString());
    assertTrue(meta.contains("end_time: 1000"), meta.toString());
    List<String> experiment = Files.readAllLines(run.resolveSibling("meta.yaml"));
    assertTrue(experiment.contains("name: \"lung: ü\""), experiment.toString());
  }

  @Test
  void anExperimentKeepsItsFolderAndAnotherGetsAnother() {
    Path first = RunJournal.begin(basedir, "a", "r", AT_1000).folder();
    Path second = RunJournal.begin(basedir, "a", "r", AT_1000).folder();
    Path other = RunJournal.begin(basedir, "b", "r", AT_1000).folder();
    assertEquals(first.getParent(), second.getParent());
    assertNotEquals(first, second);
    assertEquals("2", other.getParent().getFileName().toString());
  }

  @Test
  void theNewestFinishedRunIsFound() {
    RunJournal old = RunJournal.begin(basedir, "a", "old", AT_1000);
    old.end(RunJournal.Status.FINISHED);
    RunJournal newer = RunJournal.begin(basedir, "a", "newer", AT_2000);
    assertEquals(Optional.of(old.folder()), RunJournal.newestFinished(basedir, "a"));
    newer.end(RunJournal.Status.FINISHED);
    assertEquals(Optional.of(newer.folder()), RunJournal.newestFinished(basedir, "a"));
    assertEquals(Optional.empty(), RunJournal.newestFinished(basedir, "b"));
    assertEquals(
        Optional.of(old.folder()), RunJournal.find(basedir, old.folder().getFileName().toString()));
    assertEquals(Optional.empty(), RunJournal.find(basedir, "../../etc"));
  }

  @Test
  void aJournalThatCannotBeWrittenIsSaidByName() throws IOException {
    Files.writeString(basedir.resolve("mlruns"), "a file, not a folder");
    CovidException e =
        assertThrows(CovidException.class, () -> RunJournal.begin(basedir, "a", "r", AT_1000));
    assertTrue(e.subject().endsWith("mlruns"), e.getMessage());
  }

  @Test
  void aDamagedMetaFileIsNamed() throws IOException {
    Path run = RunJournal.begin(basedir, "a", "r", AT_1000).folder();
    Files.writeString(run.resolve("meta.yaml"), "{ not yaml");
    CovidException e =
        assertThrows(CovidException.class, () -> RunJournal.newestFinished(basedir, "a"));
    assertEquals(run.resolve("meta.yaml").toString(), e.subject());
  }
}
