package org.covidmmar.mmar;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.covidmmar.StrictJson;
import org.covidmmar.config.Setting;
import org.covidmmar.dataset.Dataset;
import org.covidmmar.mmar.Document.Element;
import org.covidmmar.transform.Step;
import org.covidmmar.volume.Shape;

/** Reads {@code config_train.json} and its variants. */
final class TrainingFile {
  private static final String TRAIN_PIPELINE = "ClassificationKerasImagePipelineWithCache";
  private static final String VALIDATE_PIPELINE = "ClassificationKerasImagePipeline";
  private static final String TRANSFORMS = "pre_transforms";

  private final Document document;
  private final Fields root;
  private final MmarTransforms transforms;
  private final Map<Setting, String> overrides;
  private final Map<Setting, String> paths = new EnumMap<>(Setting.class);

  TrainingFile(Document document, Fields root, Map<Setting, String> overrides) {
    this.document = document;
    this.root = root;
    this.overrides = overrides;
    this.transforms = new MmarTransforms(document);
  }

  /**
   * Sets what the file means.
   *
   * @return its transforms spelled out; null where a recipe is the same
   */
  List<Step> read() {
    document.set(Setting.EPOCHS, root, "epochs");
    document.set(Setting.VALID_EVERY, root, "num_training_epoch_per_valid");
    document.set(Setting.LEARNING_RATE, root, "learning_rate");
    Globals.read(document, root);
    // What Clara has no word for is as Clara has it, whatever the pom says.
    document.set(Setting.MOMENTUM, "0.9", "train.optimizer");
    document.set(Setting.DROPOUT, "0", "train.model");
    document.set(Setting.ACCUMULATE, "1", "train");
    document.setNone(Setting.CLASS_WEIGHTS, "train.loss");
    document.setNone(Setting.PATIENCE, "validate");
    Fields train = section("train");
    Fields validate = section("validate");
    optimization(train);
    network(train);
    MmarPipeline pipeline =
        new MmarPipeline(document, transforms.steps(train, TRANSFORMS), train.path(TRANSFORMS));
    List<Step> steps = pipeline.settings(overrides, true);
    refuseOtherValidation(validate, pipeline);
    extraInputs(pipeline.inputShape());
    imagePipeline(train, TRAIN_PIPELINE, Dataset.TRAINING, pipeline.inputShape());
    imagePipeline(validate, VALIDATE_PIPELINE, Dataset.VALIDATION, pipeline.inputShape());
    accuracy(train);
    metrics(validate);
    Inferers.simple(document, validate);
    return steps;
  }

  private Fields section(String key) {
    return root.object(key)
        .orElseThrow(
            () ->
                document.exception(
                    key, "expected an object, found none", "take a configuration of a training"));
  }

  private void optimization(Fields train) {
    named(train, "loss", "MulticlassClassificationLoss")
        .ifPresent(loss -> document.set(Setting.LOSS, "crossEntropy", loss.path()));
    named(train, "optimizer", "Adam")
        .ifPresent(adam -> document.set(Setting.OPTIMIZER, "adam", adam.path()));
    if (train.has("lr_policy")) {
      document
          .element(train, "lr_policy")
          .ifPresent(
              policy ->
                  document.problem(
                      policy.path(),
                      policy.name() + " is not known here: the card has no policy",
                      "set \"disabled\": true in it, and give -D" + Setting.LR_POLICY.property()));
    } else {
      document.set(Setting.LR_POLICY, "constant", train.path("optimizer"));
    }
  }

  private Optional<Element> named(Fields section, String key, String name) {
    Optional<Element> element = document.element(section, key);
    requireEnabled(section, key, element, name);
    element.filter(e -> !e.name().equals(name)).ifPresent(e -> document.unknown(e, List.of(name)));
    return element.filter(e -> e.name().equals(name));
  }

  private void requireEnabled(Fields section, String key, Optional<Element> element, String name) {
    boolean disabled = section.has(key) && section.raw(key).path("disabled").asBoolean();
    if (element.isEmpty() && (disabled || !section.has(key))) {
      document.problem(
          section.path(key),
          disabled ? "is disabled" : "is missing",
          "set it to {\"name\": \"" + name + "\"}");
    }
  }

