package org.covidmmar.experiment;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import org.covidmmar.CovidException;
import org.covidmmar.bundle.MonaiBundle;
import org.covidmmar.config.ExperimentConfig;
import org.covidmmar.config.Setting;
import org.covidmmar.dataset.DataFingerprints;
import org.covidmmar.inference.ModelConfig;
import org.covidmmar.model.Architecture;
import org.covidmmar.model.weights.Onnx;
import org.covidmmar.model.weights.TensorFile;
import org.covidmmar.model.weights.Weights;
import org.covidmmar.provenance.Provenance;
import org.covidmmar.provenance.ProvenanceRecorder;
import org.covidmmar.tracking.RunFolder;

/**
 * {@code covid:export}: a model as ONNX, safetensors, MONAI bundle. It computes nothing, so that it
 * needs no native library.
 */
final class ExportWorkflow implements Workflow {
  private static final String GOAL = "export";
  private static final String ONNX = "onnx";
  private static final String SAFETENSORS = "safetensors";
  private static final String BUNDLE = "bundle";

  private final Workspace workspace;
  private ModelSource found;

  ExportWorkflow(Workspace workspace) {
    this.workspace = workspace;
  }

  @Override
  public Optional<String> reason() {
    return stage().reason(workspace.stamp(GOAL), products().toArray(Path[]::new));
  }

  /** Looked up when first needed, and then kept: another run may end meanwhile. */
  private ModelSource model() {
    if (found == null) {
      found = ModelSource.find(workspace.request());
    }
    return found;
  }

  private List<String> formats() {
    return workspace.config().inference().formats();
  }

  private Path product(String name) {
    return workspace.output(GOAL).resolve(name);
  }

  private List<Path> products() {
    List<Path> products = new ArrayList<>();
    for (String format : formats()) {
      switch (format) {
        case ONNX -> products.add(product("model.onnx"));
        case SAFETENSORS -> {
          products.add(product("model.safetensors"));
          products.add(ModelConfig.beside(product("model.safetensors")));
        }
        default -> MonaiBundle.FILES.forEach(file -> products.add(product(BUNDLE).resolve(file)));
      }
    }
    return products;
  }

  private Stage stage() {
    SortedMap<String, String> values = new TreeMap<>(model().properties());
    values.put("format", String.join(",", formats()));
    values.put("covid-mmar", ProvenanceRecorder.projectVersion());
    if (model().run() == null) {
      // A run's own settings are in its provenance.
      workspace
          .config()
          .flat()
          .forEach(
              (path, value) -> {
                if (path.matches("(training|optimization)\\..*|network\\.dropout")) {
                  values.put(path.substring(path.indexOf('.') + 1), value);
                }
              });
    }
    List<Path> files = new ArrayList<>(model().files());
    provenance().ifPresent(files::add);
    return new Stage(workspace.basedir(), values, files);
  }

  private Optional<Path> provenance() {
    return Optional.ofNullable(model().run())
        .map(run -> new RunFolder(run).provenance())
        .filter(Files::exists);
  }

  @Override
  public void run() {
    Stage stage = stage();
    ModelSource source = model();
    refuseToOverwrite(source);
    Workspace.requireWritable(workspace.output(GOAL));
    DataFingerprints fingerprints = new DataFingerprints();
    SortedMap<String, String> origin = origin(fingerprints);
    ModelConfig model =
        new ModelConfig(source.architecture(), source.preprocessing(), ModelConfig.USE);
    Architecture architecture = Architecture.of(source.architecture());
    SortedMap<String, String> metadata = model.metadata(origin);
    try (TensorFile weights = TensorFile.open(source.weights())) {
      for (String format : formats()) {
        switch (format) {
          case ONNX ->
              Onnx.write(
                  product("model.onnx"),
                  weights,
                  architecture,
                  source.preprocessing().inputShape(),
                  metadata);
          case SAFETENSORS -> {
            Path file = product("model.safetensors");
            Weights.copy(file, weights, architecture, metadata);
            model.write(ModelConfig.beside(file));
          }
          default -> bundle(weights, model, origin);
        }
      }
    }
    workspace.say(model.use());
    stage.stamp(workspace.stamp(GOAL), fingerprints);
  }

  private void bundle(TensorFile weights, ModelConfig model, SortedMap<String, String> origin) {
    ExperimentConfig experiment = experiment();
    if (experiment.training().smartCache() != null) {
      workspace
          .listener()
          .on(
              new Message.Warning(
                  Setting.SMART_CACHE.property()
                      + " is not in the bundle: its epochs are made of all cases"));
    }
    MonaiBundle.write(product(BUNDLE), weights, model, experiment, origin);
  }

  private void refuseToOverwrite(ModelSource source) {
    if (products().contains(source.weights())) {
      throw new CovidException(
          Setting.OUTPUT.property(),
          "the model to export is one of the files to be written: " + source.weights(),
          "give another folder, or another covid.model");
    }
  }

  private SortedMap<String, String> origin(DataFingerprints fingerprints) {
    return model().run() != null
        ? new RunFolder(model().run()).origin(fingerprints)
        : new TreeMap<>(
            Map.of(RunFolder.WEIGHTS_SHA256, fingerprints.ofFile(model().weights()).hex()));
  }

  /** How the model was trained; where it does not tell, how this experiment trains. */
  private ExperimentConfig experiment() {
    return provenance().map(f -> Provenance.read(f).config()).orElse(workspace.config());
  }

  @Override
  public void conclude() {
    workspace.say("wrote: " + workspace.output(GOAL));
  }
}
