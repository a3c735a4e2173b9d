package org.covidmmar.evaluation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class SampleMeanTest {
  private static final double TOLERANCE = 1e-12;

  static Stream<JsonNode> samples() throws IOException {
    try (InputStream in = SampleMeanTest.class.getResourceAsStream("sample-means.json")) {
      JsonNode goldens = new ObjectMapper().readTree(in);
      return StreamSupport.stream(goldens.get("samples").spliterator(), false);
    }
  }

  @ParameterizedTest
  @MethodSource("samples")
  void equalsScipy(JsonNode golden) {
    List<Double> values = new ArrayList<>();
    golden.get("values").forEach(v -> values.add(v.asDouble()));
    SampleMean found = SampleMean.of(values);
    assertEquals(values.size(), found.n());
    assertEquals(golden.get("mean").asDouble(), found.mean(), TOLERANCE);
    assertEquals(golden.get("sd").asDouble(), found.sd(), TOLERANCE);
    assertEquals(golden.get("low").asDouble(), found.low(), TOLERANCE);
    assertEquals(golden.get("high").asDouble(), found.high(), TOLERANCE);
  }

  @Test
  void oneRunHasNoInterval() {
    SampleMean found = SampleMean.of(List.of(0.75));
    assertEquals(0.75, found.mean());
    assertNull(found.sd());
    assertNull(found.low());
    assertNull(found.high());
  }

  @Test
  void orderDoesNotMatter() {
    assertEquals(
        SampleMean.of(List.of(0.1, 0.2, 0.3, 0.7)), SampleMean.of(List.of(0.7, 0.3, 0.1, 0.2)));
  }

  @Test
  void nothingHasNoMean() {
    assertThrows(IllegalArgumentException.class, () -> SampleMean.of(List.of()));
    assertThrows(IllegalArgumentException.class, () -> SampleMean.of(List.of(0.5, Double.NaN)));
  }
}
