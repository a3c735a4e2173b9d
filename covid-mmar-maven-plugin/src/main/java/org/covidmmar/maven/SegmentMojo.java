package org.covidmmar.maven;

import java.util.Map;
import org.apache.maven.plugins.annotations.LifecyclePhase;
import org.apache.maven.plugins.annotations.Mojo;
import org.apache.maven.plugins.annotations.Parameter;
import org.covidmmar.config.Setting;
import org.covidmmar.experiment.Main;

/**
 * Makes lung masks where the dataset has none, and a copy of dataset.json that names them, which
 * later goals take; the dataset's own file is left as it is.
 */
@Mojo(name = "segment", defaultPhase = LifecyclePhase.PROCESS_RESOURCES, threadSafe = true)
public final class SegmentMojo extends AbstractNetworkMojo {

  /** Skips this goal. */
  @Parameter(property = "covid.skipSegment", defaultValue = "false")
  private boolean skipSegment;

  /**
   * List of the dataset to evaluate, or to segment; segment: all, validate and compare: validation,
   * infer: testing or test where there is one, else validation. The name of a list; no default.
   */
  @Parameter(property = "covid.list")
  private String list;

  /**
   * Folder that segment, check, infer, export, sweep, reproduce and compare write into, and
   * validate where the model is no run's; target/covid/ and the goal's name where none is given. A
   * folder; no default.
   */
  @Parameter(property = "covid.output")
  private String output;

  /**
   * ONNX file of a network that segments lungs, in place of the method that needs none. A file; no
   * default.
   */
  @Parameter(property = "covid.segment.model")
  private String segmentModel;

  @Override
  void settings(Map<Setting, String> given) {
    super.settings(given);
    given.put(Setting.LIST, list);
    given.put(Setting.OUTPUT, output);
    given.put(Setting.SEGMENT_MODEL, segmentModel);
  }

  @Override
  Main.Goal goal() {
    return Main.Goal.SEGMENT;
  }

  @Override
  boolean skipGoal() {
    return skipSegment;
  }
}
