package org.covidmmar.bundle;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import org.covidmmar.config.ExperimentConfig;
import org.covidmmar.config.LearningRatePolicy;

/** An experiment's way of training, put into the template of train.json. */
record TrainingSettings(ExperimentConfig experiment) {
  private static final String PARAMETERS = "$@network.parameters()";
  private static final double BETA2 = 0.999;
  private static final String SCORE = "$lambda engine: %sengine.state.metrics[@key_metric]";

  void fill(ObjectNode config) {
    ExperimentConfig.Training training = experiment.training();
    boolean byLoss = training.keyMetric().equals("val/loss");
    String score = SCORE.formatted(byLoss ? "-" : "");
    config.put("seed", training.seed());
    config.put("epochs", training.epochs());
    config.put("cases_per_update", training.batchSize() * training.accumulate());
    config.put("learning_rate", experiment.optimization().learningRate());
    config.put("valid_every", training.validEvery());
    config.put("key_metric", "val_" + training.keyMetric().substring("val/".length()));
    if (training.classWeights() != null) {
      ((ObjectNode) config.get("loss"))
          .put("weight", "$torch.tensor(%s, device=@device)".formatted(training.classWeights()));
    }
    config.set("optimizer", optimizer(config.objectNode()));
    ObjectNode train = (ObjectNode) config.get("train");
    if (training.sampling().equals("balanced")) {
      train.put(
          "case_weights",
          "$[1.0 / [c['label'] for c in @train#data].count(c['label']) for c in @train#data]");
    }
    train.put("sampler", sampler(training.sampling()));
    ObjectNode validate = (ObjectNode) config.get("validate");
    ArrayNode validated = (ArrayNode) validate.get("handlers");
    schedule(config, (ArrayNode) train.get("handlers"), validated, score);
    metrics(validate, training.keyMetric());
    if (byLoss) {
      ((ObjectNode) validated.get(1)).put("key_metric_negative_sign", true);
      ((ObjectNode) validate.get("evaluator"))
          .put("metric_cmp_fn", "$lambda current, previous: current < previous");
    }
    if (training.patience() != null) {
      config
          .putObject("early_stop")
          .put("_target_", "EarlyStopHandler")
          .put("patience", training.patience())
          .put("score_function", score);
      validated.add("@early_stop");
      // The trainer itself needs the handlers first.
      ((ArrayNode) config.get("run")).insert(0, "$@early_stop.set_trainer(@train#trainer)");
    }
  }

  private ObjectNode optimizer(ObjectNode node) {
    ExperimentConfig.Optimization o = experiment.optimization();
    boolean sgd = o.optimizer().equals("sgd");
    node.put(
        "_target_",
        sgd
            ? "torch.optim.SGD"
            : "torch.optim." + (o.optimizer().equals("adam") ? "Adam" : "AdamW"));
    node.put("params", PARAMETERS);
    node.put("lr", "@learning_rate");
    if (sgd) {
      node.put("momentum", o.momentum());
    } else {
      node.putArray("betas").add(o.momentum()).add(BETA2);
    }
    return node.put("weight_decay", o.weightDecay());
  }

  private static String sampler(String sampling) {
    return sampling.equals("balanced")
        ? "$monai.data.DistributedWeightedRandomSampler(@train#dataset, weights=@train#case_weights)"
            + " if @world_size > 1 else torch.utils.data.WeightedRandomSampler(@train#case_weights,"
            + " len(@train#data))"
        : "$monai.data.DistributedSampler(@train#dataset, even_divisible=True, shuffle=True)"
            + " if @world_size > 1 else torch.utils.data.RandomSampler(@train#dataset)";
  }

  /** A policy steps after each epoch, one that looks at the key metric after each validation. */
  private void schedule(ObjectNode config, ArrayNode trained, ArrayNode validated, String score) {
    LearningRatePolicy policy = LearningRatePolicy.parse(experiment.optimization().lrPolicy());
    ObjectNode scheduler = config.objectNode().put("optimizer", "@optimizer");
    String name = null;
    if (policy instanceof LearningRatePolicy.Cosine cosine) {
      name = "CosineAnnealingLR";
      scheduler.put("T_max", "@epochs").put("eta_min", cosine.min());
    } else if (policy instanceof LearningRatePolicy.Poly poly) {
      name = "PolynomialLR";
      scheduler.put("total_iters", "@epochs").put("power", poly.power());
    } else if (policy instanceof LearningRatePolicy.StepDown step) {
      name = "StepLR";
      scheduler.put("step_size", step.size()).put("gamma", step.gamma());
    } else if (policy instanceof LearningRatePolicy.Plateau plateau) {
      name = "ReduceLROnPlateau";
      scheduler.put("mode", "max").put("threshold_mode", "abs");
      scheduler.put("factor", plateau.factor()).put("patience", plateau.patience());
      scheduler.put("threshold", plateau.threshold()).put("min_lr", plateau.min());
    }
    if (name == null) {
      config.remove("lr_scheduler");
      return;
    }
    config.set("lr_scheduler", scheduler.put("_target_", "torch.optim.lr_scheduler." + name));
    ObjectNode handler =
        config
            .objectNode()
            .put("_target_", "LrScheduleHandler")
            .put("lr_scheduler", "@lr_scheduler")
            .put("print_lr", "$@rank == 0");
    if (policy instanceof LearningRatePolicy.Plateau) {
      validated.add(handler.put("step_transform", score));
    } else {
      trained.add(handler);
    }
  }

  private static void metrics(ObjectNode validate, String keyMetric) {
    ObjectNode evaluator = (ObjectNode) validate.get("evaluator");
    for (String metric : List.of("auc", "accuracy", "loss")) {
      boolean key = keyMetric.equals("val/" + metric);
      ((ObjectNode) evaluator.get(key ? "key_val_metric" : "additional_metrics"))
          .put("val_" + metric, "@validate#metrics#" + metric);
    }
  }
}
