package org.covidmmar.maven;

import java.util.Map;
import org.apache.maven.plugins.annotations.Mojo;
import org.apache.maven.plugins.annotations.Parameter;
import org.covidmmar.config.Setting;
import org.covidmmar.experiment.Main;

/**
 * Writes a synthetic cohort of thorax scans with lung masks and its {@code dataset.json}: for
 * trying things out, not for medical conclusions.
 */
@Mojo(name = "phantom", threadSafe = true)
public final class PhantomMojo extends AbstractDatasetMojo {

  /** Skips this goal. */
  @Parameter(property = "covid.skipPhantom", defaultValue = "false")
  private boolean skipPhantom;

  /**
   * Folder that infer and phantom write into; target/covid/infer, and covid.dataRoot for phantom. A
   * folder; no default.
   */
  @Parameter(property = "covid.output")
  private String output;

  /**
   * Cases of the synthetic cohort in each list, half of them of each class. Three even numbers
   * training,validation,testing; default 64,16,32.
   */
  @Parameter(property = "covid.phantom.cases")
  private String phantomCases;

  /** Voxels of each synthetic scan. Three whole numbers x,y,z from 32 to 512; default 96,96,48. */
  @Parameter(property = "covid.phantom.shape")
  private String phantomShape;

  /** Seed of the synthetic cohort. A whole number; default 0. */
  @Parameter(property = "covid.phantom.seed")
  private String phantomSeed;

  @Override
  void settings(Map<Setting, String> given) {
    super.settings(given);
    given.put(Setting.OUTPUT, output);
    given.put(Setting.PHANTOM_CASES, phantomCases);
    given.put(Setting.PHANTOM_SHAPE, phantomShape);
    given.put(Setting.PHANTOM_SEED, phantomSeed);
  }

  @Override
  Main.Goal goal() {
    return Main.Goal.PHANTOM;
  }

  @Override
  boolean skipGoal() {
    return skipPhantom;
  }
}
