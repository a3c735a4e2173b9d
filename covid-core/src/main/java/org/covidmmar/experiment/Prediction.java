package org.covidmmar.experiment;

import java.nio.file.Path;
import java.util.List;
import org.covidmmar.CovidException;
import org.covidmmar.config.ExperimentConfig;
import org.covidmmar.dataset.BatchSource;
import org.covidmmar.dataset.Case;
import org.covidmmar.dataset.DataFingerprints;
import org.covidmmar.dataset.PreprocessCache;
import org.covidmmar.evaluation.ScoredCase;
import org.covidmmar.inference.Predictor;
import org.covidmmar.model.Architecture;
import org.covidmmar.model.DenseNet3d;
import org.covidmmar.model.MemoryFormat;
import org.covidmmar.model.weights.Weights;
import org.covidmmar.transform.Pipeline;

/** What validate and infer share: cases through a model's own preprocessing and network. */
final class Prediction {
  private Prediction() {}

  /**
   * The cases' probabilities in their order, with images named from the data's folder; every bad
   * case is refused before the first.
   */
  static List<ScoredCase> of(
      Workspace workspace, ModelSource model, List<Case> cases, DataFingerprints fingerprints) {
    ExperimentConfig.Preprocessing preprocessing = model.preprocessing();
    Pipeline pipeline = preprocessing.pipeline().withoutAugmentation();
    PreprocessCache cache = workspace.cache(pipeline, fingerprints);
    cache.prepare(
        cases, workspace.config().compute().threadCount(), workspace.progress("preparing scans"));
    BatchSource batches = workspace.batches(cache, preprocessing);
    try (DenseNet3d network = network(workspace, model)) {
      PreprocessCache.Progress progress = workspace.progress("predicting");
      return new Predictor(network, batches)
              .predict(
                  cases,
                  done -> {
                    progress.on(done, cases.size());
                    return true;
                  })
              .orElseThrow()
              .stream()
              .map(c -> c.withImage(workspace.shown(Path.of(c.image()))))
              .toList();
    }
  }

  /** The model's network; the caller closes it. */
  static DenseNet3d network(Workspace workspace, ModelSource model) {
    DenseNet3d network =
        new DenseNet3d(
            Architecture.of(model.architecture()),
            0,
            MemoryFormat.CHANNELS_LAST,
            Engines.device(workspace.config().compute()));
    try {
      Weights.load(model.weights(), network).forEach(workspace::say);
    } catch (CovidException e) {
      network.close();
      throw e;
    }
    return network;
  }
}
