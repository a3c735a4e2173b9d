package org.covidmmar.maven;

import java.util.Map;
import org.apache.maven.plugins.annotations.Mojo;
import org.apache.maven.plugins.annotations.Parameter;
import org.covidmmar.config.Setting;
import org.covidmmar.experiment.Main;

/**
 * Compares two runs: in what configuration, data, versions and machine they differ, and how near
 * their metrics, weights and predictions are; as tables, and as a page with their curves.
 */
@Mojo(name = "compare", threadSafe = true)
public final class CompareMojo extends AbstractCovidMojo {

  /** Skips this goal. */
  @Parameter(property = "covid.skipCompare", defaultValue = "false")
  private boolean skipCompare;

  /**
   * Run to reproduce: its id, its folder or its provenance.json; or the two runs to compare, as in
   * covid.run=a,b. Else the newest finished run, or the newest two. Run ids, folders or provenance
   * files, separated by commas; no default.
   */
  @Parameter(property = "covid.run")
  private String run;

  /**
   * Folder that segment, check, infer, export, sweep, reproduce and compare write into, and
   * validate where the model is no run's; target/covid/ and the goal's name where none is given. A
   * folder; no default.
   */
  @Parameter(property = "covid.output")
  private String output;

  /**
   * Name of the experiment in the run journal; the artifactId where none is given. A name; no
   * default.
   */
  @Parameter(property = "covid.mlflow.experiment")
  private String mlflowExperiment;

  @Override
  void settings(Map<Setting, String> given) {
    super.settings(given);
    given.put(Setting.RUN, run);
    given.put(Setting.OUTPUT, output);
    given.put(Setting.EXPERIMENT, mlflowExperiment);
  }

  @Override
  Main.Goal goal() {
    return Main.Goal.COMPARE;
  }

  @Override
  boolean skipGoal() {
    return skipCompare;
  }
}
