package org.covidmmar.tracking;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.covidmmar.CovidException;
import org.covidmmar.tracking.RunJournal.Status;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RunFolderTest {
  @TempDir Path basedir;

  private RunJournal begin(String experiment, long millis) {
    Clock clock = Clock.fixed(Instant.ofEpochMilli(millis), ZoneOffset.UTC);
    return RunJournal.begin(basedir, experiment, "run at " + millis, clock);
  }

  @Test
  void whatTheJournalWroteIsRead() {
    RunJournal journal = begin("lung: ü", 1000);
    journal.param("training.epochs", "3");
    journal.tag("note", "two\nlines");
    journal.metric("val/auc", 0.5, 1);
    journal.metric("val/auc", 0.75, 2);
    journal.metric("val/auc", 0.875, 2);
    journal.metric("loss", Double.NaN, 1);
    RunFolder run = new RunFolder(journal.folder());

    assertEquals(Optional.empty(), run.meta().end());
    assertEquals(Status.RUNNING, run.meta().status());
    journal.end(Status.FAILED);
    assertEquals(
        new RunFolder.Meta(
            journal.folder().getFileName().toString(),
            "run at 1000",
            "lung: ü",
            Status.FAILED,
            Instant.ofEpochMilli(1000),
            Optional.of(Instant.ofEpochMilli(1000))),
        run.meta());
    assertEquals(Map.of("training.epochs", "3"), run.params());
    assertEquals("two\nlines", run.tags().get("note"));
    assertEquals(
        Map.of("val/auc", Map.of(1, 0.5, 2, 0.875), "loss", Map.of(1, Double.NaN)), run.metrics());
  }

  @Test
  void aTornLastLineIsLeftOutAndAnyOtherBadLineRefused() throws IOException {
    RunJournal journal = begin("a", 1000);
    journal.metric("val/auc", 0.5, 1);
    Path file = journal.folder().resolve("metrics/val/auc");
    Files.writeString(file, "2000 0.6", StandardOpenOption.APPEND);
    RunFolder run = new RunFolder(journal.folder());
    assertEquals(Map.of(1, 0.5), run.metrics().get("val/auc"));
    Files.writeString(file, "\n", StandardOpenOption.APPEND);
    CovidException e = assertThrows(CovidException.class, run::metrics);
    assertTrue(e.getMessage().contains("2000 0.6"), e.getMessage());
  }

  @Test
  void finishedRunsOfTheExperimentAreListedNewestFirst() {
    RunJournal first = begin("a", 1000);
    RunJournal third = begin("a", 3000);
    RunJournal second = begin("a", 2000);
    RunJournal failed = begin("a", 2500);
    RunJournal other = begin("b", 1500);
    List.of(first, second, third, other).forEach(j -> j.end(Status.FINISHED));
    failed.end(Status.FAILED);
    RunFolder newest = new RunFolder(third.folder());
    List<RunFolder> earlier =
        List.of(new RunFolder(second.folder()), new RunFolder(first.folder()));
    assertEquals(newest, RunFolder.finished(basedir, "a").get(0));
    assertEquals(3, RunFolder.finished(basedir, "a").size());
    assertEquals(List.of(), RunFolder.finished(basedir, "c"));
    assertEquals(earlier, newest.earlierFinished());
  }

  @Test
  void aFolderThatIsNoRunIsRefused() {
    RunFolder none = new RunFolder(basedir);
    assertTrue(assertThrows(CovidException.class, none::meta).getMessage().contains("is no run"));
  }
}
