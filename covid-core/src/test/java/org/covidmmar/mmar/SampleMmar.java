package org.covidmmar.mmar;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.function.Consumer;
import org.covidmmar.StrictJson;
import org.covidmmar.config.Setting;

/** An MMAR with the configuration that the card describes, in a folder of the test's. */
public final class SampleMmar {
  private static final String TRANSFORMS =
      """
      [{"name": "LoadNifti#load", "args": {"fields": ["image", "label_image"], "as_closest_canonical": true}},
       {"name": "ScaleIntensityRange#scale", "args": {"fields": "image", "a_min": -1000, "a_max": 500,
         "b_min": 0, "b_max": 1, "clip": true}},
       {"name": "CropForegroundObject#crop", "args": {"fields": "image", "size": [192, 192, 64],
         "label_field": "label_image", "pad": 5}},
       {"name": "ScaleIntensityOscillation", "args": {"fields": "image", "magnitude": 0.1}},
       {"name": "AdjustContrast", "args": {"fields": "image", "probability": 0.5, "min_gamma": 0.5, "max_gamma": 4.5}},
       {"name": "AddGaussianNoise", "args": {"fields": "image", "probability": 0.75, "variance": 0.1}},
       {"name": "RandomZoom", "args": {"image_field": "image", "label_field": "label_image",
         "lower_limits": [0.8, 0.8, 0.8], "upper_limits": [1.2, 1.2, 1.2], "keep_size": true, "probability": 0.25}},
       {"name": "MaskImage#mask", "args": {"image_field": "image", "mask_field": "label_image"}, "disabled": true},
       {"name": "SaveAsNifti", "args": {"fields": ["image"], "out_dir": "{MMAR_CKPT_DIR}", "interrupt": true},
         "disabled": true},
       {"name": "ConvertToChannelsLast#last", "args": {"fields": ["image", "label_image"]}}]
      """;

  private static final String TRAINING =
      """
      {"epochs": 300, "num_training_epoch_per_valid": 1, "learning_rate": 5e-6, "multi_gpu": false,
       "dynamic_input_shape": false, "use_amp": true, "infer_in_training_mode": false,
       "determinism": {"python_seed": "0", "random_seed": 0, "numpy_seed": 0, "tf_seed": 0},
       "extra_inputs": [{"args": {"name": "label_image_ph", "shape": [192, 192, 64, 1],
         "source_dtype": "float32", "target_dtype": "float32", "data_key": "label_image"},
         "for_train": true, "for_val": true}],
       "train": {
         "loss": {"name": "MulticlassClassificationLoss"},
         "optimizer": {"name": "Adam"},
         "model": {"name": "DenseNet121",
           "args": {"weight_decay": 1e-5, "pretrain_weight_name": [], "n_spatial_dim": 3}},
         "aux_ops": [{"name": "ComputeMulticlassAccuracy",
           "args": {"tag": "accuracy", "use_sigmoid_for_accuracy": false}}],
         "image_pipeline": {"name": "ClassificationKerasImagePipelineWithCache", "args": {
           "data_list_file_path": "{DATASET_JSON}", "data_file_base_dir": "{DATA_ROOT}",
           "data_list_key": "training", "output_crop_size": [192, 192, 64], "output_batch_size": 12,
           "output_data_format": "channels_last", "output_image_channels": 1, "output_data_dims": 3,
           "num_workers": 8, "prefetch_size": 4, "num_cache_objects": 350, "replace_percent": 0.2,
           "shuffle": true, "multiprocessing": true, "sampling": "automatic"}}},
       "validate": {
         "pre_transforms": [{"ref": "load"}, {"ref": "scale"}, {"ref": "crop"}, {"ref": "mask"}, {"ref": "last"}],
         "metrics": [{"name": "ComputeAverage", "args": {"name": "mean_accuracy", "field": "accuracy"}},
           {"name": "ComputeAverage", "args": {"name": "valid_mean_neg_loss", "field": "loss",
             "negate_value": true, "is_key_metric": true}}],
         "image_pipeline": {"name": "ClassificationKerasImagePipeline", "args": {
           "data_list_file_path": "{DATASET_JSON}", "data_file_base_dir": "{DATA_ROOT}",
           "data_list_key": "validation", "output_crop_size": [192, 192, 64], "output_batch_size": 4,
           "output_data_format": "channels_last", "output_image_channels": 1, "output_data_dims": 3,
           "num_workers": 2, "prefetch_size": 2, "shuffle": false, "multiprocessing": false}},
         "inferer": {"name": "TFSimpleInferer"}}}
      """;

