package org.covidmmar.experiment;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.covidmmar.AtomicFiles;
import org.covidmmar.Seeds;
import org.covidmmar.config.ExperimentConfig;
import org.covidmmar.dataset.BatchLoader;
import org.covidmmar.dataset.BatchSource;
import org.covidmmar.dataset.DataFingerprints;
import org.covidmmar.dataset.Dataset;
import org.covidmmar.dataset.PreprocessCache;
import org.covidmmar.transform.Pipeline;

/**
 * An experiment's folder and configuration: where things are, and what several goals make of them.
 *
 * @param basedir the experiment's folder, absolute
 * @param listener hears what the goal has to say
 */
record Workspace(Path basedir, ExperimentConfig config, Message.Listener listener) {
  /** Batches that are made ahead. */
  private static final int DEPTH = 2;

  Path dataRoot() {
    return basedir.resolve(config.data().dataRoot()).normalize();
  }

  Dataset dataset() {
    return Dataset.read(dataRoot().resolve(config.data().dataset()), dataRoot());
  }

  /** The folder that a goal writes into where it belongs to no run. */
  Path output(String goal) {
    String given = config.inference().output();
    return basedir.resolve(given != null ? given : "target/covid/" + goal).normalize();
  }

  /** Refuses a folder that cannot be written, before time is spent on what would go there. */
  static void requireWritable(Path folder) {
    try {
      Files.createDirectories(folder);
      Files.delete(Files.createTempFile(folder, ".covid", ".probe"));
    } catch (IOException e) {
      throw AtomicFiles.unwritable(folder, e);
    }
  }

  /** Preprocessed samples of a pipeline, kept in the experiment's cache. */
  PreprocessCache cache(Pipeline pipeline, DataFingerprints fingerprints) {
    return new PreprocessCache(
        basedir.resolve(".covid/cache"),
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
        config.training().batchSize(),
        new Seeds(config.training().seed()),
        new BatchLoader.Prefetch(config.compute().threadCount(), DEPTH));
  }

  PreprocessCache.Progress progress(String stage) {
    return (done, total) -> {
      synchronized (listener) {
        listener.on(new Message.Progress(stage, done, total, ""));
      }
    };
  }

  void say(String text) {
    listener.on(new Message.Line(text));
  }
}
