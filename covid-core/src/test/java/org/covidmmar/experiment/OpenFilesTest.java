package org.covidmmar.experiment;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** Trainings that may open few files: each ends well or with a message, and is gone on with. */
@DisabledOnOs(OS.WINDOWS)
class OpenFilesTest {
  @TempDir static Path undisturbedFolder;
  private static byte[] model;

  @TempDir Path folder;

  @BeforeAll
  static void trainUndisturbed() throws Exception {
    model = train(new TinyStudy(undisturbedFolder));
  }

  private static byte[] train(TinyStudy study) throws Exception {
    StudyProcess.train(study);
    return StudyProcess.model(study);
  }

  @Test
  void aFullTableOfOpenFiles() throws Exception {
    for (int limit : List.of(44, 52, 56)) {
      trainWith(limit);
    }
  }

  @Test
  @Tag("long")
  void aTableOfOpenFilesOfAnySize() throws Exception {
    for (int limit = 16; limit < 90; limit += 2) {
      trainWith(limit);
    }
  }

  private void trainWith(int limit) throws Exception {
    TinyStudy study = new TinyStudy(folder.resolve("limit-" + limit));
    String train = Mounts.quoted(StudyProcess.command(study));
    StudyProcess.Ended ended =
        StudyProcess.run(
            StudyProcess.builder(
                study, Mounts.command(List.of(), "ulimit -n " + limit + " && exec " + train)));
    boolean failed = ended.output().contains("\"type\":\"failure\"");
    boolean begun = Files.exists(study.basedir.resolve(".covid"));
    if (ended.exit() != 0) {
      assertEquals(1, ended.exit(), ended.output());
      assertTrue(failed || !begun, "no message: " + limit + ": " + ended.output());
    }
    if (failed) {
      assertTrue(ended.output().contains("ulimit -n"), ended.output());
      assertFalse(ended.output().lines().anyMatch(l -> l.startsWith("\tat ")), ended.output());
    }
    assertEquals(List.of(), StudyProcess.unfinishedFiles(study.basedir));
    if (ended.exit() != 0 && begun) {
      assertArrayEquals(model, train(study), "limit " + limit);
    } else if (ended.exit() == 0) {
      assertArrayEquals(model, StudyProcess.model(study), "limit " + limit);
    }
  }
}
