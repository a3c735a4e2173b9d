package org.covidmmar.training;

import org.covidmmar.config.ExperimentConfig;

/** How a gradient changes the weights; the formulas are those of torch.optim. */
public sealed interface UpdateRule {
  /** Weight decay, at least 0. */
  double weightDecay();

  /**
   * Adam (Kingma and Ba 2015); weight decay is added to the gradient.
   *
   * @param beta1 decay of the gradient's mean
   * @param beta2 decay of its square's mean
   * @param epsilon added to the square root of the corrected mean square
   */
  record Adam(double beta1, double beta2, double epsilon, double weightDecay)
      implements UpdateRule {}

  /** Adam with decoupled weight decay (Loshchilov and Hutter 2019): w -= lr * decay * w first. */
  record AdamW(double beta1, double beta2, double epsilon, double weightDecay)
      implements UpdateRule {}

  /**
   * Gradient descent with momentum, without dampening; weight decay is added to the gradient.
   *
   * @param momentum 0 for none
   */
  record Sgd(double momentum, double weightDecay) implements UpdateRule {}

  /** The rule that a configuration asks for; beta2 and epsilon are torch.optim's defaults. */
  static UpdateRule of(ExperimentConfig.Optimization o) {
    return switch (o.optimizer()) {
      case "adam" -> new Adam(o.momentum(), 0.999, 1e-8, o.weightDecay());
      case "adamw" -> new AdamW(o.momentum(), 0.999, 1e-8, o.weightDecay());
      case "sgd" -> new Sgd(o.momentum(), o.weightDecay());
      default -> throw new IllegalArgumentException("optimizer " + o.optimizer());
    };
  }
}
