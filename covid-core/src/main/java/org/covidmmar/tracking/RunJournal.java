package org.covidmmar.tracking;

import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLGenerator;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Clock;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.covidmmar.AtomicFiles;
import org.covidmmar.CovidException;
import org.covidmmar.training.TrainingEvent;
import org.covidmmar.training.TrainingListener;

/**
 * The record of one run, laid out as MLflow's file store lays it out: {@code mlruns/<experiment
 * id>/<run id>/} with meta.yaml, params/, metrics/, tags/ and artifacts/. Only appended to; each
 * value is on disk before the call returns, so that a kill loses nothing that was said. Whoever
 * writes a run has its folder locked until the journal is closed.
 */
public final class RunJournal implements TrainingListener, AutoCloseable {
  /** How a run stands, in MLflow's numbers. */
  public enum Status {
    RUNNING(1),
    FINISHED(3),
    FAILED(4),
    KILLED(5);

    private final int code;

    Status(int code) {
      this.code = code;
    }

    static Status of(Path file, int code) {
      return Arrays.stream(values())
          .filter(s -> s.code == code)
          .findFirst()
          .orElseThrow(
              () ->
                  new CovidException(
                      file,
                      "expected status 1, 3, 4 or 5, found " + code,
                      "restore the file, or move its folder out of " + FOLDER));
    }
  }

  /** Name of the journal's folder in an experiment. */
  public static final String FOLDER = "mlruns";

  /** Says what an experiment is, or a run. */
  static final String META = "meta.yaml";

  private static final YAMLMapper YAML =
      YAMLMapper.builder()
          .disable(YAMLGenerator.Feature.WRITE_DOC_START_MARKER)
          .enable(YAMLGenerator.Feature.MINIMIZE_QUOTES)
          .enable(YAMLGenerator.Feature.ALWAYS_QUOTE_NUMBERS_AS_STRINGS)
          .disable(YAMLGenerator.Feature.SPLIT_LINES)
          .build();

  private final Path folder;
  private final ForwardClock clock;
  private final FolderLock lock;

  private RunJournal(Path folder, ForwardClock clock, FolderLock lock) {
    this.folder = folder;
    this.clock = clock;
    this.lock = lock;
  }

  /**
   * Begins a run, under the experiment of this name, which is made where it is missing.
   *
   * @param basedir the experiment's folder
   * @param system for time stamps only; where it goes back, they do not: a run begins and ends
   *     after all that the experiment's other runs say of their beginnings and ends
   */
  public static RunJournal begin(Path basedir, String experiment, String runName, Clock system) {
    Path mlruns = basedir.resolve(FOLDER);
    String runId = UUID.randomUUID().toString().replace("-", "");
    try {
      Files.createDirectories(mlruns);
      writeEnvironment(basedir.resolve("mlflow.env"));
      Path experimentFolder = experimentFolderOrNew(mlruns, experiment);
      Path folder = experimentFolder.resolve(runId);
      for (String part : List.of("params", "metrics", "tags", "artifacts")) {
        Files.createDirectories(folder.resolve(part));
      }
      ForwardClock clock = new ForwardClock(system);
      clock.reach(RunFolder.latestIn(experimentFolder, folder) + 1);
      String experimentId = experimentFolder.getFileName().toString();
      ObjectNode meta = YAML.createObjectNode();
      meta.put("artifact_uri", "./" + FOLDER + "/" + experimentId + "/" + runId + "/artifacts");
      meta.putNull("end_time");
      meta.put("entry_point_name", "");
      meta.put("experiment_id", experimentId);
      meta.put("lifecycle_stage", "active");
      meta.put("run_id", runId);
      meta.put("run_name", runName);
      meta.put("source_name", "");
      meta.put("source_type", 4);
      meta.put("source_version", "");
      meta.put("start_time", clock.millis());
      meta.put("status", Status.RUNNING.code);
      meta.put("user_id", System.getProperty("user.name", ""));
      FolderLock lock = FolderLock.tryTake(folder).orElseThrow();
      RunJournal journal = new RunJournal(folder, clock, lock);
      try {
        writeYaml(folder.resolve(META), meta);
        journal.tag("mlflow.runName", runName);
        return journal;
      } catch (RuntimeException e) {
        journal.close();
        throw e;
      }
    } catch (IOException e) {
      throw AtomicFiles.unwritable(mlruns, e);
    }
  }

  /** What {@code mlflow --env-file mlflow.env ui} needs to show a journal of files. */
  private static void writeEnvironment(Path file) {
    if (!Files.exists(file)) {
      AtomicFiles.writeString(file, "MLFLOW_ALLOW_FILE_STORE=true\n");
    }
  }

