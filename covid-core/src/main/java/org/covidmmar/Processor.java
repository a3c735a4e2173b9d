package org.covidmmar;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The processor, as the system tells of its first core.
 *
 * @param maker such as GenuineIntel or AuthenticAMD; empty where unknown
 * @param name its own name, which may say little, such as AMD EPYC; empty where unknown
 * @param model by number, such as {@code family 25, model 1}; empty where unknown
 * @param flags what it offers, such as avx2; empty where unknown
 */
public record Processor(String maker, String name, String model, Set<String> flags) {
  private static final Path LINUX = Path.of("/proc/cpuinfo");

  public Processor {
    flags = Set.copyOf(flags);
  }

  /** This machine's. */
  public static Processor here() {
    try {
      if (Files.isReadable(LINUX)) {
        return of(Files.readAllLines(LINUX));
      }
    } catch (IOException e) {
      // As where there is no such file: what it is remains unknown.
    }
    String name = System.getenv().getOrDefault("PROCESSOR_IDENTIFIER", "");
    return new Processor("", name, "", Set.of());
  }

  /** What Linux tells in /proc/cpuinfo. */
  static Processor of(List<String> lines) {
    Map<String, String> values = new HashMap<>();
    for (String line : lines) {
      int colon = line.indexOf(':');
      if (colon > 0) {
        values.putIfAbsent(line.substring(0, colon).strip(), line.substring(colon + 1).strip());
      }
    }
    String family = values.get("cpu family");
    String model = values.get("model");
    return new Processor(
        values.getOrDefault("vendor_id", ""),
        values.getOrDefault("model name", ""),
        family == null || model == null ? "" : "family " + family + ", model " + model,
        Stream.of(values.getOrDefault("flags", "").split(" "))
            .filter(flag -> !flag.isEmpty())
            .collect(Collectors.toSet()));
  }
}
