package org.covidmmar.mmar;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SortedMap;
import java.util.TreeMap;
import org.covidmmar.AtomicFiles;
import org.covidmmar.CovidException;
import org.covidmmar.FileTree;
import org.covidmmar.PrettyJson;
import org.covidmmar.config.ExperimentConfig;
import org.covidmmar.config.Settings;
import org.covidmmar.dataset.Dataset;
import org.covidmmar.transform.CropForeground;
import org.covidmmar.transform.MaskImage;
import org.covidmmar.transform.Orient;
import org.covidmmar.transform.PerAxis;
import org.covidmmar.transform.RandAdjustContrast;
import org.covidmmar.transform.RandGaussianNoise;
import org.covidmmar.transform.RandScaleIntensity;
import org.covidmmar.transform.RandZoom;
import org.covidmmar.transform.Resize;
import org.covidmmar.transform.ScaleIntensityRange;
import org.covidmmar.transform.Step;
import org.covidmmar.volume.Shape;

/**
 * Writes an experiment as the configuration and commands of an MMAR: what {@link MmarReader} reads
 * as the same experiment. One that an MMAR has no words for, such as another optimizer than Adam,
 * has no such configuration, and the commands take this project's own.
 */
final class MmarWriter {
  private static final String TRAIN = "config/" + MmarReader.TRAINING;
  private static final String VALIDATION_FILE = "config_validation.json";
  private static final String VALIDATE = "config/" + VALIDATION_FILE;

  private static final String MODEL = "-Dcovid.model=\"$mmar\" ";

  /** The archive's own evaluation stays as it was packaged. */
  private static final String OUTPUT = "-Dcovid.output=target/covid/%s ";

  private static final String LOGGING =
      """
      # How much is said, in the format of Python's logging.config. covid-mmar's goals say what Maven's own settings
      # let through and do not read this file; it is for tools that look for it.
      [loggers]
      keys=root

      [handlers]
      keys=console

      [formatters]
      keys=plain

      [logger_root]
      level=INFO
      handlers=console

      [handler_console]
      class=StreamHandler
      formatter=plain
      args=(sys.stdout,)

      [formatter_plain]
      format=%(asctime)s %(levelname)s %(name)s: %(message)s
      """;

  private static final JsonMapper JSON = new JsonMapper();

  private final ExperimentConfig config;

  private MmarWriter(ExperimentConfig config) {
    this.config = config;
  }

  /**
   * The files by their path in the MMAR.
   *
   * @param config its paths relative: they will be under the MMAR's folder
   */
  static SortedMap<String, String> files(ExperimentConfig config) {
    SortedMap<String, String> files = new TreeMap<>();
    SortedMap<String, String> configuration = new MmarWriter(config).configuration();
    // What is read back decides, so that no setting is left out unseen.
    if (!configuration.isEmpty() && isReadAs(config, configuration)) {
      files.putAll(configuration);
    }
    files.put("commands/train.sh", command("Trains the experiment again.", "train", ""));
    files.put(
        "commands/train_finetune.sh",
        command("Trains on from this model.", "train", "-Dcovid.pretrained=\"$mmar\" "));
    files.put(
        "commands/validate.sh",
        command("Evaluates this model.", "validate", MODEL + OUTPUT.formatted("validate")));
    files.put(
        "commands/infer.sh",
        command("Applies this model.", "infer", MODEL + OUTPUT.formatted("infer")));
    files.put(
        "commands/export.sh",
        command("Writes this model as ONNX.", "export", "-Dcovid.format=onnx " + MODEL));
    files.put("resources/log.config", LOGGING);
    return files;
  }

  private static boolean isReadAs(ExperimentConfig config, Map<String, String> files) {
    try {
      Path mmar = Files.createTempDirectory("covid-mmar");
      try {
        files.forEach((name, text) -> AtomicFiles.writeString(mmar.resolve(name), text));
        ExperimentConfig train = read(mmar, MmarReader.TRAINING);
        ExperimentConfig validate = read(mmar, VALIDATION_FILE);
        return config.preprocessing().equals(train.preprocessing())
            && config.optimization().equals(train.optimization())
            && config.training().equals(train.training())
            && withNameOfWeights(config.network()).equals(withNameOfWeights(train.network()))
            && Objects.equals(config.compute().replicas(), train.compute().replicas())
            && config
                .preprocessing()
                .fixedProperties()
                .equals(validate.preprocessing().fixedProperties());
      } catch (CovidException | InvalidPathException e) {
        return false;
      } finally {
        FileTree.delete(mmar);
      }
    } catch (IOException e) {
      throw new CovidException(
          "java.io.tmpdir", "cannot be written: " + e.getMessage(), "make room there", e);
    }
  }

  private static ExperimentConfig read(Path mmar, String file) {
    MmarExperiment read =
        MmarReader.read(new MmarReader.Source(mmar, file, null, Map.of()), MmarReader.Results.NONE);
    Map<String, String> properties = new HashMap<>();
    read.settings().forEach((setting, value) -> properties.put(setting.property(), value.text()));
    return ExperimentConfig.of(Settings.of(properties), "", read.preTransforms());
  }

