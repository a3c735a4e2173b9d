package org.covidmmar.experiment;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.SortedMap;
import org.covidmmar.CovidException;
import org.covidmmar.config.Setting;
import org.covidmmar.dataset.Case;
import org.covidmmar.dataset.DataFingerprints;
import org.covidmmar.dataset.Dataset;
import org.covidmmar.dataset.DatasetCheck;
import org.covidmmar.evaluation.ConfusionMatrix;
import org.covidmmar.evaluation.Estimate;
import org.covidmmar.evaluation.Evaluation;
import org.covidmmar.evaluation.EvaluationFiles;
import org.covidmmar.evaluation.Gate;
import org.covidmmar.evaluation.RocCurve;
import org.covidmmar.evaluation.ScoredCase;
import org.covidmmar.report.EvaluationPictures;
import org.covidmmar.tracking.EvaluationTable;
import org.covidmmar.tracking.RunFolder;

/** {@code covid:validate}: how well a model does on a list of labelled cases. */
final class ValidateWorkflow implements Workflow {
  private final Workspace workspace;
  private ModelSource source;

  ValidateWorkflow(Workspace workspace) {
    this.workspace = workspace;
  }

  @Override
  public Optional<String> reason() {
    return stage(workspace.dataset().list(list()))
        .reason(
            stamp(),
            folder().resolve("evaluation.json"),
            folder().resolve("predictions.csv"),
            folder().resolve("roc.csv"),
            RunFolder.pictures(folder()));
  }

  /** Looked up when first needed, and then kept: another run may end meanwhile. */
  private ModelSource model() {
    if (source == null) {
      source = ModelSource.find(workspace.request());
    }
    return source;
  }

  private String list() {
    String given = workspace.config().inference().list();
    return given != null ? given : Dataset.VALIDATION;
  }

  private Path folder() {
    return model().run() != null
        ? model().run().resolve("artifacts/evaluation")
        : workspace.output("validate");
  }

  private Path stamp() {
    return model().run() != null
        ? model().run().resolve("stamps/validate.json")
        : workspace.stamp("validate");
  }

  private Stage stage(List<Case> cases) {
    SortedMap<String, String> values = workspace.values("compute");
    values.put("list", list());
    values.put("cases", workspace.describe(cases));
    values.put("threshold", Double.toString(workspace.config().inference().threshold()));
    values.put(
        Setting.REPORT_CASES.property(),
        Integer.toString(workspace.config().inference().reportCases()));
    values.put(
        Setting.SALIENCY.property(), Boolean.toString(workspace.config().inference().gradCam()));
    values.putAll(model().properties());
    List<Path> files = new ArrayList<>(Workspace.files(cases));
    files.addAll(model().files());
    return new Stage(workspace.basedir(), values, files);
  }

  @Override
  public void run() {
    ModelSource model = model();
    Dataset dataset = workspace.dataset();
    String list = list();
    DatasetCheck.forEvaluation(dataset, list, model.preprocessing().pipeline().readsMask());
    Path folder = folder();
    Workspace.requireWritable(folder);
    List<Case> cases = dataset.list(list);
    Stage stage = stage(cases);
    DataFingerprints fingerprints = new DataFingerprints();
    List<ScoredCase> scored = Prediction.of(workspace, model, cases, fingerprints);
    float threshold = (float) workspace.config().inference().threshold();
    // Killed between the files, it must not look like what it was before.
    Stamp.remove(stamp());
    Evaluation evaluation = EvaluationFiles.write(folder, scored, threshold);
    EvaluationPictures.write(folder, scored, evaluation);
    workspace.listener().on(table(list, evaluation));
    new CasePictures(workspace, model)
        .write(RunFolder.pictures(folder), cases, scored, fingerprints);
    RocCurve roc = RocCurve.of(scored);
    if (roc.positives() > 0 && roc.negatives() > 0) {
      // In full: rounded up, it would call the very case it comes from negative.
      workspace.say("threshold with the largest Youden index: " + roc.youdenThreshold());
    }
    if (model.run() != null) {
      EvaluationTable.write(model.run(), scored, threshold);
      RunNote.write(model.run());
      workspace.send(model.run()).close();
    }
    stage.stamp(stamp(), fingerprints);
  }

  /** Gates are looked at whether or not there was something to do. */
  @Override
  public void conclude() {
    workspace.say(model().run() != null ? "run: " + model().run() : "wrote: " + folder());
    Path file = folder().resolve("evaluation.json");
    List<Gate> gates = Gate.of(workspace.config().gates(), EvaluationFiles.readEvaluation(file));
    if (!gates.isEmpty()) {
      workspace.listener().on(new Message.Gates(gates));
    }
    List<CovidException> missed =
        gates.stream()
            .filter(gate -> !gate.passed())
            .map(
                gate ->
                    new CovidException(
                        "covid.gate." + gate.figure(),
                        gate.describe(),
                        "look at " + folder() + ", train a better model, or lower the gate"))
            .toList();
    if (!missed.isEmpty()) {
      throw CovidException.all("gates", missed);
    }
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
            "tn " + c.tn() + ", fp " + c.fp() + ", fn " + c.fn() + ", tp " + c.tp(),
            ""));
    String title =
        list
            + ": "
            + e.n()
            + " cases, threshold "
            + e.threshold()
            + "; research use only, not for diagnosis";
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
