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
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
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

  private static Clock at(long millis) {
    return Clock.fixed(Instant.ofEpochMilli(millis), ZoneOffset.UTC);
  }

  @Test
  void aRunThatWasTakenUpAgainIsNewerThanOneThatEndedMeanwhile() {
    RunJournal killed = begin("a", 1000);
    killed.close();
    RunJournal other = begin("a", 2000);
    other.end(Status.FINISHED);
    RunJournal again = RunJournal.resume(killed.folder(), at(3000)).orElseThrow();
    again.end(Status.FINISHED);

    assertEquals(Optional.of(killed.folder()), RunJournal.newestFinished(basedir, "a"));
    assertEquals(
        List.of(new RunFolder(other.folder())), new RunFolder(killed.folder()).earlierFinished());
  }

  @Test
  void aClockThatGoesBackDoesNotTurnTheOrderOfRuns() {
    RunJournal first = begin("a", 5000);
    first.metric("loss", 1, 1);
    first.end(Status.FINISHED);
    RunJournal second = begin("a", 1000);
    second.end(Status.FINISHED);
    RunJournal third = begin("a", 2000);
    third.end(Status.FINISHED);
    RunJournal other = begin("b", 1000);
    assertEquals(Instant.ofEpochMilli(1000), new RunFolder(other.folder()).meta().start());
    assertEquals(
        List.of(third.folder(), second.folder(), first.folder()),
        RunJournal.finished(basedir, "a"));
    List<Instant> starts =
        Stream.of(first, second, third).map(j -> new RunFolder(j.folder()).meta().start()).toList();
    assertEquals(starts.stream().sorted().distinct().toList(), starts);
    assertEquals(
        List.of(new RunFolder(first.folder())), new RunFolder(second.folder()).earlierFinished());
  }

  @Test
  void theTimesOfARunNeverGoBackAlsoWhenItIsTakenUpAgain() throws IOException {
    long[] now = {5000};
    Clock clock =
        new Clock() {
          @Override
          public Instant instant() {
            return Instant.ofEpochMilli(now[0]);
          }

          @Override
          public ZoneOffset getZone() {
            return ZoneOffset.UTC;
          }

          @Override
          public Clock withZone(java.time.ZoneId zone) {
            return this;
          }
        };
    RunJournal journal = RunJournal.begin(basedir, "a", "r", clock);
    now[0] = 7000;
    journal.metric("loss", 1, 1);
    now[0] = 6000;
    journal.metric("loss", 0.5, 2);
    journal.close();
    now[0] = 1000;
    RunJournal again = RunJournal.resume(journal.folder(), clock).orElseThrow();
    again.metric("loss", 0.25, 3);
    again.end(Status.FINISHED);
    assertEquals(
        List.of("7000 1.0 1", "7000 0.5 2", "7000 0.25 3"),
        Files.readAllLines(journal.folder().resolve("metrics/loss")));
    assertEquals(
        Optional.of(Instant.ofEpochMilli(7000)), new RunFolder(journal.folder()).meta().end());
  }

  @Test
  void aRunThatAnotherProcessFinishedMeanwhileStaysFinished() {
    RunJournal journal = begin("a", 1000);
    journal.end(Status.FINISHED);
    journal.close();
    RunFolder run = new RunFolder(journal.folder());

    assertEquals(Optional.empty(), RunJournal.resume(run.path(), at(2000)));
    RunJournal.endIfLeft(run.path(), at(2000));
    assertEquals(Status.FINISHED, run.meta().status());
    assertEquals(Optional.of(Instant.ofEpochMilli(1000)), run.meta().end());
  }

  @Test
  void aRunThatCannotBeReadIsLetGoOf() throws IOException {
    RunJournal journal = begin("a", 1000);
    journal.close();
    Path meta = journal.folder().resolve("meta.yaml");
    String whole = Files.readString(meta);
    Files.writeString(meta, "[");
    assertThrows(CovidException.class, () -> RunJournal.resume(journal.folder(), at(2000)));
    Files.writeString(meta, whole);
    RunJournal.resume(journal.folder(), at(2000)).orElseThrow().close();
  }

  @Test
  void aRunThatMlflowMarkedAsDeletedIsNotTaken() throws IOException {
    RunJournal journal = begin("a", 1000);
    journal.end(Status.FINISHED);
    Path meta = journal.folder().resolve("meta.yaml");
    Files.writeString(
        meta,
        Files.readString(meta).replace("lifecycle_stage: active", "lifecycle_stage: deleted"));
    assertEquals(List.of(), RunFolder.finished(basedir, "a"));
  }

  @Test
  void runsBegunAtOnceShareTheirExperiment() throws Exception {
    int writers = 8;
    ExecutorService pool = Executors.newFixedThreadPool(writers);
    try {
      for (int round = 0; round < 5; round++) {
        String experiment = "experiment " + round;
        CyclicBarrier start = new CyclicBarrier(writers);
        Callable<Path> begin =
            () -> {
              start.await();
              return begin(experiment, 1000).folder().getParent();
            };
        Set<Path> folders = new HashSet<>();
        for (Future<Path> f : pool.invokeAll(Collections.nCopies(writers, begin))) {
          folders.add(f.get());
        }
        assertEquals(1, folders.size(), folders.toString());
      }
    } finally {
      pool.shutdownNow();
    }
    try (Stream<Path> left = Files.list(basedir.resolve("mlruns"))) {
      assertEquals(5, left.count());
    }
  }

  @Test
  void aFolderThatIsNoRunIsRefused() {
    RunFolder none = new RunFolder(basedir);
    assertTrue(assertThrows(CovidException.class, none::meta).getMessage().contains("is no run"));
  }
}
