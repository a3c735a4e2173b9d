package org.covidmmar.maven;

import java.util.Map;
import org.apache.maven.plugins.annotations.Parameter;
import org.covidmmar.config.Setting;
import org.covidmmar.experiment.Main;

/** What the goals that train have in common. */
abstract class AbstractTrainingMojo extends AbstractNetworkMojo {

  /**
   * Random transforms in training: those of the recipe, flips along three axes with probability 0.5
   * each, or none. One of recipe, flip, none; default recipe.
   */
  @Parameter(property = "covid.augmentation")
  private String augmentation;

  /** Probability of dropout in each dense layer. A number from 0 to 0.95; default 0. */
  @Parameter(property = "covid.dropout")
  private String dropout;

  /**
   * Weights to fine-tune from: a .safetensors, .pt or .pth file, the id of a run, an .mmar archive,
   * the folder it was unpacked into, or its Maven coordinates, as in
   * org.example:lung-base:mmar:1.2. A file, a folder, a run id or coordinates; no default.
   */
  @Parameter(property = "covid.pretrained")
  private String pretrained;

  /**
   * keep takes the classifier of covid.pretrained; new draws it from the seed, and the first
   * convolution too where that is for another number of channels. One of keep, new; default keep.
   */
  @Parameter(property = "covid.pretrained.head")
  private String pretrainedHead;

  /**
   * auto takes up the newest unfinished run of the equal configuration and data; never begins a run
   * of its own. One of auto, never; default auto.
   */
  @Parameter(property = "covid.resume")
  private String resume;

  /**
   * Number of passes over the training list. A whole number from 1 to 1000000 (epochs); default
   * 300.
   */
  @Parameter(property = "covid.epochs")
  private String epochs;

  /**
   * Batches whose gradients are added up before the weights are updated. A whole number from 1 to
   * 4096 (batches); default 1.
   */
  @Parameter(property = "covid.accumulate")
  private String accumulate;

  /** The optimizer. One of adam, adamw, sgd; default adam. */
  @Parameter(property = "covid.optimizer")
  private String optimizer;

  /** Momentum of sgd, beta1 of adam and adamw. A number from 0 to 0.9999; default 0.9. */
  @Parameter(property = "covid.momentum")
  private String momentum;

  /** Learning rate, before the policy. A number above 0; default 5e-6. */
  @Parameter(property = "covid.learningRate")
  private String learningRate;

  /**
   * Weight decay: added to the gradient by adam and sgd, decoupled in adamw. A number from 0 to 10;
   * default 1e-5.
   */
  @Parameter(property = "covid.weightDecay")
  private String weightDecay;

  /**
   * Learning-rate policy with its arguments: constant, cosine, poly, step, plateau, as in
   * step(size=30,gamma=0.1). A policy; default constant.
   */
  @Parameter(property = "covid.lrPolicy")
  private String lrPolicy;

  /** The loss. One of crossEntropy; default crossEntropy. */
  @Parameter(property = "covid.loss")
  private String loss;

  /** Weights of the two classes in the loss. Two numbers above 0, non-COVID,COVID; no default. */
  @Parameter(property = "covid.classWeights")
  private String classWeights;

  /**
   * none: each case once an epoch, shuffled; balanced: drawn with replacement, each class alike.
   * One of none, balanced; default none.
   */
  @Parameter(property = "covid.sampling")
  private String sampling;

  /**
   * Cases that an epoch is made of, and the share of them that others replace for the next one, as
   * in 350,0.2; every case in every epoch where none is given. Two numbers cases,share: a whole one
   * above 0, one above 0 up to 1; no default.
   */
  @Parameter(property = "covid.smartCache")
  private String smartCache;

  /**
   * Epochs from one validation to the next; the last epoch is always validated. A whole number from
   * 1 to 1000000 (epochs); default 1.
   */
  @Parameter(property = "covid.validEvery")
  private String validEvery;

  /**
   * Validations without a better key metric after which training stops early. A whole number from 1
   * to 1000000 (validations); no default.
   */
  @Parameter(property = "covid.patience")
  private String patience;

  /**
   * What the best checkpoint is chosen by; epochs with the same value are told apart by the lower
   * val/loss, then the later one is taken. One of val/auc, val/accuracy, val/loss; default val/auc.
   */
  @Parameter(property = "covid.keyMetric")
  private String keyMetric;

  /**
   * Replicas of the network, among which training splits each batch; they share the devices in
   * turn. One for each device where none is given, with auto and gpu at most one for each case of a
   * batch. A whole number from 1 to 64; no default.
   */
  @Parameter(property = "covid.replicas")
  private String replicas;

  /** Seed of every random draw. A whole number; default 0. */
  @Parameter(property = "covid.seed")
  private String seed;

  @Override
  void settings(Map<Setting, String> given) {
    super.settings(given);
    given.put(Setting.AUGMENTATION, augmentation);
    given.put(Setting.DROPOUT, dropout);
    given.put(Setting.PRETRAINED, pretrained);
    given.put(Setting.PRETRAINED_HEAD, pretrainedHead);
    given.put(Setting.RESUME, resume);
    given.put(Setting.EPOCHS, epochs);
    given.put(Setting.ACCUMULATE, accumulate);
    given.put(Setting.OPTIMIZER, optimizer);
    given.put(Setting.MOMENTUM, momentum);
    given.put(Setting.LEARNING_RATE, learningRate);
    given.put(Setting.WEIGHT_DECAY, weightDecay);
    given.put(Setting.LR_POLICY, lrPolicy);
    given.put(Setting.LOSS, loss);
    given.put(Setting.CLASS_WEIGHTS, classWeights);
    given.put(Setting.SAMPLING, sampling);
    given.put(Setting.SMART_CACHE, smartCache);
    given.put(Setting.VALID_EVERY, validEvery);
    given.put(Setting.PATIENCE, patience);
    given.put(Setting.KEY_METRIC, keyMetric);
    given.put(Setting.REPLICAS, replicas);
    given.put(Setting.SEED, seed);
  }

  @Override
  Main.Goal goal() {
    return Main.Goal.TRAIN;
  }
}
