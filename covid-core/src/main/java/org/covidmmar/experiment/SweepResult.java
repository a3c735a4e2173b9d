package org.covidmmar.experiment;

import java.nio.file.Path;
import org.covidmmar.CovidException;
import org.covidmmar.config.Grid;
import org.covidmmar.evaluation.Evaluation;

/**
 * What came of a point of a grid.
 *
 * @param state in which it ended
 * @param run its folder; null where the point failed
 * @param bestEpoch of the run; empty where the point failed
 * @param evaluation of the run's model; null where the point failed
 * @param failure null where the point did not fail
 */
record SweepResult(
    Grid.Point point,
    State state,
    Path run,
    String bestEpoch,
    Evaluation evaluation,
    CovidException failure) {

  /** How a point ended. */
  enum State {
    TRAINED("trained"),
    UP_TO_DATE("up to date"),
    FAILED("failed");

    private final String text;

    State(String text) {
      this.text = text;
    }

    @Override
    public String toString() {
      return text;
    }
  }

  static SweepResult failed(Grid.Point point, CovidException failure) {
    return new SweepResult(point, State.FAILED, null, "", null, failure);
  }

  /** The run's id; empty where there is none. */
  String runId() {
    return run == null ? "" : run.getFileName().toString();
  }
}
