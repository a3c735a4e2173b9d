package org.covidmmar.experiment;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.covidmmar.Processor;
import org.covidmmar.config.ExperimentConfig;
import org.covidmmar.config.Settings;
import org.covidmmar.tracking.RunJournal;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A training with covid.isa=avx2 gives the bytes that it gave on an Intel Xeon with AVX-512 and AMX
 * and on an AMD EPYC with AVX2: weights.csv has the SHA-256 of the weights after each epoch.
 */
class PinnedTrainingTest {
  private static final Map<String, String> PROPERTIES =
      Map.of(
          "covid.phantom.cases", "24,8,8",
          "covid.phantom.shape", "64,64,32",
          "covid.inputShape", "64,64,32",
          "covid.epochs", "3",
          "covid.batchSize", "4",
          "covid.learningRate", "1e-3",
          "covid.threads", "2",
          "covid.isa", "avx2");

  @TempDir Path basedir;

  @Test
  void everyProcessorGivesTheseWeights() throws IOException {
    assumeTrue(System.getProperty("os.arch").equals("amd64"), "the golden is of x86-64 processors");
    assumeTrue(
        Processor.here().flags().containsAll(Set.of("avx2", "fma")),
        "the golden is of processors with AVX2");
    ExperimentConfig config = ExperimentConfig.of(Settings.of(PROPERTIES), "pinned", null);
    Request request = new Request(config, basedir, Map.of());
    List<Path> classPath =
        Stream.of(System.getProperty("java.class.path").split(File.pathSeparator, -1))
            .map(Path::of)
            .toList();
    ComputingJvm jvm = new ComputingJvm(ComputingJvm.thisJava(), classPath, "");
    jvm.run(Main.Goal.PHANTOM, request, message -> {}, line -> {});
    jvm.run(Main.Goal.TRAIN, request, message -> {}, line -> {});
    Path run = RunJournal.finished(basedir, "pinned").get(0);
    try (var golden = getClass().getResourceAsStream("/pinned/weights.csv")) {
      assertEquals(
          new String(golden.readAllBytes(), StandardCharsets.US_ASCII),
          Files.readString(run.resolve("artifacts/weights.csv")));
    }
  }
}
