package org.covidmmar.tracking;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

/** What is made of the lines that {@code nvidia-smi} prints. */
class GpuMetricsTest {
  @Test
  @EnabledOnOs({OS.LINUX, OS.MAC})
  void figuresAreMeansByGpu() throws InterruptedException {
    String lines = "0, 10, 1000\\n1, 50, [N/A]\\n0, 30, 3000\\nno figures\\n";
    try (GpuMetrics gpus = new GpuMetrics(List.of("printf", lines))) {
      gpus.awaitEnd();
      SortedMap<String, Double> means = gpus.sample();
      assertEquals(
          Map.of(
              "system/gpu_0_utilization_percentage",
              20.0,
              "system/gpu_0_memory_usage_megabytes",
              2000 * 1.048576,
              "system/gpu_1_utilization_percentage",
              50.0),
          means);
      assertTrue(gpus.sample().isEmpty(), "what was said is told once");
    }
  }

  @Test
  void withoutTheProgramThereIsNothing() {
    try (GpuMetrics gpus = new GpuMetrics(List.of("no-such-program"))) {
      assertTrue(gpus.sample().isEmpty());
    }
  }
}
