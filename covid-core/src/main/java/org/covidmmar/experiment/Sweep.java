package org.covidmmar.experiment;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.covidmmar.CovidException;
import org.covidmmar.config.ExperimentConfig;
import org.covidmmar.config.Grid;
import org.covidmmar.config.Setting;
import org.covidmmar.dataset.Dataset;
import org.covidmmar.dataset.DatasetCheck;
import org.covidmmar.evaluation.EvaluationFiles;
import org.covidmmar.tracking.RunFolder;
import org.covidmmar.tracking.RunJournal;

/**
 * {@code covid:sweep}: trains and evaluates a run for each point of a grid, one after the other. A
 * point that fails does not keep the others from running; one that has a finished run of equal
 * inputs is not trained again.
 *
 * @param requests one for each of the grid's points, in their order
 * @param force trains and evaluates every point anew
 * @param runner runs the goals
 */
public record Sweep(
    Grid grid, List<Request> requests, boolean force, Runner runner, Message.Listener listener) {

  /** Tag of a run: the id of the grid that it was last a point of. */
  static final String TAG = "covid.sweep";

  /** Tag of a run: the name of its point. */
  static final String POINT_TAG = "covid.sweep.point";

  /** What a pipeline that is spelled out replaces. */
  private static final Set<Setting> OF_RECIPE =
      EnumSet.of(Setting.RECIPE, Setting.RESIZE, Setting.INTENSITY_RANGE, Setting.AUGMENTATION);

  /** Runs a goal where it computes: in a JVM of its own, as a rule. */
  @FunctionalInterface
  public interface Runner {
    /**
     * Runs the goal to its end.
     *
     * @param force runs it also where it is up to date
     */
    void run(Main.Goal goal, Request request, boolean force);
  }

  public Sweep {
    requests = List.copyOf(requests);
  }

  /**
   * Runs every point, then writes and tells what came of them.
   *
   * @throws CovidException before anything is run, that lists what can be known to be wrong; at the
   *     end, that lists the points that failed
   */
  public void run() {
    Path folder = new Workspace(requests.get(0), listener).output("sweep");
    refuseAxesWithoutEffect();
    Workspace.requireWritable(folder);
    List<Optional<Path>> finished = finished();
    List<Grid.Point> points = grid.points();
    TimeLeft timeLeft = new TimeLeft(finished.stream().filter(Optional::isEmpty).count());
    List<SweepResult> results = new ArrayList<>();
    for (int i = 0; i < points.size(); i++) {
      String left = timeLeft.text().map(text -> "; " + text).orElse("");
      say("sweep " + (i + 1) + "/" + points.size() + ": " + points.get(i).name() + left);
      long start = System.nanoTime();
      results.add(result(points.get(i), requests.get(i), finished.get(i)));
      if (finished.get(i).isEmpty()) {
        timeLeft.took(System.nanoTime() - start);
      }
    }
    SweepReport report = new SweepReport(grid, results);
    report.write(folder);
    report.writeComparison(folder);
    report.tables().forEach(listener::on);
    say("wrote: " + folder);
    refuseFailed(results);
  }

  private void refuseAxesWithoutEffect() {
    if (requests.get(0).config().preprocessing().preTransforms() != null) {
      refuse(
          OF_RECIPE.stream()
              .filter(grid::has)
              .map(
                  setting ->
                      new CovidException(
                          Setting.GRID.property(),
                          setting.shortName() + " has no effect where preTransforms are given",
                          "leave it out of the grid, or remove preTransforms"))
              .toList());
    }
  }

  /**
   * The run that each point has already.
   *
   * @throws CovidException that lists what would make points fail, as far as configuration and
   *     headers tell
   */
  private List<Optional<Path>> finished() {
    List<Optional<Path>> finished = new ArrayList<>();
    Map<String, CovidException> problems = new LinkedHashMap<>();
    Set<List<Object>> checked = new HashSet<>();
    for (Request request : requests) {
      Workspace workspace = new Workspace(request, listener);
      ExperimentConfig config = request.config();
      try {
        Dataset dataset = workspace.dataset();
        if (checked.add(
            List.of(
                config.data(),
                config.preprocessing(),
                config.training().batchSize(),
                config.training().keyMetric()))) {
          TrainWorkflow.check(workspace, dataset);
          String list = config.inference().list();
          DatasetCheck.forEvaluation(
              dataset,
              list != null ? list : Dataset.VALIDATION,
              config.preprocessing().pipeline().readsMask());
        }
        Optional<Path> run = new TrainWorkflow(workspace).finished();
        finished.add(force ? Optional.empty() : run);
      } catch (CovidException e) {
        problems.putIfAbsent(e.getMessage(), e);
      }
    }
    refuse(problems.values());
    return finished;
  }

  private SweepResult result(Grid.Point point, Request request, Optional<Path> finished) {
    try {
      if (finished.isEmpty()) {
        runner.run(Main.Goal.TRAIN, request, true);
      } else {
        say("train: up to date");
      }
      Path run = finished.orElseGet(() -> trained(request));
      RunJournal.tag(run, TAG, grid.id());
      RunJournal.tag(run, POINT_TAG, point.name());
      ExperimentConfig config = request.config().withModel(run.getFileName().toString());
      runner.run(Main.Goal.VALIDATE, request.with(config), force);
      RunFolder folder = new RunFolder(run);
      return new SweepResult(
          point,
          finished.isEmpty() ? SweepResult.State.TRAINED : SweepResult.State.UP_TO_DATE,
          run,
          folder.tags().getOrDefault(TrainWorkflow.BEST_EPOCH, ""),
          EvaluationFiles.readEvaluation(folder.evaluation().resolve("evaluation.json")),
          null);
    } catch (CovidException e) {
      if (Thread.currentThread().isInterrupted()) {
        throw e;
      }
      listener.on(new Message.Warning(point.name() + " failed: " + e.getMessage()));
      return SweepResult.failed(point, e);
    }
  }

  private Path trained(Request request) {
    return new TrainWorkflow(new Workspace(request, listener))
        .finished()
        .orElseThrow(
            () ->
                new CovidException(
                    "covid:sweep",
                    "the data, or the program, changed while the point was trained",
                    "run the sweep again, and leave both alone meanwhile"));
  }

  private static void refuseFailed(List<SweepResult> results) {
    List<String> failed =
        results.stream()
            .filter(r -> r.failure() != null)
            .map(
                r ->
                    System.lineSeparator()
                        + "- "
                        + r.point().name()
                        + ": "
                        + r.failure().getMessage())
            .toList();
    if (!failed.isEmpty()) {
      throw new CovidException(
          "covid:sweep",
          failed.size() + " of " + results.size() + " points failed:" + String.join("", failed),
          "mend each of them as said beside it, or leave it out of the grid, then run the sweep"
              + " again: finished points are not run again");
    }
  }

  private static void refuse(Collection<CovidException> problems) {
    if (!problems.isEmpty()) {
      throw CovidException.all("sweep", List.copyOf(problems));
    }
  }

  private void say(String text) {
    listener.on(new Message.Line(text));
  }
}
