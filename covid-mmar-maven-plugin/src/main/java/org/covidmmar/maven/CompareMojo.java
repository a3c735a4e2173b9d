package org.covidmmar.maven;

import java.util.Map;
import org.apache.maven.plugins.annotations.Mojo;
import org.apache.maven.plugins.annotations.Parameter;
import org.covidmmar.config.Setting;
import org.covidmmar.experiment.Main;

/**
 * Compares two runs: in what configuration, data, versions and machine they differ, and how near
 * their metrics, weights, predictions and areas under the ROC curve are; as tables, and as a page
 * with their curves. With covid.compare.recipes it applies one model with the preprocessing of two
 * recipes, and says what the order of scaling and cropping changes.
 */
@Mojo(name = "compare", threadSafe = true)
public final class CompareMojo extends AbstractEvaluationMojo {

  /** Skips this goal. */
  @Parameter(property = "covid.skipCompare", defaultValue = "false")
  private boolean skipCompare;

  /**
   * Run to reproduce: its id, its folder or its provenance.json; or the two runs to compare, as in
   * covid.run=a,b. Else the newest finished run, or the newest two. Run ids, folders or provenance
   * files, separated by commas; no default.
   */
  @Parameter(property = "covid.run")
  private String run;

  /**
   * Two recipes: compare then evaluates one model on one list with the order of each, in place of
   * comparing two runs. Two of mmar, naturecomm; no default.
   */
  @Parameter(property = "covid.compare.recipes")
  private String compareRecipes;

  @Override
  void settings(Map<Setting, String> given) {
    super.settings(given);
    given.put(Setting.RUN, run);
    given.put(Setting.COMPARE_RECIPES, compareRecipes);
  }

  @Override
  Main.Goal goal() {
    return Main.Goal.COMPARE;
  }

  @Override
  boolean skipGoal() {
    return skipCompare;
  }
}
