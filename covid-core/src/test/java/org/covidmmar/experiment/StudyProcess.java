package org.covidmmar.experiment;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.covidmmar.AtomicFiles;
import org.covidmmar.tracking.RunJournal;

/** Trainings of a {@link TinyStudy} in processes of their own, and what they leave. */
final class StudyProcess {
  /** Ends a test that would hang; no training here takes a tenth of it. */
  private static final int HANGS_MINUTES = 5;

  private static final String OUTPUT = "output.txt";

  private StudyProcess() {}

  /** A process that has ended, and what it wrote. */
  record Ended(int exit, String output) {}

  /** The command of the entry point that containers use. */
  static List<String> command(TinyStudy study, String... jvmArgs) throws IOException {
    Path config = study.basedir.resolve("config.json");
    Files.writeString(config, study.config().toJson());
    List<String> command = new ArrayList<>(List.of(ComputingJvm.thisJava().toString(), "-Xmx512m"));
    command.addAll(List.of(jvmArgs));
    command.addAll(List.of("-cp", System.getProperty("java.class.path")));
    command.addAll(List.of(Main.class.getName(), "train", config.toString()));
    return command;
  }

  /** A process that trains the study in its folder. */
  static ProcessBuilder builder(TinyStudy study, String... jvmArgs) throws IOException {
    return builder(study, command(study, jvmArgs));
  }

  /** A process with the environment of a training in the study's folder. */
  static ProcessBuilder builder(TinyStudy study, List<String> command) {
    ProcessBuilder builder =
        new ProcessBuilder(command).directory(study.basedir.toFile()).redirectErrorStream(true);
    ComputingJvm.applyEnvironment(study.config().compute(), builder.environment());
    return builder;
  }

  /** Starts a training whose output goes to a file. */
  static Process start(TinyStudy study) throws IOException {
    return builder(study).redirectOutput(output(study)).start();
  }

  private static File output(TinyStudy study) {
    return study.basedir.resolve(OUTPUT).toFile();
  }

  /** Runs a process to its end, which it must come to by itself. */
  static Ended run(ProcessBuilder builder) throws IOException, InterruptedException {
    Path output = Files.createTempFile("study", ".txt");
    try {
      Process process = builder.redirectOutput(output.toFile()).start();
      boolean ended = process.waitFor(HANGS_MINUTES, TimeUnit.MINUTES);
      process.destroyForcibly();
      assertTrue(ended, () -> "hangs: " + builder.command());
      return new Ended(process.waitFor(), Files.readString(output));
    } finally {
      Files.delete(output);
    }
  }

  /** Trains the study, which must succeed; gives the output. */
  static String train(TinyStudy study) throws IOException, InterruptedException {
    Ended ended = run(builder(study));
    assertEquals(0, ended.exit(), ended.output());
    return ended.output();
  }

  /** Sends a signal, such as STOP. */
  static void signal(Process process, String name) throws IOException, InterruptedException {
    new ProcessBuilder("kill", "-" + name, Long.toString(process.pid())).start().waitFor();
  }

  /** The finished run, or else the only one: a run may be killed before it has a name. */
  static Path runFolder(TinyStudy study) throws IOException {
    List<Path> finished = RunJournal.finished(study.basedir, "tiny");
    if (!finished.isEmpty()) {
      assertEquals(1, finished.size(), finished::toString);
      return finished.get(0);
    }
    List<Path> folders = runFolders(study);
    assertEquals(1, folders.size(), folders::toString);
    return folders.get(0);
  }

  static List<Path> runFolders(TinyStudy study) throws IOException {
    try (Stream<Path> runs = Files.list(study.basedir.resolve("mlruns/1"))) {
      return runs.filter(Files::isDirectory).toList();
    }
  }

  static byte[] model(TinyStudy study) throws IOException {
    return Files.readAllBytes(ModelSource.inRun(runFolder(study)));
  }

  static SortedMap<String, String> journal(TinyStudy study) throws IOException {
    return journal(runFolder(study));
  }

  /**
   * Metrics without their time stamps and those of the machine, parameters, and tags without those
   * that covid:validate writes; by file.
   */
  static SortedMap<String, String> journal(Path run) throws IOException {
    SortedMap<String, String> journal = new TreeMap<>();
    for (String part : List.of("metrics", "params", "tags")) {
      try (Stream<Path> files = Files.walk(run.resolve(part))) {
        Path machine = run.resolve("metrics/system");
        for (Path file :
            files
                .filter(Files::isRegularFile)
                .filter(f -> !f.startsWith(machine) && !isOfValidation(f))
                .toList()) {
          String text = Files.readString(file);
          journal.put(
              run.relativize(file).toString(),
              part.equals("metrics") ? text.replaceAll("(?m)^\\d+ ", "") : text);
        }
      }
    }
    return journal;
  }

  private static boolean isOfValidation(Path file) {
    return List.of("mlflow.note.content", "mlflow.loggedArtifacts")
        .contains(file.getFileName().toString());
  }

  /** Makes a finished run look as one whose process was killed. */
  static void asIfKilled(TinyStudy study) throws IOException {
    Path meta = runFolder(study).resolve("meta.yaml");
    Files.writeString(meta, Files.readString(meta).replace("status: 3", "status: 1"));
  }

  /** Files below a folder that writers which did not get to their end left. */
  static List<Path> unfinishedFiles(Path folder) throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      return files.filter(AtomicFiles::isUnfinished).toList();
    }
  }
}
