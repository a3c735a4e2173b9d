package org.covidmmar.maven;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.covidmmar.tracking.RunJournal;

/**
 * An experiment's folder in which a real Maven runs the plugin that this build has made. Each Maven
 * leads a process group of its own, and has its temporary files in the folder, which tells its
 * processes from all others.
 */
final class KilledStudy {
  private static final String EXPERIMENT = "kills";
  private static final Pattern TOLD =
      Pattern.compile("(?m)^\\[INFO\\] ((?:train: |preparing|epoch |run: ).*)$");
  private static final Pattern RESUMED = Pattern.compile("goes on with run \\S+ after (.*)");
  private static final Pattern EPOCH = Pattern.compile("epoch (\\d+)/\\d+(.*)");

  final Path basedir;

  private KilledStudy(Path basedir) throws IOException {
    this.basedir = basedir;
    Files.createDirectories(temporary());
  }

  /** A new experiment with data of its own. */
  static KilledStudy create(Path basedir) throws IOException, InterruptedException {
    KilledStudy study = new KilledStudy(basedir);
    study.write(
        "pom.xml",
        resource("/kills/pom.xml").replace("@project.version@", property("project.version")));
    String settings = Files.readString(Path.of("src/it/settings.xml"));
    study.write(
        "settings.xml",
        settings.replace(
            "@localRepositoryUrl@", Path.of(property("localRepository")).toUri().toString()));
    study.run(false, "covid:phantom");
    return study;
  }

  /** Another one, with the same pom and the same data. */
  KilledStudy copy(Path target) throws IOException {
    KilledStudy study = new KilledStudy(target);
    try (Stream<Path> files = Files.walk(basedir.resolve("data"))) {
      for (Path file : files.toList()) {
        Files.copy(
            file,
            target.resolve(basedir.relativize(file).toString()),
            StandardCopyOption.COPY_ATTRIBUTES);
      }
    }
    for (String file : List.of("pom.xml", "settings.xml")) {
      Files.copy(basedir.resolve(file), target.resolve(file));
    }
    return study;
  }

  /** Runs a goal, which must succeed. */
  void run(String goal) throws IOException, InterruptedException {
    run(true, goal);
  }

  private void run(boolean offline, String goal) throws IOException, InterruptedException {
    int exit = start(offline, goal).waitFor();
    assertEquals(0, exit, () -> basedir + "\n" + said());
  }

  /** Starts Maven in a process group of its own, and with signals that work. */
  Process start(String goal) throws IOException {
    return start(true, goal);
  }

  private Process start(boolean offline, String goal) throws IOException {
    ProcessBuilder builder =
        new ProcessBuilder(
            "setsid",
            "env",
            "--default-signal=INT,TERM",
            Path.of(property("maven.home"), "bin", "mvn").toString(),
            "-B",
            offline ? "-o" : "-ntp",
            "-s",
            basedir.resolve("settings.xml").toString(),
            "-Dmaven.repo.local=" + property("it.repository"),
            goal);
    builder.environment().put("MAVEN_OPTS", "-Djava.io.tmpdir=" + temporary());
    return builder
        .directory(basedir.toFile())
        .redirectErrorStream(true)
        .redirectOutput(output())
        .start();
  }

  /** The computing JVM that the Maven of this folder has started. */
  Optional<ProcessHandle> child() {
    return processes().filter(process -> isComputing(process)).findFirst();
  }

  private static boolean isComputing(ProcessHandle process) {
    return process
        .info()
        .commandLine()
        .filter(line -> line.contains("experiment.Main"))
        .isPresent();
  }

  /** Waits for every process that has been started for this folder. */
  void awaitProcesses() {
    processes().forEach(process -> process.onExit().join());
  }

  private Stream<ProcessHandle> processes() {
    return ProcessHandle.allProcesses()
        .filter(
            p ->
                p.info()
                    .commandLine()
                    .filter(line -> line.contains(temporary().toString()))
                    .isPresent());
  }

  /** What Maven wrote last. */
  String said() {
    try {
      return Files.readString(output().toPath(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      return "";
    }
  }

  /** The number of values in the run's journal that an epoch is told with first. */
  int epochsBegunToBeTold() {
    return find("metrics/learning_rate"::equals).map(KilledStudy::lines).orElse(0);
  }

  private static int lines(Path file) {
    try {
      return (int) Files.readString(file).lines().count();
    } catch (IOException e) {
      return 0;
    }
  }

  boolean isWriting(String checkpoint) {
    return find(name -> name.startsWith("checkpoints/." + checkpoint)).isPresent();
  }

  boolean isPreparing() {
    try (Stream<Path> entries = Files.list(basedir.resolve(".covid/cache"))) {
      return entries.findFirst().isPresent();
    } catch (IOException e) {
      return false;
    }
  }

  /** A file of the only run, by its name in the run's folder; empty while there is none. */
  private Optional<Path> find(Predicate<String> name) {
    Path runs = basedir.resolve("mlruns/1");
    try (Stream<Path> files = Files.walk(runs, 4)) {
      return files
          .filter(f -> f.getNameCount() > runs.getNameCount() + 1 && name.test(inRun(runs, f)))
          .findFirst();
    } catch (IOException | java.io.UncheckedIOException e) {
      // Files come and go.
      return Optional.empty();
    }
  }

  private static String inRun(Path runs, Path file) {
    Path relative = runs.relativize(file);
    return relative.subpath(1, relative.getNameCount()).toString();
  }

  /** Where the process was when it was killed, as far as its files and what it said tell. */
  String phase() {
    Optional<Path> part = find(name -> name.endsWith(".part"));
    if (part.isPresent()) {
      String name = part.get().getFileName().toString();
      return "writing " + name.substring(1, name.indexOf('.', name.indexOf('.', 1) + 1));
    }
    String last = "";
    for (Matcher told = TOLD.matcher(said()); told.find(); ) {
      last = told.group(1);
    }
    Matcher epoch = EPOCH.matcher(last);
    if (epoch.matches()) {
      int number = Integer.parseInt(epoch.group(1));
      String rest = epoch.group(2);
      return rest.contains("train/")
          ? "epoch " + (number + 1) + ", steps"
          : "epoch " + number + (rest.contains("validation") ? ", result" : ", validation");
    }
    if (last.isEmpty()) {
      return "Maven starts";
    }
    return last.startsWith("train: ")
        ? "JVM starts"
        : last.startsWith("run: ")
            ? "over"
            : last.matches("preparing.*1/\\d+") ? "preparing scans" : "epoch 1, steps";
  }

  /** Where the training that ran last went on from. */
  String resumedFrom() {
    Matcher resumed = RESUMED.matcher(said());
    if (resumed.find()) {
      return resumed.group(1);
    }
    return said().contains("train: up to date") ? "was over" : "the start";
  }

  /** The only finished run. */
  Path run() {
    List<Path> finished = RunJournal.finished(basedir, EXPERIMENT);
    assertEquals(1, finished.size(), () -> basedir + ": " + finished);
    return finished.get(0);
  }

  private Path temporary() {
    return basedir.resolve("tmp");
  }

  private File output() {
    return basedir.resolve("maven.log").toFile();
  }

  private void write(String name, String text) throws IOException {
    Files.writeString(basedir.resolve(name), text);
  }

  private static String resource(String name) throws IOException {
    try (var in = KilledStudy.class.getResourceAsStream(name)) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  private static String property(String name) {
    String value = System.getProperty(name);
    if (value == null) {
      throw new IllegalStateException(String.format(Locale.ROOT, "the build sets -D%s", name));
    }
    return value;
  }
}
