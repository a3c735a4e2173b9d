package org.covidmmar.tracking;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.covidmmar.training.TrainingEvent;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Against a real MLflow server. */
@Tag("peers")
class MlflowSyncPeersTest {
  @TempDir static Path serverFolder;
  private static ServerProcess server;

  @TempDir Path basedir;

  @BeforeAll
  static void start() {
    server = ServerProcess.onSqlite(serverFolder).start();
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  private static MlflowAccess access() {
    return MlflowAccess.of(Map.of("MLFLOW_TRACKING_URI", server.uri())).orElseThrow();
  }

  private static ServerContent content() {
    return new ServerContent(server.uri());
  }

  @Test
  void theServerHoldsWhatTheJournalHoldsAtEachStage() throws Exception {
    List<String> warnings = new ArrayList<>();
    try (SampleJournal run = new SampleJournal(basedir, "stages: 100 % \"ü\"", 1);
        MlflowSync sync = new MlflowSync(access(), warnings::add)) {
      assertEquals(MlflowSync.Outcome.COMPLETE, sync.send(run.folder, 0));
      content().assertIsRun(run.folder, 0);
      run.epochs(300);
      sync.send(run.folder, 299);
      content().assertIsRun(run.folder, 299);
      long before = sync.acknowledged();
      sync.send(run.folder, 299);
      assertEquals(before, sync.acknowledged(), "nothing to send");
      run.finish();
      sync.send(run.folder, Integer.MAX_VALUE);
      content().assertIsJournal(basedir);
      assertEquals(1, warnings.size(), "its model is random bytes");
      run.artifact("report.html", 77);
      run.journal.tag("mlflow.note.content", "other");
    }
    try (MlflowSync again = new MlflowSync(access(), text -> {})) {
      again.send(RunFolder.all(basedir).get(0), Integer.MAX_VALUE);
      content().assertIsJournal(basedir);
    }
  }

  @Test
  void whoSendsLiveIsToldThatTheModelIsDamaged() {
    List<String> warnings = new ArrayList<>();
    try (SampleJournal run = new SampleJournal(basedir, "live", 5);
        LiveSync live = new LiveSync(access(), run.folder.path(), warnings::add)) {
      run.epochs(1).finish();
      live.on(new TrainingEvent.BatchDone(1, 1, 1, 0.5));
    }
    assertEquals(1, warnings.size(), warnings::toString);
    assertTrue(warnings.get(0).contains("model is damaged"), warnings::toString);
  }

  @Test
  void aLostMarkMakesNothingTwice() throws Exception {
    try (SampleJournal run = new SampleJournal(basedir, "lost mark", 2)) {
      run.epochs(3).finish();
      for (int i = 0; i < 2; i++) {
        try (MlflowSync sync = new MlflowSync(access(), text -> {})) {
          sync.send(run.folder, Integer.MAX_VALUE);
        }
        content().assertIsJournal(basedir);
        try (var marks = Files.list(SyncMark.folder(run.folder.path()))) {
          for (Path mark : marks.toList()) {
            Files.delete(mark);
          }
        }
      }
    }
  }

  @Test
  void aRunDeletedOnTheServerIsLeftSo() throws Exception {
    try (SampleJournal run = new SampleJournal(basedir, "deleted", 3);
        MlflowSync sync = new MlflowSync(access(), text -> {})) {
      sync.send(run.folder, 0);
      String id = content().runs("deleted", "").get(0).path("info").path("run_id").asText();
      try (MlflowServer direct = new MlflowServer(access())) {
        direct.call(
            client -> {
              client.deleteRun(id);
              return id;
            });
      }
      try (MlflowSync later = new MlflowSync(access(), text -> {})) {
        assertEquals(MlflowSync.Outcome.DELETED, later.send(run.folder, 0));
      }
      assertEquals(0, content().runs("deleted", "").size());
    }
  }

  @Test
  void aServerThatKeepsArtifactsElsewhereIsSaidSo() {
    Path folder = basedir.resolve("server");
    try (ServerProcess other =
            new ServerProcess(
                    folder,
                    "server",
                    "--workers",
                    "1",
                    "--backend-store-uri",
                    "sqlite:///" + folder.resolve("mlflow.db"),
                    "--no-serve-artifacts",
                    "--default-artifact-root",
                    "s3://bucket/root")
                .start();
        SampleJournal run = new SampleJournal(basedir, "elsewhere", 4);
        MlflowSync sync =
            new MlflowSync(
                MlflowAccess.of(Map.of("MLFLOW_TRACKING_URI", other.uri())).orElseThrow(),
                text -> {})) {
      run.epochs(1);
      ServerException e =
          assertThrows(ServerException.class, () -> sync.send(run.folder, Integer.MAX_VALUE));
      assertTrue(e.getMessage().contains("--serve-artifacts"), e.getMessage());
    }
  }
}
