package org.covidmmar.maven;

import java.util.Map;
import org.apache.maven.plugins.annotations.LifecyclePhase;
import org.apache.maven.plugins.annotations.Mojo;
import org.apache.maven.plugins.annotations.Parameter;
import org.covidmmar.config.Setting;
import org.covidmmar.experiment.Main;

/**
 * Writes report.html of a run: curves, figures with their intervals, cases by error, configuration
 * and provenance, beside the experiment's earlier runs.
 */
@Mojo(name = "report", defaultPhase = LifecyclePhase.VERIFY, threadSafe = true)
public final class ReportMojo extends AbstractCovidMojo {

  /** Skips this goal. */
  @Parameter(property = "covid.skipReport", defaultValue = "false")
  private boolean skipReport;

  /**
   * Model to evaluate, in any of the forms of covid.pretrained, or run to package or report; else
   * the newest finished run's. A file, a folder, a run id or coordinates; no default.
   */
  @Parameter(property = "covid.model")
  private String model;

  /**
   * Name of the experiment in the run journal; the artifactId where none is given. A name; no
   * default.
   */
  @Parameter(property = "covid.mlflow.experiment")
  private String mlflowExperiment;

  @Override
  void settings(Map<Setting, String> given) {
    super.settings(given);
    given.put(Setting.MODEL, model);
    given.put(Setting.EXPERIMENT, mlflowExperiment);
  }

  @Override
  Main.Goal goal() {
    return Main.Goal.REPORT;
  }

  @Override
  boolean skipGoal() {
    return skipReport;
  }
}
