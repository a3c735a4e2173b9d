package org.covidmmar.experiment;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.covidmmar.dataset.Case;
import org.covidmmar.dataset.Dataset;
import org.covidmmar.dataset.DatasetCheck;
import org.covidmmar.evaluation.ConfusionMatrix;
import org.covidmmar.evaluation.Estimate;
import org.covidmmar.evaluation.Evaluation;
import org.covidmmar.evaluation.EvaluationFiles;
import org.covidmmar.evaluation.RocCurve;
import org.covidmmar.evaluation.ScoredCase;

/** {@code covid:validate}: how well a model does on a list of labelled cases. */
final class ValidateWorkflow {
  private final Workspace workspace;

  ValidateWorkflow(Workspace workspace) {
    this.workspace = workspace;
  }

  void run() {
    ModelSource model = ModelSource.find(workspace.basedir(), workspace.config());
    Dataset dataset = workspace.dataset();
    String given = workspace.config().inference().list();
    String list = given != null ? given : Dataset.VALIDATION;
    DatasetCheck.forEvaluation(dataset, list, model.preprocessing().pipeline().readsMask());
    Path folder =
        model.run() != null
            ? model.run().resolve("artifacts/evaluation")
            : workspace.output("validate");
    Workspace.requireWritable(folder);
    List<Case> cases = dataset.list(list);
    List<ScoredCase> scored = Prediction.of(workspace, model, cases);
    float threshold = (float) workspace.config().inference().threshold();
    Evaluation evaluation = EvaluationFiles.write(folder, scored, threshold);
    workspace.listener().on(table(list, evaluation));
    RocCurve roc = RocCurve.of(scored);
    if (roc.positives() > 0 && roc.negatives() > 0) {
      // In full: rounded up, it would call the very case it comes from negative.
      workspace.say("threshold with the largest Youden index: " + roc.youdenThreshold());
    }
    workspace.say(model.run() != null ? "run: " + model.run() : "wrote: " + folder);
  }

  private static Message.Table table(String list, Evaluation e) {
    List<List<String>> rows = new ArrayList<>();
    add(rows, "AUC", e.auc());
    add(rows, "accuracy", e.accuracy());
    add(rows, "sensitivity", e.sensitivity());
    add(rows, "specificity", e.specificity());
    add(rows, "PPV", e.ppv());
    add(rows, "NPV", e.npv());
    add(rows, "F1", e.f1());
    add(rows, "Brier score", e.brier());
    ConfusionMatrix c = e.confusion();
    rows.add(
        List.of(
            "confusion",
            "tn %d, fp %d, fn %d, tp %d".formatted(c.tn(), c.fp(), c.fn(), c.tp()),
            ""));
    String title =
        "%s: %d cases, threshold %s; research use only, not for diagnosis"
            .formatted(list, e.n(), e.threshold());
    return new Message.Table(title, List.of("figure", "value", "95 % interval"), rows);
  }

  private static void add(List<List<String>> rows, String name, Estimate e) {
    String value = e.value() == null ? "undefined: " + e.undefined() : text(e.value());
    String interval = e.low() == null ? "" : text(e.low()) + " to " + text(e.high());
    rows.add(List.of(name, value, interval));
  }

  private static String text(double value) {
    return String.format(Locale.ROOT, "%.4f", value);
  }
}