  private static final String VALIDATION =
      """
      {"batch_size": 1, "do_validation": true, "output_infer_result": true,
       "post_transforms": [{"name": "ProcessMulticlassPreds", "args": {"fields": ["model"]}}],
       "writers": [{"name": "WriteClassificationResult",
           "args": {"field": "model", "write_path": "{MMAR_EVAL_OUTPUT_PATH}"}},
         {"name": "WriteNifti", "args": {"field": "model", "dtype": "float32",
           "write_path": "{MMAR_EVAL_OUTPUT_PATH}", "use_identity": false}, "disabled": true}],
       "val_metrics": [{"name": "ComputeMulticlassAverage", "args": {"name": "accuracy", "field": "model",
         "label_field": "label", "report_path": "{MMAR_EVAL_OUTPUT_PATH}"}}],
       "inferer": {"name": "TFSimpleInferer"},
       "model_loader": {"name": "FrozenGraphModelLoader", "args": {"model_file_path": "{MMAR_CKPT_DIR}/model.trt.pb"}}}
      """;

  private static final String ENVIRONMENT =
      """
      {"DATA_ROOT": "data", "DATASET_JSON": "data/dataset.json", "PROCESSING_TASK": "classification",
       "MMAR_EVAL_OUTPUT_PATH": "eval", "MMAR_CKPT_DIR": "models",
       "PRETRAIN_WEIGHTS_FILE": "/workspace/weights_that_nobody_has.h5"}
      """;

  private final Path folder;

  /** Writes its files into a folder. */
  public SampleMmar(Path folder) {
    this.folder = folder;
    ObjectNode training = (ObjectNode) parsed(TRAINING);
    ArrayNode transforms = (ArrayNode) parsed(TRANSFORMS);
    ((ObjectNode) training.get("train")).set("pre_transforms", transforms);
    write("config_train.json", training);
    ArrayNode paper = transforms.deepCopy();
    paper.insert(1, paper.remove(2));
    ((ObjectNode) training.get("train")).set("pre_transforms", paper);
    ArrayNode validated = (ArrayNode) training.at("/validate/pre_transforms");
    validated.insert(1, validated.remove(2));
    write("config_train_naturecomm.json", training);
    ObjectNode validation = (ObjectNode) parsed(VALIDATION);
    ArrayNode fixed = validation.putArray("pre_transforms");
    for (int i : new int[] {0, 1, 2, 7, 9}) {
      fixed.add(transforms.get(i));
    }
    write("config_validation.json", validation);
    ((ObjectNode) validation.get("model_loader"))
        .put("name", "CheckpointLoader")
        .putObject("args")
        .put("checkpoint_dir", "{MMAR_CKPT_DIR}");
    write("config_validation_ckpt.json", validation);
    ((ObjectNode) validation.get("inferer"))
        .put("name", "TFSaliencyInferer")
        .putObject("args")
        .put("conv_layer_name", "conv5_block16_concat/concat");
    write("config_saliency_ckpt.json", validation);
    write("environment.json", (ObjectNode) parsed(ENVIRONMENT));
  }

  public Path folder() {
    return folder;
  }

  /** Changes one of the files. */
  public SampleMmar edit(String name, Consumer<ObjectNode> change) {
    try {
      ObjectNode root = (ObjectNode) StrictJson.MAPPER.readTree(file(name).toFile());
      change.accept(root);
      write(name, root);
      return this;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Makes the network's input smaller, wherever its shape stands. */
  public SampleMmar withInputShape(int x, int y, int z) {
    for (String name :
        new String[] {
          "config_train.json",
          "config_train_naturecomm.json",
          "config_validation.json",
          "config_validation_ckpt.json",
          "config_saliency_ckpt.json"
        }) {
      edit(name, root -> resize(root, x, y, z));
    }
    return this;
  }

  private static void resize(JsonNode node, int x, int y, int z) {
    if (node instanceof ArrayNode list && list.size() >= 3 && list.get(0).asInt() == 192) {
      list.set(0, x);
      list.set(1, y);
      list.set(2, z);
    }
    node.forEach(child -> resize(child, x, y, z));
  }

  /** Its training as it is. */
  MmarExperiment read() {
    return read(null, null, Map.of());
  }

  /** What a goal makes of it that writes nothing of an MMAR's. */
  MmarExperiment read(String config, String set, Map<Setting, String> overrides) {
    return MmarReader.read(
        new MmarReader.Source(folder, config, set, overrides), MmarReader.Results.NONE);
  }

  /** The arguments of the n-th transform of a training's configuration. */
  static ObjectNode args(ObjectNode root, int n) {
    return (ObjectNode) root.at("/train/pre_transforms/" + n + "/args");
  }

  static JsonNode parsed(String json) {
    try {
      return StrictJson.MAPPER.readTree(json);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  public Path file(String name) {
    return folder.resolve("config").resolve(name);
  }

  private void write(String name, ObjectNode root) {
    try {
      Files.createDirectories(file(name).getParent());
      Files.writeString(file(name), root.toPrettyString());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
