package org.covidmmar.report;

import com.samskivert.mustache.Mustache;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import org.covidmmar.AtomicFiles;
import org.covidmmar.evaluation.ConfusionMatrix;
import org.covidmmar.evaluation.Evaluation;
import org.covidmmar.evaluation.RocCurve;
import org.covidmmar.evaluation.ScoredCase;

/**
 * An evaluation as pictures that trackers show among the artifacts: {@code roc.svg} and {@code
 * confusion.svg}.
 */
public final class EvaluationPictures {
  /** Where the ROC curve's axes begin in the picture, and how long they are. */
  private static final int LEFT = 60;

  private static final int BOTTOM = 440;
  private static final int LENGTH = 400;

  private static final int CELL_LEFT = 125;
  private static final int CELL_TOP = 85;
  private static final int CELL_WIDTH = 160;
  private static final int CELL_HEIGHT = 140;

  private EvaluationPictures() {}

  /**
   * Writes the pictures; the same bytes for the same evaluation.
   *
   * @param folder beside evaluation.json
   */
  public static void write(Path folder, List<ScoredCase> cases, Evaluation evaluation) {
    RocCurve roc = RocCurve.of(cases);
    if (roc.positives() > 0 && roc.negatives() > 0) {
      AtomicFiles.writeString(folder.resolve("roc.svg"), roc(roc, evaluation));
    }
    AtomicFiles.writeString(folder.resolve("confusion.svg"), confusion(evaluation));
  }

  private static String roc(RocCurve roc, Evaluation evaluation) {
    String points =
        roc.points().stream()
            .map(
                p ->
                    place(LEFT, LENGTH, roc.falsePositiveRate(p).orElseThrow())
                        + ","
                        + place(BOTTOM, -LENGTH, roc.truePositiveRate(p).orElseThrow()))
            .collect(Collectors.joining(" "));
    String interval = Text.interval(evaluation.auc());
    String title = "ROC curve, AUC " + Text.of(evaluation.auc());
    return draw(
        "roc.svg.mustache",
        Map.of(
            "title",
            evaluation.auc().low() == null ? title : title + " (" + interval + ")",
            "points",
            points));
  }

  private static String place(int start, int length, double share) {
    return String.format(Locale.ROOT, "%.1f", start + length * share);
  }

  private static String confusion(Evaluation evaluation) {
    ConfusionMatrix c = evaluation.confusion();
    return draw(
        "confusion.svg.mustache",
        Map.of(
            "title",
            c.n() + " cases at threshold " + evaluation.threshold(),
            "names",
            List.of(name(0, "non-COVID"), name(1, "COVID")),
            "cells",
            List.of(
                cell(0, 0, c.tn(), c.n()),
                cell(0, 1, c.fp(), c.n()),
                cell(1, 0, c.fn(), c.n()),
                cell(1, 1, c.tp(), c.n()))));
  }

  private static Map<String, Object> name(int index, String name) {
    return Map.of(
        "name",
        name,
        "x",
        CELL_LEFT + index * CELL_WIDTH + CELL_WIDTH / 2,
        "y",
        CELL_TOP + index * CELL_HEIGHT + CELL_HEIGHT / 2);
  }

  private static Map<String, Object> cell(int label, int called, int count, int n) {
    int x = CELL_LEFT + called * CELL_WIDTH;
    int y = CELL_TOP + label * CELL_HEIGHT;
    return Map.of(
        "x",
        x,
        "y",
        y,
        "textX",
        x + CELL_WIDTH / 2,
        "textY",
        y + CELL_HEIGHT / 2 + 10,
        "share",
        String.format(Locale.ROOT, "%.2f", 0.05 + 0.6 * count / n),
        "count",
        count);
  }

  private static String draw(String template, Map<String, Object> content) {
    return Mustache.compiler().compile(Page.resource(template)).execute(content);
  }
}
