package org.covidmmar.tracking;

import com.sun.management.OperatingSystemMXBean;
import java.lang.management.ManagementFactory;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What the machine is at, under the names that MLflow has a page for. Unlike all else in a journal
 * it differs from run to run.
 */
public final class SystemMetrics implements AutoCloseable {
  private static final double PERCENT = 100;
  private static final double BYTES_A_MEGABYTE = 1e6;

  private final OperatingSystemMXBean system =
      (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
  private final Optional<GpuMetrics> gpus;

  /**
   * The loads are those since the sample before: the first begins here.
   *
   * @param withGpus whether GPUs compute
   */
  public SystemMetrics(boolean withGpus) {
    gpus = withGpus ? Optional.of(new GpuMetrics()) : Optional.empty();
    system.getCpuLoad();
  }

  /**
   * The processors' load since the sample before, and the memory in use with the file cache; the
   * same of each GPU.
   */
  public SortedMap<String, Double> sample() {
    SortedMap<String, Double> metrics = new TreeMap<>();
    double load = system.getCpuLoad();
    if (load >= 0) {
      metrics.put("system/cpu_utilization_percentage", load * PERCENT);
    }
    double used = system.getTotalMemorySize() - system.getFreeMemorySize();
    metrics.put("system/system_memory_usage_megabytes", used / BYTES_A_MEGABYTE);
    gpus.ifPresent(g -> metrics.putAll(g.sample()));
    return metrics;
  }

  @Override
  public void close() {
    gpus.ifPresent(GpuMetrics::close);
  }
}
