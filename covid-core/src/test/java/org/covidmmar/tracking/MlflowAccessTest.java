package org.covidmmar.tracking;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.Map;
import java.util.Optional;
import org.covidmmar.CovidException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MlflowAccessTest {
  @Test
  void theEnvironmentIsReadAndGivenOn() {
    Map<String, String> environment =
        Map.of(
            "MLFLOW_TRACKING_URI",
            "https://host:5000/mlflow/",
            "MLFLOW_TRACKING_USERNAME",
            "u",
            "MLFLOW_TRACKING_PASSWORD",
            "p",
            "MLFLOW_TRACKING_TOKEN",
            "t",
            "MLFLOW_TRACKING_INSECURE_TLS",
            "true",
            "MLFLOW_TRACKING_SERVER_CERT_PATH",
            "/ca.pem");
    MlflowAccess access = MlflowAccess.of(environment).orElseThrow();
    assertEquals("https://host:5000/mlflow", access.toString());
    assertEquals(Optional.of(access), MlflowAccess.of(access.environment()));
    assertEquals("a *** of *** ", access.withoutSecrets("a p of t "));
  }

  @Test
  void noAddressIsNoServer() {
    assertEquals(Optional.empty(), MlflowAccess.of(Map.of("MLFLOW_TRACKING_URI", " ")));
    assertEquals(Optional.empty(), MlflowAccess.of(Map.of("MLFLOW_TRACKING_TOKEN", "t")));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "databricks",
        "sqlite:///mlflow.db",
        "file:./mlruns",
        "http:/no-host",
        "http://a b",
        "https://user:geheim@host"
      })
  void anotherAddressIsRefusedWithoutSayingIt(String address) {
    CovidException e =
        assertThrows(
            CovidException.class, () -> MlflowAccess.of(Map.of("MLFLOW_TRACKING_URI", address)));
    assertEquals("covid.mlflow.trackingUri", e.subject());
    assertFalse(e.getMessage().contains("geheim"), e.getMessage());
  }
}
