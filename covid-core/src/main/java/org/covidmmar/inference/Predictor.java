package org.covidmmar.inference;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.IntPredicate;
import org.covidmmar.dataset.BatchLoader;
import org.covidmmar.dataset.BatchSource;
import org.covidmmar.dataset.Case;
import org.covidmmar.evaluation.ScoredCase;
import org.covidmmar.model.DenseNet3d;

/**
 * Gives cases their probabilities. Each goes through the network alone: in a batch, the last digits
 * of its probabilities would depend on how many are beside it.
 */
public final class Predictor {
  private final DenseNet3d network;
  private final BatchSource batches;

  /**
   * @param network used in evaluation mode; stays the caller's
   * @param batches gives preprocessed cases without augmentation
   */
  public Predictor(DenseNet3d network, BatchSource batches) {
    this.network = network;
    this.batches = batches.oneByOne();
  }

  /**
   * The cases' probabilities, in the order given.
   *
   * @param goesOn told the number of cases done, after each one; false ends it
   * @return empty where it was ended before the last case
   */
  public Optional<List<ScoredCase>> predict(List<Case> cases, IntPredicate goesOn) {
    List<ScoredCase> scored = new ArrayList<>(cases.size());
    try (BatchLoader loader = batches.load(cases, 0)) {
      for (Case c : cases) {
        float[] p = network.probabilities(loader.next().images());
        scored.add(new ScoredCase(c.id(), c.image().toString(), p[0], p[1], c.label()));
        if (!goesOn.test(scored.size()) && scored.size() < cases.size()) {
          return Optional.empty();
        }
      }
    }
    return Optional.of(scored);
  }
}
