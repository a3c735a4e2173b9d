package org.covidmmar.experiment;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.SortedMap;
import org.covidmmar.CovidException;
import org.covidmmar.training.CheckpointStore;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whatever of a killed run's checkpoints is damaged, it ends with the same bytes, and says so. */
class DamagedCheckpointsTest {
  private static final String ANEW = "starts from its beginning";

  @TempDir Path basedir;
  private TinyStudy study;
  private byte[] model;
  private SortedMap<String, String> journal;

  @BeforeEach
  void trainUndisturbed() throws IOException {
    study = new TinyStudy(basedir).set("covid.epochs", "3").set("covid.dropout", "0.2");
  }

  private void train() throws IOException {
    study.run(Main.Goal.TRAIN);
    model = StudyProcess.model(study);
    journal = StudyProcess.journal(study);
  }

  private int bestEpoch() {
    return Integer.parseInt(journal.get("tags/" + TrainWorkflow.BEST_EPOCH));
  }

  private Path checkpoint(String name) throws IOException {
    return StudyProcess.runFolder(study).resolve("checkpoints").resolve(name + ".safetensors");
  }

  private void damage(String... names) throws IOException {
    for (String name : names) {
      byte[] bytes = Files.readAllBytes(checkpoint(name));
      bytes[bytes.length / 2] ^= 1;
      Files.write(checkpoint(name), bytes);
    }
  }

  /** Trains on, and gives what was said. */
  private String goOn() throws IOException {
    Path run = StudyProcess.runFolder(study);
    StudyProcess.asIfKilled(study);
    study.messages.clear();
    study.run(Main.Goal.TRAIN);
    assertEquals(run, study.lastPath());
    assertArrayEquals(model, StudyProcess.model(study));
    assertEquals(journal, StudyProcess.journal(study));
    return study.messages.toString();
  }

  @Test
  void theOneBeforeServesForTheLast() throws IOException {
    study.set("covid.epochs", "2");
    train();
    damage("last");
    String said = goOn();
    assertTrue(said.contains("damaged checkpoint is left aside"), said);
    assertTrue(said.contains("after epoch 1"), said);
  }

  @Test
  void theBestIsMadeAgainFromTheCheckpointOfItsEpoch() throws IOException {
    study.set("covid.epochs", "2").set("covid.validEvery", "2");
    train();
    assertEquals(2, bestEpoch());
    byte[] best = Files.readAllBytes(checkpoint("best"));
    damage("best");
    String said = goOn();
    assertTrue(said.contains("best.safetensors"), said);
    assertTrue(said.contains("after epoch 2"), said);
    assertArrayEquals(best, Files.readAllBytes(checkpoint("best")));
    Files.delete(checkpoint("best"));
    goOn();
    assertArrayEquals(best, Files.readAllBytes(checkpoint("best")));
  }

  @Test
  void whereNothingCanServeTheRunStartsFromItsBeginning() throws IOException {
    // Weights that stay as they were drawn: from the first epoch on, AUC falls from 1 to 0 and the
    // loss rises by 0.01, as the running statistics move.
    study.set("covid.learningRate", "1e-12");
    train();
    assertEquals(1, bestEpoch());
    damage("best");
    String said = goOn();
    assertTrue(said.contains(ANEW), said);

    damage("previous");
    Files.write(checkpoint("last"), Arrays.copyOf(Files.readAllBytes(checkpoint("last")), 100));
    Files.write(checkpoint("best"), new byte[0]);
    said = goOn();
    assertTrue(said.contains(ANEW), said);
  }

  @Test
  void aBestThatIsDamagedBeforeItIsCopiedIsNamed() throws IOException {
    study.set("covid.epochs", "1");
    train();
    damage("best");
    CheckpointStore store = new CheckpointStore(checkpoint("best").getParent());
    CovidException e =
        assertThrows(
            CovidException.class, () -> store.copyBest(basedir.resolve("model"), bestEpoch()));
    assertTrue(e.subject().endsWith("best.safetensors"), e.getMessage());
    assertTrue(Files.notExists(basedir.resolve("model")));
  }
}
