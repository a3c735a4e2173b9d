package org.covidmmar.maven;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.apache.maven.plugins.annotations.Mojo;
import org.apache.maven.plugins.annotations.Parameter;
import org.covidmmar.CovidException;
import org.covidmmar.config.Grid;
import org.covidmmar.config.Setting;
import org.covidmmar.experiment.Request;
import org.covidmmar.experiment.Sweep;
import org.covidmmar.mmar.MmarReader;

/**
 * Trains and evaluates a run for each combination of values in covid.grid, and shows them beside
 * each other. A combination that fails does not keep the others from running; one whose finished
 * run has equal inputs is not trained again.
 */
@Mojo(name = "sweep", threadSafe = true)
public final class SweepMojo extends AbstractTrainingMojo {

  /** Skips this goal. */
  @Parameter(property = "covid.skipSweep", defaultValue = "false")
  private boolean skipSweep;

  /**
   * What sweep tries, every combination; values that have commas themselves are separated by |, as
   * in inputShape=64,64,32|96,96,48. Name=value,value;name=value,value; no default.
   */
  @Parameter(property = "covid.grid")
  private String grid;

  /**
   * List of the dataset to evaluate, or to segment; segment: all, validate and compare: validation,
   * infer: testing or test where there is one, else validation. The name of a list; no default.
   */
  @Parameter(property = "covid.list")
  private String list;

  /**
   * Probability of COVID from which on a case is predicted as such. A number from 0 to 1; default
   * 0.5.
   */
  @Parameter(property = "covid.threshold")
  private String threshold;

  /**
   * Cases, those furthest from their label first, that validate makes pictures of for the report. A
   * whole number from 0 to 100 (cases); default 12.
   */
  @Parameter(property = "covid.report.cases")
  private String reportCases;

  /**
   * Maps of what decides in the model's eyes that infer writes beside its predictions: Grad-CAM,
   * occlusion sensitivity, or (true) both. With gradcam or true the report's pictures of cases show
   * Grad-CAM too. One of false, gradcam, occlusion, true; default false.
   */
  @Parameter(property = "covid.saliency")
  private String saliency;

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
    given.put(Setting.LIST, list);
    given.put(Setting.THRESHOLD, threshold);
    given.put(Setting.REPORT_CASES, reportCases);
    given.put(Setting.SALIENCY, saliency);
    given.put(Setting.OUTPUT, output);
  }

  @Override
  void work(Map<Setting, String> given, Console console) {
    Grid axes = axes();
    List<Request> requests = new ArrayList<>();
    for (Grid.Point point : axes.points()) {
      Map<Setting, String> all = new EnumMap<>(given);
      all.putAll(point.values());
      requests.add(request(all));
    }
    Sweep.Runner runner = (goal, request, force) -> run(goal, request, force, console);
    new Sweep(axes, requests, forced(), runner, console).run();
  }

  private Grid axes() {
    if (grid == null || grid.isBlank()) {
      throw new CovidException(
          Setting.GRID.property(),
          "there is nothing to sweep",
          "give a grid, as in -Dcovid.grid=\"learningRate=1e-4,1e-5;seed=0,1,2\"");
    }
    Grid axes = Grid.parse(grid);
    if (!forks() && (axes.has(Setting.THREADS) || axes.has(Setting.ISA))) {
      throw new CovidException(
          Setting.GRID.property(),
          "threads and isa cannot be swept in one JVM, which takes them once",
          "leave covid.fork at true");
    }
    return axes;
  }

  @Override
  MmarReader.Results results() {
    return MmarReader.Results.RUNS;
  }

  @Override
  boolean skipGoal() {
    return skipSweep;
  }
}
