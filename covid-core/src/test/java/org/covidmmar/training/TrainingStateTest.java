package org.covidmmar.training;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

class TrainingStateTest {
  @Test
  void theHigherKeyMetricWinsWhateverTheLoss() {
    TrainingState state = state(0.9, 0.1, 1.0, 2.0, 0.95, 0.01);
    assertEquals(2, state.bestEpoch());
    assertEquals(2.0, state.bestLoss());
  }

  /** One that ranks perfectly and calls everything non-COVID, then one that is right at 0.5. */
  @Test
  void ofEqualKeyMetricsTheLowerLossWins() {
    assertEquals(2, state(1.0, 0.74, 1.0, 0.079, 1.0, 0.3).bestEpoch());
  }

  @Test
  void ofEqualLossesTheLaterEpochWins() {
    assertEquals(3, state(1.0, 0.1, 1.0, 0.2, 1.0, 0.1).bestEpoch());
  }

  @Test
  void epochsWithoutValidationCountAsEpochs() {
    TrainingState state = TrainingState.START.epochWithoutValidation().epochWithValidation(0.5, 1);
    assertEquals(2, state.bestEpoch());
  }

  @Test
  void patienceWaitsForTheKeyMetricAlone() {
    assertEquals(2, state(0.9, 1.0, 0.9, 0.5, 0.9, 0.4).validationsSinceBetter());
    assertEquals(0, state(0.9, 1.0, 0.95, 2.0).validationsSinceBetter());
  }

  @Test
  void theRecordSaysWhatItWasChosenBy() {
    assertEquals(
        "val/auc 1.0, then lowest val/loss 0.079; of equal epochs the latest",
        new KeyMetric("val/auc").chose(state(1.0, 0.74, 1.0, 0.079)));
    assertEquals(
        "val/loss 0.5; of equal epochs the latest",
        new KeyMetric("val/loss").chose(state(-0.7, 0.7, -0.5, 0.5)));
  }

  /** After validations, each a key metric and a loss. */
  private static TrainingState state(double... validations) {
    TrainingState state = TrainingState.START;
    for (int i = 0; i < validations.length; i += 2) {
      state = state.epochWithValidation(validations[i], validations[i + 1]);
    }
    return state;
  }
}
