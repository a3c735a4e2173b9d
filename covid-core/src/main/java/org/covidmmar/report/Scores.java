package org.covidmmar.report;

import java.util.List;
import org.covidmmar.evaluation.Estimate;
import org.covidmmar.evaluation.RocCurve;
import org.covidmmar.evaluation.ScoredCase;

/**
 * What a model made of cases, to be set against what another did.
 *
 * @param label what pages call it
 * @param cases those evaluated
 */
public record Scores(String label, List<ScoredCase> cases) {
  public Scores {
    cases = List.copyOf(cases);
  }

  RocCurve roc() {
    return RocCurve.of(cases);
  }

  Estimate auc() {
    return roc().auc();
  }
}
