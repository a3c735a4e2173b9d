package org.covidmmar.tracking;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.covidmmar.CovidException;
import org.covidmmar.dataset.DataFingerprints;

/**
 * Reads a run's folder, as {@link RunJournal} lays it out.
 *
 * @param path {@code mlruns/<experiment id>/<run id>}
 */
public record RunFolder(Path path) {
  /** Lines of an epoch, a comma and the fingerprint of its weights. */
  static final String WEIGHTS = "artifacts/weights.csv";

  /** Of an exported model: the fingerprint of the weights that it was made of. */
  public static final String WEIGHTS_SHA256 = "weights_sha256";

  private static final int SHA256_DIGITS = 64;

  /**
   * What meta.yaml says.
   *
   * @param experiment the experiment's name; unknown experiment where the run's folder was copied
   *     out of its journal
   * @param end empty where the run has not said that it ended
   */
  public record Meta(
      String id,
      String name,
      String experiment,
      RunJournal.Status status,
      Instant start,
      Optional<Instant> end) {}

  /**
   * The finished runs of an experiment, the one that ended last first.
   *
   * @param basedir the experiment's folder
   */
  public static List<RunFolder> finished(Path basedir, String experiment) {
    return RunJournal.experimentFolder(basedir, experiment).stream()
        .flatMap(RunFolder::finishedIn)
        .toList();
  }

  /**
   * Every run of every experiment in a journal.
   *
   * @param basedir the experiment's folder
   */
  public static List<RunFolder> all(Path basedir) {
    Path mlruns = basedir.resolve(RunJournal.FOLDER);
    if (!Files.isDirectory(mlruns)) {
      return List.of();
    }
    return list(mlruns)
        .filter(experiment -> Files.exists(experiment.resolve(RunJournal.META)))
        .sorted()
        .flatMap(experiment -> runsIn(experiment, status -> true))
        .toList();
  }

  /**
   * The runs of an experiment that did not finish, be they under way or left by a process that is
   * gone, the one begun last first.
   *
   * @param basedir the experiment's folder
   */
  public static List<RunFolder> unfinished(Path basedir, String experiment) {
    return RunJournal.experimentFolder(basedir, experiment).stream()
        .flatMap(folder -> runsIn(folder, status -> status != RunJournal.Status.FINISHED))
        .toList();
  }

  /**
   * The finished runs of this run's experiment that ended before it did, or before it began where
   * it has not finished; the newest first.
   */
  public List<RunFolder> earlierFinished() {
    Instant last = last(meta());
    return finishedIn(path.toAbsolutePath().getParent())
        .filter(run -> last(run.meta()).isBefore(last))
        .toList();
  }

  private static Stream<RunFolder> finishedIn(Path experiment) {
    return runsIn(experiment, status -> status == RunJournal.Status.FINISHED);
  }

  private static Stream<RunFolder> runsIn(Path experiment, Predicate<RunJournal.Status> which) {
    return list(experiment)
        .filter(folder -> Files.exists(folder.resolve(RunJournal.META)))
        .filter(folder -> !isDeleted(folder))
        .map(folder -> Map.entry(new RunFolder(folder), new RunFolder(folder).meta()))
        .filter(run -> which.test(run.getValue().status()))
        .sorted(
            Comparator.<Map.Entry<RunFolder, Meta>, Instant>comparing(run -> last(run.getValue()))
                .thenComparing(run -> run.getValue().start())
                .thenComparing(run -> run.getKey().path())
                .reversed())
        .map(Map.Entry::getKey);
  }

  /** By which runs are older or newer: one taken up again is as new as its end. */
  private static Instant last(Meta meta) {
    return meta.status() == RunJournal.Status.FINISHED
        ? meta.end().orElse(meta.start())
        : meta.start();
  }

  /**
   * The last time that the runs of an experiment say of their beginnings and ends, in milliseconds
   * since 1970; 0 where there are none.
   *
   * @param except a run that is not asked
   */
  static long latestIn(Path experiment, Path except) {
    return list(experiment)
        .filter(folder -> !folder.getFileName().equals(except.getFileName()))
        .filter(folder -> Files.exists(folder.resolve(RunJournal.META)))
        .mapToLong(folder -> new RunFolder(folder).lastSaid())
        .max()
        .orElse(0);
  }

