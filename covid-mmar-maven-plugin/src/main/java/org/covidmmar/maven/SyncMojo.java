package org.covidmmar.maven;

import org.apache.maven.plugins.annotations.Mojo;
import org.apache.maven.plugins.annotations.Parameter;
import org.covidmmar.experiment.Main;

/**
 * Sends an MLflow server what it lacks of the runs in mlruns: as often as one likes, also after it
 * was away for a whole training.
 */
@Mojo(name = "sync", threadSafe = true)
public final class SyncMojo extends AbstractCovidMojo {

  /** Skips this goal. */
  @Parameter(property = "covid.skipSync", defaultValue = "false")
  private boolean skipSync;

  @Override
  Main.Goal goal() {
    return Main.Goal.SYNC;
  }

  @Override
  boolean skipGoal() {
    return skipSync;
  }
}
