package org.covidmmar.maven;

import org.apache.maven.plugins.annotations.Mojo;
import org.apache.maven.plugins.annotations.Parameter;
import org.covidmmar.experiment.Main;

/**
 * Evaluates a trained model on a labelled list of the dataset: accuracy, ROC AUC, sensitivity,
 * specificity and their intervals.
 */
@Mojo(name = "validate", threadSafe = true)
public final class ValidateMojo extends AbstractEvaluationMojo {

  /** Skips this goal. */
  @Parameter(property = "covid.skipValidate", defaultValue = "false")
  private boolean skipValidate;

  @Override
  Main.Goal goal() {
    return Main.Goal.VALIDATE;
  }

  @Override
  boolean skipGoal() {
    return skipValidate;
  }
}
