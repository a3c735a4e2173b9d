package org.covidmmar.maven;

import java.util.Map;
import org.apache.maven.plugins.annotations.LifecyclePhase;
import org.apache.maven.plugins.annotations.Mojo;
import org.apache.maven.plugins.annotations.Parameter;
import org.covidmmar.config.Setting;
import org.covidmmar.experiment.Main;

/** Checks the dataset: lists, labels, files, their headers, and the grids of the masks. */
@Mojo(name = "check", defaultPhase = LifecyclePhase.PROCESS_RESOURCES, threadSafe = true)
public final class CheckMojo extends AbstractNetworkMojo {

  /** Skips this goal. */
  @Parameter(property = "covid.skipCheck", defaultValue = "false")
  private boolean skipCheck;

  /**
   * What the best checkpoint is chosen by. One of val/auc, val/accuracy, val/loss; default val/auc.
   */
  @Parameter(property = "covid.keyMetric")
  private String keyMetric;

  @Override
  void settings(Map<Setting, String> given) {
    super.settings(given);
    given.put(Setting.KEY_METRIC, keyMetric);
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
