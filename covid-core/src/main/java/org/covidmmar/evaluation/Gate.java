package org.covidmmar.evaluation;

import java.util.ArrayList;
import java.util.List;
import org.covidmmar.config.ExperimentConfig;

/**
 * A figure that an evaluation must reach.
 *
 * @param figure auc, accuracy, sensitivity or specificity
 * @param atLeast the limit, 0 to 1
 * @param found the evaluation's figure; its value is compared, not its interval
 */
public record Gate(String figure, double atLeast, Estimate found) {

  /** The gates that are set, in the order auc, accuracy, sensitivity, specificity. */
  public static List<Gate> of(ExperimentConfig.Gates gates, Evaluation evaluation) {
    List<Gate> all = new ArrayList<>();
    add(all, "auc", gates.auc(), evaluation.auc());
    add(all, "accuracy", gates.accuracy(), evaluation.accuracy());
    add(all, "sensitivity", gates.sensitivity(), evaluation.sensitivity());
    add(all, "specificity", gates.specificity(), evaluation.specificity());
    return all;
  }

  private static void add(List<Gate> all, String figure, Double atLeast, Estimate found) {
    if (atLeast != null) {
      all.add(new Gate(figure, atLeast, found));
    }
  }

  /** Whether the figure is there and reaches the limit. */
  public boolean passed() {
    return found.value() != null && found.value() >= atLeast;
  }

  /** What was expected and found, such as {@code auc at least 0.9 expected, found 0.8523}. */
  public String describe() {
    return figure
        + " at least "
        + atLeast
        + " expected, found "
        + (found.value() == null ? "none: " + found.undefined() : found.value());
  }
}
