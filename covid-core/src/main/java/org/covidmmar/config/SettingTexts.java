package org.covidmmar.config;

import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** The settings that a configuration was made of, as a user writes them. */
public final class SettingTexts {
  private final SortedMap<Setting, String> texts = new TreeMap<>();

  private SettingTexts() {}

  /**
   * Those that a training depends on; what is not set, and paths of files on the machine that
   * trained, are left out. {@link ExperimentConfig#of} makes the equal configuration of them.
   */
  public static SortedMap<Setting, String> ofTraining(ExperimentConfig config) {
    SettingTexts texts = new SettingTexts();
    texts.put(Setting.EXPERIMENT, config.experiment());
    texts.preprocessing(config.preprocessing());
    texts.put(Setting.ARCHITECTURE, config.network().architecture());
    texts.put(Setting.DROPOUT, config.network().dropout());
    texts.optimization(config.optimization());
    texts.training(config.training());
    texts.put(Setting.REPLICAS, config.compute().replicas());
    return texts.texts;
  }

  private void preprocessing(ExperimentConfig.Preprocessing p) {
    put(Setting.RECIPE, p.recipe());
    put(Setting.INPUT_SHAPE, p.inputShape());
    put(Setting.RESIZE, p.resize());
    put(Setting.INTENSITY_RANGE, joined(List.of(p.low(), p.high())));
    put(Setting.AUGMENTATION, p.augmentation());
  }

  private void optimization(ExperimentConfig.Optimization o) {
    put(Setting.OPTIMIZER, o.optimizer());
    put(Setting.MOMENTUM, o.momentum());
    put(Setting.LEARNING_RATE, o.learningRate());
    put(Setting.WEIGHT_DECAY, o.weightDecay());
    put(Setting.LR_POLICY, o.lrPolicy());
  }

  private void training(ExperimentConfig.Training t) {
    put(Setting.EPOCHS, t.epochs());
    put(Setting.BATCH_SIZE, t.batchSize());
    put(Setting.ACCUMULATE, t.accumulate());
    put(Setting.LOSS, t.loss());
    put(Setting.CLASS_WEIGHTS, t.classWeights() == null ? null : joined(t.classWeights()));
    put(Setting.SAMPLING, t.sampling());
    ExperimentConfig.SmartCache cache = t.smartCache();
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
    if (value != null) {
      texts.put(setting, value.toString());
    }
  }
}
