package org.covidmmar.tracking;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import org.covidmmar.Peers;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** MLflow reads a journal as it lies on disk. */
@Tag("peers")
class JournalReadByMlflowPeersTest {
  private static final String EXPERIMENT = "lungs: ü";

  @TempDir Path basedir;

  @Test
  void aFinishedARunningAndAKilledRunAreReadAsTheyAre() throws Exception {
    try (SampleJournal finished = new SampleJournal(basedir, EXPERIMENT, 1);
        SampleJournal running = new SampleJournal(basedir, EXPERIMENT, 2)) {
      finished.epochs(5).finish();
      running.epochs(3);
      try (SampleJournal killed = new SampleJournal(basedir, EXPERIMENT, 3)) {
        killed.epochs(4);
        Files.writeString(killed.folder.path().resolve("tags/.x.0.part"), "torn");
      }
      Path left = folder("run: ü 3");
      RunJournal.endIfLeft(left, Clock.systemUTC());
      try (ServerProcess files =
          new ServerProcess(basedir, "--env-file", "mlflow.env", "ui", "--workers", "1").start()) {
        assertShows(files);
      }
      migrate();
      try (ServerProcess database =
          new ServerProcess(
                  basedir,
                  "server",
                  "--workers",
                  "1",
                  "--backend-store-uri",
                  "sqlite:///migrated.db")
              .start()) {
        assertShows(database);
      }
    }
  }

  private void migrate() throws Exception {
    Process migration =
        new ProcessBuilder(
                Peers.pythonOfMlflow().toString(),
                "-m",
                "mlflow",
                "migrate-filestore",
                "--source",
                ".",
                "--target",
                "sqlite:///migrated.db")
            .directory(basedir.toFile())
            .redirectErrorStream(true)
            .redirectOutput(basedir.resolve("migration.log").toFile())
            .start();
    assertEquals(0, migration.waitFor(), () -> basedir.resolve("migration.log").toString());
  }

  private Path folder(String name) {
    return RunFolder.all(basedir).stream()
        .filter(run -> run.meta().name().equals(name))
        .findFirst()
        .orElseThrow()
        .path();
  }

  private void assertShows(ServerProcess server) throws Exception {
    ServerContent content = new ServerContent(server.uri());
    SortedMap<String, String> found = new TreeMap<>();
    for (JsonNode run : content.runs(EXPERIMENT, "")) {
      JsonNode info = run.path("info");
      found.put(info.path("run_name").asText(), info.path("status").asText());
    }
    assertEquals("{run: ü 1=FINISHED, run: ü 2=RUNNING, run: ü 3=KILLED}", found.toString());
    for (RunFolder run : RunFolder.all(basedir)) {
      String id = run.meta().id();
      assertEquals(
          run.params(),
          ServerContent.pairs(
              content
                  .get("/api/2.0/mlflow/runs/get?run_id=" + id)
                  .path("run")
                  .path("data")
                  .path("params")));
      content.assertMetrics(run, id, Integer.MAX_VALUE);
      JsonNode artifacts = content.get("/api/2.0/mlflow/artifacts/list?run_id=" + id);
      List<String> names =
          artifacts.path("files").findValuesAsText("path").stream().sorted().toList();
      assertEquals(true, names.contains("provenance.json"), artifacts::toString);
    }
  }
}
