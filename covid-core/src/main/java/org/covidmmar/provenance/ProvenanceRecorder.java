package org.covidmmar.provenance;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Properties;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.covidmmar.config.ExperimentConfig;

/** Looks up what a {@link Provenance} records about this machine, this JVM and the checkout. */
public final class ProvenanceRecorder {
  private static final int GIT_SECONDS = 10;

  private ProvenanceRecorder() {}

  /**
   * The record of a run that is about to start.
   *
   * @param basedir the experiment's folder
   * @param engine versions of what computes, by name, such as djl and libtorch
   * @param device cpu or gpu
   */
  public static Provenance record(
      Path basedir,
      ExperimentConfig config,
      List<Provenance.CaseFingerprint> data,
      SortedMap<String, String> engine,
      String device) {
    SortedMap<String, String> software = new TreeMap<>(engine);
    software.put("covid-mmar", projectVersion());
    software.put("java", System.getProperty("java.runtime.version"));
    software.put(
        "os",
        String.join(
            " ",
            System.getProperty("os.name"),
            System.getProperty("os.version"),
            System.getProperty("os.arch")));
    Provenance.Hardware hardware =
        new Provenance.Hardware(
            cpu(),
            Runtime.getRuntime().availableProcessors(),
            config.compute().threadCount(),
            device,
            Provenance.relevant(System.getenv()));
    return new Provenance(config, data, software, hardware, source(basedir).orElse(null));
  }

  /** The version of this project. */
  public static String projectVersion() {
    Properties properties = new Properties();
    try (InputStream in =
        ProvenanceRecorder.class.getResourceAsStream("/org/covidmmar/version.properties")) {
      properties.load(in);
    } catch (IOException e) {
      throw new IllegalStateException("version.properties is part of the jar", e);
    }
    return properties.getProperty("version");
  }

  private static String cpu() {
    try {
      return Files.readAllLines(Path.of("/proc/cpuinfo")).stream()
          .filter(line -> line.startsWith("model name"))
          .map(line -> line.substring(line.indexOf(':') + 1).strip())
          .findFirst()
          .orElse("");
    } catch (IOException e) {
      return System.getenv().getOrDefault("PROCESSOR_IDENTIFIER", "");
    }
  }

  private static Optional<Provenance.Source> source(Path basedir) {
    return git(basedir, "rev-parse", "HEAD")
        .map(
            commit ->
                new Provenance.Source(
                    commit.strip(),
                    git(basedir, "status", "--porcelain", "--", ".")
                        .map(status -> status.lines().toList())
                        .orElse(List.of())));
  }

  /** The branch that is checked out; empty where there is none. */
  public static Optional<String> branch(Path basedir) {
    return git(basedir, "symbolic-ref", "--short", "HEAD").map(String::strip);
  }

  /** Where the checkout comes from; without the user and password that such an address may hold. */
  public static Optional<String> repository(Path basedir) {
    return git(basedir, "config", "--get", "remote.origin.url")
        .map(url -> url.strip().replaceFirst("^(\\w+://)[^/]*@", "$1"));
  }

  /** What git prints; empty where there is no git, no checkout, or no answer in time. */
  private static Optional<String> git(Path basedir, String... arguments) {
    List<String> command = new java.util.ArrayList<>(List.of("git"));
    command.addAll(List.of(arguments));
    Process process;
    try {
      process =
          new ProcessBuilder(command)
              .directory(basedir.toFile())
              .redirectError(ProcessBuilder.Redirect.DISCARD)
              .start();
    } catch (IOException e) {
      return Optional.empty();
    }
    try (InputStream in = process.getInputStream()) {
      String printed = new String(in.readAllBytes(), StandardCharsets.UTF_8);
      boolean ended = process.waitFor(GIT_SECONDS, TimeUnit.SECONDS);
      return ended && process.exitValue() == 0 ? Optional.of(printed) : Optional.empty();
    } catch (IOException e) {
      return Optional.empty();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return Optional.empty();
    } finally {
      process.destroy();
    }
  }
}
