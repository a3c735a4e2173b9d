package org.covidmmar.experiment;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import org.covidmmar.AtomicFiles;
import org.covidmmar.Csv;
import org.covidmmar.config.Grid;
import org.covidmmar.config.Setting;
import org.covidmmar.evaluation.Estimate;
import org.covidmmar.evaluation.Evaluation;
import org.covidmmar.evaluation.SampleMean;
import org.covidmmar.report.Comparison;

/**
 * What came of a sweep, as files and as tables: all points, and where seeds were swept, the mean
 * over them.
 *
 * @param results in the order of the grid's points
 */
record SweepReport(Grid grid, List<SweepResult> results) {
  private static final Map<String, Function<Evaluation, Estimate>> OVER_SEEDS = overSeeds();

  private static Map<String, Function<Evaluation, Estimate>> overSeeds() {
    Map<String, Function<Evaluation, Estimate>> figures = new LinkedHashMap<>();
    figures.put("auc", Evaluation::auc);
    figures.put("accuracy", Evaluation::accuracy);
    return figures;
  }

  /** Writes sweep.csv and, where seeds were swept, summary.csv. */
  void write(Path folder) {
    AtomicFiles.writeString(folder.resolve("sweep.csv"), pointsCsv());
    Path summary = folder.resolve("summary.csv");
    if (grid.has(Setting.SEED)) {
      AtomicFiles.writeString(summary, summaryCsv());
    } else {
      delete(summary);
    }
  }

  /** Writes report.html about the runs, where there are any. */
  void writeComparison(Path folder) {
    List<Path> runs = results.stream().map(SweepResult::run).filter(Objects::nonNull).toList();
    Path html = folder.resolve("report.html");
    if (runs.isEmpty()) {
      delete(html);
    } else {
      Comparison.write(runs, html);
    }
  }

  /** An earlier sweep's would be taken for this one's. */
  private static void delete(Path file) {
    try {
      Files.deleteIfExists(file);
    } catch (IOException e) {
      throw AtomicFiles.unwritable(file, e);
    }
  }

  private String pointsCsv() {
    List<String> header =
        new ArrayList<>(axes(grid.axes().stream().map(Grid.Axis::setting).toList()));
    header.addAll(List.of("best_epoch", "auc", "auc_low", "auc_high", "accuracy", "sensitivity"));
    header.addAll(List.of("specificity", "run", "state", "failure"));
    StringBuilder csv = new StringBuilder(Csv.line(header));
    for (SweepResult r : results) {
      List<String> cells = new ArrayList<>(r.point().values().values());
      cells.add(r.bestEpoch());
      Evaluation e = r.evaluation();
      cells.add(e == null ? "" : number(e.auc().value()));
      cells.add(e == null ? "" : number(e.auc().low()));
      cells.add(e == null ? "" : number(e.auc().high()));
      cells.add(e == null ? "" : number(e.accuracy().value()));
      cells.add(e == null ? "" : number(e.sensitivity().value()));
      cells.add(e == null ? "" : number(e.specificity().value()));
      cells.add(r.runId());
      cells.add(r.state().toString());
      cells.add(r.failure() == null ? "" : r.failure().getMessage().replaceAll("\\s+", " "));
      csv.append(Csv.line(cells));
    }
    return csv.toString();
  }

  private String summaryCsv() {
    List<Setting> others =
        grid.axes().stream().map(Grid.Axis::setting).filter(s -> s != Setting.SEED).toList();
    List<String> header = new ArrayList<>(axes(others));
    header.addAll(List.of("figure", "n", "mean", "sd", "low", "high"));
    StringBuilder csv = new StringBuilder(Csv.line(header));
    bySeeds()
        .forEach(
            (point, group) ->
                OVER_SEEDS.forEach(
                    (name, figure) -> {
                      List<String> cells = new ArrayList<>(point.values().values());
                      cells.add(name);
                      SampleMean m = mean(group, figure);
                      cells.add(m == null ? "0" : Integer.toString(m.n()));
                      cells.add(m == null ? "" : number(m.mean()));
                      cells.add(m == null ? "" : number(m.sd()));
                      cells.add(m == null ? "" : number(m.low()));
                      cells.add(m == null ? "" : number(m.high()));
                      csv.append(Csv.line(cells));
                    }));
    return csv.toString();
  }

  private static List<String> axes(List<Setting> settings) {
    return settings.stream().map(Setting::shortName).toList();
  }

  /** Points that differ in nothing but the seed. */
  private Map<Grid.Point, List<SweepResult>> bySeeds() {
    Map<Grid.Point, List<SweepResult>> groups = new LinkedHashMap<>();
    for (SweepResult r : results) {
      groups.computeIfAbsent(r.point().without(Setting.SEED), p -> new ArrayList<>()).add(r);
    }
    return groups;
  }

  /** The mean of a figure where it is defined; null where it never is. */
  private static SampleMean mean(List<SweepResult> group, Function<Evaluation, Estimate> figure) {
    List<Double> values =
        group.stream()
            .map(SweepResult::evaluation)
            .filter(Objects::nonNull)
            .map(e -> figure.apply(e).value())
            .filter(Objects::nonNull)
            .toList();
    return values.isEmpty() ? null : SampleMean.of(values);
  }

  /** The same to be read on a screen. */
  List<Message.Table> tables() {
    return grid.has(Setting.SEED) ? List.of(points(), summary()) : List.of(points());
  }

  private Message.Table points() {
    List<List<String>> rows = new ArrayList<>();
    for (SweepResult r : results) {
      Evaluation e = r.evaluation();
      rows.add(
          List.of(
              r.point().name(),
              r.bestEpoch(),
              e == null ? "" : text(e.auc().value()),
              e == null ? "" : interval(e.auc().low(), e.auc().high()),
              e == null ? "" : text(e.accuracy().value()),
              e == null ? "" : text(e.sensitivity().value()),
              e == null ? "" : text(e.specificity().value()),
              r.runId(),
              r.state().toString()));
    }
    return new Message.Table(
        "sweep "
            + grid.id()
            + ": "
            + results.size()
            + " points; research use only, not for diagnosis",
        List.of(
            "point",
            "best epoch",
            "AUC",
            "95 % interval",
            "accuracy",
            "sensitivity",
            "specificity",
            "run",
            "state"),
        rows);
  }

  private Message.Table summary() {
    List<List<String>> rows = new ArrayList<>();
    bySeeds()
        .forEach(
            (point, group) -> {
              SampleMean auc = mean(group, Evaluation::auc);
              SampleMean accuracy = mean(group, Evaluation::accuracy);
              List<String> row = new ArrayList<>();
              row.add(point.values().isEmpty() ? "all" : point.name());
              row.add((accuracy == null ? 0 : accuracy.n()) + " of " + group.size());
              row.addAll(cells(auc));
              row.addAll(cells(accuracy));
              rows.add(row);
            });
    return new Message.Table(
        "mean over seeds, with Student's 95 % interval",
        List.of("point", "seeds", "AUC", "sd", "interval", "accuracy", "sd", "interval"), rows);
  }

  private static List<String> cells(SampleMean m) {
    return m == null
        ? List.of("", "", "")
        : List.of(text(m.mean()), text(m.sd()), interval(m.low(), m.high()));
  }

  private static String interval(Double low, Double high) {
    return low == null ? "" : text(low) + " to " + text(high);
  }

  private static String text(Double value) {
    return value == null ? "" : String.format(Locale.ROOT, "%.4f", value);
  }

  private static String number(Double value) {
    return value == null ? "" : value.toString();
  }
}