  private void network(Fields train) {
    Optional<Element> model = document.element(train, "model");
    requireEnabled(train, "model", model, "DenseNet121");
    if (model.isEmpty()) {
      return;
    }
    String name = model.get().name();
    Map<String, String> known = new TreeMap<>();
    for (String depth : List.of("121", "169", "201", "264")) {
      known.put("DenseNet" + depth, "densenet" + depth);
    }
    if (!known.containsKey(name)) {
      document.unknown(model.get(), List.copyOf(known.keySet()));
      return;
    }
    document.set(Setting.ARCHITECTURE, known.get(name), model.get().path());
    Fields args = model.get().args();
    document.set(Setting.WEIGHT_DECAY, args, "weight_decay");
    args.only("n_spatial_dim", "the network is a 3-D one", "3");
    List<String> names =
        args.texts("pretrain_weight_name").stream().filter(text -> !text.isBlank()).toList();
    if (names.size() > 1) {
      document.problem(
          args.path("pretrain_weight_name"),
          "expected one file at most, found " + names,
          "give one");
    } else if (names.size() == 1 && document.text(Setting.PRETRAINED) == null) {
      // Else a checkpoint to go on from was given, which has all weights.
      document.set(Setting.PRETRAINED, weights(names.get(0)), args.path("pretrain_weight_name"));
    }
  }

  /** Coordinates of a model and ids of runs stay what they are; else it is a path. */
  private String weights(String text) {
    return Coordinates.isMeantSo(text) || text.matches("[0-9a-f]{32}")
        ? text
        : document.variables().path(text).toString();
  }

  /**
   * A model is validated, and later applied, by the fixed part of the pipeline it is trained by.
   */
  private void refuseOtherValidation(Fields validate, MmarPipeline training) {
    if (!validate.has(TRANSFORMS)) {
      return;
    }
    int found = document.problems();
    List<Step> steps = transforms.steps(validate, TRANSFORMS);
    if (document.problems() == found && !steps.equals(training.withoutAugmentation())) {
      document.problem(
          validate.path(TRANSFORMS),
          "they are not the training's without its random ones: " + difference(steps, training),
          "make them the same, by {\"ref\": …} where the training's have a name");
    }
  }

  private static String difference(List<Step> steps, MmarPipeline training) {
    List<Step> expected = training.withoutAugmentation();
    for (int i = 0; i < Math.max(steps.size(), expected.size()); i++) {
      Object here = i < steps.size() ? steps.get(i) : "nothing";
      Object there = i < expected.size() ? expected.get(i) : "nothing";
      if (!here.equals(there)) {
        return "expected " + there + ", found " + here;
      }
    }
    return "they have other numbers";
  }

  /** The placeholder of the mask; there is no other, and it must fit the crop. */
  private void extraInputs(Optional<Shape> inputShape) {
    JsonNode list = root.raw("extra_inputs");
    if (list == null) {
      return;
    }
    if (!list.isArray()) {
      document.problem(
          "extra_inputs",
          "expected a list, found " + StrictJson.shown(list),
          "write [ ] around it");
      return;
    }
    int i = 0;
    for (JsonNode one : list) {
      String path = "extra_inputs[" + i++ + "]";
      if (!(one instanceof ObjectNode object)) {
        document.problem(path, "expected an object", "write {\"args\": {…}}");
        continue;
      }
      Fields input = document.open(path, object);
      input.withoutEffect("name", "for_train", "for_val");
      input
          .object("args")
          .ifPresent(
              args -> {
                args.withoutEffect("name", "source_dtype", "target_dtype");
                args.only("data_key", "the mask is the only other input", MmarTransforms.MASK);
                List<Double> shape = args.has("shape") ? args.numbers("shape", 4) : List.of();
                if (!shape.isEmpty()) {
                  requireCrop(args.path("shape"), shape, inputShape);
                }
              });
    }
  }

  /**
   * Refuses a shape that is not the crop's.
   *
   * @param given x, y, z, and the number of channels where there are four
   */
  private void requireCrop(String path, List<Double> given, Optional<Shape> crop) {
    if (crop.isEmpty()) {
      return;
    }
    List<Double> expected =
        new ArrayList<>(
            IntStream.range(0, 3).mapToObj(axis -> (double) crop.get().along(axis)).toList());
    if (given.size() > expected.size()) {
      expected.add(1.0);
    }
    if (!given.equals(expected)) {
      document.problem(
          path,
          "expected " + expected + " as in CropForegroundObject, found " + given,
          "set it so");
    }
  }

