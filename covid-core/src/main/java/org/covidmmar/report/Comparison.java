package org.covidmmar.report;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.stream.Collectors;
import org.covidmmar.CovidException;
import org.covidmmar.evaluation.ScoredCase;
import org.covidmmar.report.Page.Section;
import org.covidmmar.report.Page.Tile;

/** A page about several runs: in what they differ, and which does best. */
public final class Comparison {
  private static final List<String> METRICS = List.of("val/auc", "val/loss", "train/loss");

  private Comparison() {}

  /**
   * Writes the comparison.
   *
   * @param folders of the runs, in the order of the page; at least one
   * @param html where the page goes
   * @throws CovidException where a run can't be read
   */
  public static void write(List<Path> folders, Path html) {
    List<Run> runs = folders.stream().map(Run::read).toList();
    List<Section> sections = new ArrayList<>();
    sections.add(
        new Section("runs", "Runs", remark(runs), List.of(), List.of(Tables.runs(runs, null))));
    List<Chart> charts = new ArrayList<>();
    List<Run> drawable =
        runs.stream().filter(r -> r.evaluated() && r.evaluation().auc().value() != null).toList();
    if (!drawable.isEmpty()) {
      charts.add(Charts.rocOf(drawable));
    }
    for (String metric : METRICS) {
      Chart chart = Charts.metricOf(metric, runs);
      if (!chart.series().isEmpty()) {
        charts.add(chart);
      }
    }
    sections.add(new Section("curves", "Curves", "", charts, List.of()));
    List<SortedMap<String, String>> params = runs.stream().map(Run::params).toList();
    sections.add(
        section(
            "configuration",
            "Configuration",
            List.of(Tables.common("Parameters that all runs share", params))));
    List<SortedMap<String, String>> made = runs.stream().map(r -> Tables.made(r.origin())).toList();
    List<Table> provenance = new ArrayList<>();
    Tables.differences("In what the runs differ", runs, made).ifPresent(provenance::add);
    provenance.add(Tables.common("What all runs share", made));
    sections.add(section("provenance", "Provenance", provenance));
    String experiments =
        runs.stream().map(r -> r.meta().experiment()).distinct().collect(Collectors.joining(", "));
    new Page(runs.size() + " runs", "Of " + experiments, tiles(drawable), sections).write(html);
  }

  private static Section section(String id, String title, List<Table> tables) {
    return new Section(id, title, "", List.of(), tables);
  }

  private static List<Tile> tiles(List<Run> drawable) {
    return drawable.stream()
        .max((a, b) -> Double.compare(auc(a), auc(b)))
        .map(
            best ->
                List.of(
                    new Tile(
                        "largest AUC", Text.of(best.evaluation().auc()), "of " + best.label())))
        .orElse(List.of());
  }

  private static double auc(Run run) {
    return run.evaluation().auc().value();
  }

  /** What must be known before figures of these runs are compared; empty where nothing must. */
  static String remark(List<Run> runs) {
    long sets =
        runs.stream()
            .filter(Run::evaluated)
            .map(run -> run.cases().stream().map(ScoredCase::id).collect(Collectors.toSet()))
            .distinct()
            .count();
    return sets > 1
        ? "The runs were evaluated on different cases: their figures cannot be compared."
        : "";
  }
}
