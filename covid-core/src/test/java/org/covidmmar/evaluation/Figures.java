package org.covidmmar.evaluation;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;

/** Compares an evaluation with the figures that evaluation_peer.py writes. */
final class Figures {
  private static final double TOLERANCE = 1e-12;

  private Figures() {}

  static List<ScoredCase> cases(JsonNode scores, JsonNode labels) {
    List<ScoredCase> cases = new ArrayList<>();
    for (int i = 0; i < scores.size(); i++) {
      cases.add(
          ScoredCase.of("c" + i, i + ".nii.gz", scores.get(i).floatValue(), labels.get(i).asInt()));
    }
    return cases;
  }

  static void assertSame(JsonNode expected, List<ScoredCase> cases, float threshold, String name) {
    Evaluation found = Evaluation.of(cases, threshold);
    ConfusionMatrix c = found.confusion();
    assertEquals(
        expected.get("confusion").toString(),
        "[" + c.tn() + "," + c.fp() + "," + c.fn() + "," + c.tp() + "]",
        name);
    assertProportion(expected.get("accuracy"), found.accuracy(), name + ": accuracy");
    assertProportion(expected.get("sensitivity"), found.sensitivity(), name + ": sensitivity");
    assertProportion(expected.get("specificity"), found.specificity(), name + ": specificity");
    assertProportion(expected.get("ppv"), found.ppv(), name + ": ppv");
    assertProportion(expected.get("npv"), found.npv(), name + ": npv");
    assertNumber(expected.get("f1"), found.f1().value(), name + ": f1");
    assertNumber(expected.get("auc"), found.auc().value(), name + ": auc");
    JsonNode interval = expected.get("aucInterval");
    assertNumber(interval.path(0), found.auc().low(), name + ": auc low");
    assertNumber(interval.path(1), found.auc().high(), name + ": auc high");
    assertNumber(expected.get("brier"), found.brier().value(), name + ": brier");
    // float32's own 1 - p is rounded, scikit-learn here subtracts in float64.
    assertEquals(expected.get("loss").asDouble(), found.loss().value(), 1e-6, name + ": loss");
    assertRoc(expected, RocCurve.of(cases), name);
  }

  private static void assertRoc(JsonNode expected, RocCurve roc, String name) {
    assertEquals(expected.get("fpr").size(), roc.points().size(), name + ": points");
    for (int i = 0; i < roc.points().size(); i++) {
      RocCurve.Point p = roc.points().get(i);
      assertNumber(expected.get("fpr").get(i), boxed(roc.falsePositiveRate(p)), name + ": fpr");
      assertNumber(expected.get("tpr").get(i), boxed(roc.truePositiveRate(p)), name + ": tpr");
      float threshold =
          i == 0 ? Float.POSITIVE_INFINITY : expected.get("thresholds").get(i - 1).floatValue();
      assertEquals(threshold, p.threshold(), name + ": threshold");
    }
    if (!expected.get("youden").isNull()) {
      assertEquals(expected.get("youden").floatValue(), roc.youdenThreshold(), name + ": youden");
    }
  }

  private static Double boxed(OptionalDouble rate) {
    return rate.isPresent() ? rate.getAsDouble() : null;
  }

  private static void assertProportion(JsonNode expected, Estimate found, String what) {
    assertNumber(expected.path(0), found.value(), what);
    assertNumber(expected.path(1), found.low(), what + ", low");
    assertNumber(expected.path(2), found.high(), what + ", high");
  }

  private static void assertNumber(JsonNode expected, Double found, String what) {
    if (!expected.isNumber()) {
      assertEquals(null, found, what);
    } else {
      assertEquals(expected.asDouble(), found, TOLERANCE, what);
    }
  }
}
