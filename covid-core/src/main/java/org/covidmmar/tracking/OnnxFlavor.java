package org.covidmmar.tracking;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.EOFException;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.covidmmar.CovidException;
import org.covidmmar.Fingerprint;
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
  /** The path of the graph with its weights in the model's folder. */
  static final String DATA = "model.onnx";

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

  private final RunFolder run;
  private final ModelConfig config;
  private final SortedMap<String, String> metadata;

  private OnnxFlavor(RunFolder run, ModelConfig config) {
    this.run = run;
    this.config = config;
    this.metadata = config.metadata(run.origin(new DataFingerprints()));
  }

  /**
   * That of a run's model.
   *
   * @param warnings told why there is none
   * @return empty where the model is damaged: what there is of it is all that can be sent
   * @throws CovidException where the model can't be read now, and perhaps can be later
   */
  static Optional<OnnxFlavor> of(RunFolder run, Consumer<String> warnings) {
    ModelConfig config;
    try (TensorFile weights = TensorFile.open(run.model())) {
      config = ModelConfig.read(ModelConfig.beside(run.model()));
      Weights.check(weights, Architecture.of(config.architecture()), Weights.Head.KEEP);
    } catch (CovidException e) {
      if (!isDamage(e.getCause())) {
        throw e;
      }
      warnings.accept(
          "a run's model is damaged, and sent without what mlflow.onnx and mlflow.pyfunc load: "
              + e.getMessage());
      return Optional.empty();
    }
    return Optional.of(new OnnxFlavor(run, config));
  }

  /** Whether a content is wrong, and not the disk or the rights at it. */
  private static boolean isDamage(Throwable cause) {
    return !(cause instanceof IOException)
        || cause instanceof JsonProcessingException
        || cause instanceof CharacterCodingException
        || cause instanceof EOFException
        || cause instanceof NoSuchFileException;
  }

  /** Changes when what {@link #writeData} writes does. */
  String dataState() {
    return Fingerprint.of(metadata.toString()).hex();
  }

  /** Writes the graph with its weights. */
  void writeData(Path file) {
    try (TensorFile weights = TensorFile.open(run.model())) {
      Onnx.write(file, weights, Architecture.of(config.architecture()), inputShape(), metadata);
    }
  }

  private Shape inputShape() {
    return config.preprocessing().inputShape();
  }

  /** What describes an environment for it, by path in the model's folder. */
  static SortedMap<String, String> texts() {
    SortedMap<String, String> texts = new TreeMap<>();
    texts.put(CONDA, conda());
    texts.put(
        PYTHON_ENV,
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
    texts.put(REQUIREMENTS, String.join("\n", PACKAGES) + "\n");
    return texts;
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
    tensor(inputs, -1, 1, inputShape().x(), inputShape().y(), inputShape().z());
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
