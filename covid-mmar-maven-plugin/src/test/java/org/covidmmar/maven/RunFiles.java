package org.covidmmar.maven;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.covidmmar.Fingerprint;

/**
 * What two runs of the same experiment must have in common: every file of a run's folder without
 * what docs/explanation/reproducibility.md lists as different. As in the core's tests: a jar of
 * them could not be resolved where a build stops before it tests, as for the site.
 */
final class RunFiles {
  private RunFiles() {}

  /** The content by file, relative to the run's folder; the SHA-256 of weights. */
  static SortedMap<String, String> of(Path run) throws IOException {
    SortedMap<String, String> files = new TreeMap<>();
    try (Stream<Path> all = Files.walk(run)) {
      for (Path file : all.filter(Files::isRegularFile).toList()) {
        String name = run.relativize(file).toString().replace('\\', '/');
        if (!name.startsWith("metrics/system/")) {
          files.put(name, content(name, file, run.getFileName().toString()));
        }
      }
    }
    return files;
  }

  /** The same of a run that may have been killed, which goes on from other checkpoints. */
  static SortedMap<String, String> ofResumed(Path run) throws IOException {
    SortedMap<String, String> files = of(run);
    files
        .keySet()
        .removeIf(n -> n.matches("\\.lock|checkpoints/(last|previous|next)\\.safetensors"));
    return files;
  }

  private static String content(String name, Path file, String runId) throws IOException {
    if (name.matches(".*\\.(safetensors|png)")) {
      return Fingerprint.of(file).hex();
    }
    String text = Files.readString(file, StandardCharsets.UTF_8).replace(runId, "<run>");
    if (name.startsWith("metrics/")) {
      return text.replaceAll("(?m)^\\d+ ", "");
    }
    if (name.equals("meta.yaml")) {
      return text.replaceAll("(?m)^(start|end)_time: \\d+$", "$1_time");
    }
    return name.startsWith("stamps/")
        ? text.replaceAll("\"modified\" : \"[^\"]*\"", "\"modified\"")
        : text;
  }
}
