package org.covidmmar.bundle;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.covidmmar.AtomicFiles;
import org.covidmmar.PrettyJson;
import org.covidmmar.config.ExperimentConfig;
import org.covidmmar.inference.ModelConfig;
import org.covidmmar.model.Architecture;
import org.covidmmar.model.weights.StateDict;
import org.covidmmar.model.weights.TensorFile;
import org.covidmmar.volume.Shape;

/**
 * A model as a MONAI bundle: weights, and what {@code python -m monai.bundle} needs to apply the
 * model and to train it again. The configurations are the resources beside this class, filled in.
 */
public final class MonaiBundle {
  /** Versions that the bundle was tested with. */
  static final Map<String, String> TESTED_WITH =
      Map.of(
          "monai", "1.5.2",
          "torch", "2.7.1",
          "numpy", "2.4.6",
          "nibabel", "5.4.2",
          "pytorch-ignite", "0.5.5");

  /** The files of a bundle, below its root. */
  public static final List<String> FILES =
      List.of(
          "models/model.pt",
          "configs/inference.json",
          "configs/train.json",
          "configs/logging.conf",
          "docs/README.md",
          "LICENSE",
          "configs/metadata.json");

  private static final JsonMapper JSON = new JsonMapper();

  private final ModelConfig model;
  private final ExperimentConfig experiment;

  private MonaiBundle(ModelConfig model, ExperimentConfig experiment) {
    this.model = model;
    this.experiment = experiment;
  }

  /**
   * Writes a bundle, file by file; the same model gives the same bytes.
   *
   * @param folder the bundle's root
   * @param weights an open file
   * @param model architecture and preprocessing
   * @param experiment how it is trained
   * @param origin where the model comes from, by name
   * @throws org.covidmmar.CovidException where a step of the preprocessing has no counterpart in
   *     MONAI, the weights are of another network, or a file can't be written
   */
  public static void write(
      Path folder,
      TensorFile weights,
      ModelConfig model,
      ExperimentConfig experiment,
      Map<String, String> origin) {
    MonaiBundle bundle = new MonaiBundle(model, experiment);
    ObjectNode inference = bundle.inference();
    ObjectNode train = bundle.train();
    StateDict.write(
        folder.resolve("models/model.pt"), weights, Architecture.of(model.architecture()));
    put(folder.resolve("configs/inference.json"), inference);
    put(folder.resolve("configs/train.json"), train);
    AtomicFiles.writeString(folder.resolve("configs/logging.conf"), text("logging.conf"));
    AtomicFiles.writeString(folder.resolve("docs/README.md"), bundle.readme(origin));
    AtomicFiles.writeString(folder.resolve("LICENSE"), text("LICENSE"));
    put(folder.resolve("configs/metadata.json"), bundle.metadata(origin));
  }

  private ObjectNode inference() {
    ObjectNode config = template("inference.json");
    config.set("network_def", network());
    MonaiTransforms transforms =
        MonaiTransforms.of(model.preprocessing().pipeline().withoutAugmentation(), List.of());
    ((ObjectNode) config.get("preprocessing")).set("transforms", transforms.fixed());
    return config;
  }

  private ObjectNode train() {
    ObjectNode config = template("train.json");
    config.set("network_def", network());
    List<String> label = List.of("label");
    MonaiTransforms training = MonaiTransforms.of(model.preprocessing().pipeline(), label);
    config.set("fixed_transforms", training.fixed());
    config.set("random_transforms", training.rest());
    ArrayNode validation =
        MonaiTransforms.of(model.preprocessing().pipeline().withoutAugmentation(), label).fixed();
    if (!validation.equals(training.fixed())) {
      config.set("validation_transforms", validation);
    }
    new TrainingSettings(experiment).fill(config);
    return config;
  }

  private ObjectNode network() {
    return JSON.createObjectNode()
        .put("_target_", model.architecture().replace("densenet", "DenseNet"))
        .put("spatial_dims", 3)
        .put("in_channels", 1)
        .put("out_channels", Architecture.CLASSES)
        .put("dropout_prob", experiment.network().dropout());
  }

  private ObjectNode metadata(Map<String, String> origin) {
    ObjectNode metadata = template("metadata.json");
    metadata.put("monai_version", TESTED_WITH.get("monai"));
    metadata.put("pytorch_version", TESTED_WITH.get("torch"));
    metadata.put("numpy_version", TESTED_WITH.get("numpy"));
    ObjectNode required = (ObjectNode) metadata.get("required_packages_version");
    for (String name : List.of("nibabel", "pytorch-ignite")) {
      required.put(name, TESTED_WITH.get(name));
    }
    metadata.put(
        "description",
        "A 3-D %s that gives a chest CT with its lung mask two probabilities: non-COVID and COVID"
            .formatted(model.architecture()));
    metadata.put("intended_use", model.use());
    ((ObjectNode) metadata.get("changelog")).put("1.0.0", "exported by covid-mmar");
    ObjectNode from = metadata.putObject("covid_mmar");
    origin.forEach(from::put);
    ObjectNode image = (ObjectNode) metadata.at("/network_data_format/inputs/image");
    Shape shape = model.preprocessing().inputShape();
    image.putArray("spatial_shape").add(shape.x()).add(shape.y()).add(shape.z());
    ArrayNode range = image.putArray("value_range");
    MonaiTransforms.valueRange(model.preprocessing().pipeline()).forEach(range::add);
    return metadata;
  }

  private String readme(Map<String, String> origin) {
    StringBuilder rows = new StringBuilder();
    origin.forEach((name, value) -> rows.append("| %s | `%s` |\n".formatted(name, value)));
    return text("README.md")
        .replace("{architecture}", model.architecture())
        .replace("{use}", model.use())
        .replace("{shape}", model.preprocessing().inputShape().toString())
        .replace("{origin}", rows.toString());
  }

  private static ObjectNode template(String name) {
    try {
      return JSON.readValue(text(name), ObjectNode.class);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(name, e);
    }
  }

  private static String text(String name) {
    try (InputStream in = MonaiBundle.class.getResourceAsStream(name)) {
      return new String(Objects.requireNonNull(in, name).readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void put(Path file, ObjectNode config) {
    try {
      AtomicFiles.writeString(file, PrettyJson.WRITER.writeValueAsString(config) + "\n");
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a tree is always writable", e);
    }
  }
}
