package org.covidmmar.maven;

import java.util.Map;
import org.apache.maven.plugins.annotations.Parameter;
import org.covidmmar.config.Setting;

/** What the goals that apply a trained model have in common. */
abstract class AbstractEvaluationMojo extends AbstractNetworkMojo {

  /**
   * Model to evaluate or export, in any of the forms of covid.pretrained, or run to package or
   * report; else the newest finished run's. A file, a folder, a run id or coordinates; no default.
   */
  @Parameter(property = "covid.model")
  private String model;

  /**
   * List of the dataset to evaluate, or to segment; segment: all, validate and compare: validation,
   * infer: testing or test where there is one, else validation. The name of a list; no default.
   */
  @Parameter(property = "covid.list")
  private String list;

  /**
   * Probability of COVID from which on a case is predicted as such. A number from 0 to 1; default
   * 0.5.
   */
  @Parameter(property = "covid.threshold")
  private String threshold;

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
    given.put(Setting.MODEL, model);
    given.put(Setting.LIST, list);
    given.put(Setting.THRESHOLD, threshold);
    given.put(Setting.OUTPUT, output);
  }
}
