package org.covidmmar.config;

import java.util.List;
import org.covidmmar.CovidException;

/**
 * How the learning rate changes from epoch to epoch; the formulas are those of
 * torch.optim.lr_scheduler, stepped once an epoch. A policy has no state: the rate follows from the
 * epoch and the key metrics so far, so that a resumed run goes on alike.
 */
public sealed interface LearningRatePolicy {
  /**
   * The rate for an epoch.
   *
   * @param base the configured learning rate
   * @param epoch from 0
   * @param epochs of the whole run
   * @param metrics the key metric of each validation before this epoch, in order; higher is better
   *     (give a loss negated)
   */
  double rate(double base, int epoch, int epochs, List<Double> metrics);

  /** Always the same. */
  record Constant() implements LearningRatePolicy {
    @Override
    public double rate(double base, int epoch, int epochs, List<Double> metrics) {
      return base;
    }
  }

  /**
   * Half a cosine from the base down to a minimum after the last epoch: CosineAnnealingLR with
   * T_max = epochs.
   */
  record Cosine(double min) implements LearningRatePolicy {
    public Cosine {
      require(min >= 0, "min at least 0");
    }

    @Override
    public double rate(double base, int epoch, int epochs, List<Double> metrics) {
      return min + (base - min) * (1 + StrictMath.cos(Math.PI * epoch / epochs)) / 2;
    }
  }

  /** base * (1 - epoch / epochs)^power: PolynomialLR with total_iters = epochs. */
  record Poly(double power) implements LearningRatePolicy {
    public Poly {
      require(power > 0, "power above 0");
    }

    @Override
    public double rate(double base, int epoch, int epochs, List<Double> metrics) {
      return base * StrictMath.pow(1 - (double) Math.min(epoch, epochs) / epochs, power);
    }
  }

  /** Times gamma every so many epochs: StepLR. */
  record StepDown(int size, double gamma) implements LearningRatePolicy {
    public StepDown {
      require(size >= 1, "size at least 1");
      require(gamma > 0 && gamma <= 1, "gamma above 0 to 1");
    }

    @Override
    public double rate(double base, int epoch, int epochs, List<Double> metrics) {
      int drops = epoch / size;
      return base * StrictMath.pow(gamma, drops);
    }
  }

  /**
   * Times factor once more than {@code patience} validations in a row brought no better key metric
   * than the best by more than {@code threshold}: ReduceLROnPlateau, threshold_mode abs.
   *
   * @param min the rate never falls below it
   */
  record Plateau(double factor, int patience, double threshold, double min)
      implements LearningRatePolicy {
    public Plateau {
      require(factor > 0 && factor < 1, "factor above 0 to below 1");
      require(patience >= 0, "patience at least 0");
      require(threshold >= 0, "threshold at least 0");
      require(min >= 0, "min at least 0");
    }

    @Override
    public double rate(double base, int epoch, int epochs, List<Double> metrics) {
      double rate = base;
      double best = Double.NEGATIVE_INFINITY;
      int worse = 0;
      for (double metric : metrics) {
        if (metric > best + threshold) {
          best = metric;
          worse = 0;
        } else if (++worse > patience) {
          rate = Math.max(rate * factor, min);
          worse = 0;
        }
      }
      return rate;
    }
  }

  /**
   * Reads what {@code covid.lrPolicy} says: a name, then arguments in parentheses where they differ
   * from their defaults: {@code constant}, {@code cosine(min=0)}, {@code poly(power=0.9)}, {@code
   * step(size=30,gamma=0.1)}, {@code plateau(factor=0.1,patience=10,threshold=1e-4,min=0)}.
   *
   * @throws CovidException where it is none of these
   */
  static LearningRatePolicy parse(String text) {
    return PolicyText.parse(text);
  }

  private static void require(boolean condition, String expected) {
    if (!condition) {
      throw new IllegalArgumentException(expected);
    }
  }
}
