package org.covidmmar.experiment;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import org.covidmmar.tracking.RunJournal;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** Two processes train one experiment: never both in one run, and nothing of either is lost. */
@DisabledOnOs(OS.WINDOWS)
@Timeout(300)
class TwoTrainingsTest {
  @TempDir Path basedir;
  private TinyStudy study;

  @BeforeEach
  void writeStudy() {
    study = new TinyStudy(basedir);
  }

  private static String until(BufferedReader output, String part) throws IOException {
    StringBuilder said = new StringBuilder();
    for (String line = output.readLine(); line != null; line = output.readLine()) {
      said.append(line).append('\n');
      if (line.contains(part)) {
        return said.toString();
      }
    }
    throw new AssertionError("never said \"" + part + "\":\n" + said);
  }

  private static String rest(BufferedReader output) {
    return output.lines().collect(Collectors.joining("\n"));
  }

  /** Two whole runs of the same bytes. */
  private void assertTwoRuns() throws IOException {
    List<Path> finished = RunJournal.finished(basedir, "tiny");
    assertEquals(2, finished.size());
    assertEquals(2, StudyProcess.runFolders(study).size());
    Path first = finished.get(0);
    Path second = finished.get(1);
    assertArrayEquals(
        Files.readAllBytes(ModelSource.inRun(first)),
        Files.readAllBytes(ModelSource.inRun(second)));
    assertEquals(StudyProcess.journal(first), StudyProcess.journal(second));
    assertEquals(List.of(), StudyProcess.unfinishedFiles(basedir));
  }

  @Test
  void startedTogetherTheyAreTwoRuns() throws Exception {
    Process first = StudyProcess.builder(study).start();
    Process second = StudyProcess.builder(study).start();
    try (BufferedReader one = first.inputReader();
        BufferedReader two = second.inputReader()) {
      String said = rest(one) + rest(two);
      assertEquals(0, first.waitFor(), said);
      assertEquals(0, second.waitFor(), said);
    }
    assertTwoRuns();
  }

  @Test
  void aRunUnderWayIsLeftAloneAndNamed() throws Exception {
    Process first = StudyProcess.builder(study).start();
    try (BufferedReader one = first.inputReader()) {
      until(one, "epoch 1/2");
      StudyProcess.signal(first, "STOP");
      Path underWay = StudyProcess.runFolder(study);
      String said = StudyProcess.train(study);
      assertTrue(said.contains("run " + underWay.getFileName() + " of the same"), said);
      assertTrue(said.contains("separate run"), said);
      StudyProcess.signal(first, "CONT");
      assertEquals(0, first.waitFor(), () -> rest(one));
    } finally {
      first.destroyForcibly();
    }
    assertTwoRuns();
  }

  /** Whoever started the first is killed; it is halted in the middle of its last step. */
  @Test
  void aRunThatIsAboutToBeLeftIsWaitedForAndTakenUp() throws Exception {
    // A step that takes longer than it takes to see the mark and halt the process.
    study.set("covid.inputShape", "64,64,64").set("covid.batchSize", "4");
    Process first = StudyProcess.builder(study, "-D" + Main.ENDS_WITH_INPUT + "=true").start();
    Process second = null;
    try (BufferedReader one = first.inputReader()) {
      until(one, "epoch 1/2");
      first.getOutputStream().close();
      Path run = StudyProcess.runFolder(study);
      while (!RunJournal.isEnding(run)) {
        assertTrue(first.isAlive(), "it has ended before it was halted");
        Thread.onSpinWait();
      }
      StudyProcess.signal(first, "STOP");
      assertTrue(RunJournal.isEnding(run), "it has ended before it was halted");
      second = StudyProcess.builder(study).start();
      try (BufferedReader two = second.inputReader()) {
        assertNotNull(until(two, "waits for run " + run.getFileName()));
        StudyProcess.signal(first, "CONT");
        String said = until(two, "goes on with run " + run.getFileName()) + rest(two);
        assertEquals(0, second.waitFor(), said);
      }
      assertEquals(run, StudyProcess.runFolder(study));
      assertEquals(1, StudyProcess.runFolders(study).size());
    } finally {
      first.destroyForcibly();
      if (second != null) {
        second.destroyForcibly();
      }
    }
    byte[] model = StudyProcess.model(study);
    TinyStudy undisturbed =
        new TinyStudy(basedir.resolve("undisturbed"))
            .set("covid.inputShape", "64,64,64")
            .set("covid.batchSize", "4");
    StudyProcess.train(undisturbed);
    assertArrayEquals(StudyProcess.model(undisturbed), model);
  }
}
