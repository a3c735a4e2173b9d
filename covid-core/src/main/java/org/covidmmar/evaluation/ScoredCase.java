package org.covidmmar.evaluation;

import java.util.Comparator;
import org.covidmmar.CovidException;

/**
 * A case and the probabilities that a model gave it.
 *
 * @param id the case's name, for messages and tables
 * @param image the image as the dataset names it
 * @param pNonCovid probability of class 0, 0..1
 * @param pCovid probability of class 1, 0..1; the score that all figures use
 * @param label the true class, 0 or 1; null where unknown
 */
public record ScoredCase(String id, String image, float pNonCovid, float pCovid, Integer label) {
  /**
   * Cases by their {@link #error()}, alike ones by their id; those without a label are the last.
   */
  public static final Comparator<ScoredCase> LARGEST_ERROR_FIRST =
      Comparator.comparingDouble((ScoredCase c) -> c.label() == null ? 1 : -c.error())
          .thenComparing(ScoredCase::id);

  /** How far from 1 rounding may take the sum of the probabilities. */
  private static final double SUM_TOLERANCE = 1e-3;

  /**
   * @throws CovidException naming the case, where a value is not a probability, the two do not make
   *     1, or the label is neither 0 nor 1
   */
  public ScoredCase {
    // Negated, so that NaN fails too.
    if (!(pNonCovid >= 0 && pNonCovid <= 1 && pCovid >= 0 && pCovid <= 1)
        || Math.abs((double) pNonCovid + pCovid - 1) > SUM_TOLERANCE) {
      throw new CovidException(
          "case " + id,
          "two probabilities that make 1 expected, found " + pNonCovid + " and " + pCovid,
          "check the image for voxels that are not HU and the model's weights for NaN; a lower"
              + " covid.learningRate keeps training from diverging");
    }
    if (label != null && label != 0 && label != 1) {
      throw new CovidException(
          "case " + id,
          "label 0 (non-COVID) or 1 (COVID) expected, found " + label,
          "correct the label in the dataset");
    }
  }

  /** A case of a model that gives one probability; class 0 has the rest. */
  public static ScoredCase of(String id, String image, float pCovid, Integer label) {
    return new ScoredCase(id, image, 1 - pCovid, pCovid, label);
  }

  /** The same with its image named otherwise. */
  public ScoredCase withImage(String name) {
    return new ScoredCase(id, name, pNonCovid, pCovid, label);
  }

  /** The class called at a threshold: 1 where the probability reaches it, else 0. */
  public int predicted(float threshold) {
    return pCovid >= threshold ? 1 : 0;
  }

  /**
   * How far the probability is from the label, 0..1.
   *
   * @throws IllegalStateException where there is no label
   */
  public double error() {
    if (label == null) {
      throw new IllegalStateException("case " + id + " has no label");
    }
    return Math.abs((double) pCovid - label);
  }
}
