package org.covidmmar.report;

import java.util.StringJoiner;
import org.covidmmar.evaluation.EvaluationFiles;
import org.covidmmar.evaluation.RocCurve;
import org.covidmmar.evaluation.ScoredCase;

/**
 * A slider that moves the threshold and with it everything that depends on it.
 *
 * @param cases {@code [[probability, label], …]} in JSON, in the order in which the page counts
 *     them; label null where unknown. What the page's script computes its figures from
 * @param start the threshold of the evaluation
 * @param youden the threshold with the largest Youden index; null where a class has no case
 */
record ThresholdControl(String cases, String start, String youden) {
  static ThresholdControl of(Run run) {
    StringJoiner json = new StringJoiner(",", "[", "]");
    for (ScoredCase c : run.cases()) {
      json.add("[" + EvaluationFiles.shortest(c.pCovid()) + "," + c.label() + "]");
    }
    RocCurve roc = run.roc();
    boolean both = roc.positives() > 0 && roc.negatives() > 0;
    return new ThresholdControl(
        json.toString(),
        EvaluationFiles.shortest(run.evaluation().threshold()),
        both ? EvaluationFiles.shortest(roc.youdenThreshold()) : null);
  }
}
