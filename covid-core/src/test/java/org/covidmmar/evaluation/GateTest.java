package org.covidmmar.evaluation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.covidmmar.config.ExperimentConfig;
import org.junit.jupiter.api.Test;

class GateTest {
  private static final List<ScoredCase> CASES =
      List.of(
          new ScoredCase("a", "a.nii", 0.8f, 0.2f, 0),
          new ScoredCase("b", "b.nii", 0.4f, 0.6f, 0),
          new ScoredCase("c", "c.nii", 0.3f, 0.7f, 1),
          new ScoredCase("d", "d.nii", 0.5f, 0.5f, 1));

  @Test
  void aFigureThatReachesItsLimitPasses() {
    Evaluation evaluation = Evaluation.of(CASES, 0.5f);
    List<Gate> gates = Gate.of(new ExperimentConfig.Gates(0.75, 0.75, 1.0, 0.51), evaluation);
    assertEquals(
        List.of("auc", "accuracy", "sensitivity", "specificity"),
        gates.stream().map(Gate::figure).toList());
    assertEquals(List.of(true, true, true, false), gates.stream().map(Gate::passed).toList());
    assertEquals("specificity at least 0.51 expected, found 0.5", gates.get(3).describe());
  }

  @Test
  void whatIsNotSetIsNoGate() {
    assertTrue(Gate.of(ExperimentConfig.Gates.NONE, Evaluation.of(CASES, 0.5f)).isEmpty());
  }

  @Test
  void anUndefinedFigureMissesItsGate() {
    Evaluation positives = Evaluation.of(CASES.subList(2, 4), 0.5f);
    Gate gate = Gate.of(new ExperimentConfig.Gates(0.0, null, null, null), positives).get(0);
    assertFalse(gate.passed());
    assertEquals("auc at least 0.0 expected, found none: no negative case", gate.describe());
  }
}
