package org.covidmmar.maven;

import java.util.Map;
import org.apache.maven.plugins.annotations.LifecyclePhase;
import org.apache.maven.plugins.annotations.Mojo;
import org.apache.maven.plugins.annotations.Parameter;
import org.covidmmar.config.Setting;
import org.covidmmar.experiment.Main;

/**
 * Writes a synthetic cohort of thorax scans with lung masks and its {@code dataset.json}: for
 * trying things out, not for medical conclusions.
 */
@Mojo(name = "phantom", defaultPhase = LifecyclePhase.GENERATE_RESOURCES, threadSafe = true)
public final class PhantomMojo extends AbstractDatasetMojo {

  /** Skips this goal. */
  @Parameter(property = "covid.skipPhantom", defaultValue = "false")
  private boolean skipPhantom;

  /**
   * Cases of the synthetic cohort in each list, half of them of each class. Three even numbers
   * training,validation,testing (cases); default 64,16,32.
   */
  @Parameter(property = "covid.phantom.cases")
  private String phantomCases;

  /**
   * Voxels of each synthetic scan. Three whole numbers x,y,z from 32 to 512 (voxels); default
   * 96,96,48.
   */
  @Parameter(property = "covid.phantom.shape")
  private String phantomShape;

  /**
   * Size of the opacities of the synthetic cohort; 1 as in a moderate pneumonia, less is harder to
   * learn. A number from 0.1 to 2; default 1.6.
   */
  @Parameter(property = "covid.phantom.severity")
  private String phantomSeverity;

  /** Seed of the synthetic cohort. A whole number; default 0. */
  @Parameter(property = "covid.phantom.seed")
  private String phantomSeed;

  @Override
  void settings(Map<Setting, String> given) {
    super.settings(given);
    given.put(Setting.PHANTOM_CASES, phantomCases);
    given.put(Setting.PHANTOM_SHAPE, phantomShape);
    given.put(Setting.PHANTOM_SEVERITY, phantomSeverity);
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
