package org.covidmmar.evaluation;

import java.util.List;

/**
 * Cases counted by true and called class; COVID (1) is positive.
 *
 * @param tn negative, called negative
 * @param fp negative, called positive
 * @param fn positive, called negative
 * @param tp positive, called positive
 */
public record ConfusionMatrix(int tn, int fp, int fn, int tp) {
  static final String NO_POSITIVE = "no positive case";
  static final String NO_NEGATIVE = "no negative case";

  public ConfusionMatrix {
    if (tn < 0 || fp < 0 || fn < 0 || tp < 0) {
      throw new IllegalArgumentException("counts of cases: " + tn + "," + fp + "," + fn + "," + tp);
    }
  }

  /** The labelled cases, each called positive where its probability reaches the threshold. */
  public static ConfusionMatrix of(List<ScoredCase> cases, float threshold) {
    int[] counts = new int[4];
    for (ScoredCase c : cases) {
      if (c.label() != null) {
        counts[2 * c.label() + c.predicted(threshold)]++;
      }
    }
    return new ConfusionMatrix(counts[0], counts[1], counts[2], counts[3]);
  }

  /** Number of cases counted. */
  public int n() {
    return tn + fp + fn + tp;
  }

  /** Share of cases called rightly, with Wilson's interval. */
  public Estimate accuracy() {
    return Estimate.proportion(tn + tp, n(), "no labelled case");
  }

  /** Share of the positive cases called positive (recall), with Wilson's interval. */
  public Estimate sensitivity() {
    return Estimate.proportion(tp, tp + fn, NO_POSITIVE);
  }

  /** Share of the negative cases called negative, with Wilson's interval. */
  public Estimate specificity() {
    return Estimate.proportion(tn, tn + fp, NO_NEGATIVE);
  }

  /** Positive predictive value (precision), with Wilson's interval. */
  public Estimate ppv() {
    return Estimate.proportion(tp, tp + fp, "no case called positive");
  }

  /** Negative predictive value, with Wilson's interval. */
  public Estimate npv() {
    return Estimate.proportion(tn, tn + fn, "no case called negative");
  }

  /**
   * {@code F1 = 2 tp / (2 tp + fp + fn)}. F1 grows strictly with {@code J = tp / (tp + fp + fn)}:
   * {@code F1 = 2 J / (1 + J)} (Hand, Christen, Kirielle, Mach Learn 110, 451, 2021), and J is a
   * proportion, binomial for a given {@code tp + fp + fn}; so the interval is Wilson's of J with
   * both ends taken through that function.
   */
  public Estimate f1() {
    Estimate j =
        Estimate.proportion(tp, tp + fp + fn, "no positive case and no case called positive");
    return j.value() == null ? j : Estimate.of(f1(j.value()), f1(j.low()), f1(j.high()));
  }

  private static double f1(double j) {
    return 2 * j / (1 + j);
  }
}
