package org.covidmmar.experiment;

import ai.djl.engine.EngineException;
import com.sun.management.OperatingSystemMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.covidmmar.CovidException;
import org.covidmmar.config.ExperimentConfig;
import org.covidmmar.config.Setting;
import org.covidmmar.dataset.Finding;
import org.covidmmar.model.Architecture;
import org.covidmmar.model.TrainingMemory;

/** Says which settings would fit where memory ran out. */
final class OutOfMemory {
  /** What libtorch, oneDNN and the C++ library say of it. */
  private static final List<String> SAID =
      List.of("can't allocate memory", "out of memory", "bad_alloc", "could not create a memory");

  private OutOfMemory() {}

  /** The native library's complaint that it got no memory as the user's; any other as it is. */
  static RuntimeException explained(RuntimeException e, String goal, ExperimentConfig config) {
    String text = String.valueOf(e.getMessage());
    boolean ofEngine = e instanceof EngineException || e.getCause() instanceof EngineException;
    if (!ofEngine || SAID.stream().noneMatch(text::contains)) {
      return e;
    }
    return new CovidException(
        goal,
        "memory ran out: " + text.lines().findFirst().orElse(""),
        remedy(config, available(true)),
        e);
  }

  /** What to set, going by an estimate of what a training takes. */
  static String remedy(ExperimentConfig config, long available) {
    return takes(config, available) + ": " + advice(config, available);
  }

  /**
   * Says whether a training is likely to run out of memory.
   *
   * @param total bytes of the machine or container
   * @param available bytes of it that are free now
   * @return an error where it cannot fit, a warning where it does not fit now
   */
  static Optional<Finding> finding(ExperimentConfig config, long total, long available) {
    long takes = memory(config).bytes(config.training().batchSize(), replicas(config));
    if (takes <= available) {
      return Optional.empty();
    }
    // The estimate is right to within a third.
    boolean impossible = takes / 3 * 2 > total;
    return Optional.of(
        new Finding(
            impossible ? Finding.Severity.ERROR : Finding.Severity.WARNING,
            Finding.Kind.MEMORY,
            Finding.Where.property(Setting.BATCH_SIZE.property()),
            null,
            takes(config, available),
            null,
            advice(config, available)));
  }

  private static TrainingMemory memory(ExperimentConfig config) {
    return new TrainingMemory(
        Architecture.of(config.network().architecture()), config.preprocessing().inputShape());
  }

  private static String takes(ExperimentConfig config, long available) {
    int batchSize = config.training().batchSize();
    return "training with covid.batchSize=%d takes about %s, and there are about %s"
        .formatted(
            batchSize,
            gigabytes(memory(config).bytes(batchSize, replicas(config))),
            gigabytes(available));
  }

  /** Those in the machine's memory. */
  private static int replicas(ExperimentConfig config) {
    Integer given = config.compute().replicas();
    return given == null ? 1 : Math.min(given, config.training().batchSize());
  }

  private static String advice(ExperimentConfig config, long available) {
    ExperimentConfig.Training training = config.training();
    int effective = training.batchSize() * training.accumulate();
    int replicas = replicas(config);
    int fits =
        Math.min(
            memory(config).largestBatch(available, replicas),
            Math.max(1, training.batchSize() - 1));
    while (fits > 1 && effective % fits != 0) {
      fits--;
    }
    if (fits < 1 || training.batchSize() == 1) {
      return "set a smaller covid.inputShape, or give the machine or container more memory";
    }
    return "set covid.batchSize=%d with covid.accumulate=%d%s, which updates after as many cases as now"
        .formatted(fits, effective / fits, replicas > fits ? " and covid.replicas=" + fits : "");
  }

  private static String gigabytes(long bytes) {
    return String.format(Locale.ROOT, "%.1f GB", bytes / 1e9);
  }

  /**
   * Bytes that a training may take here.
   *
   * @param held whether this process holds what it was given, which then counts as there
   */
  static long available(boolean held) {
    long all = total();
    long free = kilobytes("/proc/meminfo", "MemAvailable:");
    long own = held ? kilobytes("/proc/self/status", "VmRSS:") : 0;
    long most = free < 0 ? all : Math.min(all, free + Math.max(0, own));
    long addresses = bytes("/proc/self/limits", "Max address space");
    // What is mapped but not resident takes of that limit without being memory.
    long mapped =
        kilobytes("/proc/self/status", "VmSize:") - kilobytes("/proc/self/status", "VmRSS:");
    return addresses < 0 ? most : Math.max(0, Math.min(most, addresses - mapped));
  }

  /** Bytes of memory of the machine or container. */
  static long total() {
    return ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class).getTotalMemorySize();
  }

  private static long kilobytes(String file, String name) {
    long kilobytes = bytes(file, name);
    return kilobytes < 0 ? -1 : kilobytes << 10;
  }

  /** The first number of a line; -1 where there is none. */
  private static long bytes(String file, String name) {
    Pattern pattern = Pattern.compile(Pattern.quote(name) + "\\s+(\\d{1,15}).*");
    try {
      for (String line : Files.readAllLines(Path.of(file))) {
        Matcher matcher = pattern.matcher(line);
        if (matcher.matches()) {
          return Long.parseLong(matcher.group(1));
        }
      }
      return -1;
    } catch (IOException e) {
      return -1;
    }
  }
}
