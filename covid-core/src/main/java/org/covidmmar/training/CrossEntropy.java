package org.covidmmar.training;

import org.covidmmar.model.Architecture;

/**
 * Cross entropy of softmax with a weight for each class, as torch.nn.CrossEntropyLoss: the weighted
 * mean over the cases of a group, sum(w[y] * -log p[y]) / sum(w[y]). Its sums are float64.
 *
 * @param nonCovid weight of class 0
 * @param covid weight of class 1
 */
public record CrossEntropy(double nonCovid, double covid) {
  /** Both classes alike. */
  public static final CrossEntropy UNWEIGHTED = new CrossEntropy(1, 1);

  public CrossEntropy {
    if (!(nonCovid > 0 && covid > 0 && Double.isFinite(nonCovid) && Double.isFinite(covid))) {
      throw new IllegalArgumentException(
          "class weights are finite and above 0: " + nonCovid + ", " + covid);
    }
  }

  /** The weight of a class. */
  public double weight(int label) {
    return switch (label) {
      case 0 -> nonCovid;
      case 1 -> covid;
      default -> throw new IllegalArgumentException("label " + label + " is neither 0 nor 1");
    };
  }

  /** The sum of the cases' weights. */
  public double weight(int[] labels) {
    double sum = 0;
    for (int label : labels) {
      sum += weight(label);
    }
    return sum;
  }

  /**
   * These cases' share of the group's loss: shares of a group's parts add up to its loss.
   *
   * @param logits two a case; logarithms of probabilities will do as well
   * @param labels one a case
   * @param groupWeight sum of the weights of all cases of the group
   */
  public double loss(float[] logits, int[] labels, double groupWeight) {
    double sum = 0;
    for (int i = 0; i < labels.length; i++) {
      sum += weight(labels[i]) * softplus(-margin(logits, i, labels[i]));
    }
    return sum / groupWeight;
  }

  /**
   * The derivative of {@link #loss} by each logarithm of a probability; the softmax itself is
   * derived where it is computed.
   */
  public float[] gradient(int[] labels, double groupWeight) {
    float[] gradient = new float[Architecture.CLASSES * labels.length];
    for (int i = 0; i < labels.length; i++) {
      gradient[Architecture.CLASSES * i + labels[i]] = (float) (-weight(labels[i]) / groupWeight);
    }
    return gradient;
  }

  /** How far the logit of the true class is above the other. */
  private static double margin(float[] logits, int index, int label) {
    int at = Architecture.CLASSES * index;
    return (double) logits[at + label] - logits[at + 1 - label];
  }

  /** log(1 + e^x) without overflow. */
  private static double softplus(double x) {
    return Math.max(x, 0) + StrictMath.log1p(StrictMath.exp(-Math.abs(x)));
  }
}
