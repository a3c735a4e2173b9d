package org.covidmmar.maven;

import java.util.Map;
import org.apache.maven.plugins.annotations.Mojo;
import org.apache.maven.plugins.annotations.Parameter;
import org.covidmmar.config.Setting;
import org.covidmmar.experiment.Main;

/**
 * Shows the runs in MLflow's pages, on this machine alone, until Ctrl-C: keeps them in a database
 * in {@code .covid/mlflow}, adds what runs write meanwhile, and prints the links to the table of
 * runs and to the newest ones side by side. Takes the MLflow 3.17 on the PATH, else installs one of
 * its own, for which it needs Python 3.10 or later.
 */
@Mojo(name = "ui", threadSafe = true)
public final class UiMojo extends AbstractCovidMojo {

  /** Skips this goal. */
  @Parameter(property = "covid.skipUi", defaultValue = "false")
  private boolean skipUi;

  /**
   * Name of the experiment in the run journal; the artifactId where none is given. A name; no
   * default.
   */
  @Parameter(property = "covid.mlflow.experiment")
  private String mlflowExperiment;

  @Override
  void settings(Map<Setting, String> given) {
    super.settings(given);
    given.put(Setting.EXPERIMENT, mlflowExperiment);
  }

  @Override
  Main.Goal goal() {
    return Main.Goal.UI;
  }

  @Override
  boolean skipGoal() {
    return skipUi;
  }
}