  /** Of processes that begin an experiment at once, one makes its folder and the others take it. */
  private static Path experimentFolderOrNew(Path mlruns, String experiment) throws IOException {
    int id = 1;
    while (true) {
      while (Files.exists(mlruns.resolve(Integer.toString(id)))) {
        id++;
      }
      // Looked for after the number is chosen: who is faster takes this very number.
      Optional<Path> existing = findExperiment(mlruns, experiment);
      if (existing.isPresent()) {
        return existing.get();
      }
      ObjectNode meta = YAML.createObjectNode();
      meta.put("artifact_location", "./" + FOLDER + "/" + id);
      meta.put("experiment_id", Integer.toString(id));
      meta.put("lifecycle_stage", "active");
      meta.put("name", experiment);
      Path beside = Files.createDirectory(mlruns.resolve("." + UUID.randomUUID() + ".part"));
      writeYaml(beside.resolve(META), meta);
      Path folder = mlruns.resolve(Integer.toString(id));
      try {
        return Files.move(beside, folder, StandardCopyOption.ATOMIC_MOVE);
      } catch (FileSystemException e) {
        Files.deleteIfExists(beside.resolve(META));
        Files.deleteIfExists(beside);
        if (!Files.exists(folder)) {
          throw e;
        }
      }
    }
  }

  private static Optional<Path> findExperiment(Path mlruns, String experiment) throws IOException {
    try (Stream<Path> folders = Files.list(mlruns)) {
      return folders
          .filter(f -> !f.getFileName().toString().startsWith("."))
          .filter(f -> Files.exists(f.resolve(META)))
          .sorted()
          .filter(f -> experiment.equals(readYaml(f.resolve(META)).path("name").asText()))
          .findFirst();
    }
  }

  /**
   * The newest finished run of an experiment.
   *
   * @return its folder; empty where there is none
   */
  public static Optional<Path> newestFinished(Path basedir, String experiment) {
    return finished(basedir, experiment).stream().findFirst();
  }

  /** The folders of an experiment's finished runs, the newest first. */
  public static List<Path> finished(Path basedir, String experiment) {
    return RunFolder.finished(basedir, experiment).stream().map(RunFolder::path).toList();
  }

  /** The folder of the experiment of this name; empty where it has no run. */
  public static Optional<Path> experimentFolder(Path basedir, String experiment) {
    Path mlruns = basedir.resolve(FOLDER);
    if (!Files.isDirectory(mlruns)) {
      return Optional.empty();
    }
    try {
      return findExperiment(mlruns, experiment);
    } catch (IOException e) {
      throw unreadable(mlruns, e);
    }
  }

  /** The folder of the run with this id, in any experiment of the journal. */
  public static Optional<Path> find(Path basedir, String runId) {
    Path mlruns = basedir.resolve(FOLDER);
    if (!runId.matches("[0-9a-f]{32}") || !Files.isDirectory(mlruns)) {
      return Optional.empty();
    }
    try (Stream<Path> experiments = Files.list(mlruns)) {
      return experiments.map(e -> e.resolve(runId)).filter(Files::isDirectory).findFirst();
    } catch (IOException e) {
      throw unreadable(mlruns, e);
    }
  }

  /** The run's folder. */
  public Path folder() {
    return folder;
  }

  /** Where the run's artifacts go. */
  public Path artifacts() {
    return folder.resolve("artifacts");
  }

  /** Records a hyperparameter, once. */
  public void param(String key, String value) {
    AtomicFiles.writeString(folder.resolve("params").resolve(key), value);
  }

  /** Records a tag; a later value replaces it. */
  public void tag(String key, String value) {
    tag(folder, key, value);
  }

  /** Records a tag of the run in this folder, which may have ended. */
  public static void tag(Path run, String key, String value) {
    AtomicFiles.writeString(run.resolve("tags").resolve(key), value);
  }

  /** Appends one value of a metric; a key such as {@code val/auc} makes a folder. */
  public void metric(String key, double value, int step) {
    append(
        folder.resolve("metrics").resolve(key), clock.millis() + " " + value + " " + step + "\n");
  }