  private long lastSaid() {
    JsonNode meta = RunJournal.readYaml(path.resolve(RunJournal.META));
    return Math.max(meta.path("start_time").asLong(), meta.path("end_time").asLong());
  }

  /** The last time that the run says of anything. */
  long latest() {
    return texts("metrics").values().stream()
        .flatMap(text -> text.substring(0, text.lastIndexOf('\n') + 1).lines())
        .map(line -> line.substring(0, Math.max(0, line.indexOf(' '))))
        .filter(stamp -> stamp.matches("\\d{1,18}"))
        .mapToLong(Long::parseLong)
        .reduce(lastSaid(), Math::max);
  }

  /** MLflow's pages leave a run that they delete where it is, and mark it. */
  private static boolean isDeleted(Path folder) {
    return RunJournal.readYaml(folder.resolve(RunJournal.META))
        .path("lifecycle_stage")
        .asText()
        .equals("deleted");
  }

  /**
   * What the run says of itself.
   *
   * @throws CovidException where the folder is no run
   */
  public Meta meta() {
    Path file = path.resolve(RunJournal.META);
    if (!Files.exists(file)) {
      throw new CovidException(
          path,
          "is no run: it has no " + RunJournal.META,
          "give a run's folder, " + RunJournal.FOLDER + "/<experiment id>/<run id>");
    }
    JsonNode run = RunJournal.readYaml(file);
    Path experiment = path.toAbsolutePath().resolveSibling(RunJournal.META);
    return new Meta(
        run.path("run_id").asText(),
        run.path("run_name").asText(),
        Files.exists(experiment)
            ? RunJournal.readYaml(experiment).path("name").asText()
            : "unknown experiment",
        RunJournal.Status.of(file, run.path("status").asInt()),
        Instant.ofEpochMilli(run.path("start_time").asLong()),
        run.path("end_time").isNumber()
            ? Optional.of(Instant.ofEpochMilli(run.path("end_time").asLong()))
            : Optional.empty());
  }

  /** Whoever began the run; empty where that is not known. */
  String user() {
    return RunJournal.readYaml(path.resolve(RunJournal.META)).path("user_id").asText();
  }

  /** The hyperparameters by name. */
  public SortedMap<String, String> params() {
    return texts("params");
  }

  /** The tags by name. */
  public SortedMap<String, String> tags() {
    return texts("tags");
  }

  /** Each metric's values by step, a step's last where it was said twice. */
  public SortedMap<String, SortedMap<Integer, Double>> metrics() {
    SortedMap<String, SortedMap<Integer, Double>> metrics = new TreeMap<>();
    texts("metrics").forEach((name, lines) -> metrics.put(name, values(name, lines)));
    return metrics;
  }

  private SortedMap<Integer, Double> values(String metric, String text) {
    SortedMap<Integer, Double> values = new TreeMap<>();
    // What follows the last line feed was torn by a kill, if there is anything.
    text.substring(0, text.lastIndexOf('\n') + 1)
        .lines()
        .forEach(
            line -> {
              String[] parts = line.split(" ", -1);
              try {
                values.put(Integer.valueOf(parts[2]), Double.valueOf(parts[1]));
              } catch (ArrayIndexOutOfBoundsException | NumberFormatException e) {
                throw new CovidException(
                    path.resolve("metrics").resolve(metric).toString(),
                    "expected lines of time stamp, value and epoch, found \"" + line + "\"",
                    "restore the file, or remove that line",
                    e);
              }
            });
    return values;
  }

