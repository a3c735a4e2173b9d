package org.covidmmar.experiment;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.Device;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.covidmmar.CovidException;
import org.covidmmar.config.ExperimentConfig;
import org.covidmmar.model.Formula;
import org.covidmmar.model.weights.SafeTensors;
import org.covidmmar.model.weights.Weights;
import org.covidmmar.provenance.Provenance;
import org.covidmmar.tracking.RunFolder;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Trainings whose network has replicas. */
class ReplicasRunTest {
  private static final ObjectMapper JSON = new ObjectMapper();

  @TempDir Path folder;

  private TinyStudy study(String name) {
    return new TinyStudy(folder.resolve(name)).set("covid.dropout", "0.2");
  }

  private TinyStudy two(String name) {
    return study(name).set("covid.batchSize", "4").set("covid.replicas", "2");
  }

  @Test
  void aRunIsThatOfSmallerBatchesAccumulatedAndTheSameAgainAndTakenUp() throws IOException {
    TinyStudy study = two("two");
    study.run(Main.Goal.TRAIN);
    assertTrue(study.messages.toString().contains("trains 2 replicas"), study.messages::toString);
    TinyStudy alone = study("one").set("covid.accumulate", "2");
    alone.run(Main.Goal.TRAIN);
    assertEqualWeights(last(alone), last(study));

    byte[] weights = Files.readAllBytes(last(study));
    Files.delete(last(study));
    StudyProcess.asIfKilled(study);
    study.messages.clear();
    study.run(Main.Goal.TRAIN);
    assertTrue(study.messages.toString().contains("after epoch 1"), study.messages::toString);
    assertArrayEquals(weights, Files.readAllBytes(last(study)));

    study.set("covid.reproduce.epochs", "1").run(Main.Goal.REPRODUCE);
    assertTrue(
        study.messages.toString().contains("reproduced: identical"), study.messages::toString);
  }

  /** The checkpoint after the last epoch; the best may be one before. */
  private static Path last(TinyStudy study) throws IOException {
    return StudyProcess.runFolder(study).resolve("checkpoints/last.safetensors");
  }

  private static void assertEqualWeights(Path expected, Path found) {
    try (SafeTensors one = SafeTensors.open(expected);
        SafeTensors other = SafeTensors.open(found)) {
      assertEquals(one.entries().keySet(), other.entries().keySet());
      for (String name : one.entries().keySet()) {
        if (!name.endsWith("num_batches_tracked") && !name.startsWith(Weights.OPTIMIZER)) {
          double difference = Formula.relative(one.floats(name), other.floats(name));
          assertTrue(difference <= 1e-5, () -> name + " differs by " + difference);
        }
      }
    }
  }

  /** As where a run was begun on two GPUs that nobody named, and one is left. */
  @Test
  void aRunGoesOnWithAsManyReplicasAsItWasBegunWith() throws IOException {
    TinyStudy study = study("study").set("covid.epochs", "1").set("covid.batchSize", "4");
    study.run(Main.Goal.TRAIN);
    RunFolder run = new RunFolder(StudyProcess.runFolder(study));
    assertFalse(Files.readString(run.provenance()).contains("replicas"));
    ObjectNode provenance = (ObjectNode) JSON.readTree(run.provenance().toFile());
    JSON.writeValue(run.provenance().toFile(), provenance.put("replicas", 2));
    StudyProcess.asIfKilled(study);
    study.messages.clear();
    study.run(Main.Goal.TRAIN);
    assertTrue(study.messages.toString().contains("trains 2 replicas"), study.messages::toString);
    assertEquals(2, Provenance.read(run.provenance()).replicaCount());
  }

  @Test
  void moreReplicasThanABatchHasCasesAreRefused() {
    TinyStudy study = study("study").set("covid.replicas", "3");
    for (Main.Goal goal : List.of(Main.Goal.TRAIN, Main.Goal.CHECK)) {
      CovidException e = assertThrows(CovidException.class, () -> study.run(goal));
      assertTrue(e.getMessage().contains("found 3 for covid.batchSize=2"), e.getMessage());
    }
    study.set("covid.replicas", "2");
    CovidException e = assertThrows(CovidException.class, () -> study.run(Main.Goal.CHECK));
    assertTrue(e.getMessage().contains("single value a channel"), e.getMessage());
  }

  @Test
  void devicesAndReplicasOfAMachineWithGpus() {
    TinyStudy study = study("study").set("covid.batchSize", "3");
    assertEquals(List.of(Device.cpu()), Engines.devices(study.config().compute(), 0));
    assertEquals(
        List.of(Device.gpu(0), Device.gpu(1)), Engines.devices(study.config().compute(), 2));
    assertEquals(2, study.config().replicas(2));
    assertEquals(3, study.config().replicas(8));
    assertEquals(1, study.set("covid.replicas", "1").config().replicas(8));
    assertEquals(
        List.of(Device.cpu()),
        Engines.devices(study.set("covid.device", "cpu").config().compute(), 2));

    ExperimentConfig named = study("named").set("covid.device", "gpu:3, 1").config();
    assertEquals(List.of(Device.gpu(3), Device.gpu(1)), Engines.devices(named.compute(), 4));
    CovidException e =
        assertThrows(CovidException.class, () -> Engines.devices(named.compute(), 3));
    assertTrue(e.problem().contains("from 0 to 2, found gpu:3,1"), e.problem());
    assertThrows(CovidException.class, () -> Engines.devices(named.compute(), 0));
    assertEquals(2, named.replicas(1));
    ExperimentConfig three = study("three").set("covid.device", "gpu:0,1,2").config();
    assertEquals(
        "covid.device", assertThrows(CovidException.class, () -> three.replicas(1)).subject());
  }
}
