package org.covidmmar.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Map;
import org.covidmmar.CovidException;
import org.covidmmar.volume.Shape;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SettingsTest {
  @Test
  void defaultsAreTheCardsOwn() {
    ExperimentConfig config = ExperimentConfig.of(Settings.of(Map.of()), "lung", null);
    assertEquals("lung", config.experiment());
    assertEquals(new Shape(192, 192, 64), config.preprocessing().inputShape());
    assertEquals(-1000, config.preprocessing().low());
    assertEquals(500, config.preprocessing().high());
    assertEquals(300, config.training().epochs());
    assertEquals(5e-6, config.optimization().learningRate());
    assertEquals(1e-5, config.optimization().weightDecay());
    assertNull(config.training().classWeights());
    assertNull(config.training().patience());
  }

  @Test
  void theSameTextComesBackFromJson() {
    Map<String, String> given =
        Map.of(
            "covid.epochs", "7",
            "covid.classWeights", "1, 2.5",
            "covid.inputShape", "64,64,32",
            "covid.phantom.cases", "8,4,2",
            "covid.mlflow.experiment", "named");
    ExperimentConfig config = ExperimentConfig.of(Settings.of(given), "ignored", null);
    assertEquals("named", config.experiment());
    assertEquals(List.of(1.0, 2.5), config.training().classWeights());
    assertEquals(config, ExperimentConfig.fromJson("config.json", config.toJson()));
  }

  @Test
  void whatIsNotGivenIsLeftOutOfTheFlatValues() {
    ExperimentConfig config = ExperimentConfig.of(Settings.of(Map.of()), "lung", null);
    assertEquals("300", config.flat().get("training.epochs"));
    assertNull(config.flat().get("training.patience"));
    assertFalse(config.flat().containsValue("null"), config.flat().toString());
  }

  @Test
  void devicesAreNamedByNumbersEachOnce() {
    assertEquals("gpu:0,1", Settings.of(Map.of("covid.device", "gpu: 0, 1")).text(Setting.DEVICE));
    for (String wrong : List.of("gpu:", "gpu:a", "gpu0", "cpu:0", "gpu:0,", "gpu:-1", "tpu")) {
      assertThrows(CovidException.class, () -> Settings.of(Map.of("covid.device", wrong)), wrong);
    }
    CovidException twice =
        assertThrows(CovidException.class, () -> Settings.of(Map.of("covid.device", "gpu:1,1")));
    assertTrue(twice.getMessage().contains("covid.replicas"), twice.getMessage());
    assertThrows(CovidException.class, () -> Settings.of(Map.of("covid.replicas", "0")));
  }

  @Test
  void anEmptyValueIsTheDefault() {
    Settings settings = Settings.of(Map.of("covid.epochs", " "));
    assertEquals(300, settings.whole(Setting.EPOCHS));
  }

  @Test
  void everyMistakeIsListed() {
    CovidException e =
        assertThrows(
            CovidException.class,
            () ->
                Settings.of(
                    Map.of("covid.epoch", "3", "covid.batchSize", "0", "covid.recipe", "mnar")));
    assertTrue(e.problem().startsWith("3 problems"), e.getMessage());
    assertTrue(e.getMessage().contains("covid.epoch: there is no such property"));
    assertTrue(e.getMessage().contains("did you mean covid.epochs?"));
    assertTrue(e.getMessage().contains("did you mean mmar?"));
    assertTrue(
        e.getMessage()
            .contains("covid.batchSize: expected a whole number from 1 to 4096, found \"0\""));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "covid.epochs|0",
        "covid.epochs|1.5",
        "covid.epochs|99999999999",
        "covid.learningRate|0",
        "covid.learningRate|NaN",
        "covid.learningRate|Infinity",
        "covid.dropout|0.96",
        "covid.dropout|-0.1",
        "covid.inputShape|64,64",
        "covid.inputShape|64,64,x",
        "covid.inputShape|64,64,31",
        "covid.intensityRange|1",
        "covid.intensityRange|500,-1000",
        "covid.intensityRange|0,0",
        "covid.classWeights|1,2,3",
        "covid.classWeights|0,1",
        "covid.classWeights|1,-2",
        "covid.phantom.cases|3,2,2",
        "covid.threads|0",
        "covid.keyMetric|auc",
        "covid.seed|one",
      })
  void aValueOutOfRangeIsRefusedByName(String property, String text) {
    CovidException e =
        assertThrows(CovidException.class, () -> Settings.of(Map.of(property, text)));
    assertEquals(property, e.subject());
    assertTrue(e.problem().contains("found \"" + text + "\""), e.getMessage());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "stepp|did you mean step?",
        "step(siz=3)|did you mean size?",
        "step(size=0)|size at least 1",
        "plateau(factor=1)|factor above 0 to below 1",
      })
  void aWrongPolicyIsRefusedWhenItIsRead(String policy, String said) {
    CovidException e =
        assertThrows(CovidException.class, () -> Settings.of(Map.of("covid.lrPolicy", policy)));
    assertEquals("covid.lrPolicy", e.subject());
    assertTrue(e.getMessage().contains(said), e.getMessage());
  }

  @Test
  void everySettingIsSaidInASentence() {
    for (Setting setting : Setting.values()) {
      assertTrue(setting.property().startsWith("covid."), setting.property());
      assertTrue(setting.meaning().endsWith("."), setting.property());
      setting.defaultText().ifPresent(setting::parse);
    }
  }
}
