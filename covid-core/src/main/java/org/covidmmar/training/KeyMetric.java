package org.covidmmar.training;

import java.util.Map;
import org.covidmmar.CovidException;

/** What the best checkpoint is chosen by: the name of a metric and its direction. */
record KeyMetric(String name) {
  /** The metric that tells epochs with equal key metrics apart. */
  static final String LOSS = "val/loss";

  /** What the best epoch of a state was chosen by, with its values. */
  String chose(TrainingState state) {
    String ties = "; of equal epochs the latest";
    return name.equals(LOSS)
        ? LOSS + " " + state.bestLoss() + ties
        : name + " " + state.bestKeyMetric() + ", then lowest val/loss " + state.bestLoss() + ties;
  }

  /** The metric's value, turned so that higher is better. */
  double of(Map<String, Double> metrics) {
    Double value = metrics.get(name);
    if (value == null) {
      throw new CovidException(
          "covid.keyMetric",
          name + " is undefined on the validation list",
          "give the list cases of both classes, or choose val/loss");
    }
    return name.equals(LOSS) ? -value : value;
  }
}
