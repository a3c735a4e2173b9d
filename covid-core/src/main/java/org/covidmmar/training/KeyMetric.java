package org.covidmmar.training;

import java.util.Map;
import org.covidmmar.CovidException;

/** What the best checkpoint is chosen by: the name of a metric and its direction. */
record KeyMetric(String name) {
  /** The metric's value, turned so that higher is better. */
  double of(Map<String, Double> metrics) {
    Double value = metrics.get(name);
    if (value == null) {
      throw new CovidException(
          "covid.keyMetric",
          name + " is undefined on the validation list",
          "give the list cases of both classes, or choose val/loss");
    }
    return name.equals("val/loss") ? -value : value;
  }
}
