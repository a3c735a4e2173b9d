package org.covidmmar.maven;

import java.util.Map;
import org.apache.maven.plugins.annotations.Mojo;
import org.apache.maven.plugins.annotations.Parameter;
import org.covidmmar.config.Setting;
import org.covidmmar.experiment.Main;
import org.covidmmar.mmar.MmarReader;

/**
 * Writes a trained model for other tools: as ONNX, as safetensors with MONAI's names, and as a
 * MONAI bundle that trains the same experiment on a cluster.
 */
@Mojo(name = "export", threadSafe = true)
public final class ExportMojo extends AbstractTrainingMojo {

  /** Skips this goal. */
  @Parameter(property = "covid.skipExport", defaultValue = "false")
  private boolean skipExport;

  /**
   * Model to evaluate or export, in any of the forms of covid.pretrained, or run to package or
   * report; else the newest finished run's. A file, a folder, a run id or coordinates; no default.
   */
  @Parameter(property = "covid.model")
  private String model;

  /**
   * What export writes: ONNX, safetensors, a MONAI bundle. One or more of onnx, safetensors,
   * bundle; default onnx,safetensors,bundle.
   */
  @Parameter(property = "covid.format")
  private String format;

  /**
   * Folder that segment, check, infer, export, sweep, reproduce and compare write into, and
   * validate where the model is no run's; target/covid/ and the goal's name where none is given. A
   * folder; no default.
   */
  @Parameter(property = "covid.output")
  private String output;

  @Override
  void settings(Map<Setting, String> given) {
    super.settings(given);
    given.put(Setting.MODEL, model);
    given.put(Setting.FORMAT, format);
    given.put(Setting.OUTPUT, output);
    // The weights that training starts from are not read.
    given.remove(Setting.PRETRAINED);
  }

  @Override
  MmarReader.Results results() {
    return MmarReader.Results.MODELS;
  }

  @Override
  Main.Goal goal() {
    return Main.Goal.EXPORT;
  }

  @Override
  boolean skipGoal() {
    return skipExport;
  }
}
