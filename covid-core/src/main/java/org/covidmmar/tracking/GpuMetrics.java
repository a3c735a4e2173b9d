package org.covidmmar.tracking;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * How busy the GPUs are, and how much of their memory is in use: means of what {@code nvidia-smi}
 * says every second. Where there is no such program there are no such metrics.
 */
final class GpuMetrics implements AutoCloseable {
  private static final List<String> COMMAND =
      List.of(
          "nvidia-smi",
          "--query-gpu=index,utilization.gpu,memory.used",
          "--format=csv,noheader,nounits",
          "--loop=1");

  private static final double MEGABYTES_A_MEBIBYTE = 1.048576;

  private final Optional<Process> process;
  private final Thread reader = new Thread(this::read, "gpu-metrics");
  private final SortedMap<String, Sum> sums = new TreeMap<>();

  GpuMetrics() {
    this(COMMAND);
  }

  /**
   * @param command prints lines of index, percent busy and MiB in use, until it is ended
   */
  GpuMetrics(List<String> command) {
    process = start(command);
    reader.setDaemon(true);
    reader.start();
  }

  private static Optional<Process> start(List<String> command) {
    try {
      return Optional.of(
          new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD).start());
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  private void read() {
    if (process.isEmpty()) {
      return;
    }
    try (BufferedReader lines = process.get().inputReader(StandardCharsets.UTF_8)) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        add(line.split(",", -1));
      }
    } catch (IOException e) {
      // It was ended.
    }
  }

  /** A figure that a GPU does not have is not a number there. */
  private synchronized void add(String[] line) {
    if (line.length == 3) {
      String gpu = "system/gpu_" + line[0].strip();
      add(gpu + "_utilization_percentage", line[1], 1);
      add(gpu + "_memory_usage_megabytes", line[2], MEGABYTES_A_MEBIBYTE);
    }
  }

  private void add(String metric, String figure, double unit) {
    try {
      double value = Double.parseDouble(figure.strip()) * unit;
      sums.merge(metric, new Sum(value, 1), Sum::plus);
    } catch (NumberFormatException e) {
      // "[N/A]"
    }
  }

  /** Waits until the program has ended. */
  void awaitEnd() throws InterruptedException {
    reader.join();
  }

  /** The means since the sample before; empty where nothing was said since. */
  synchronized SortedMap<String, Double> sample() {
    SortedMap<String, Double> means = new TreeMap<>();
    sums.forEach((metric, sum) -> means.put(metric, sum.of / sum.count));
    sums.clear();
    return means;
  }

  @Override
  public void close() {
    process.ifPresent(Process::destroy);
  }

  private record Sum(double of, int count) {
    Sum plus(Sum other) {
      return new Sum(of + other.of, count + other.count);
    }
  }
}
