package org.covidmmar.config;

import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.covidmmar.config.ExperimentConfig.Compute;
import org.covidmmar.config.ExperimentConfig.Conversion;
import org.covidmmar.config.ExperimentConfig.Data;
import org.covidmmar.config.ExperimentConfig.Gates;
import org.covidmmar.config.ExperimentConfig.Inference;
import org.covidmmar.config.ExperimentConfig.Network;
import org.covidmmar.config.ExperimentConfig.Optimization;
import org.covidmmar.config.ExperimentConfig.Phantom;
import org.covidmmar.config.ExperimentConfig.Preprocessing;
import org.covidmmar.config.ExperimentConfig.Review;
import org.covidmmar.config.ExperimentConfig.SmartCache;
import org.covidmmar.config.ExperimentConfig.Training;
import org.covidmmar.transform.Step;
import org.covidmmar.volume.Shape;

/** Which setting is which part of a configuration, both ways. */
final class SettingMapping {
  private final SortedMap<Setting, String> texts = new TreeMap<>();

  private SettingMapping() {}

  static ExperimentConfig config(Settings s, String experiment, List<Step> preTransforms) {
    String named = s.text(Setting.EXPERIMENT);
    List<Double> range = s.numbers(Setting.INTENSITY_RANGE);
    List<Integer> cohort = s.wholes(Setting.PHANTOM_CASES);
    return new ExperimentConfig(
        named != null ? named : experiment,
        s.text(Setting.RESUME),
        new Data(s.text(Setting.DATA_ROOT), s.text(Setting.DATASET)),
        new Conversion(
            s.text(Setting.DICOM_DIR),
            s.text(Setting.CONVERT_SUFFIX),
            s.text(Setting.CONVERT_NAME),
            s.text(Setting.CONVERT_FORMAT),
            s.numbers(Setting.CONVERT_SPACING),
            s.text(Setting.CONVERT_IDENTIFYING).equals("true")),
        new Preprocessing(
            s.text(Setting.RECIPE),
            s.get(Setting.INPUT_SHAPE, Shape.class),
            s.text(Setting.RESIZE),
            range.get(0),
            range.get(1),
            s.text(Setting.AUGMENTATION),
            preTransforms),
        new Network(
            s.text(Setting.ARCHITECTURE),
            s.number(Setting.DROPOUT),
            s.text(Setting.PRETRAINED),
            s.text(Setting.PRETRAINED_HEAD)),
        new Optimization(
            s.text(Setting.OPTIMIZER),
            s.number(Setting.MOMENTUM),
            s.number(Setting.LEARNING_RATE),
            s.number(Setting.WEIGHT_DECAY),
            s.text(Setting.LR_POLICY)),
        new Training(
            s.whole(Setting.EPOCHS),
            s.whole(Setting.BATCH_SIZE),
            s.whole(Setting.ACCUMULATE),
            s.text(Setting.LOSS),
            s.numbers(Setting.CLASS_WEIGHTS),
            s.text(Setting.SAMPLING),
            smartCache(s.numbers(Setting.SMART_CACHE)),
            s.whole(Setting.VALID_EVERY),
            s.get(Setting.PATIENCE, Integer.class),
            s.text(Setting.KEY_METRIC),
            s.get(Setting.SEED, Long.class)),
        new Compute(
            s.text(Setting.DEVICE),
            s.get(Setting.THREADS, Integer.class),
            s.text(Setting.ISA),
            s.get(Setting.REPLICAS, Integer.class)),
        new Inference(
            s.text(Setting.MODEL),
            s.text(Setting.LIST),
            s.text(Setting.INPUT),
            s.text(Setting.MASK),
            s.text(Setting.OUTPUT),
            s.number(Setting.THRESHOLD),
            s.whole(Setting.REPORT_CASES),
            s.text(Setting.SALIENCY),
            s.text(Setting.SEGMENT_MODEL),
            s.texts(Setting.PREDICTIONS),
            s.texts(Setting.FORMAT)),
        new Gates(
            s.get(Setting.GATE_AUC, Double.class),
            s.get(Setting.GATE_ACCURACY, Double.class),
            s.get(Setting.GATE_SENSITIVITY, Double.class),
            s.get(Setting.GATE_SPECIFICITY, Double.class)),
        new Review(
            s.text(Setting.RUN),
            s.get(Setting.REPRODUCE_EPOCHS, Integer.class),
            s.texts(Setting.COMPARE_RECIPES)),
        new Phantom(
            cohort.get(0),
            cohort.get(1),
            cohort.get(2),
            s.get(Setting.PHANTOM_SHAPE, Shape.class),
            s.number(Setting.PHANTOM_SEVERITY),
            s.get(Setting.PHANTOM_SEED, Long.class)));
  }

  private static SmartCache smartCache(List<Double> values) {
    return values == null ? null : new SmartCache(values.get(0).intValue(), values.get(1));
  }

  static SortedMap<Setting, String> ofTraining(ExperimentConfig config) {
    SettingMapping mapping = new SettingMapping();
    mapping.put(Setting.EXPERIMENT, config.experiment());
    mapping.preprocessing(config.preprocessing());
    mapping.put(Setting.ARCHITECTURE, config.network().architecture());
    mapping.put(Setting.DROPOUT, config.network().dropout());
    mapping.optimization(config.optimization());
    mapping.training(config.training());
    mapping.put(Setting.REPLICAS, config.compute().replicas());
    return mapping.texts;
  }

  private void preprocessing(Preprocessing p) {
    put(Setting.RECIPE, p.recipe());
    put(Setting.INPUT_SHAPE, p.inputShape());
    put(Setting.RESIZE, p.resize());
    put(Setting.INTENSITY_RANGE, joined(List.of(p.low(), p.high())));
    put(Setting.AUGMENTATION, p.augmentation());
  }

  private void optimization(Optimization o) {
    put(Setting.OPTIMIZER, o.optimizer());
    put(Setting.MOMENTUM, o.momentum());
    put(Setting.LEARNING_RATE, o.learningRate());
    put(Setting.WEIGHT_DECAY, o.weightDecay());
    put(Setting.LR_POLICY, o.lrPolicy());
  }

  private void training(Training t) {
    put(Setting.EPOCHS, t.epochs());
    put(Setting.BATCH_SIZE, t.batchSize());
    put(Setting.ACCUMULATE, t.accumulate());
    put(Setting.LOSS, t.loss());
    put(Setting.CLASS_WEIGHTS, t.classWeights() == null ? null : joined(t.classWeights()));
    put(Setting.SAMPLING, t.sampling());
    SmartCache cache = t.smartCache();
    put(Setting.SMART_CACHE, cache == null ? null : cache.cases() + "," + cache.replaced());
    put(Setting.VALID_EVERY, t.validEvery());
    put(Setting.PATIENCE, t.patience());
    put(Setting.KEY_METRIC, t.keyMetric());
    put(Setting.SEED, t.seed());
  }

  private static String joined(List<Double> numbers) {
    return numbers.stream().map(String::valueOf).collect(Collectors.joining(","));
  }

  private void put(Setting setting, Object value) {
    texts.put(setting, value == null ? "" : value.toString());
  }
}