  private static ExperimentConfig.Network withNameOfWeights(ExperimentConfig.Network n) {
    return n.pretrained() == null
        ? n
        : new ExperimentConfig.Network(
            n.architecture(),
            n.dropout(),
            Path.of(n.pretrained()).getFileName().toString(),
            n.pretrainedHead());
  }

  /** Empty where an MMAR has no name for one of the transforms. */
  private SortedMap<String, String> configuration() {
    SortedMap<String, String> files = new TreeMap<>();
    ArrayNode random = JSON.createArrayNode();
    ArrayNode fixed = JSON.createArrayNode();
    boolean known =
        transforms(config.preprocessing().pipeline().steps(), random)
            && transforms(config.preprocessing().pipeline().withoutAugmentation().steps(), fixed);
    if (!known) {
      return files;
    }
    files.put(TRAIN, json(training(random, fixed)));
    files.put(VALIDATE, json(validation(fixed)));
    files.put(Variables.FILE, json(environment()));
    return files;
  }

  private static String command(String does, String goal, String options) {
    return """
        #!/bin/sh
        # %s Run it in a project that has covid-mmar's plugin; options of mvn may follow, such as
        # -Dcovid.dataRoot=/data -Dcovid.dataset=dataset.json
        set -eu
        mmar=$(cd "$(dirname "$0")/.." && pwd)
        exec mvn covid:%s -Dcovid.mmar="$mmar" %s"$@"
        """
        .formatted(does, goal, options);
  }

  private static String json(ObjectNode node) {
    try {
      return PrettyJson.WRITER.writeValueAsString(node) + "\n";
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a tree is always writable", e);
    }
  }

  private ObjectNode environment() {
    ObjectNode variables = JSON.createObjectNode();
    variables.put(Variables.DATA_ROOT, config.data().dataRoot());
    variables.put(Variables.DATASET_JSON, "{DATA_ROOT}/" + config.data().dataset());
    variables.put(Variables.PROCESSING_TASK, "classification");
    variables.put(Variables.EVAL_OUTPUT, "eval");
    variables.put(Variables.CHECKPOINTS, "models");
    if (config.network().pretrained() != null) {
      variables.put(Variables.PRETRAIN_WEIGHTS, config.network().pretrained());
    }
    return variables;
  }

  private ObjectNode training(ArrayNode random, ArrayNode fixed) {
    ExperimentConfig.Training t = config.training();
    ObjectNode root = JSON.createObjectNode();
    root.put("epochs", t.epochs());
    root.put("num_training_epoch_per_valid", t.validEvery());
    root.put("learning_rate", config.optimization().learningRate());
    root.put("multi_gpu", config.compute().replicas() == null).put("dynamic_input_shape", false);
    root.put("use_amp", false).put("infer_in_training_mode", false);
    ObjectNode seeds = root.putObject("determinism").put("python_seed", Long.toString(t.seed()));
    seeds.put("random_seed", t.seed()).put("numpy_seed", t.seed()).put("tf_seed", t.seed());
    ObjectNode mask = root.putArray("extra_inputs").addObject();
    shape(mask.putObject("args").put("name", "label_image_ph"), "shape").add(1);
    ((ObjectNode) mask.get("args")).put("source_dtype", "float32").put("target_dtype", "float32");
    ((ObjectNode) mask.get("args")).put("data_key", MmarTransforms.MASK);
    mask.put("for_train", true).put("for_val", true);
    ObjectNode train = root.putObject("train");
    train.putObject("loss").put("name", "MulticlassClassificationLoss");
    train.putObject("optimizer").put("name", "Adam");
    ObjectNode network = element(train.putObject("model"), networkName());
    network.put("weight_decay", config.optimization().weightDecay());
    ArrayNode weights = network.putArray("pretrain_weight_name");
    if (config.network().pretrained() != null) {
      weights.add("{" + Variables.PRETRAIN_WEIGHTS + "}");
    }
    network.put("n_spatial_dim", 3);
    train.set("pre_transforms", random);
    element(train.putArray("aux_ops").addObject(), "ComputeMulticlassAccuracy")
        .put("tag", "accuracy")
        .put("use_sigmoid_for_accuracy", false);
    ObjectNode pipeline =
        images(train, "ClassificationKerasImagePipelineWithCache", Dataset.TRAINING, true);
    if (t.smartCache() != null) {
      pipeline.put("num_cache_objects", t.smartCache().cases());
      pipeline.put("replace_percent", t.smartCache().replaced());
    }
    pipeline.put("sampling", t.sampling().equals("balanced") ? "automatic" : "none");
    ObjectNode validate = root.putObject("validate");
    validate.set("pre_transforms", fixed);
    String key = t.keyMetric().substring(t.keyMetric().indexOf('/') + 1);
    ObjectNode metric = element(validate.putArray("metrics").addObject(), "ComputeAverage");
    metric.put("name", "valid_" + key).put("field", key);
    metric.put("negate_value", key.equals("loss")).put("is_key_metric", true);
    images(validate, "ClassificationKerasImagePipeline", Dataset.VALIDATION, false);
    validate.putObject("inferer").put("name", "TFSimpleInferer");
    return root;
  }

