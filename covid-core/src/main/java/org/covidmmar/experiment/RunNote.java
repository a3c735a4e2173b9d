package org.covidmmar.experiment;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.SortedMap;
import org.covidmmar.evaluation.Estimate;
import org.covidmmar.evaluation.Evaluation;
import org.covidmmar.evaluation.EvaluationFiles;
import org.covidmmar.inference.ModelConfig;
import org.covidmmar.tracking.RunFolder;
import org.covidmmar.tracking.RunJournal;

/** What MLflow's pages show of a run at its top: how it went, and what it must not be used for. */
final class RunNote {
  private RunNote() {}

  /** Writes the note of what the run's folder holds by now. */
  static void write(Path run) {
    RunFolder folder = new RunFolder(run);
    StringBuilder note = new StringBuilder();
    String best = folder.tags().get(TrainWorkflow.BEST_EPOCH);
    if (best != null) {
      note.append("Best epoch ").append(best).append(metrics(folder, best)).append(".\n\n");
    }
    Path evaluation = folder.evaluation().resolve("evaluation.json");
    if (Files.exists(evaluation)) {
      Evaluation e = EvaluationFiles.readEvaluation(evaluation);
      note.append("Evaluated on ").append(e.n()).append(" cases at threshold ");
      note.append(e.threshold()).append(": AUC ").append(text(e.auc()));
      note.append(", accuracy ").append(text(e.accuracy()));
      note.append(", sensitivity ").append(text(e.sensitivity()));
      note.append(", specificity ").append(text(e.specificity())).append(".\n\n");
    }
    RunJournal.tag(run, "mlflow.note.content", note.append(ModelConfig.USE).toString());
  }

  private static String metrics(RunFolder folder, String epoch) {
    StringBuilder text = new StringBuilder();
    folder
        .metrics()
        .forEach(
            (name, values) -> {
              Double value = name.startsWith("val/") ? at(values, epoch) : null;
              if (value != null) {
                text.append(", ").append(name).append(' ').append(text(value));
              }
            });
    return text.toString();
  }

  private static Double at(SortedMap<Integer, Double> values, String epoch) {
    return values.get(Integer.valueOf(epoch));
  }

  private static String text(Estimate e) {
    if (e.value() == null) {
      return "undefined";
    }
    return text(e.value())
        + (e.low() == null ? "" : " (" + text(e.low()) + " to " + text(e.high()) + ")");
  }

  private static String text(double value) {
    return String.format(Locale.ROOT, "%.4f", value);
  }
}
