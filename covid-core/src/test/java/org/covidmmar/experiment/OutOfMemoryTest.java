package org.covidmmar.experiment;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.covidmmar.dataset.Finding;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

class OutOfMemoryTest {
  private static final long GB = 1_000_000_000;

  @TempDir Path folder;

  @Test
  void theLargestBatchThatFitsKeepsTheEffectiveBatch() {
    TinyStudy study =
        new TinyStudy(folder).set("covid.inputShape", "192,192,64").set("covid.batchSize", "8");
    String remedy = OutOfMemory.remedy(study.config(), 8 * GB);
    assertTrue(remedy.contains("covid.batchSize=4 with covid.accumulate=2"), remedy);
    remedy = OutOfMemory.remedy(study.set("covid.batchSize", "6").config(), 7 * GB);
    assertTrue(remedy.contains("covid.batchSize=3 with covid.accumulate=2"), remedy);
    remedy = OutOfMemory.remedy(study.config(), GB);
    assertTrue(remedy.contains("smaller covid.inputShape"), remedy);
  }

  @Test
  void memoryThatIsShortIsFoundBeforeTheTraining() {
    TinyStudy study =
        new TinyStudy(folder).set("covid.inputShape", "192,192,64").set("covid.batchSize", "8");
    assertEquals(Optional.empty(), OutOfMemory.finding(study.config(), 64 * GB, 60 * GB));
    Finding busy = OutOfMemory.finding(study.config(), 64 * GB, 8 * GB).orElseThrow();
    assertEquals(Finding.Severity.WARNING, busy.severity());
    assertTrue(busy.found().contains("there are about 8.0 GB"), busy::toString);
    assertTrue(busy.remedy().contains("covid.batchSize=4 with covid.accumulate=2"), busy::toString);
    Finding never = OutOfMemory.finding(study.config(), 4 * GB, 3 * GB).orElseThrow();
    assertEquals(Finding.Severity.ERROR, never.severity());
  }

  @Test
  void replicasInTheSameMemoryCount() {
    TinyStudy study =
        new TinyStudy(folder).set("covid.inputShape", "192,192,64").set("covid.batchSize", "8");
    String one = OutOfMemory.remedy(study.config(), 8 * GB);
    assertEquals(one, OutOfMemory.remedy(study.set("covid.replicas", "1").config(), 8 * GB));
    String eight = OutOfMemory.remedy(study.set("covid.replicas", "8").config(), 8 * GB);
    assertTrue(eight.contains("covid.accumulate=2 and covid.replicas=4"), eight);
    assertTrue(eight.contains("takes about 13.0 GB"), eight + one);
  }

  @Test
  @EnabledOnOs(OS.LINUX)
  void aTrainingThatGetsNoMemorySaysWhatFits() throws Exception {
    TinyStudy study =
        new TinyStudy(folder).set("covid.inputShape", "192,192,128").set("covid.batchSize", "4");
    String train = Mounts.quoted(StudyProcess.command(study));
    StudyProcess.Ended ended =
        StudyProcess.run(
            StudyProcess.builder(
                study, Mounts.command(List.of(), "ulimit -v 5000000 && exec " + train)));
    assertEquals(1, ended.exit(), ended.output());
    assertTrue(ended.output().contains("memory ran out"), ended.output());
    assertTrue(ended.output().contains("takes about"), ended.output());
  }
}
