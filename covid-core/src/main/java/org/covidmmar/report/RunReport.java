package org.covidmmar.report;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.covidmmar.CovidException;
import org.covidmmar.evaluation.Estimate;
import org.covidmmar.evaluation.Evaluation;
import org.covidmmar.inference.Montage;
import org.covidmmar.report.Page.Section;
import org.covidmmar.report.Page.Tile;

/** A page about one run: how it was made, how it went, how well its model does. */
public final class RunReport {
  private RunReport() {}

  /**
   * Writes the report of a run; parts that the run does not have are left out.
   *
   * @param run its folder, {@code mlruns/<experiment id>/<run id>}
   * @param others folders of runs to compare it with; may be empty
   * @param html where the page goes
   * @throws CovidException where the run can't be read
   */
  public static void write(Path run, List<Path> others, Path html) {
    Run r = Run.read(run);
    List<Section> sections = new ArrayList<>();
    sections.add(r.evaluated() ? evaluation(r) : notEvaluated());
    if (!r.metrics().isEmpty()) {
      sections.add(new Section("training", "Training", "", Charts.training(r), List.of()));
    }
    if (!others.isEmpty()) {
      List<Run> runs = new ArrayList<>(List.of(r));
      others.stream().map(Run::read).forEach(runs::add);
      sections.add(
          new Section(
              "runs",
              "Beside earlier runs",
              Comparison.remark(runs),
              List.of(),
              List.of(Tables.runs(runs, r))));
    }
    if (r.evaluated()) {
      sections.add(
          new Section(
              "cases",
              "Cases",
              "Error is the distance of the probability from the label. " + aboutPictures(r),
              List.of(),
              List.of(Tables.cases(r.cases(), r.evaluation().threshold(), r.pictures()))));
    }
    sections.add(
        new Section(
            "configuration",
            "Configuration",
            "",
            List.of(),
            List.of(Tables.values("Parameters of the run", r.params()).folded())));
    sections.add(provenance(r));
    new Page(
            r.meta().name(),
            "Run " + r.meta().id() + " of " + r.meta().experiment(),
            tiles(r),
            r.evaluated() ? ThresholdControl.of(r) : null,
            sections)
        .write(html);
  }

  private static List<Tile> tiles(Run r) {
    List<Tile> tiles = new ArrayList<>();
    if (r.evaluated()) {
      Evaluation e = r.evaluation();
      tiles.add(tile("AUC", e.auc(), null));
      tiles.add(tile("accuracy", e.accuracy(), "accuracy"));
      tiles.add(tile("sensitivity", e.sensitivity(), "sensitivity"));
      tiles.add(tile("specificity", e.specificity(), "specificity"));
    }
    String time =
        r.meta().end().map(end -> Text.of(Duration.between(r.meta().start(), end))).orElse("");
    tiles.add(Tile.of("status", Tables.status(r), time));
    tiles.add(Tile.of("started", Text.date(r.meta().start()), Text.time(r.meta().start())));
    if (r.bestEpoch() != null) {
      tiles.add(
          Tile.of(
              "best epoch",
              r.bestEpoch(),
              "of " + r.params().getOrDefault("training.epochs", Tables.NONE)));
    }
    return tiles;
  }

  private static Tile tile(String name, Estimate e, String live) {
    return new Tile(name, Text.of(e), Text.interval(e), live);
  }

  /** What pictures of cases show, or why there are none. */
  private static String aboutPictures(Run r) {
    if (r.pictures().isEmpty()) {
      return "There are no pictures of cases: covid:validate makes them of as many as"
          + " covid.report.cases says.";
    }
    boolean saliency = r.pictures().values().stream().anyMatch(p -> p.saliency() != null);
    return "Pictures of "
        + r.pictures().size()
        + " cases show "
        + Montage.SLICES
        + " axial slices of what the network saw, from head to foot, the patient's right at the"
        + " left. "
        + (saliency
            ? "Saliency is Grad-CAM for COVID, from red to yellow, scaled to each case's greatest:"
                + " where the model looks, not where disease is. In a case without colour nothing"
                + " speaks for COVID."
            : "With covid.saliency=true covid:validate adds what speaks for COVID in the model's"
                + " eyes.");
  }

  private static Section evaluation(Run r) {
    return new Section(
        "evaluation",
        "Evaluation",
        "",
        Charts.evaluation(r),
        List.of(Tables.figures(r.evaluation()), Tables.confusion(r.evaluation().confusion())));
  }

  private static Section notEvaluated() {
    return new Section(
        "evaluation",
        "Evaluation",
        "The run's model was not evaluated: covid:validate does it.",
        List.of(),
        List.of());
  }

  private static Section provenance(Run r) {
    if (r.origin() == null) {
      return new Section(
          "provenance", "Provenance", "The run left no provenance.", List.of(), List.of());
    }
    return new Section(
        "provenance",
        "Provenance",
        "",
        List.of(),
        List.of(
            Tables.values("Made with", Tables.made(r.origin())).shown(), Tables.data(r.origin())));
  }
}
