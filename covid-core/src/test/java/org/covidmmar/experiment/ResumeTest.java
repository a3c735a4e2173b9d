package org.covidmmar.experiment;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.commons.rng.UniformRandomProvider;
import org.covidmmar.Seeds;
import org.covidmmar.tracking.RunJournal;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** A training that was killed or stopped, and started again, ends as if nothing had happened. */
@DisabledOnOs(OS.WINDOWS)
class ResumeTest {
  private static final int KILLS = 20;
  private static final String OUTPUT = "output.txt";
  private static final int SIGTERM_EXIT = 128 + 15;

  @TempDir Path folder;

  /** Kills twenty trainings at random moments of their life; each is then run to its end. */
  @Test
  @Tag("long")
  void killedAtAnyMoment() throws Exception {
    TinyStudy undisturbed = study("undisturbed");
    long start = System.nanoTime();
    assertEquals(0, train(undisturbed).waitFor());
    long nanos = System.nanoTime() - start;
    byte[] model = model(undisturbed);
    SortedMap<String, String> journal = journal(undisturbed);
    UniformRandomProvider random = new Seeds(5).generator();
    for (int n = 0; n < KILLS; n++) {
      TinyStudy study = study("killed-" + n);
      Process process = train(study);
      if (!process.waitFor(random.nextLong(nanos), TimeUnit.NANOSECONDS)) {
        process.destroyForcibly().waitFor();
      }
      int exit = train(study).waitFor();
      assertEquals(0, exit, Files.readString(study.basedir.resolve(OUTPUT)));
      assertArrayEquals(model, model(study), study.basedir::toString);
      assertEquals(journal, journal(study), study.basedir::toString);
    }
  }

  @Test
  void aRunThatIsToldToEndLeavesACheckpointInTheMiddleOfAnEpoch() throws Exception {
    // Enough epochs that it is not over before the signal comes.
    TinyStudy undisturbed = study("undisturbed").set("covid.epochs", "12");
    assertEquals(0, train(undisturbed).waitFor());
    TinyStudy stopped = study("stopped").set("covid.epochs", "12");
    Process process = builder(stopped).start();
    try (var lines = process.inputReader()) {
      assertTrue(lines.lines().anyMatch(line -> line.contains("\"epoch 2/12\"")));
      process.toHandle().destroy();
      String said = lines.lines().collect(Collectors.joining("\n"));
      assertTrue(said.contains("was stopped after epoch "), said);
    }
    assertEquals(SIGTERM_EXIT, process.waitFor());
    assertTrue(Files.readString(run(stopped).resolve("meta.yaml")).contains("status: 5"));

    Process again = builder(stopped).start();
    try (var lines = again.inputReader()) {
      assertTrue(lines.lines().anyMatch(line -> line.contains("goes on with run")));
    }
    assertEquals(0, again.waitFor());
    assertArrayEquals(model(undisturbed), model(stopped));
    assertEquals(journal(undisturbed), journal(stopped));
  }

  @Test
  void aDamagedCheckpointIsLeftAsideForTheOneBefore() throws Exception {
    TinyStudy study = study("study");
    study.run(Main.Goal.TRAIN);
    byte[] model = model(study);
    Path last = run(study).resolve("checkpoints/last.safetensors");
    byte[] bytes = Files.readAllBytes(last);
    bytes[bytes.length / 2] ^= 1;
    Files.write(last, bytes);
    asIfKilled(study);
    study.run(Main.Goal.TRAIN);
    assertTrue(
        study.messages.stream()
            .anyMatch(
                m -> m instanceof Message.Warning w && w.text().contains("damaged checkpoint")),
        study.messages::toString);
    assertTrue(
        study.messages.stream()
            .anyMatch(m -> m instanceof Message.Line l && l.text().endsWith("after epoch 2")),
        study.messages::toString);
    assertArrayEquals(model, model(study));
  }

  @Test
  void aRunOfAnotherConfigurationIsNotTakenUpAndSaidToBeKilled() throws Exception {
    TinyStudy study = study("study");
    study.run(Main.Goal.TRAIN);
    asIfKilled(study);
    Path left = run(study);
    study.set("covid.seed", "1").run(Main.Goal.TRAIN);
    assertNotEquals(left, study.lastPath());
    assertTrue(Files.readString(left.resolve("meta.yaml")).contains("status: 5"));
    study.set("covid.seed", "0").set("covid.resume", "never").run(Main.Goal.TRAIN);
    assertNotEquals(left, study.lastPath());
  }

  private static void asIfKilled(TinyStudy study) throws IOException {
    Path meta = run(study).resolve("meta.yaml");
    Files.writeString(meta, Files.readString(meta).replace("status: 3", "status: 1"));
  }

  private TinyStudy study(String name) {
    return new TinyStudy(folder.resolve(name)).set("covid.epochs", "3").set("covid.dropout", "0.2");
  }

  private static Process train(TinyStudy study) throws IOException {
    File output = study.basedir.resolve(OUTPUT).toFile();
    return builder(study).redirectOutput(output).start();
  }

  /** A process of the entry point that containers use. */
  private static ProcessBuilder builder(TinyStudy study) throws IOException {
    Path config = study.basedir.resolve("config.json");
    Files.writeString(config, study.config().toJson());
    ProcessBuilder builder =
        new ProcessBuilder(
                ComputingJvm.thisJava().toString(),
                "-Xmx512m",
                "-cp",
                System.getProperty("java.class.path"),
                Main.class.getName(),
                "train",
                config.toString())
            .directory(study.basedir.toFile())
            .redirectErrorStream(true);
    ComputingJvm.applyEnvironment(study.config().compute(), builder.environment());
    return builder;
  }

  /** The finished run, or else the only one: a run may be killed before it has a name. */
  private static Path run(TinyStudy study) throws IOException {
    List<Path> finished = RunJournal.finished(study.basedir, "tiny");
    if (!finished.isEmpty()) {
      assertEquals(1, finished.size(), finished::toString);
      return finished.get(0);
    }
    try (Stream<Path> runs = Files.list(study.basedir.resolve("mlruns/1"))) {
      List<Path> folders = runs.filter(Files::isDirectory).toList();
      assertEquals(1, folders.size(), folders::toString);
      return folders.get(0);
    }
  }

  private static byte[] model(TinyStudy study) throws IOException {
    return Files.readAllBytes(ModelSource.inRun(run(study)));
  }

  /** Metrics of the model without their time stamps, parameters and tags, by file. */
  private static SortedMap<String, String> journal(TinyStudy study) throws IOException {
    Path run = run(study);
    SortedMap<String, String> journal = new TreeMap<>();
    for (String part : List.of("metrics", "params", "tags")) {
      try (Stream<Path> files = Files.walk(run.resolve(part))) {
        Path machine = run.resolve("metrics/system");
        for (Path file :
            files.filter(Files::isRegularFile).filter(f -> !f.startsWith(machine)).toList()) {
          String text = Files.readString(file);
          journal.put(
              run.relativize(file).toString(),
              part.equals("metrics") ? text.replaceAll("(?m)^\\d+ ", "") : text);
        }
      }
    }
    return journal;
  }
}
