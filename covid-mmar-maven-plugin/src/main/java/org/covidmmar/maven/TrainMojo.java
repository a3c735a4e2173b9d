package org.covidmmar.maven;

import org.apache.maven.plugins.annotations.LifecyclePhase;
import org.apache.maven.plugins.annotations.Mojo;
import org.apache.maven.plugins.annotations.Parameter;
import org.covidmmar.mmar.MmarReader;

/**
 * Trains the network on the training list of the dataset, validates it on the validation list, and
 * keeps the best checkpoint in a new run under {@code mlruns}.
 */
@Mojo(name = "train", defaultPhase = LifecyclePhase.COMPILE, threadSafe = true)
public final class TrainMojo extends AbstractTrainingMojo {

  /** Skips this goal. */
  @Parameter(property = "covid.skipTrain", defaultValue = "false")
  private boolean skipTrain;

  @Override
  MmarReader.Results results() {
    return MmarReader.Results.RUNS;
  }

  @Override
  boolean skipGoal() {
    return skipTrain;
  }
}
