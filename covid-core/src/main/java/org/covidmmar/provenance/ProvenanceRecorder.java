package org.covidmmar.provenance;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Properties;
import java.util.SortedMap;
import java.util.TreeMap;
import org.covidmmar.AtomicFiles;
import org.covidmmar.CovidException;
import org.covidmmar.Processor;
import org.covidmmar.config.ExperimentConfig;

/** Looks up what a {@link Provenance} records about this machine, this JVM and the checkout. */
public final class ProvenanceRecorder {
  private ProvenanceRecorder() {}

  /**
   * The record of a run that is about to start.
   *
   * @param basedir the experiment's folder
   * @param project null where there is none
   * @param data contents of the scans
   * @param files contents of the other files that are read
   * @param engine versions of what computes, by name, such as djl and libtorch
   * @param device cpu or gpu
   * @param replicas of the network that train
   */
  public static Provenance record(
      Path basedir,
      ExperimentConfig config,
      Provenance.Project project,
      List<Provenance.CaseFingerprint> data,
      SortedMap<String, String> files,
      SortedMap<String, String> engine,
      String device,
      int replicas) {
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
    Processor processor = Processor.here();
    Provenance.Hardware hardware =
        new Provenance.Hardware(
            processor.name(),
            processor.maker(),
            processor.model(),
            Runtime.getRuntime().availableProcessors(),
            config.compute().threadCount(),
            device,
            device.equals("gpu") ? gpus(basedir) : null,
            Provenance.relevant(System.getenv()));
    return new Provenance(
        config,
        project,
        data,
        files,
        software,
        hardware,
        null,
        replicas == 1 ? null : replicas,
        new Checkout(basedir).source().orElse(null),
        null);
  }

  /**
   * Keeps the pom, and how the checkout differs from its commit, in files of their own.
   *
   * @param folder {@code pom.xml} and {@code uncommitted.diff} go there; secrets are left out
   */
  public static void keepSources(Path basedir, Path folder) {
    Path pom = basedir.resolve("pom.xml");
    try {
      if (Files.isRegularFile(pom)) {
        AtomicFiles.writeString(folder.resolve("pom.xml"), Secrets.removed(Files.readString(pom)));
      }
    } catch (IOException e) {
      throw new CovidException(
          pom.toString(), "cannot be read: " + e.getMessage(), "make it readable, in UTF-8", e);
    }
    new Checkout(basedir)
        .diff()
        .ifPresent(diff -> AtomicFiles.writeString(folder.resolve("uncommitted.diff"), diff));
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

  /** Name, driver and memory of each GPU, as NVIDIA's tool tells; empty where it does not. */
  private static List<String> gpus(Path folder) {
    List<String> command =
        List.of(
            "nvidia-smi", "--query-gpu=name,driver_version,memory.total", "--format=csv,noheader");
    return Command.output(folder, command).map(text -> text.lines().toList()).orElse(List.of());
  }
}
