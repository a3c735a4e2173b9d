package org.covidmmar.experiment;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.SortedMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.apache.commons.rng.UniformRandomProvider;
import org.covidmmar.Seeds;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** A training that was killed or stopped, and started again, ends as if nothing had happened. */
@DisabledOnOs(OS.WINDOWS)
class ResumeTest {
  private static final int KILLS = 20;
  private static final int SIGTERM_EXIT = 128 + 15;

  @TempDir Path folder;

  /** Kills twenty trainings at random moments of their life; each is then run to its end. */
  @Test
  @Tag("long")
  void killedAtAnyMoment() throws Exception {
    TinyStudy undisturbed = study("undisturbed");
    long start = System.nanoTime();
    assertEquals(0, StudyProcess.start(undisturbed).waitFor());
    long nanos = System.nanoTime() - start;
    SortedMap<String, String> files = RunFiles.ofResumed(StudyProcess.runFolder(undisturbed));
    UniformRandomProvider random = new Seeds(5).generator();
    for (int n = 0; n < KILLS; n++) {
      TinyStudy study = study("killed-" + n);
      Process process = StudyProcess.start(study);
      if (!process.waitFor(random.nextLong(nanos), TimeUnit.NANOSECONDS)) {
        process.destroyForcibly().waitFor();
      }
      int exit = StudyProcess.start(study).waitFor();
      assertEquals(0, exit, Files.readString(study.basedir.resolve("output.txt")));
      assertEquals(
          files, RunFiles.ofResumed(StudyProcess.runFolder(study)), study.basedir::toString);
    }
  }

  @Test
  void aRunThatIsToldToEndLeavesACheckpointInTheMiddleOfAnEpoch() throws Exception {
    // Enough epochs that it is not over before the signal comes.
    TinyStudy undisturbed = study("undisturbed").set("covid.epochs", "12");
    assertEquals(0, StudyProcess.start(undisturbed).waitFor());
    TinyStudy stopped = study("stopped").set("covid.epochs", "12");
    Process process = StudyProcess.builder(stopped).start();
    try (var lines = process.inputReader()) {
      assertTrue(lines.lines().anyMatch(line -> line.contains("\"epoch 2/12\"")));
      process.toHandle().destroy();
      String said = lines.lines().collect(Collectors.joining("\n"));
      assertTrue(said.contains("was stopped after epoch "), said);
    }
    assertEquals(SIGTERM_EXIT, process.waitFor());
    assertTrue(
        Files.readString(StudyProcess.runFolder(stopped).resolve("meta.yaml"))
            .contains("status: 5"));

    Process again = StudyProcess.builder(stopped).start();
    try (var lines = again.inputReader()) {
      assertTrue(lines.lines().anyMatch(line -> line.contains("goes on with run")));
    }
    assertEquals(0, again.waitFor());
    assertEquals(
        RunFiles.ofResumed(StudyProcess.runFolder(undisturbed)),
        RunFiles.ofResumed(StudyProcess.runFolder(stopped)));
  }

  @Test
  void aRunOfAnotherConfigurationIsNotTakenUpAndSaidToBeKilled() throws Exception {
    TinyStudy study = study("study");
    study.run(Main.Goal.TRAIN);
    StudyProcess.asIfKilled(study);
    Path left = StudyProcess.runFolder(study);
    study.set("covid.seed", "1").run(Main.Goal.TRAIN);
    assertNotEquals(left, study.lastPath());
    assertTrue(Files.readString(left.resolve("meta.yaml")).contains("status: 5"));
    study.set("covid.seed", "0").set("covid.resume", "never").run(Main.Goal.TRAIN);
    assertNotEquals(left, study.lastPath());
  }

  private TinyStudy study(String name) {
    return new TinyStudy(folder.resolve(name)).set("covid.epochs", "3").set("covid.dropout", "0.2");
  }
}
