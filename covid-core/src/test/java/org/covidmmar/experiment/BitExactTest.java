package org.covidmmar.experiment;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.Device;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.covidmmar.Fingerprint;
import org.covidmmar.Seeds;
import org.covidmmar.config.ExperimentConfig;
import org.covidmmar.dataset.BatchLoader;
import org.covidmmar.dataset.BatchSource;
import org.covidmmar.dataset.DataFingerprints;
import org.covidmmar.dataset.Dataset;
import org.covidmmar.dataset.PreprocessCache;
import org.covidmmar.inference.Predictor;
import org.covidmmar.model.Architecture;
import org.covidmmar.model.DenseNet3d;
import org.covidmmar.model.MemoryFormat;
import org.covidmmar.training.CheckpointStore;
import org.covidmmar.training.CrossEntropy;
import org.covidmmar.training.Replicas;
import org.covidmmar.training.TrainingLoop;
import org.covidmmar.training.TrainingState;
import org.covidmmar.training.UpdateRule;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The same experiment leaves the same bytes, whatever is around it. */
@DisabledOnOs(OS.WINDOWS)
class BitExactTest {
  /** What the libraries below libtorch would heed. */
  private static final String OF_LIBRARIES =
      "DNNL_MAX_CPU_ISA=SSE41 ONEDNN_DEFAULT_FPMATH_MODE=BF16 MKL_NUM_THREADS=1"
          + " MKL_CBWR=COMPATIBLE OMP_DYNAMIC=true OMP_THREAD_LIMIT=1";

  @TempDir Path folder;

  /** What may be around a run: arguments of the JVM, mask of new files, environment. */
  private enum Around {
    NOTHING("", "022", ""),
    TURKISH("-Duser.language=tr -Duser.country=TR", "022", ""),
    ARABIC("-Duser.language=ar -Duser.country=EG", "022", ""),
    GERMAN("-Duser.language=de -Duser.country=DE", "022", ""),
    TIME_ZONE("-Duser.timezone=Pacific/Kiritimati", "022", "TZ=Pacific/Kiritimati"),
    CHARSET("-Dfile.encoding=windows-1252", "022", "LC_ALL=C"),
    MASK("", "077", ""),
    JVM("-Xint -Xmx1g", "022", ""),
    LIBRARIES("", "022", OF_LIBRARIES),
    ALL(
        "-Duser.language=ar -Duser.country=EG -Duser.timezone=Pacific/Kiritimati"
            + " -Dfile.encoding=windows-1252 -Xmx1g",
        "077",
        OF_LIBRARIES);

    private final String jvmArguments;
    private final String mask;
    private final String environment;

    Around(String jvmArguments, String mask, String environment) {
      this.jvmArguments = jvmArguments;
      this.mask = mask;
      this.environment = environment;
    }
  }

  @Test
  void anotherPlaceAnotherOrderOnDiskAndAnotherSystem() throws Exception {
    assertSameAs(run(study("here"), Around.NOTHING), Around.ALL);
  }

  @Tag("long")
  @ParameterizedTest
  @EnumSource
  void each(Around around) throws Exception {
    assertSameAs(run(study("here"), Around.NOTHING), around);
  }

  private void assertSameAs(SortedMap<String, String> expected, Around around) throws Exception {
    TinyStudy elsewhere = study("else where/deeper");
    rewriteBackwards(elsewhere.data());
    assertSame(expected, run(elsewhere, around));
  }

  /** Names the files that differ. */
  private static void assertSame(
      SortedMap<String, String> expected, SortedMap<String, String> found) {
    assertEquals(expected.keySet(), found.keySet());
    assertEquals(
        List.of(),
        expected.keySet().stream().filter(n -> !expected.get(n).equals(found.get(n))).toList());
  }

  @Test
  void aColdAWarmAndAHalfDeletedCache() throws Exception {
    TinyStudy study = study("study");
    SortedMap<String, String> cold = run(study, Around.NOTHING);
    assertSame(cold, run(study, Around.NOTHING));
    List<Path> entries = files(study.basedir.resolve(".covid/cache"));
    for (int n = 0; n < entries.size(); n += 2) {
      Files.delete(entries.get(n));
    }
    assertSame(cold, run(study, Around.NOTHING));
    assertEquals(entries.size(), files(study.basedir.resolve(".covid/cache")).size());
  }

  @Test
  @Tag("long")
  void aPinnedInstructionSet() throws Exception {
    SortedMap<String, String> first = run(study("a").set("covid.isa", "avx2"), Around.NOTHING);
    assertSame(first, run(study("b").set("covid.isa", "avx2"), Around.ALL));
    if (System.getProperty("os.arch").equals("amd64")) {
      String provenance = first.get("artifacts/provenance.json");
      assertTrue(provenance.contains("\"isa\" : \"avx2\""), provenance);
    }
  }

  @Test
  void anotherSeedIsSeen() throws Exception {
    SortedMap<String, String> first = run(study("a"), Around.NOTHING);
    SortedMap<String, String> other = run(study("b").set("covid.seed", "1"), Around.NOTHING);
    for (String name :
        List.of("artifacts/model/model.safetensors", "metrics/train/loss", "meta.yaml")) {
      assertNotEquals(first.get(name), other.get(name), name);
    }
  }

