package org.covidmmar.tracking;

import com.sun.management.OperatingSystemMXBean;
import java.lang.management.ManagementFactory;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What the machine is at, under the names that MLflow has a page for. Unlike all else in a journal
 * it differs from run to run.
 */
public final class SystemMetrics {
  private static final double PERCENT = 100;
  private static final double BYTES_A_MEGABYTE = 1e6;

  private final OperatingSystemMXBean system =
      (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();

  /** The load is that since the sample before: the first begins here. */
  public SystemMetrics() {
    system.getCpuLoad();
  }

  /** The processors' load since the sample before, and the memory in use with the file cache. */
  public SortedMap<String, Double> sample() {
    SortedMap<String, Double> metrics = new TreeMap<>();
    double load = system.getCpuLoad();
    if (load >= 0) {
      metrics.put("system/cpu_utilization_percentage", load * PERCENT);
    }
    double used = system.getTotalMemorySize() - system.getFreeMemorySize();
    metrics.put("system/system_memory_usage_megabytes", used / BYTES_A_MEGABYTE);
    return metrics;
  }
}
