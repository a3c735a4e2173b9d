package org.covidmmar.experiment;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.covidmmar.CovidException;
import org.covidmmar.tracking.MlflowAccess;
import org.covidmmar.tracking.ServerContent;
import org.covidmmar.tracking.ServerProcess;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Goals that send runs to a real MLflow server. */
@Tag("peers")
class SyncPeersTest {
  @TempDir Path folder;

  @Test
  void eachGoalLeavesTheServerAsTheJournal() throws Exception {
    try (ServerProcess server = ServerProcess.onSqlite(folder.resolve("server")).start()) {
      TinyStudy study = study().sendingTo(access(server));
      for (Main.Goal goal : List.of(Main.Goal.TRAIN, Main.Goal.VALIDATE, Main.Goal.REPORT)) {
        study.run(goal);
        new ServerContent(server.uri()).assertIsJournal(study.basedir);
      }
      assertEquals(List.of(), study.serverWarnings());
    }
  }

  @Test
  void aServerThatIsAwayIsSaidOnceAndGetsEverythingLater() throws Exception {
    ServerProcess server = ServerProcess.onSqlite(folder.resolve("server"));
    TinyStudy study = study().sendingTo(access(server));
    study.run(Main.Goal.TRAIN);
    assertEquals(1, study.serverWarnings().size(), study.serverWarnings()::toString);
    assertTrue(
        study.serverWarnings().get(0).contains("covid:sync"), study.serverWarnings()::toString);
    CovidException e = assertThrows(CovidException.class, () -> study.run(Main.Goal.SYNC));
    assertTrue(e.getMessage().contains("1 run is not wholly there"), e.getMessage());
    try (server) {
      server.start();
      syncTwiceAtOnce(study, server);
      new ServerContent(server.uri()).assertIsJournal(study.basedir);
      study.run(Main.Goal.SYNC);
      new ServerContent(server.uri()).assertIsJournal(study.basedir);
      assertTrue(
          study.lastPath().toString().contains("/#/experiments/"), study.lastPath()::toString);
    }
  }

  private void syncTwiceAtOnce(TinyStudy study, ServerProcess server) throws Exception {
    Path config = folder.resolve("config.json");
    Files.writeString(config, study.config().toJson());
    List<Process> both = new ArrayList<>();
    for (int i = 0; i < 2; i++) {
      ProcessBuilder builder =
          new ProcessBuilder(
                  ComputingJvm.thisJava().toString(),
                  "-cp",
                  absolute(System.getProperty("java.class.path")),
                  Main.class.getName(),
                  "sync",
                  config.toString(),
                  Main.FORCE)
              .directory(study.basedir.toFile())
              .redirectErrorStream(true)
              .redirectOutput(folder.resolve("sync" + i + ".log").toFile());
      builder.environment().put("MLFLOW_TRACKING_URI", server.uri());
      both.add(builder.start());
    }
    for (int i = 0; i < 2; i++) {
      int exit = both.get(i).waitFor();
      String log = Files.readString(folder.resolve("sync" + i + ".log"));
      assertEquals(0, exit, log);
      assertTrue(log.contains("1 run is on "), log);
    }
  }

  private static String absolute(String classPath) {
    return String.join(
        File.pathSeparator,
        Arrays.stream(classPath.split(File.pathSeparator, -1))
            .map(part -> Path.of(part).toAbsolutePath().toString())
            .toList());
  }

  private TinyStudy study() {
    return new TinyStudy(folder.resolve("study")).set("covid.epochs", "3");
  }

  private static MlflowAccess access(ServerProcess server) {
    return MlflowAccess.of(Map.of("MLFLOW_TRACKING_URI", server.uri())).orElseThrow();
  }
}
