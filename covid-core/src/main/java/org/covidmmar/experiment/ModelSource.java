package org.covidmmar.experiment;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.covidmmar.CovidException;
import org.covidmmar.config.ExperimentConfig;
import org.covidmmar.config.Settings;
import org.covidmmar.inference.ModelConfig;
import org.covidmmar.tracking.RunJournal;

/**
 * The model that a goal works with.
 *
 * @param weights a .safetensors file
 * @param run the run that made it; null where it is a file of its own
 * @param architecture of the network
 * @param preprocessing the model's own; the experiment's where the model has none
 */
record ModelSource(
    Path weights, Path run, String architecture, ExperimentConfig.Preprocessing preprocessing) {

  /** What the model is read from. */
  List<Path> files() {
    return List.of(weights, ModelConfig.beside(weights));
  }

  /** The model of covid.model, or of the newest finished run. */
  static ModelSource find(Path basedir, ExperimentConfig config) {
    String given = config.inference().model();
    Path weights =
        given != null
            ? weights(basedir, "covid.model", given)
            : RunJournal.newestFinished(basedir, config.experiment())
                .map(ModelSource::inRun)
                .orElseThrow(
                    () ->
                        new CovidException(
                            "covid.model",
                            "there is no finished run of \""
                                + config.experiment()
                                + "\" in "
                                + basedir.resolve(RunJournal.FOLDER),
                            "run covid:train first, or give a .safetensors file or a run id"));
    Path configFile = ModelConfig.beside(weights);
    if (!Files.exists(configFile)) {
      return new ModelSource(
          weights, null, config.network().architecture(), config.preprocessing());
    }
    ModelConfig model = ModelConfig.read(configFile);
    refuseContradiction(configFile, model.preprocessing(), config.preprocessing());
    return new ModelSource(
        weights, runOf(weights).orElse(null), model.architecture(), model.preprocessing());
  }

  /** The file that a property names, as a path or by the id of a run. */
  static Path weights(Path basedir, String property, String given) {
    Optional<Path> run = RunJournal.find(basedir, given);
    Path file = run.map(ModelSource::inRun).orElseGet(() -> basedir.resolve(given).normalize());
    if (!Files.isRegularFile(file)) {
      throw new CovidException(
          property,
          "expected a .safetensors file or the id of a run, found \"" + given + "\": " + file,
          "give a file that exists, or one of the folder names under " + RunJournal.FOLDER);
    }
    return file;
  }

  /** The model of a run. */
  static Path inRun(Path run) {
    return run.resolve("artifacts/model/model.safetensors");
  }

  private static Optional<Path> runOf(Path weights) {
    Path run = weights.resolveSibling("../..").normalize();
    return inRun(run).equals(weights) && Files.exists(run.resolve("meta.yaml"))
        ? Optional.of(run)
        : Optional.empty();
  }

  /**
   * A model's preprocessing is its own. The configuration may be silent (the default) or say the
   * same.
   */
  private static void refuseContradiction(
      Path file, ExperimentConfig.Preprocessing model, ExperimentConfig.Preprocessing given) {
    ExperimentConfig.Preprocessing silent =
        ExperimentConfig.of(Settings.of(Map.of()), "", null).preprocessing();
    List<CovidException> contradictions = new ArrayList<>();
    Map<String, String> ofModel = model.fixedProperties();
    Map<String, String> ofDefault = silent.fixedProperties();
    given
        .fixedProperties()
        .forEach(
            (property, value) -> {
              if (!value.equals(ofModel.get(property)) && !value.equals(ofDefault.get(property))) {
                contradictions.add(
                    new CovidException(
                        property,
                        "the model was trained with "
                            + ofModel.get(property)
                            + ", the configuration says "
                            + value,
                        "leave the property as the model has it ("
                            + file
                            + "), or train a model with the other value"));
              }
            });
    if (!contradictions.isEmpty()) {
      throw CovidException.all("covid.model", contradictions);
    }
  }
}
