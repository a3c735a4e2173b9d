package org.covidmmar.experiment;

import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import org.covidmmar.CovidException;
import org.covidmmar.FileNames;
import org.covidmmar.config.ExperimentConfig;
import org.covidmmar.config.Setting;
import org.covidmmar.config.Settings;
import org.covidmmar.inference.ModelConfig;
import org.covidmmar.mmar.Coordinates;
import org.covidmmar.mmar.MmarArchive;
import org.covidmmar.model.Architecture;
import org.covidmmar.model.weights.TensorFile;
import org.covidmmar.model.weights.TensorFlow;
import org.covidmmar.model.weights.Weights;
import org.covidmmar.tracking.RunJournal;
import org.covidmmar.transform.Pipeline;

/**
 * The model that a goal works with.
 *
 * @param weights a .safetensors, .pt or .pth file
 * @param run the run that made it; null where it is a file of its own
 * @param architecture of the network
 * @param preprocessing the model's own; the experiment's where the model has none
 */
record ModelSource(
    Path weights, Path run, String architecture, ExperimentConfig.Preprocessing preprocessing) {

  /** The same model with its inputs made otherwise. */
  ModelSource with(ExperimentConfig.Preprocessing other) {
    return new ModelSource(weights, run, architecture, other);
  }

  /** What the model is read from. */
  List<Path> files() {
    return List.of(weights, ModelConfig.beside(weights));
  }

  /**
   * Architecture and preprocessing by property: where the model has none of its own, no file of it
   * tells when they change.
   */
  SortedMap<String, String> properties() {
    return properties(architecture, preprocessing);
  }

  /** The model of covid.model, or of the newest finished run. */
  static ModelSource find(Request request) {
    ExperimentConfig config = request.config();
    String given = config.inference().model();
    Path weights =
        given != null ? weights(request, Setting.MODEL, given) : inRun(newestRun(request));
    Path configFile = ModelConfig.beside(weights);
    if (!Files.exists(configFile)) {
      return new ModelSource(
          weights, null, architectureOfFile(weights, config), config.preprocessing());
    }
    ModelConfig model = ModelConfig.read(configFile);
    refuseContradiction(configFile, model, config);
    return new ModelSource(
        weights, runOf(weights).orElse(null), model.architecture(), model.preprocessing());
  }

  /** The run of covid.model, or the newest finished one. */
  static Path findRun(Request request) {
    String given = request.config().inference().model();
    if (given == null) {
      return newestRun(request);
    }
    Path weights = weights(request, Setting.MODEL, given);
    return runOf(weights)
        .orElseThrow(
            () ->
                new CovidException(
                    Setting.MODEL.property(),
                    "expected a run, found " + weights + ", which is the model of none",
                    "give the id of a run, a folder name under "
                        + RunJournal.FOLDER
                        + ", or set covid.skipPackage"));
  }

  private static Path newestRun(Request request) {
    String experiment = request.config().experiment();
    return RunJournal.newestFinished(request.basedir(), experiment)
        .orElseThrow(
            () ->
                new CovidException(
                    Setting.MODEL.property(),
                    "there is no finished run of \""
                        + experiment
                        + "\" in "
                        + request.basedir().resolve(RunJournal.FOLDER),
                    "run covid:train first, or give a model in one of the forms that"
                        + " docs/reference/archive.md lists"));
  }

  /**
   * The weights to fine-tune from.
   *
   * @throws CovidException also where they are of another network than the experiment's
   */
  static Path pretrained(Request request) {
    ExperimentConfig.Network network = request.config().network();
    Path weights = weights(request, Setting.PRETRAINED, network.pretrained());
    Path configFile = ModelConfig.beside(weights);
    if (Files.exists(configFile)) {
      require(network, ModelConfig.read(configFile).architecture());
    }
    try (TensorFile file = TensorFile.open(weights)) {
      require(network, Weights.architecture(file).orElse(network.architecture()));
      Weights.check(
          file,
          Architecture.of(network.architecture()),
          network.drawsHead() ? Weights.Head.NEW : Weights.Head.KEEP);
    }
    return weights;
  }

  private static void require(ExperimentConfig.Network network, String architecture) {
    if (!architecture.equals(network.architecture())) {
      throw new CovidException(
          Setting.PRETRAINED.property(),
          "expected weights of "
              + network.architecture()
              + ", found weights of "
              + architecture
              + ": "
              + network.pretrained(),
          "set "
              + Setting.ARCHITECTURE.property()
              + " to "
              + architecture
              + ", or give other weights");
    }
  }

  /** Of weights alone: their own; the configuration may be silent (the default) or say the same. */
  private static String architectureOfFile(Path weights, ExperimentConfig config) {
    String given = config.network().architecture();
    try (TensorFile file = TensorFile.open(weights)) {
      String own = Weights.architecture(file).orElse(given);
      boolean silent = Setting.ARCHITECTURE.defaultText().equals(Optional.of(given));
      if (!own.equals(given) && !silent) {
        throw new CovidException(
            Setting.ARCHITECTURE.property(),
            "the model is a " + own + ", the configuration says " + given,
            "leave the property as the model has it (" + weights + "), or give another model");
      }
      return own;
    }
  }

  /** The weights that a setting names, in any form that a model is given in. */
  private static Path weights(Request request, Setting setting, String given) {
    Path basedir = request.basedir();
    Optional<Path> file =
        Optional.ofNullable(request.models().get(given))
            .or(() -> RunJournal.find(basedir, given).map(ModelSource::inRun))
            .or(() -> path(basedir, given));
    if (file.isPresent() && Files.isDirectory(file.get())) {
      Path folder = file.get();
      file = MmarArchive.weightsIn(folder).or(() -> inBundle(folder));
    }
    Path found = file.filter(Files::isRegularFile).orElseThrow(() -> none(setting, basedir, given));
    return MmarArchive.isNamedSo(found)
        ? MmarArchive.extractModel(found, basedir.resolve(".covid/models"))
        : found;
  }

  /** The weights in the folder of a MONAI bundle. */
  private static Optional<Path> inBundle(Path folder) {
    return Optional.of(folder.resolve("models/model.pt")).filter(Files::isRegularFile);
  }

  private static Optional<Path> path(Path basedir, String given) {
    try {
      return Optional.of(basedir.resolve(given).normalize());
    } catch (InvalidPathException e) {
      FileNames.requireEncodable("path of a model", given);
      return Optional.empty();
    }
  }

  private static CovidException none(Setting setting, Path basedir, String given) {
    if (Coordinates.isMeantSo(given)) {
      return new CovidException(
          setting.property(),
          "Maven coordinates are resolved by Maven's goals alone, found \"" + given + "\"",
          "give the .mmar file that they stand for");
    }
    path(basedir, given).ifPresent(TensorFlow::refuse);
    return new CovidException(
        setting.property(),
        "expected a .safetensors, .pt, .pth or .mmar file, a folder that an archive was unpacked"
            + " into or of a MONAI bundle, the id of a run, or Maven coordinates, found \""
            + given
            + "\"",
        "give a file that exists, or one of the folder names under " + RunJournal.FOLDER);
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
   * A model's architecture and preprocessing are its own. The configuration may be silent (the
   * default) or say the same.
   */
  private static void refuseContradiction(Path file, ModelConfig model, ExperimentConfig given) {
    ExperimentConfig silent = ExperimentConfig.of(Settings.of(Map.of()), "", null);
    Map<String, String> ofModel = properties(model.architecture(), model.preprocessing());
    Map<String, String> ofDefault =
        properties(silent.network().architecture(), silent.preprocessing());
    Map<String, String> ofGiven = properties(given.network().architecture(), given.preprocessing());
    if (fixedSteps(given.preprocessing()).equals(fixedSteps(model.preprocessing()))) {
      // The same in other words: a recipe, or its steps spelled out.
      ofGiven.keySet().retainAll(List.of(Setting.ARCHITECTURE.property()));
    }
    List<CovidException> contradictions = new ArrayList<>();
    ofGiven.forEach(
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

  private static Pipeline fixedSteps(ExperimentConfig.Preprocessing preprocessing) {
    return preprocessing.pipeline().withoutAugmentation();
  }

  private static SortedMap<String, String> properties(
      String architecture, ExperimentConfig.Preprocessing preprocessing) {
    SortedMap<String, String> values = preprocessing.fixedProperties();
    values.put(Setting.ARCHITECTURE.property(), architecture);
    return values;
  }
}
