package org.covidmmar.tracking;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.covidmmar.AtomicFiles;
import org.covidmmar.CovidException;
import org.covidmmar.dataset.DataFingerprints;
import org.covidmmar.inference.ModelConfig;
import org.covidmmar.model.Architecture;
import org.covidmmar.model.weights.Onnx;
import org.covidmmar.model.weights.TensorFile;
import org.covidmmar.model.weights.Weights;
import org.covidmmar.volume.Shape;

/**
 * A run's model as {@code mlflow.onnx} would have saved it: what {@code mlflow.onnx.load_model},
 * {@code mlflow.pyfunc.load_model} and {@code mlflow models serve} look for.
 */
final class OnnxFlavor {
  private static final String DATA = "model.onnx";
  private static final String CONDA = "conda.yaml";
  private static final String PYTHON_ENV = "python_env.yaml";
  private static final String REQUIREMENTS = "requirements.txt";

  /** What the environments are made with; any Python that has the packages below will do. */
  private static final String PYTHON = "3.11";

  /** The version of ONNX that came with {@link Onnx#OPSET}. */
  private static final String ONNX_VERSION = "1.12.0";

  private static final List<String> PACKAGES =
      List.of("mlflow>=3,<4", "onnx>=" + ONNX_VERSION + ",<2", "onnxruntime>=1.12,<2");

  private static final JsonMapper JSON = new JsonMapper();

  private final Shape inputShape;
  private final Map<String, Path> files;

  private OnnxFlavor(Shape inputShape, Map<String, Path> files) {
    this.inputShape = inputShape;
    this.files = Map.copyOf(files);
  }

  /**
   * Writes its files.
   *
   * @param folder an empty one
   * @return empty where the run's model is damaged: what there is of it is all that can be sent
   * @throws CovidException where the files can't be written
   */
  static Optional<OnnxFlavor> write(RunFolder run, Path folder) {
    ModelConfig config;
    try (TensorFile weights = TensorFile.open(run.model())) {
      config = ModelConfig.read(ModelConfig.beside(run.model()));
      Weights.check(weights, Architecture.of(config.architecture()), Weights.Head.KEEP);
    } catch (CovidException e) {
      return Optional.empty();
    }
    return Optional.of(write(run, config, folder));
  }

  private static OnnxFlavor write(RunFolder run, ModelConfig config, Path folder) {
    Shape inputShape = config.preprocessing().inputShape();
    Map<String, Path> files = new TreeMap<>();
    for (String name : List.of(DATA, CONDA, PYTHON_ENV, REQUIREMENTS)) {
      files.put(name, folder.resolve(name));
    }
    try (TensorFile weights = TensorFile.open(run.model())) {
      Onnx.write(
          files.get(DATA),
          weights,
          Architecture.of(config.architecture()),
          inputShape,
          config.metadata(run.origin(new DataFingerprints())));
    }
    AtomicFiles.writeString(files.get(CONDA), conda());
    AtomicFiles.writeString(
        files.get(PYTHON_ENV),
        """
        python: "%s"
        build_dependencies:
        - pip
        - setuptools
        - wheel
        dependencies:
        - -r %s
        """
            .formatted(PYTHON, REQUIREMENTS));
    AtomicFiles.writeString(files.get(REQUIREMENTS), String.join("\n", PACKAGES) + "\n");
    return new OnnxFlavor(inputShape, files);
  }

  private static String conda() {
    StringBuilder conda =
        new StringBuilder(
            """
            name: mlflow-env
            channels:
            - conda-forge
            dependencies:
            - python=%s
            - pip
            - pip:
            """
                .formatted(PYTHON));
    PACKAGES.forEach(one -> conda.append("  - ").append(one).append('\n'));
    return conda.toString();
  }

  /** Its files by their path in the model's folder. */
  Map<String, Path> files() {
    return files;
  }

  /** Adds the flavours and the signature to what an MLmodel file says. */
  void describe(ObjectNode flavors, ObjectNode description) {
    ObjectNode onnx = flavors.putObject("onnx");
    onnx.put("data", DATA).put("onnx_version", ONNX_VERSION);
    onnx.putArray("providers").add("CUDAExecutionProvider").add("CPUExecutionProvider");
    ObjectNode python = flavors.putObject("python_function");
    python.put("loader_module", "mlflow.onnx").put("python_version", PYTHON).put("data", DATA);
    python.putObject("env").put("conda", CONDA).put("virtualenv", PYTHON_ENV);
    ArrayNode inputs = JSON.createArrayNode();
    // Without a name, so that an array is taken as it is.
    tensor(inputs, -1, 1, inputShape.x(), inputShape.y(), inputShape.z());
    ArrayNode outputs = JSON.createArrayNode();
    for (String name : List.of("probabilities", "logits")) {
      tensor(outputs, -1, 2).put("name", name);
    }
    ObjectNode signature = description.putObject("signature");
    // MLflow keeps them as text.
    signature.put("inputs", inputs.toString()).put("outputs", outputs.toString());
    signature.putNull("params");
  }

  private static ObjectNode tensor(ArrayNode tensors, int... shape) {
    ObjectNode tensor = tensors.addObject().put("type", "tensor");
    ObjectNode spec = tensor.putObject("tensor-spec").put("dtype", "float32");
    ArrayNode lengths = spec.putArray("shape");
    for (int length : shape) {
      lengths.add(length);
    }
    return tensor;
  }
}
