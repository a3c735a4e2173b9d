package org.covidmmar.evaluation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.covidmmar.CovidException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What validate wrote is read back as it was, or refused. */
class ReadingTest {
  private static final List<ScoredCase> CASES =
      List.of(
          new ScoredCase("a,b", "folder/\"a\" <b>.nii.gz", 0.75f, 0.25f, 0),
          new ScoredCase("line\nbreak", "ü.nii", 0.1f, 0.9f, 1),
          new ScoredCase("000", "x.nii", 0.2f, 0.8f, 1),
          new ScoredCase("open", "y.nii", 1e-7f, 0.9999999f, null));

  @TempDir Path folder;

  @Test
  void predictionsAndEvaluationComeBackAsTheyWere() {
    Evaluation written = EvaluationFiles.write(folder, CASES, 0.5f);
    assertEquals(CASES, EvaluationFiles.readPredictions(folder.resolve("predictions.csv")));
    assertEquals(written, EvaluationFiles.readEvaluation(folder.resolve("evaluation.json")));
  }

  @Test
  void otherFilesAreRefusedByTheirName() throws IOException {
    String header = "id,image,p_non_covid,p_covid,predicted,label\n";
    for (String bad :
        List.of(
            "id,label\na,1\n",
            header + "a,b,0.5,x,1,1\n",
            header + "a,b,0.5,0.9,1,1\n",
            header + "a,b,0.5,0.5,1,2\n",
            header + "a,b,0.5\n")) {
      Path file = Files.writeString(folder.resolve("bad.csv"), bad);
      CovidException e =
          assertThrows(CovidException.class, () -> EvaluationFiles.readPredictions(file), bad);
      assertTrue(e.subject().endsWith("bad.csv"), e.getMessage());
    }
    Path file = Files.writeString(folder.resolve("bad.json"), "{\"n\": 1, \"auc\": 3}");
    assertThrows(CovidException.class, () -> EvaluationFiles.readEvaluation(file));
  }

  @Test
  void precisionAndRecallAreThoseOfScikitLearnsExample() {
    // sklearn.metrics.average_precision_score([0, 0, 1, 1], [0.1, 0.4, 0.35, 0.8]) is 0.8333...
    RocCurve roc =
        RocCurve.of(
            List.of(
                ScoredCase.of("a", "a", 0.1f, 0),
                ScoredCase.of("b", "b", 0.4f, 0),
                ScoredCase.of("c", "c", 0.35f, 1),
                ScoredCase.of("d", "d", 0.8f, 1)));
    PrecisionRecall curve = PrecisionRecall.of(roc);
    assertEquals(5 / 6.0, curve.averagePrecision(), 1e-15);
    assertEquals(0.5, curve.prevalence());
    assertEquals(new PrecisionRecall.Point(0.8f, 0.5, 1), curve.points().get(0));
    assertEquals(new PrecisionRecall.Point(0.35f, 1, 2 / 3.0), curve.points().get(2));
  }

  @Test
  void aBinHoldsTheCasesOfItsProbabilities() {
    Calibration calibration =
        Calibration.of(
            List.of(
                ScoredCase.of("a", "a", 0f, 0),
                ScoredCase.of("b", "b", 0.1f, 1),
                ScoredCase.of("c", "c", 0.5f, 0),
                ScoredCase.of("d", "d", 1f, 1),
                ScoredCase.of("e", "e", 0.6f, null)),
            4);
    assertEquals(List.of(0.0, 0.5, 0.75), calibration.bins().stream().map(b -> b.low()).toList());
    Calibration.Bin first = calibration.bins().get(0);
    assertEquals(2, first.cases());
    assertEquals(0.05, first.probability(), 1e-9);
    assertEquals(Estimate.proportion(1, 2, ""), first.positives());
    assertEquals(1, calibration.bins().get(2).high());
  }
}
