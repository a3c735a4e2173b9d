package org.covidmmar.experiment;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.Device;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.covidmmar.CovidException;
import org.covidmmar.Seeds;
import org.covidmmar.config.ExperimentConfig;
import org.covidmmar.config.Settings;
import org.covidmmar.dataset.BatchSource;
import org.covidmmar.dataset.DataFingerprints;
import org.covidmmar.dataset.Dataset;
import org.covidmmar.inference.Predictor;
import org.covidmmar.io.nifti.NiftiWriter;
import org.covidmmar.model.Architecture;
import org.covidmmar.model.DenseNet3d;
import org.covidmmar.model.MemoryFormat;
import org.covidmmar.model.weights.SafeTensors;
import org.covidmmar.training.CheckpointStore;
import org.covidmmar.training.CrossEntropy;
import org.covidmmar.training.Replicas;
import org.covidmmar.training.TrainingEvent;
import org.covidmmar.training.TrainingLoop;
import org.covidmmar.training.TrainingState;
import org.covidmmar.training.UpdateRule;
import org.covidmmar.transform.Orient;
import org.covidmmar.transform.Resize;
import org.covidmmar.transform.ResizeMode;
import org.covidmmar.transform.ScaleIntensityRange;
import org.covidmmar.volume.Affine;
import org.covidmmar.volume.Shape;
import org.covidmmar.volume.Volume;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A training whose numbers are no longer finite ends, and keeps the last good checkpoint. */
class DivergenceTest {
  private static final String VARIANCE = "features.norm0.running_var";

  @TempDir Path basedir;
  private TinyStudy study;

  @BeforeEach
  void writeStudy() {
    study = new TinyStudy(basedir);
  }

  @Test
  void aHugeLearningRateLeavesNoCheckpoint() throws IOException {
    study.set("covid.learningRate", "3e38").set("covid.batchSize", "4");
    CovidException e = assertThrows(CovidException.class, () -> study.run(Main.Goal.TRAIN));
    assertTrue(e.subject().startsWith("epoch 1"), e.getMessage());
    assertTrue(e.problem().contains("NaN or infinite"), e.getMessage());
    assertTrue(e.remedy().contains("no checkpoint was left yet"), e.getMessage());
    try (Stream<Path> files = Files.walk(basedir.resolve("mlruns"))) {
      assertFalse(files.anyMatch(f -> f.toString().endsWith(".safetensors")));
    }
  }

  @Test
  void anImageOfHugeValuesIsNamed() {
    float[] voxels = new float[(int) TinyStudy.SHAPE.voxels()];
    Arrays.fill(voxels, 3e38f);
    NiftiWriter.write(
        study.data().resolve("training2.nii.gz"),
        Volume.of(TinyStudy.SHAPE, Affine.identity(), voxels));
    ExperimentConfig config =
        ExperimentConfig.of(
            Settings.of(study.properties()),
            "tiny",
            List.of(
                new Orient(),
                new ScaleIntensityRange(-1000, -999, 0, 1, false),
                new Resize(new Shape(32, 32, 32), ResizeMode.AREA)));
    Request request = new Request(config, basedir, Map.of());
    CovidException e =
        assertThrows(
            CovidException.class, () -> Main.Goal.TRAIN.run(request, false, study.messages::add));
    assertTrue(e.subject().contains("training2"), e.getMessage());
    assertTrue(e.subject().startsWith("epoch 1, cases "), e.getMessage());
    assertTrue(e.problem().contains("NaN"), e.getMessage());
  }

  /** Each of them goes wrong in the second epoch, after its last loss, so that no loss tells. */
  @Test
  void whatGoesWrongAfterTheLastLossIsNotSaved() throws IOException {
    assertNotSaved("weights", network -> spoil(network, "class_layers.out.bias", Float.NaN));
    assertNotSaved("statistics", network -> spoil(network, VARIANCE, Float.POSITIVE_INFINITY));
  }

  private static void spoil(DenseNet3d network, String name, float value) {
    float[] values = network.get(name);
    values[values.length - 1] = value;
    network.set(name, values);
  }

  private interface Fault {
    void in(DenseNet3d network);
  }

  private void assertNotSaved(String name, Fault fault) throws IOException {
    Path folder = basedir.resolve(name);
    SortedMap<String, byte[]> before = new TreeMap<>();
    CovidException e =
        assertThrows(
            CovidException.class,
            () ->
                train(
                    folder,
                    (event, network) -> {
                      if (event instanceof TrainingEvent.BatchDone b
                          && b.epoch() == 2
                          && b.batch() == b.batches()) {
                        before.putAll(files(folder));
                        fault.in(network);
                      }
                    }));
    assertEquals("epoch 2", e.subject());
    assertTrue(e.problem().contains("batch-norm statistics"), e.getMessage());
    assertTrue(e.remedy().contains("the last checkpoint is that after epoch 1"), e.getMessage());
    SortedMap<String, byte[]> after = files(folder);
    assertEquals(before.keySet(), after.keySet());
    after.forEach((file, bytes) -> assertArrayEquals(before.get(file), bytes, file));
    try (SafeTensors last = SafeTensors.open(new CheckpointStore(folder).last())) {
      for (float value : last.floats(VARIANCE)) {
        assertTrue(Float.isFinite(value));
      }
    }
  }

  private static SortedMap<String, byte[]> files(Path folder) {
    SortedMap<String, byte[]> files = new TreeMap<>();
    try (Stream<Path> all = Files.list(folder)) {
      for (Path file : all.toList()) {
        files.put(file.getFileName().toString(), Files.readAllBytes(file));
      }
    } catch (IOException e) {
      throw new AssertionError(e);
    }
    return files;
  }

  private interface Watch {
    void on(TrainingEvent event, DenseNet3d network);
  }

  private TrainingState train(Path checkpoints, Watch watch) {
    ExperimentConfig config = study.config();
    Workspace workspace =
        new Workspace(new Request(config, basedir, Map.of()), study.messages::add);
    Device device = Engines.device(config.compute());
    BatchSource batches =
        workspace.batches(
            workspace.cache(config.preprocessing().pipeline(), new DataFingerprints()),
            config.preprocessing());
    Dataset dataset = workspace.dataset();
    try (DenseNet3d network =
            DenseNet3d.initialised(
                Architecture.DENSENET121, 0, MemoryFormat.CHANNELS_LAST, device, new Seeds(0));
        Replicas replicas =
            new Replicas(network, UpdateRule.of(config.optimization()), CrossEntropy.UNWEIGHTED)) {
      return new TrainingLoop(
              config,
              replicas,
              batches,
              new Predictor(network, batches.withoutAugmentation()),
              new CheckpointStore(checkpoints),
              event -> watch.on(event, network))
          .run(
              TrainingState.START,
              dataset.list(Dataset.TRAINING),
              dataset.list(Dataset.VALIDATION),
              () -> false);
    }
  }
}
