package org.covidmmar.evaluation;

import com.fasterxml.jackson.annotation.JsonPropertyOrder;
import java.util.Arrays;
import java.util.List;
import org.covidmmar.CovidException;

/**
 * How well a model's probabilities fit the labels of a list: the content of {@code
 * evaluation.json}.
 *
 * @param n number of labelled cases
 * @param unlabelled number of cases left out because they have no label
 * @param confidence coverage of the intervals, 0.95
 * @param threshold probability from which on a case is called positive
 * @param accuracy share of cases called rightly at the threshold
 * @param auc area under the ROC curve; independent of the threshold
 * @param sensitivity share of the positive cases called positive
 * @param specificity share of the negative cases called negative
 * @param ppv positive predictive value
 * @param npv negative predictive value
 * @param f1 harmonic mean of sensitivity and ppv
 * @param brier mean squared difference of probability and label, 0 best, 1 worst; no interval
 * @param loss mean cross entropy in nat, 0 best; no interval
 * @param confusion the counts at the threshold
 */
@JsonPropertyOrder({
  "n",
  "unlabelled",
  "confidence",
  "threshold",
  "accuracy",
  "auc",
  "sensitivity",
  "specificity",
  "ppv",
  "npv",
  "f1",
  "brier",
  "loss",
  "confusion"
})
public record Evaluation(
    int n,
    int unlabelled,
    double confidence,
    float threshold,
    Estimate accuracy,
    Estimate auc,
    Estimate sensitivity,
    Estimate specificity,
    Estimate ppv,
    Estimate npv,
    Estimate f1,
    Estimate brier,
    Estimate loss,
    ConfusionMatrix confusion) {

  /** The threshold unless the user sets another. */
  public static final float DEFAULT_THRESHOLD = 0.5f;

  /**
   * Evaluates the labelled cases.
   *
   * <p>The loss takes a probability of 0 for the true class (rounded down by float32) as the
   * smallest float32, so that a single case counts 103 at most and not infinitely.
   *
   * @param cases any order, which does not matter; those without a label are counted and left out
   * @param threshold 0..1
   * @throws CovidException where no case has a label, or the threshold is not a probability
   */
  public static Evaluation of(List<ScoredCase> cases, float threshold) {
    if (!(threshold >= 0 && threshold <= 1)) {
      throw new CovidException(
          "covid.threshold",
          "a probability, 0 to 1, expected, found " + threshold,
          "set covid.threshold to a number from 0 to 1");
    }
    ConfusionMatrix confusion = ConfusionMatrix.of(cases, threshold);
    int n = confusion.n();
    if (n == 0) {
      throw new CovidException(
          "evaluation",
          "labelled cases expected, found none among " + cases.size(),
          "add \"label\": [0] or [1] to the list's entries, or use infer, which needs no labels");
    }
    double[] squares = new double[cases.size()];
    double[] losses = new double[cases.size()];
    for (int i = 0; i < squares.length; i++) {
      ScoredCase c = cases.get(i);
      if (c.label() != null) {
        double miss = (double) c.pCovid() - c.label();
        squares[i] = miss * miss;
        losses[i] =
            -StrictMath.log(Math.max(c.label() == 1 ? c.pCovid() : c.pNonCovid(), Float.MIN_VALUE));
      }
    }
    return new Evaluation(
        n,
        cases.size() - n,
        Estimate.CONFIDENCE,
        threshold,
        confusion.accuracy(),
        RocCurve.of(cases).auc(),
        confusion.sensitivity(),
        confusion.specificity(),
        confusion.ppv(),
        confusion.npv(),
        confusion.f1(),
        Estimate.of(sum(squares) / n),
        Estimate.of(sum(losses) / n),
        confusion);
  }

  /** Adds in ascending order, so that the order of the cases leaves the last digits alone. */
  private static double sum(double[] values) {
    Arrays.sort(values);
    double sum = 0;
    for (double v : values) {
      sum += v;
    }
    return sum;
  }
}
