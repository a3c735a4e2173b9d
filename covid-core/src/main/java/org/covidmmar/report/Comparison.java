package org.covidmmar.report;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.SortedMap;
import java.util.stream.Collectors;
import org.covidmmar.CovidException;
import org.covidmmar.evaluation.ScoredCase;
import org.covidmmar.report.Page.Section;
import org.covidmmar.report.Page.Tile;

/** A page about several runs: in what they differ, and which does best. */
public final class Comparison {
  private static final List<String> METRICS = List.of("val/auc", "val/loss", "train/loss");

  private static final int MOST_PAIRS = 6;

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
    List<Chart> pairs = pairs(runs);
    if (!pairs.isEmpty()) {
      sections.add(new Section("pairs", "Case by case", "", pairs, List.of()));
    }
    List<SortedMap<String, String>> params = runs.stream().map(Run::params).toList();
    List<Table> configuration = new ArrayList<>();
    Tables.differingParams(runs).ifPresent(configuration::add);
    configuration.add(Tables.common("Parameters that all runs share", params));
    sections.add(section("configuration", "Configuration", configuration));
    List<SortedMap<String, String>> made = runs.stream().map(r -> Tables.made(r.origin())).toList();
    List<Table> provenance = new ArrayList<>();
    Tables.differences("In what the runs differ", runs, made).ifPresent(provenance::add);
    provenance.add(Tables.common("What all runs share", made));
    sections.add(section("provenance", "Provenance", provenance));
    String experiments =
        runs.stream().map(r -> r.meta().experiment()).distinct().collect(Collectors.joining(", "));
    new Page(runs.size() + " runs", "Of " + experiments, tiles(drawable), null, sections)
        .write(html);
  }

  /** The first evaluated run beside the others that were evaluated on the same cases. */
  private static List<Chart> pairs(List<Run> runs) {
    List<Run> evaluated = runs.stream().filter(Run::evaluated).toList();
    if (evaluated.isEmpty()) {
      return List.of();
    }
    Run first = evaluated.get(0);
    return evaluated.subList(1, evaluated.size()).stream()
        .filter(run -> ids(run).equals(ids(first)))
        .limit(MOST_PAIRS)
        .map(run -> Charts.paired(first, run))
        .toList();
  }

  private static Set<String> ids(Run run) {
    return run.cases().stream().map(ScoredCase::id).collect(Collectors.toSet());
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
                    Tile.of("largest AUC", Text.of(best.evaluation().auc()), "of " + best.label())))
        .orElse(List.of());
  }

  private static double auc(Run run) {
    return run.evaluation().auc().value();
  }

  /** What must be known before figures of these runs are compared; empty where nothing must. */
  static String remark(List<Run> runs) {
    long sets = runs.stream().filter(Run::evaluated).map(Comparison::ids).distinct().count();
    return sets > 1
        ? "The runs were evaluated on different cases: their figures cannot be compared."
        : "";
  }
}
