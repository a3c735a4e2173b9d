package org.covidmmar.report;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.covidmmar.CovidException;
import org.covidmmar.evaluation.PairedDeLong;
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
      charts.add(
          Charts.rocOf(
              drawable.stream().map(Run::scores).toList(), "Of " + drawable.size() + " runs"));
    }
    for (String metric : METRICS) {
      Chart chart = Charts.metricOf(metric, runs);
      if (!chart.series().isEmpty()) {
        charts.add(chart);
      }
    }
    sections.add(new Section("curves", "Curves", "", charts, List.of()));
    pairs(runs).ifPresent(sections::add);
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
  private static Optional<Section> pairs(List<Run> runs) {
    List<Scores> evaluated = runs.stream().filter(Run::evaluated).map(Run::scores).toList();
    if (evaluated.isEmpty()) {
      return Optional.empty();
    }
    Scores first = evaluated.get(0);
    List<Scores> others =
        evaluated.subList(1, evaluated.size()).stream()
            .filter(other -> PairedDeLong.isPaired(first.cases(), other.cases()))
            .toList();
    return others.isEmpty() ? Optional.empty() : Optional.of(pairs(first, others));
  }

  private static Section pairs(Scores first, List<Scores> others) {
    return new Section(
        "pairs",
        "Case by case",
        "",
        others.stream().limit(MOST_PAIRS).map(other -> Charts.paired(first, other)).toList(),
        List.of(Tables.areas(first, others)));
  }

  /**
   * Writes a page about two scores of the same cases.
   *
   * @param text what they are of, a sentence or two
   * @param made how they came to be, by name
   * @param html where the page goes
   */
  public static void write(
      String title,
      String text,
      Scores first,
      Scores second,
      SortedMap<String, String> made,
      Path html) {
    List<Section> sections = new ArrayList<>();
    if (first.auc().value() != null) {
      Chart roc = Charts.rocOf(List.of(first, second), "Of the same cases");
      sections.add(new Section("curves", "Curves", text, List.of(roc), List.of()));
    }
    sections.add(pairs(first, List.of(second)));
    sections.add(section("made", "How it was made", List.of(Tables.values("", made).shown())));
    List<Tile> tiles =
        Stream.of(first, second)
            .map(
                scores ->
                    Tile.of(
                        "AUC, " + scores.label(),
                        Text.of(scores.auc()),
                        Text.interval(scores.auc())))
            .toList();
    new Page(title, text, tiles, null, sections).write(html);
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