  /** {@code densenet121} is DenseNet121. */
  private String networkName() {
    return config.network().architecture().replace("densenet", "DenseNet");
  }

  private ObjectNode images(ObjectNode section, String name, String list, boolean shuffled) {
    ObjectNode args = element(section.putObject("image_pipeline"), name);
    args.put("data_list_file_path", "{DATASET_JSON}").put("data_file_base_dir", "{DATA_ROOT}");
    args.put("data_list_key", list);
    shape(args, "output_crop_size");
    args.put("output_batch_size", config.training().batchSize());
    args.put("output_data_format", "channels_last").put("output_image_channels", 1);
    return args.put("output_data_dims", 3).put("shuffle", shuffled);
  }

  private ObjectNode validation(ArrayNode fixed) {
    ObjectNode root = JSON.createObjectNode();
    root.put("batch_size", config.training().batchSize());
    root.set("pre_transforms", fixed);
    element(root.putArray("post_transforms").addObject(), "ProcessMulticlassPreds")
        .put("fields", "model");
    element(root.putArray("writers").addObject(), "WriteClassificationResult")
        .put("field", "model")
        .put("write_path", "{MMAR_EVAL_OUTPUT_PATH}");
    ObjectNode metric =
        element(root.putArray("val_metrics").addObject(), "ComputeMulticlassAverage");
    metric.put("name", "accuracy").put("field", "model").put("label_field", "label");
    root.putObject("inferer").put("name", "TFSimpleInferer");
    element(root.putObject("model_loader"), "CheckpointLoader")
        .put("checkpoint_dir", "{MMAR_CKPT_DIR}");
    return root;
  }

  private ArrayNode shape(ObjectNode args, String key) {
    Shape s = config.preprocessing().inputShape();
    return args.putArray(key).add(s.x()).add(s.y()).add(s.z());
  }

  private static ObjectNode element(ObjectNode element, String name) {
    return element.put("name", name).putObject("args");
  }

  /** Adds steps by the names that an MMAR has for them; false where it has none for one. */
  private static boolean transforms(List<Step> steps, ArrayNode list) {
    boolean canonical = !steps.isEmpty() && steps.get(0) instanceof Orient;
    ObjectNode load = element(list.addObject(), "LoadNifti");
    load.putArray("fields").add(MmarTransforms.IMAGE).add(MmarTransforms.MASK);
    load.put("as_closest_canonical", canonical);
    for (int i = canonical ? 1 : 0; i < steps.size(); i++) {
      Step step = steps.get(i);
      ObjectNode transform = list.addObject();
      if (step instanceof CropForeground crop
          && i + 1 < steps.size()
          && steps.get(i + 1) instanceof Resize resize) {
        Shape s = resize.shape();
        ObjectNode args = image(transform, "CropForegroundObject");
        args.putArray("size").add(s.x()).add(s.y()).add(s.z());
        args.put("label_field", MmarTransforms.MASK).put("pad", crop.margin());
        i++;
      } else if (!transform(step, transform)) {
        return false;
      }
    }
    return true;
  }

  private static boolean transform(Step step, ObjectNode to) {
    if (step instanceof ScaleIntensityRange scale) {
      ObjectNode args = image(to, "ScaleIntensityRange");
      args.put("a_min", scale.aMin()).put("a_max", scale.aMax());
      args.put("b_min", scale.bMin()).put("b_max", scale.bMax()).put("clip", scale.clip());
    } else if (step instanceof RandScaleIntensity oscillation) {
      image(to, "ScaleIntensityOscillation").put("magnitude", oscillation.factor());
    } else if (step instanceof RandAdjustContrast contrast) {
      ObjectNode args = image(to, "AdjustContrast").put("probability", contrast.prob());
      args.put("min_gamma", contrast.minGamma()).put("max_gamma", contrast.maxGamma());
    } else if (step instanceof RandGaussianNoise noise) {
      image(to, "AddGaussianNoise").put("probability", noise.prob()).put("variance", noise.std());
    } else if (step instanceof RandZoom zoom) {
      ObjectNode args = element(to, "RandomZoom").put("image_field", MmarTransforms.IMAGE);
      args.put("label_field", MmarTransforms.MASK).put("keep_size", true);
      limits(args, "lower_limits", zoom.min());
      limits(args, "upper_limits", zoom.max());
      args.put("probability", zoom.prob());
    } else if (step instanceof MaskImage) {
      element(to, "MaskImage")
          .put("image_field", MmarTransforms.IMAGE)
          .put("mask_field", MmarTransforms.MASK);
    } else {
      return false;
    }
    return true;
  }

  private static void limits(ObjectNode args, String key, PerAxis limits) {
    args.putArray(key).add(limits.x()).add(limits.y()).add(limits.z());
  }

  private static ObjectNode image(ObjectNode transform, String name) {
    return element(transform, name).put("fields", MmarTransforms.IMAGE);
  }
}
