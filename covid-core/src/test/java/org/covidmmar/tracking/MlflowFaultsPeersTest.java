package org.covidmmar.tracking;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.commons.rng.UniformRandomProvider;
import org.covidmmar.Seeds;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A real MLflow server behind a network that fails. */
@Tag("peers")
class MlflowFaultsPeersTest {
  private static final Duration PATIENCE = Duration.ofSeconds(5);
  private static final int RESTART_EVERY = 300;

  @TempDir Path folder;

  @Test
  void fiftyFaults() throws Exception {
    survives(50);
  }

  @Test
  @Tag("long")
  void aThousandFaults() throws Exception {
    survives(1000);
  }

  /** The client sends a request three times where it is answered by 500. */
  @Test
  void whatTheClientRepeatsIsThereOnce() throws Exception {
    Path basedir = folder.resolve("experiment");
    try (ServerProcess server = ServerProcess.onSqlite(folder.resolve("server")).start();
        FaultProxy proxy = new FaultProxy(server.port(), 1)) {
      MlflowAccess access = MlflowAccess.of(Map.of("MLFLOW_TRACKING_URI", proxy.uri())).get();
      int number = 0;
      for (String path :
          List.of(
              "experiments/create",
              "runs/create",
              "runs/log-batch",
              "runs/log-inputs",
              "runs/update",
              "PUT ",
              "mlflow/logged-models HTTP",
              "PATCH ",
              "runs/outputs",
              "registered-models/create",
              "model-versions/create")) {
        // Each in an experiment of its own, so that everything has to be made.
        try (SampleJournal run = new SampleJournal(basedir, "repeated " + number, number++)) {
          run.epochs(2).finish();
          proxy.answer500(path);
          send(access, run);
          proxy.answer500("");
          send(access, run);
        }
      }
      new ServerContent(server.uri()).assertIsJournal(basedir);
    }
  }

  private void survives(int faults) throws Exception {
    Path basedir = folder.resolve("experiment");
    UniformRandomProvider random = new Seeds(7).child("events").generator();
    try (ServerProcess server = ServerProcess.onSqlite(folder.resolve("server")).start();
        FaultProxy proxy = new FaultProxy(server.port(), 1)) {
      MlflowAccess access = MlflowAccess.of(Map.of("MLFLOW_TRACKING_URI", proxy.uri())).get();
      proxy.rate(0.25);
      int runs = 0;
      int restarts = 0;
      List<SampleJournal> open = new ArrayList<>();
      while (proxy.faults() < faults) {
        if (open.size() < 3) {
          open.add(new SampleJournal(basedir, "faulty " + runs % 2, runs++));
        }
        if (proxy.faults() >= RESTART_EVERY * (restarts + 1) - RESTART_EVERY + 25) {
          restarts++;
          server.kill();
          send(access, open.get(0));
          server.start();
        }
        SampleJournal run = open.get(random.nextInt(open.size()));
        if (run.epochs() > 12) {
          run.finish();
          open.remove(run);
        } else {
          run.epochs(1);
        }
        send(access, run);
        if (random.nextInt(10) == 0) {
          forgetMarks(run);
        }
      }
      open.forEach(SampleJournal::finish);
      proxy.rate(0);
      try (MlflowSync last = new MlflowSync(access, text -> {})) {
        for (RunFolder run : RunFolder.all(basedir)) {
          assertEquals(
              MlflowSync.Outcome.COMPLETE, last.send(run, MlflowSync.lastSettledEpoch(run)));
        }
      }
      new ServerContent(server.uri()).assertIsJournal(basedir);
      assertTrue(restarts > 0);
      System.out.println(
          proxy.faults()
              + " faults in "
              + runs
              + " runs, server killed "
              + restarts
              + " times: "
              + proxy.counts());
    }
  }

  private static void send(MlflowAccess access, SampleJournal run) {
    try (MlflowSync sync = new MlflowSync(new MlflowServer(access, PATIENCE), text -> {})) {
      sync.send(run.folder, run.epochs());
    } catch (ServerException e) {
      // What these faults are for.
    }
  }

  private static void forgetMarks(SampleJournal run) throws Exception {
    try (var files = Files.list(SyncMark.folder(run.folder.path()))) {
      for (Path mark : files.filter(f -> f.toString().endsWith(".json")).toList()) {
        Files.delete(mark);
      }
    }
  }
}
