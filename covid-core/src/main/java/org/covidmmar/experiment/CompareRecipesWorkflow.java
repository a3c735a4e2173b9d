package org.covidmmar.experiment;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import org.covidmmar.AtomicFiles;
import org.covidmmar.CovidException;
import org.covidmmar.Csv;
import org.covidmmar.PrettyJson;
import org.covidmmar.config.Setting;
import org.covidmmar.dataset.Case;
import org.covidmmar.dataset.DataFingerprints;
import org.covidmmar.dataset.Dataset;
import org.covidmmar.dataset.DatasetCheck;
import org.covidmmar.evaluation.EvaluationFiles;
import org.covidmmar.evaluation.PairedDeLong;
import org.covidmmar.evaluation.ScoredCase;
import org.covidmmar.inference.ModelConfig;
import org.covidmmar.report.Comparison;
import org.covidmmar.report.Scores;
import org.covidmmar.transform.Pipeline;
import org.covidmmar.transform.Step;

/**
 * {@code covid:compare} with {@code covid.compare.recipes}: one model on one list, its inputs made
 * in the order of one recipe and of another, all else of its preprocessing alike.
 */
final class CompareRecipesWorkflow implements Workflow {
  private final Workspace workspace;
  private final List<String> recipes;

  CompareRecipesWorkflow(Workspace workspace) {
    this.workspace = workspace;
    this.recipes = workspace.config().review().recipes();
  }

  /**
   * The content of {@code recipes.json}.
   *
   * @param use what the figures may be used for
   * @param model the weights, from the experiment's folder
   * @param trainedWith the recipe that the model was trained with; unknown where it has no record
   * @param list of the dataset
   * @param steps from scan to input, by recipe
   * @param areas first and second as the recipes' order has it
   * @param threshold from which on a case is called COVID
   * @param calledOtherwise cases that are called one class with the first recipe and the other with
   *     the second
   * @param largestChange of a probability, by case
   */
  record Outcome(
      String use,
      String model,
      String trainedWith,
      String list,
      Map<String, List<Step>> steps,
      PairedDeLong areas,
      double threshold,
      long calledOtherwise,
      Change largestChange) {}

  /** What became of a case. */
  record Change(String id, float first, float second) {
    double size() {
      return Math.abs((double) second - first);
    }
  }

  @Override
  public Optional<String> reason() {
    return Optional.of("asked for");
  }

  private Path file(String extension) {
    return workspace.output("compare").resolve("recipes." + extension);
  }

  @Override
  public void run() {
    if (workspace.config().review().run() != null) {
      throw new CovidException(
          Setting.COMPARE_RECIPES.property(),
          "compares one model's recipes, " + Setting.RUN.property() + " two runs",
          "leave one of them out; " + Setting.MODEL.property() + " names the model");
    }
    ModelSource model = ModelSource.find(workspace.request());
    if (model.preprocessing().preTransforms() != null) {
      throw new CovidException(
          Setting.COMPARE_RECIPES.property(),
          "the model's preprocessing is spelled out, its order is no recipe's",
          "give a model that was trained without <preTransforms>");
    }
    String given = workspace.config().inference().list();
    String list = given != null ? given : Dataset.VALIDATION;
    Dataset dataset = workspace.dataset();
    DatasetCheck.forEvaluation(dataset, list, true);
    Workspace.requireWritable(workspace.output("compare"));
    List<Case> cases = dataset.list(list);
    DataFingerprints fingerprints = new DataFingerprints();
    Map<String, List<Step>> steps = new LinkedHashMap<>();
    List<Scores> scores = new ArrayList<>();
    for (String recipe : recipes) {
      ModelSource with = model.with(model.preprocessing().withRecipe(recipe));
      steps.put(recipe, with.preprocessing().pipeline().withoutAugmentation().steps());
      scores.add(new Scores(recipe, Prediction.of(workspace, with, cases, fingerprints)));
    }
    Outcome outcome = outcome(model, list, steps, scores.get(0).cases(), scores.get(1).cases());
    write(outcome, scores.get(0), scores.get(1));
    tell(outcome, cases.size());
  }

  private Outcome outcome(
      ModelSource model,
      String list,
      Map<String, List<Step>> steps,
      List<ScoredCase> first,
      List<ScoredCase> second) {
    double threshold = workspace.config().inference().threshold();
    Change largest = null;
    long otherwise = 0;
    for (int i = 0; i < first.size(); i++) {
      ScoredCase a = first.get(i);
      ScoredCase b = second.get(i);
      Change change = new Change(a.id(), a.pCovid(), b.pCovid());
      largest = largest == null || change.size() > largest.size() ? change : largest;
      otherwise += a.predicted((float) threshold) == b.predicted((float) threshold) ? 0 : 1;
    }
    return new Outcome(
        ModelConfig.USE,
        workspace.shown(model.weights()),
        Files.exists(ModelConfig.beside(model.weights()))
            ? model.preprocessing().recipe()
            : "unknown",
        list,
        steps,
        PairedDeLong.of(first, second),
        threshold,
        otherwise,
        largest);
  }

  private void write(Outcome outcome, Scores first, Scores second) {
    AtomicFiles.write(
        file("json"),
        out -> {
          out.write(PrettyJson.WRITER.writeValueAsBytes(outcome));
          out.write('\n');
        });
    StringBuilder csv =
        new StringBuilder(
            Csv.line(
                List.of(
                    "id",
                    "image",
                    "label",
                    "p_covid_" + recipes.get(0),
                    "p_covid_" + recipes.get(1))));
    for (int i = 0; i < first.cases().size(); i++) {
      ScoredCase c = first.cases().get(i);
      csv.append(
          Csv.line(
              List.of(
                  c.id(),
                  c.image(),
                  c.label() == null ? "" : c.label().toString(),
                  EvaluationFiles.shortest(c.pCovid()),
                  EvaluationFiles.shortest(second.cases().get(i).pCovid()))));
    }
    AtomicFiles.writeString(file("csv"), csv.toString());
    SortedMap<String, String> made = new TreeMap<>();
    made.put("model", outcome.model());
    made.put("trained with", outcome.trainedWith());
    made.put("list", outcome.list());
    outcome
        .steps()
        .forEach((recipe, steps) -> made.put("steps of " + recipe, new Pipeline(steps).toJson()));
    Comparison.write(
        "Two orders of preprocessing", described(outcome), first, second, made, file("html"));
  }

  private static String described(Outcome outcome) {
    return "One model on the list %s, trained with the recipe: %s"
        .formatted(outcome.list(), outcome.trainedWith());
  }

  private void tell(Outcome outcome, int cases) {
    workspace
        .listener()
        .on(
            CompareWorkflow.areas(
                described(outcome), recipes.get(0), recipes.get(1), outcome.areas()));
    Change change = outcome.largestChange();
    workspace.say(
        "largest change of a probability: %s, %s to %s; called otherwise at threshold %s: %d of %d cases"
            .formatted(
                change.id(),
                EvaluationFiles.shortest(change.first()),
                EvaluationFiles.shortest(change.second()),
                outcome.threshold(),
                outcome.calledOtherwise(),
                cases));
  }

  @Override
  public void conclude() {
    workspace.say("wrote: " + file("html"));
  }
}
