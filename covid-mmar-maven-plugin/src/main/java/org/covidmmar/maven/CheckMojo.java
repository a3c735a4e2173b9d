package org.covidmmar.maven;

import java.util.Map;
import org.apache.maven.plugins.annotations.LifecyclePhase;
import org.apache.maven.plugins.annotations.Mojo;
import org.apache.maven.plugins.annotations.Parameter;
import org.covidmmar.config.Setting;
import org.covidmmar.experiment.Main;

/**
 * Checks the whole dataset before a training: lists, labels, files to their last voxel, masks,
 * intensities, leakage, classes and memory. Errors end the build, warnings do not; all of them are
 * in {@code findings.json}.
 */
@Mojo(name = "check", defaultPhase = LifecyclePhase.PROCESS_RESOURCES, threadSafe = true)
public final class CheckMojo extends AbstractNetworkMojo {

  /** Skips this goal. */
  @Parameter(property = "covid.skipCheck", defaultValue = "false")
  private boolean skipCheck;

  /**
   * Batches whose gradients are added up before the weights are updated. A whole number from 1 to
   * 4096 (batches); default 1.
   */
  @Parameter(property = "covid.accumulate")
  private String accumulate;

  /**
   * Replicas of the network, among which training splits each batch; they share the devices in
   * turn. One for each device where none is given, with auto and gpu at most one for each case of a
   * batch. A whole number from 1 to 64; no default.
   */
  @Parameter(property = "covid.replicas")
  private String replicas;

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
   * What the best checkpoint is chosen by; epochs with the same value are told apart by the lower
   * val/loss, then the later one is taken. One of val/auc, val/accuracy, val/loss; default val/auc.
   */
  @Parameter(property = "covid.keyMetric")
  private String keyMetric;

  /**
   * Folder that segment, check, infer, export, sweep, reproduce and compare write into, and
   * validate where the model is no run's; target/covid/ and the goal's name where none is given. A
   * folder; no default.
   */
  @Parameter(property = "covid.output")
  private String output;

  @Override
  void settings(Map<Setting, String> given) {
    super.settings(given);
    given.put(Setting.ACCUMULATE, accumulate);
    given.put(Setting.REPLICAS, replicas);
    given.put(Setting.CLASS_WEIGHTS, classWeights);
    given.put(Setting.SAMPLING, sampling);
    given.put(Setting.SMART_CACHE, smartCache);
    given.put(Setting.KEY_METRIC, keyMetric);
    given.put(Setting.OUTPUT, output);
  }

  @Override
  Main.Goal goal() {
    return Main.Goal.CHECK;
  }

  @Override
  boolean skipGoal() {
    return skipCheck;
  }
}