  /** Appends a whole line, which is on disk when this returns. */
  private static void append(Path file, String text) {
    byte[] line = text.getBytes(StandardCharsets.UTF_8);
    try {
      Files.createDirectories(file.getParent());
      try (FileChannel channel =
          FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.APPEND)) {
        ByteBuffer bytes = ByteBuffer.wrap(line);
        while (bytes.hasRemaining()) {
          channel.write(bytes);
        }
        channel.force(true);
      }
    } catch (IOException e) {
      throw AtomicFiles.unwritable(file, e);
    }
  }

  /**
   * Takes up a run that did not finish.
   *
   * @param run its folder
   * @return empty where another process is at it, or has finished it meanwhile
   */
  public static Optional<RunJournal> resume(Path run, Clock clock) {
    Optional<RunJournal> taken = take(run, clock);
    if (taken.isPresent() && taken.get().status() == Status.FINISHED) {
      taken.get().close();
      return Optional.empty();
    }
    taken.ifPresent(
        journal -> {
          try {
            journal.removeUnfinishedFiles();
            journal.update(meta -> meta.putNull("end_time").put("status", Status.RUNNING.code));
          } catch (RuntimeException e) {
            journal.close();
            throw e;
          }
        });
    return taken;
  }

  /** Says of a run that it was killed, unless a process is at it or has ended it. */
  public static void endIfLeft(Path run, Clock clock) {
    take(run, clock)
        .ifPresent(
            journal -> {
              try (journal) {
                if (journal.status() == Status.RUNNING) {
                  journal.end(Status.KILLED);
                }
              }
            });
  }

  private static Optional<RunJournal> take(Path run, Clock system) {
    return FolderLock.tryTake(run)
        .map(
            lock -> {
              try {
                ForwardClock clock = new ForwardClock(system);
                clock.reach(new RunFolder(run).latest());
                return new RunJournal(run, clock, lock);
              } catch (RuntimeException e) {
                lock.close();
                throw e;
              }
            });
  }

  /** Says that this process will soon let go of the run, for another to wait for it. */
  public void markEnding() {
    lock.markEnding();
  }

  /** Whether the process that is at a run has said that it will soon let go of it. */
  public static boolean isEnding(Path run) {
    return FolderLock.isEnding(run);
  }

  private Status status() {
    return new RunFolder(folder).meta().status();
  }

  private void removeUnfinishedFiles() {
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.filter(AtomicFiles::isUnfinished).toList()) {
        Files.delete(file);
      }
    } catch (IOException e) {
      throw AtomicFiles.unwritable(folder, e);
    }
  }

  /** Drops what is said of later epochs than this one, and lines that a kill left unfinished. */
  public void forgetAfter(int epoch) {
    try (Stream<Path> files = Files.walk(folder.resolve("metrics"))) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        keepLines(
            file, line -> Integer.parseInt(line.substring(line.lastIndexOf(' ') + 1)) <= epoch);
      }
      Path weights = folder.resolve(RunFolder.WEIGHTS);
      if (Files.exists(weights)) {
        keepLines(weights, line -> Integer.parseInt(line.substring(0, line.indexOf(','))) <= epoch);
      }
    } catch (IOException e) {
      throw unreadable(folder, e);
    }
  }

  private static void keepLines(Path file, Predicate<String> which) throws IOException {
    String text = Files.readString(file);
    String kept =
        text.substring(0, text.lastIndexOf('\n') + 1)
            .lines()
            .filter(which)
            .map(line -> line + "\n")
            .collect(Collectors.joining());
    if (!kept.equals(text)) {
      AtomicFiles.writeString(file, kept);
    }
  }

  /** Ends the run. */
  public void end(Status status) {
    clock.reach(RunFolder.latestIn(folder.toAbsolutePath().getParent(), folder) + 1);
    update(meta -> meta.put("end_time", clock.millis()).put("status", status.code));
  }

  private void update(Consumer<ObjectNode> change) {
    Path file = folder.resolve(META);
    ObjectNode meta = readYaml(file);
    change.accept(meta);
    writeYaml(file, meta);
  }

  @Override
  public void close() {
    lock.close();
  }

  @Override
  public void on(TrainingEvent event) {
    if (event instanceof TrainingEvent.EpochDone done) {
      done.metrics().forEach((key, value) -> metric(key, value, done.epoch()));
      // Last: an epoch whose weights are told is told whole.
      append(folder.resolve(RunFolder.WEIGHTS), done.epoch() + "," + done.weights() + "\n");
    }
  }

  private static void writeYaml(Path file, ObjectNode meta) {
    AtomicFiles.write(file, out -> out.write(YAML.writeValueAsBytes(meta)));
  }

  static ObjectNode readYaml(Path file) {
    try {
      return YAML.readValue(file.toFile(), ObjectNode.class);
    } catch (IOException e) {
      throw unreadable(file, e);
    }
  }

  static CovidException unreadable(Path file, IOException e) {
    return new CovidException(
        file.toString(),
        "cannot be read: " + e.getMessage(),
        "restore the file, or move its folder out of " + FOLDER,
        e);
  }
}