  /**
   * The fingerprint of the weights after each epoch, as {@link
   * org.covidmmar.model.weights.Weights#fingerprint} takes it: how far two runs have the same bits.
   */
  public SortedMap<Integer, String> weightsByEpoch() {
    SortedMap<Integer, String> weights = new TreeMap<>();
    Path file = path.resolve(WEIGHTS);
    if (Files.exists(file)) {
      try {
        for (String line : Files.readAllLines(file)) {
          int comma = line.indexOf(',');
          if (line.length() - comma - 1 == SHA256_DIGITS) {
            weights.put(Integer.valueOf(line.substring(0, comma)), line.substring(comma + 1));
          }
        }
      } catch (IOException | NumberFormatException | IndexOutOfBoundsException e) {
        throw new CovidException(
            file.toString(),
            "expected lines of epoch and SHA-256, found something else: " + e.getMessage(),
            "restore the file, or remove it",
            e);
      }
    }
    return weights;
  }

  /** Epochs of which the run says all, also where it was killed while it told of the next. */
  public int wholeEpochs() {
    SortedMap<Integer, String> weights = weightsByEpoch();
    return weights.isEmpty() ? 0 : weights.lastKey();
  }

  /** The model; may be missing. */
  public Path model() {
    return artifacts().resolve("model/model.safetensors");
  }

  /** What the run was made from and with; may be missing. */
  public Path provenance() {
    return artifacts().resolve("provenance.json");
  }

  /** What an exported file of the model says of where it comes from, by name. */
  public SortedMap<String, String> origin(DataFingerprints fingerprints) {
    SortedMap<String, String> origin = new TreeMap<>();
    origin.put(WEIGHTS_SHA256, fingerprints.ofFile(model()).hex());
    origin.put("run_id", path.getFileName().toString());
    if (Files.exists(provenance())) {
      origin.put("provenance_sha256", fingerprints.ofFile(provenance()).hex());
    }
    return origin;
  }

  /** Where an evaluation of the run's model is; may be missing. */
  public Path evaluation() {
    return artifacts().resolve("evaluation");
  }

  /** The folder of pictures in a folder that an evaluation is in. */
  public static Path pictures(Path evaluation) {
    return evaluation.resolve("cases");
  }

  /** Where the run's report goes. */
  public Path report() {
    return artifacts().resolve("report.html");
  }

  /** The files that say what the run is and how it went; without weights and report. */
  public List<Path> files() {
    return Stream.of(
            path.resolve(RunJournal.META),
            path.resolve("params"),
            path.resolve("metrics"),
            path.resolve("tags"),
            provenance(),
            evaluation())
        .filter(Files::exists)
        .flatMap(RunFolder::filesUnder)
        .toList();
  }

  private static Stream<Path> filesUnder(Path part) {
    try (Stream<Path> files = Files.walk(part)) {
      return files.filter(Files::isRegularFile).toList().stream();
    } catch (UncheckedIOException e) {
      throw RunJournal.unreadable(part, e.getCause());
    } catch (IOException e) {
      throw RunJournal.unreadable(part, e);
    }
  }

  private Path artifacts() {
    return path.resolve("artifacts");
  }

  /** The file of each metric. */
  SortedMap<String, Path> metricFiles() {
    return named("metrics");
  }

  /** The artifacts, by their path with slashes. */
  SortedMap<String, Path> artifactFiles() {
    return named("artifacts");
  }

  private SortedMap<String, String> texts(String part) {
    SortedMap<String, String> texts = new TreeMap<>();
    named(part)
        .forEach(
            (name, file) -> {
              try {
                texts.put(name, Files.readString(file));
              } catch (IOException e) {
                throw RunJournal.unreadable(file, e);
              }
            });
    return texts;
  }

  /** Files under a part of the run by their path in it, with slashes. */
  private SortedMap<String, Path> named(String part) {
    Path folder = path.resolve(part);
    SortedMap<String, Path> files = new TreeMap<>();
    if (Files.isDirectory(folder)) {
      filesUnder(folder)
          // A hidden file is one that a kill kept from getting its name.
          .filter(file -> !file.getFileName().toString().startsWith("."))
          .forEach(file -> files.put(folder.relativize(file).toString().replace('\\', '/'), file));
    }
    return files;
  }

  private static Stream<Path> list(Path folder) {
    try (Stream<Path> children = Files.list(folder)) {
      return children.toList().stream();
    } catch (IOException e) {
      throw RunJournal.unreadable(folder, e);
    }
  }
}