  @Test
  void prefetchDepthAndThreads() throws IOException {
    TinyStudy study = study("study");
    String expected = trained(study, new BatchLoader.Prefetch(1, 1));
    assertEquals(expected, trained(study, new BatchLoader.Prefetch(3, 7)));
  }

  /** Trains with what the workflow trains with, but for the prefetching. */
  private String trained(TinyStudy study, BatchLoader.Prefetch prefetch) throws IOException {
    ExperimentConfig config = study.config();
    Workspace workspace =
        new Workspace(new Request(config, study.basedir, Map.of()), study.messages::add);
    Dataset dataset = workspace.dataset();
    PreprocessCache cache =
        workspace.cache(config.preprocessing().pipeline(), new DataFingerprints());
    BatchSource usual = workspace.batches(cache, config.preprocessing());
    BatchSource batches =
        new BatchSource(cache, usual.shape(), usual.batchSize(), usual.run(), prefetch);
    Device device = Engines.device(config.compute());
    Path checkpoints = folder.resolve("depth-" + prefetch.depth());
    try (DenseNet3d network =
            DenseNet3d.initialised(
                Architecture.of(config.network().architecture()),
                config.network().dropout(),
                MemoryFormat.CHANNELS_LAST,
                device,
                new Seeds(0));
        Replicas replicas =
            new Replicas(network, UpdateRule.of(config.optimization()), CrossEntropy.UNWEIGHTED)) {
      Predictor validator = new Predictor(network, batches.withoutAugmentation());
      CheckpointStore store = new CheckpointStore(checkpoints);
      new TrainingLoop(config, replicas, batches, validator, store, event -> {})
          .run(
              TrainingState.START,
              dataset.list(Dataset.TRAINING),
              dataset.list(Dataset.VALIDATION),
              () -> false);
      return Fingerprint.of(store.last()).hex();
    }
  }

  private TinyStudy study(String name) {
    return new TinyStudy(folder.resolve(name))
        .set("covid.dropout", "0.2")
        .set("covid.accumulate", "2");
  }

  /** Makes all files anew, the last name first, so that folders list them in another order. */
  private static void rewriteBackwards(Path data) throws IOException {
    List<Path> files = files(data);
    SortedMap<Path, byte[]> contents = new TreeMap<>(Collections.reverseOrder());
    for (Path file : files) {
      contents.put(file, Files.readAllBytes(file));
      Files.delete(file);
    }
    for (Map.Entry<Path, byte[]> file : contents.entrySet()) {
      Files.write(file.getKey(), file.getValue());
    }
  }

  private static List<Path> files(Path folder) throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      return files.filter(Files::isRegularFile).sorted().toList();
    }
  }

  /** Trains anew and validates in JVMs of their own; what the run's folder holds. */
  private static SortedMap<String, String> run(TinyStudy study, Around around) throws Exception {
    Set<Path> before = new HashSet<>(runs(study));
    goal(study, around, Main.Goal.TRAIN);
    goal(study, around, Main.Goal.VALIDATE);
    List<Path> made = new ArrayList<>(runs(study));
    made.removeAll(before);
    assertEquals(1, made.size());
    return RunFiles.of(made.get(0));
  }

  private static List<Path> runs(TinyStudy study) throws IOException {
    Path experiment = study.basedir.resolve("mlruns/1");
    if (!Files.exists(experiment)) {
      return List.of();
    }
    try (Stream<Path> files = Files.list(experiment)) {
      return files.filter(Files::isDirectory).toList();
    }
  }

  private static void goal(TinyStudy study, Around around, Main.Goal goal) throws Exception {
    Path config = study.basedir.resolve("config.json");
    Files.writeString(config, study.config().toJson());
    List<String> command = new ArrayList<>();
    command.addAll(List.of("sh", "-c", "umask " + around.mask + "; exec \"$@\"", "sh"));
    command.add(ComputingJvm.thisJava().toString());
    command.addAll(List.of("-Xmx512m", "-cp", System.getProperty("java.class.path")));
    command.addAll(words(around.jvmArguments));
    command.addAll(List.of(Main.class.getName(), goal.lowerCase(), "config.json", Main.FORCE));
    ProcessBuilder builder = new ProcessBuilder(command).directory(study.basedir.toFile());
    for (String variable : words(around.environment)) {
      int equals = variable.indexOf('=');
      builder.environment().put(variable.substring(0, equals), variable.substring(equals + 1));
    }
    ComputingJvm.applyEnvironment(study.config().compute(), builder.environment());
    Path output = study.basedir.resolve("output.txt");
    int exit = builder.redirectErrorStream(true).redirectOutput(output.toFile()).start().waitFor();
    assertEquals(0, exit, () -> said(output));
  }

  private static List<String> words(String text) {
    return text.isEmpty() ? List.of() : List.of(text.split(" "));
  }

  private static String said(Path output) {
    try {
      return Files.readString(output);
    } catch (IOException e) {
      return e.toString();
    }
  }
}