  private void imagePipeline(Fields section, String name, String list, Optional<Shape> inputShape) {
    Optional<Element> pipeline = named(section, "image_pipeline", name);
    if (pipeline.isEmpty()) {
      return;
    }
    Fields args = pipeline.get().args();
    dataset(args);
    args.only("data_list_key", "the lists have these names here", list);
    if (args.has("output_crop_size")) {
      List<Double> size = args.numbers("output_crop_size", 3);
      if (!size.isEmpty()) {
        requireCrop(args.path("output_crop_size"), size, inputShape);
      }
    }
    args.only("output_image_channels", "a CT has one channel", "1");
    args.only("output_data_dims", "the volumes are 3-D ones", "3");
    args.withoutEffect("output_data_format", "num_workers", "prefetch_size", "multiprocessing");
    if (list.equals(Dataset.TRAINING)) {
      document.set(Setting.BATCH_SIZE, args, "output_batch_size");
      args.only("shuffle", true, "each epoch has an order of its own, drawn from the seed");
      sampling(args);
      cache(args);
    } else {
      args.withoutEffect("output_batch_size", "shuffle", "sampling");
    }
  }

  /** Training and validation are lists of one dataset. */
  private void dataset(Fields args) {
    path(args, Setting.DATASET, "data_list_file_path");
    path(args, Setting.DATA_ROOT, "data_file_base_dir");
  }

  private void path(Fields args, Setting setting, String key) {
    Optional<String> path = args.text(key).map(text -> document.variables().path(text).toString());
    if (path.isEmpty()) {
      return;
    }
    String first = paths.putIfAbsent(setting, path.get());
    if (first == null) {
      document.set(setting, path.get(), args.path(key));
    } else if (!first.equals(path.get())) {
      document.problem(
          args.path(key),
          "expected " + first + " as for the training, found " + path.get(),
          "put both lists into one dataset file, with one root");
    }
  }

  private void sampling(Fields args) {
    args.only("sampling", "no other way of drawing is known here", "automatic", "none");
    String balanced =
        args.text("sampling").orElse("none").equals("automatic") ? "balanced" : "none";
    document.set(Setting.SAMPLING, balanced, args.path("sampling"));
  }

  private void cache(Fields args) {
    Optional<Double> objects = args.number("num_cache_objects");
    if (objects.isEmpty()) {
      args.withoutEffect("replace_percent");
      document.setNone(Setting.SMART_CACHE, args.path("num_cache_objects"));
      return;
    }
    double n = objects.get();
    String cases = n == Math.rint(n) ? Long.toString((long) n) : Double.toString(n);
    document.set(
        Setting.SMART_CACHE,
        cases + "," + args.required("replace_percent"),
        args.path("num_cache_objects"));
  }

  private void accuracy(Fields train) {
    for (Element op : document.elements(train, "aux_ops")) {
      if (op.name().equals("ComputeMulticlassAccuracy")) {
        op.args().withoutEffect("tag");
        op.args().only("use_sigmoid_for_accuracy", false, "the two classes exclude each other");
      } else {
        document.unknown(op, List.of("ComputeMulticlassAccuracy"));
      }
    }
  }

  private void metrics(Fields validate) {
    List<String> keys = new ArrayList<>();
    for (Element metric : document.elements(validate, "metrics")) {
      if (!metric.name().equals("ComputeAverage")) {
        document.unknown(metric, List.of("ComputeAverage"));
        continue;
      }
      Fields args = metric.args();
      String name = args.text("name").orElse("");
      String field = args.text("field").orElse(name).toLowerCase(Locale.ROOT);
      boolean negated = args.flag("negate_value").orElse(false);
      boolean key = args.flag("is_key_metric").orElse(false);
      args.withoutEffect("report_path");
      String meant =
          field.contains("loss")
              ? "val/loss"
              : field.contains("acc") ? "val/accuracy" : field.contains("auc") ? "val/auc" : null;
      if (meant == null || negated != meant.equals("val/loss")) {
        document.problem(
            metric.path(),
            "expected the average of accuracy or AUC, or of the negated loss, found "
                + (negated ? "the negated " : "")
                + field,
            "take one of them");
      } else if (key) {
        keys.add(meant);
        document.set(Setting.KEY_METRIC, meant, args.path("is_key_metric"));
      }
    }
    if (keys.size() > 1) {
      document.problem(
          validate.path("metrics"),
          "expected one key metric, found " + keys,
          "leave is_key_metric with one of them");
    }
  }
}
