package org.covidmmar.training;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import com.fasterxml.jackson.databind.JsonNode;
import java.util.Map;
import java.util.stream.Stream;
import org.covidmmar.model.Formula;
import org.covidmmar.model.Torch;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class OptimizerTest {
  private static final double RATE = 0.01;

  /**
   * The golden's square roots are MKL's, which are not always the nearest float32: a last digit of
   * one changes a step, which is at most {@link #RATE}, by 1e-9. Ours are the nearest everywhere.
   */
  private static final double ITS_ROOTS = 1e-8;

  /** Where ours are MKL's too, those of another processor: they may also turn three roundings. */
  private static final double BOTH_ROOTS = 1e-7;

  private static final double[] SIZES = {1, 1e-2, 1e-4, 1e-6, 10};

  @BeforeAll
  static void startTorch() {
    Torch.start(2);
  }

  static Stream<Arguments> rules() {
    return Stream.of(
        Arguments.of("adam", new UpdateRule.Adam(0.9, 0.999, 1e-8, 0)),
        Arguments.of("adamDecay", new UpdateRule.Adam(0.8, 0.999, 1e-8, 0.1)),
        Arguments.of("adamw", new UpdateRule.AdamW(0.9, 0.999, 1e-8, 0.1)),
        Arguments.of("sgd", new UpdateRule.Sgd(0, 0)),
        Arguments.of("sgdMomentum", new UpdateRule.Sgd(0.9, 0.1)));
  }

  @ParameterizedTest
  @MethodSource("rules")
  void stepsAreTorchs(String name, UpdateRule rule) {
    assertSteps(name, rule, false);
  }

  @ParameterizedTest
  @MethodSource("rules")
  void stepsAlikeOnEveryProcessorAreTorchs(String name, UpdateRule rule) {
    assertSteps(name, rule, true);
  }

  private static void assertSteps(String name, UpdateRule rule, boolean portable) {
    double tolerance = rule instanceof UpdateRule.Sgd ? 0 : portable ? ITS_ROOTS : BOTH_ROOTS;
    JsonNode trace = Formula.goldens().get("optimizers").get(name);
    try (NDManager manager = NDManager.newBaseManager();
        NDArray w = manager.create(Formula.floats("vector", 5));
        Optimizer optimizer = new Optimizer(w, rule, portable)) {
      for (int step = 0; step < trace.size(); step++) {
        optimizer.step(gradient(manager, step), RATE);
        assertEquals(
            0,
            Formula.distance(Formula.array(trace.get(step)), w.toFloatArray()),
            tolerance,
            "step " + step);
      }
      assertEquals(trace.size(), optimizer.steps());
    }
  }

  @ParameterizedTest
  @MethodSource("rules")
  void restoredGoesOnToTheSameBytes(String name, UpdateRule rule) {
    try (NDManager manager = NDManager.newBaseManager();
        NDArray w = manager.create(Formula.floats("vector", 5));
        NDArray copy = manager.create(Formula.floats("vector", 5));
        Optimizer whole = new Optimizer(w, rule);
        Optimizer resumed = new Optimizer(copy, rule)) {
      for (int step = 0; step < 6; step++) {
        whole.step(gradient(manager, step), RATE);
        if (step == 2) {
          Torch.write(copy, 0, w.toFloatArray());
          resumed.restore(whole.steps(), whole.state());
        } else if (step > 2) {
          resumed.step(gradient(manager, step), RATE);
        }
      }
      assertArrayEquals(w.toFloatArray(), copy.toFloatArray(), name);
    }
  }

  @Test
  void everyPieceOfALongArrayIsUpdatedAlike() {
    int size = 3 * (1 << 16) + 17;
    try (NDManager manager = NDManager.newBaseManager();
        NDArray w = manager.ones(new ai.djl.ndarray.types.Shape(size));
        Optimizer optimizer = new Optimizer(w, new UpdateRule.Adam(0.9, 0.999, 1e-8, 0.1), true)) {
      for (int step = 0; step < 2; step++) {
        optimizer.step(manager.full(new ai.djl.ndarray.types.Shape(size), 0.5f), RATE);
      }
      float[] values = w.toFloatArray();
      assertEquals(0.98, values[0], 1e-6);
      for (float v : values) {
        assertEquals(values[0], v);
      }
    }
  }

  @Test
  void stateOfAnotherRuleIsRefused() {
    try (NDManager manager = NDManager.newBaseManager();
        NDArray w = manager.create(new float[5]);
        Optimizer optimizer = new Optimizer(w, new UpdateRule.Sgd(0.9, 0))) {
      assertThrows(
          IllegalArgumentException.class,
          () -> optimizer.restore(1, Map.of("exp_avg", new float[5])));
      assertThrows(
          IllegalArgumentException.class,
          () -> optimizer.restore(1, Map.of("momentum_buffer", new float[4])));
    }
  }

  private static NDArray gradient(NDManager manager, int step) {
    double[] u = Formula.numbers("gradient" + step, SIZES.length);
    float[] gradient = new float[u.length];
    for (int i = 0; i < u.length; i++) {
      gradient[i] = (float) (u[i] * SIZES[i]);
    }
    return manager.create(gradient);
  }
}
