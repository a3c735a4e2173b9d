package org.covidmmar.experiment;

import ai.djl.Device;
import ai.djl.engine.Engine;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Optional;
import java.util.Properties;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.covidmmar.CovidException;
import org.covidmmar.NativeLibraries;
import org.covidmmar.config.ExperimentConfig;
import org.covidmmar.model.Torch;
import org.covidmmar.provenance.Provenance;

/** Starts libtorch as a configuration asks for, and says what it is. */
final class Engines {
  private static final String NOT_ON_CLASS_PATH = "set by the environment";

  private Engines() {}

  /** Starts libtorch and picks the device where one is enough. */
  static Device device(ExperimentConfig.Compute compute) {
    return devices(compute).get(0);
  }

  /** Starts libtorch and picks the devices: all GPUs, those that are named, or the CPU. */
  static List<Device> devices(ExperimentConfig.Compute compute) {
    start(compute.threadCount());
    return devices(compute, Engine.getInstance().getGpuCount());
  }

  /**
   * The devices on a machine.
   *
   * @param gpus that libtorch sees there
   */
  static List<Device> devices(ExperimentConfig.Compute compute, int gpus) {
    if (gpus == 0 && compute.device().startsWith("gpu")) {
      throw new CovidException(
          "covid.device",
          "expected a GPU, libtorch sees none",
          "set covid.device=cpu, or give libtorch its CUDA libraries: docs/how-to/gpu.md");
    }
    if (gpus == 0 || compute.device().equals("cpu")) {
      return List.of(Device.cpu());
    }
    List<Integer> named = compute.gpus();
    if (named.stream().anyMatch(n -> n >= gpus)) {
      throw new CovidException(
          "covid.device",
          "expected GPUs from 0 to " + (gpus - 1) + ", found " + compute.device(),
          "name those that nvidia-smi lists, or set covid.device=gpu for all");
    }
    return named.isEmpty()
        ? IntStream.range(0, gpus).mapToObj(Device::gpu).toList()
        : named.stream().map(Device::gpu).toList();
  }

  private static void start(int threads) {
    if (!installed().equals(NOT_ON_CLASS_PATH)) {
      ChildEnvironment.requireOneLibtorch(System.getenv());
    }
    try {
      ChildEnvironment.useCacheHere();
      Torch.start(threads);
    } catch (CovidException e) {
      throw e;
    } catch (IOException | RuntimeException | LinkageError e) {
      throw refusal(e);
    }
  }

  /** What to say where libtorch did not start. */
  static CovidException refusal(Throwable e) {
    Optional<CovidException> noexec = NativeLibraries.onNoexecDisk(e);
    if (noexec.isPresent()) {
      return noexec.get();
    }
    Throwable reason = e;
    while (reason.getCause() != null) {
      reason = reason.getCause();
    }
    return new CovidException(
        "libtorch",
        "cannot be started: " + reason,
        "leave covid.fork at true; libtorch comes for Linux, macOS on ARM and Windows on x86-64,"
            + " another one is set as docs/how-to/gpu.md says",
        e);
  }

  /** Version and flavour of the libtorch on the class path, found without loading it. */
  static String installed() {
    Properties properties = new Properties();
    try (InputStream in = Engines.class.getResourceAsStream("/native/lib/pytorch.properties")) {
      if (in == null) {
        return NOT_ON_CLASS_PATH;
      }
      properties.load(in);
    } catch (IOException e) {
      throw new UncheckedIOException("a resource of the class path is readable", e);
    }
    return properties.getProperty("version") + " " + properties.getProperty("flavor");
  }

  /** Whether it is known, without loading libtorch, that no GPU is used. */
  static boolean computesOnCpu(ExperimentConfig.Compute compute) {
    boolean withoutCuda = installed().endsWith(" cpu");
    return compute.device().equals("cpu") || (compute.device().equals("auto") && withoutCuda);
  }

  /** Versions for the provenance. */
  static SortedMap<String, String> versions() {
    Torch.Versions v = Torch.versions();
    SortedMap<String, String> versions = new TreeMap<>();
    versions.put("libtorch", v.libtorch());
    versions.put("djl", v.djl());
    versions.put(Provenance.ISA, v.isa());
    return versions;
  }
}
