package org.covidmmar.inference;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.IntPredicate;
import org.covidmmar.dataset.Batch;
import org.covidmmar.dataset.BatchLoader;
import org.covidmmar.dataset.BatchSource;
import org.covidmmar.dataset.Case;
import org.covidmmar.evaluation.ScoredCase;
import org.covidmmar.model.DenseNet3d;

/** Gives cases their probabilities. */
public final class Predictor {
  private final DenseNet3d network;
  private final BatchSource batches;

  /**
   * @param network used in evaluation mode; stays the caller's
   * @param batches gives preprocessed cases without augmentation
   */
  public Predictor(DenseNet3d network, BatchSource batches) {
    this.network = network;
    this.batches = batches;
  }

  /**
   * The cases' probabilities, in the order given.
   *
   * @param goesOn told the number of cases done, after each batch; false ends it
   * @return empty where it was ended before the last case
   */
  public Optional<List<ScoredCase>> predict(List<Case> cases, IntPredicate goesOn) {
    List<ScoredCase> scored = new ArrayList<>(cases.size());
    try (BatchLoader loader = batches.load(cases, 0)) {
      while (scored.size() < cases.size()) {
        Batch batch = loader.next();
        float[] probabilities = network.probabilities(batch.images());
        for (int i = 0; i < batch.size(); i++) {
          Case c = cases.get(scored.size());
          scored.add(
              new ScoredCase(
                  c.id(),
                  c.image().toString(),
                  probabilities[2 * i],
                  probabilities[2 * i + 1],
                  c.label()));
        }
        if (!goesOn.test(scored.size()) && scored.size() < cases.size()) {
          return Optional.empty();
        }
      }
    }
    return Optional.of(scored);
  }
}
