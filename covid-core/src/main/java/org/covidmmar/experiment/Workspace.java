package org.covidmmar.experiment;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.covidmmar.AtomicFiles;
import org.covidmmar.Fingerprint;
import org.covidmmar.Seeds;
import org.covidmmar.config.ExperimentConfig;
import org.covidmmar.dataset.BatchLoader;
import org.covidmmar.dataset.BatchSource;
import org.covidmmar.dataset.Case;
import org.covidmmar.dataset.CompletedDataset;
import org.covidmmar.dataset.DataFingerprints;
import org.covidmmar.dataset.Dataset;
import org.covidmmar.dataset.PreprocessCache;
import org.covidmmar.provenance.ProvenanceRecorder;
import org.covidmmar.tracking.LiveSync;
import org.covidmmar.transform.Pipeline;

/**
 * An experiment's folder and configuration: where things are, and what several goals make of them.
 *
 * @param request what the goal is asked to do
 * @param listener hears what the goal has to say
 */
record Workspace(Request request, Message.Listener listener) {
  /** Batches that are made ahead. */
  private static final int DEPTH = 2;

  /** Digits of a list's fingerprint that are shown. */
  private static final int SHOWN_DIGITS = 8;

  private static final String SEGMENT = "segment";
  private static final String DATASET_COPY = "dataset.json";

  Path basedir() {
    return request.basedir();
  }

  ExperimentConfig config() {
    return request.config();
  }

  Path dataRoot() {
    return basedir().resolve(config().data().dataRoot()).normalize();
  }

  /**
   * The dataset, with the masks that segment made for cases that have none of their own.
   *
   * <p>They are looked for where segment writes now, and where it writes by default: the output
   * folder may have been set for another goal alone.
   */
  Dataset dataset() {
    Dataset own = ownDataset();
    boolean complete =
        own.lists().values().stream().flatMap(List::stream).allMatch(c -> c.mask() != null);
    if (complete) {
      return own;
    }
    for (Path copy : List.of(completedDataset(), defaultOutput(SEGMENT).resolve(DATASET_COPY))) {
      Optional<Dataset> completed = CompletedDataset.read(copy, own);
      if (completed.isPresent()) {
        return completed.get();
      }
    }
    if (Files.exists(completedDataset())) {
      listener.on(
          new Message.Warning(
              completedDataset()
                  + " is not used: "
                  + own.file()
                  + " changed since it was made; run covid:segment again"));
    }
    return own;
  }

  /** The dataset as the user wrote it. */
  Dataset ownDataset() {
    return Dataset.read(dataRoot().resolve(config().data().dataset()), dataRoot());
  }

  /** Gives another experiment on the same dataset the masks that were made for this one. */
  void handMasksTo(Workspace other) {
    Map<Path, Path> masks = new HashMap<>();
    for (List<Case> cases : dataset().lists().values()) {
      cases.stream().filter(c -> c.mask() != null).forEach(c -> masks.put(c.image(), c.mask()));
    }
    Dataset own = ownDataset();
    if (own.lists().values().stream()
        .flatMap(List::stream)
        .anyMatch(c -> c.mask() == null && masks.containsKey(c.image()))) {
      CompletedDataset.write(other.completedDataset(), own, masks, other.basedir());
    }
  }

  /** The copy of the dataset that segment completes. */
  Path completedDataset() {
    return output(SEGMENT).resolve(DATASET_COPY);
  }

  /** The folder that a goal writes into where it belongs to no run. */
  Path output(String goal) {
    String given = config().inference().output();
    return given != null ? basedir().resolve(given).normalize() : defaultOutput(goal);
  }

  private Path defaultOutput(String goal) {
    return basedir().resolve("target/covid/" + goal).normalize();
  }

  /** The stamp of a goal that belongs to no run; several goals may have one folder. */
  Path stamp(String goal) {
    return output(goal).resolve(goal + ".stamp.json");
  }

  /** Refuses a folder that cannot be written, before time is spent on what would go there. */
  static void requireWritable(Path folder) {
    try {
      Files.createDirectories(folder);
      Path probe = Files.createTempFile(folder, ".covid", ".probe");
      try {
        // A full disk may still have room for an empty file.
        Files.write(probe, new byte[1]);
      } finally {
        Files.delete(probe);
      }
    } catch (IOException e) {
      throw AtomicFiles.unwritable(folder, e);
    }
  }

  /** Preprocessed samples of a pipeline, kept in the experiment's cache. */
  PreprocessCache cache(Pipeline pipeline, DataFingerprints fingerprints) {
    return new PreprocessCache(
        basedir().resolve(".covid/cache"),
        pipeline,
        fingerprints,
        note -> {
          synchronized (listener) {
            listener.on(new Message.Warning(note));
          }
        });
  }

  /** Batches of what the cache's pipeline makes. */
  BatchSource batches(PreprocessCache cache, ExperimentConfig.Preprocessing preprocessing) {
    return new BatchSource(
        cache,
        preprocessing.inputShape(),
        config().training().batchSize(),
        new Seeds(config().training().seed()),
        new BatchLoader.Prefetch(config().compute().threadCount(), DEPTH));
  }

  /**
   * What a stage depends on besides files: parts of the configuration, and the versions of what
   * computes.
   *
   * @param parts of the configuration, such as training
   */
  SortedMap<String, String> values(String... parts) {
    SortedMap<String, String> values = new TreeMap<>();
    config()
        .flat()
        .forEach(
            (path, value) -> {
              int dot = path.indexOf('.');
              if (dot > 0 && List.of(parts).contains(path.substring(0, dot))) {
                values.put(path.substring(dot + 1), value);
              }
            });
    values.put("threads", Integer.toString(config().compute().threadCount()));
    values.put("covid-mmar", ProvenanceRecorder.projectVersion());
    values.put("libtorch", Engines.installed());
    return values;
  }

  /** A list's cases in a few words that change when a case does: its id, its paths, its label. */
  String describe(List<Case> cases) {
    String all =
        cases.stream()
            .map(c -> c.id() + " " + place(c.image()) + " " + place(c.mask()) + " " + c.label())
            .collect(Collectors.joining("\n"));
    return cases.size() + " cases (" + Fingerprint.of(all).hex().substring(0, SHOWN_DIGITS) + ")";
  }

  /** As it is from the experiment's folder, so that the folder can be moved. */
  private String place(Path file) {
    return file == null || !file.startsWith(basedir())
        ? String.valueOf(file)
        : basedir().relativize(file).toString();
  }

  /** As it is from the data's folder, or else from the experiment's, so that both can be moved. */
  String shown(Path file) {
    Path shown = file.startsWith(dataRoot()) ? dataRoot().relativize(file) : Path.of(place(file));
    return shown.toString().replace('\\', '/');
  }

  /** The files of cases: images and masks. */
  static List<Path> files(List<Case> cases) {
    return cases.stream()
        .flatMap(c -> Stream.of(c.image(), c.mask()))
        .filter(Objects::nonNull)
        .toList();
  }

  PreprocessCache.Progress progress(String stage) {
    return (done, total) -> {
      synchronized (listener) {
        listener.on(new Message.Progress(stage, done, total, ""));
      }
    };
  }

  /** Sends a run to the MLflow server, where there is one, until closed. */
  LiveSync send(Path run) {
    return new LiveSync(
        request.tracking(), run, warning -> listener.on(new Message.Warning(warning)));
  }

  void say(String text) {
    listener.on(new Message.Line(text));
  }
}
