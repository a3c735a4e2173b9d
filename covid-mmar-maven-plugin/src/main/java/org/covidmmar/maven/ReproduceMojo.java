package org.covidmmar.maven;

import java.util.Map;
import org.apache.maven.plugins.annotations.Mojo;
import org.apache.maven.plugins.annotations.Parameter;
import org.covidmmar.config.Setting;
import org.covidmmar.experiment.Main;

/**
 * Makes a run again from its record and says, item by item, whether the same came of it: identical,
 * within tolerance, or different. Names what this project's configuration, data and machine have
 * otherwise than the record. Fails where configuration, data or a result differ.
 */
@Mojo(name = "reproduce", threadSafe = true)
public final class ReproduceMojo extends AbstractTrainingMojo {

  /** Skips this goal. */
  @Parameter(property = "covid.skipReproduce", defaultValue = "false")
  private boolean skipReproduce;

  /**
   * Run to reproduce: its id, its folder or its provenance.json; or the two runs to compare, as in
   * covid.run=a,b. Else the newest finished run, or the newest two. Run ids, folders or provenance
   * files, separated by commas; no default.
   */
  @Parameter(property = "covid.run")
  private String run;

  /**
   * Epochs that reproduce checks, from the first on; all where none is given. A whole number from 1
   * to 1000000 (epochs); no default.
   */
  @Parameter(property = "covid.reproduce.epochs")
  private String reproduceEpochs;

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
    given.put(Setting.RUN, run);
    given.put(Setting.REPRODUCE_EPOCHS, reproduceEpochs);
    given.put(Setting.OUTPUT, output);
  }

  @Override
  Main.Goal goal() {
    return Main.Goal.REPRODUCE;
  }

  @Override
  boolean skipGoal() {
    return skipReproduce;
  }
}
