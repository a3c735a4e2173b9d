package org.covidmmar.experiment;

import ai.djl.Device;
import ai.djl.engine.Engine;
import java.util.SortedMap;
import java.util.TreeMap;
import org.covidmmar.CovidException;
import org.covidmmar.config.ExperimentConfig;
import org.covidmmar.model.Torch;

/** Starts libtorch as a configuration asks for, and says what it is. */
final class Engines {
  private Engines() {}

  /** Starts libtorch and picks the device. */
  static Device device(ExperimentConfig.Compute compute) {
    Torch.start(compute.threadCount());
    int gpus = Engine.getInstance().getGpuCount();
    if (compute.device().equals("gpu") && gpus == 0) {
      throw new CovidException(
          "covid.device",
          "expected a GPU, libtorch sees none",
          "set covid.device=cpu, or give libtorch its CUDA libraries: docs/how-to/gpu.md");
    }
    return compute.device().equals("cpu") || gpus == 0 ? Device.cpu() : Device.gpu();
  }

  /** Versions for the provenance. */
  static SortedMap<String, String> versions() {
    Torch.Versions v = Torch.versions();
    SortedMap<String, String> versions = new TreeMap<>();
    versions.put("libtorch", v.libtorch());
    versions.put("djl", v.djl());
    versions.put("isa", v.isa());
    return versions;
  }
}
