package org.covidmmar.report;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import org.covidmmar.evaluation.ConfusionMatrix;
import org.covidmmar.evaluation.Estimate;
import org.covidmmar.evaluation.Evaluation;
import org.covidmmar.evaluation.ScoredCase;
import org.covidmmar.provenance.Provenance;
import org.covidmmar.report.Table.Column;

/** The tables of runs. */
final class Tables {
  /** What is shown where a run has no such value. */
  static final String NONE = "–";

  private Tables() {}

  static Table figures(Evaluation e) {
    Table.Builder table =
        new Table.Builder(
            e.n() + " labelled cases, threshold " + e.threshold(),
            List.of(Column.text("figure"), Column.number("value"), Column.number("95 % interval")));
    figure(table, "AUC", e.auc());
    figure(table, "accuracy", e.accuracy());
    figure(table, "sensitivity", e.sensitivity());
    figure(table, "specificity", e.specificity());
    figure(table, "PPV", e.ppv());
    figure(table, "NPV", e.npv());
    figure(table, "F1", e.f1());
    figure(table, "Brier score", e.brier());
    figure(table, "cross entropy", e.loss());
    return table.shown();
  }

  private static void figure(Table.Builder table, String name, Estimate e) {
    table.row(name, Text.of(e), Text.interval(e));
  }

  static Table confusion(ConfusionMatrix c) {
    return new Table.Builder(
            "Confusion matrix",
            List.of(
                Column.text("label"),
                Column.number("called non-COVID"),
                Column.number("called COVID")))
        .row("non-COVID", Integer.toString(c.tn()), Integer.toString(c.fp()))
        .row("COVID", Integer.toString(c.fn()), Integer.toString(c.tp()))
        .shown();
  }

  /** The cases, the one furthest from its label first; those without a label last. */
  static Table cases(List<ScoredCase> cases, float threshold) {
    Table.Builder table =
        new Table.Builder(
            cases.size() + " cases, the largest error first",
            List.of(
                Column.text("case"),
                Column.text("label"),
                Column.text("called"),
                Column.number("probability of COVID"),
                Column.number("error"),
                Column.text("image")));
    cases.stream()
        .sorted(
            Comparator.comparingDouble((ScoredCase c) -> c.label() == null ? 1 : -error(c))
                .thenComparing(ScoredCase::id))
        .forEach(
            c -> {
              int called = c.predicted(threshold);
              boolean wrong = c.label() != null && c.label() != called;
              table.row(
                  wrong,
                  List.of(
                      c.id(),
                      c.label() == null ? "unknown" : name(c.label()),
                      name(called) + (wrong ? ", wrong" : ""),
                      Text.of(c.pCovid()),
                      c.label() == null ? NONE : Text.of(error(c)),
                      c.image()));
            });
    return table.shown();
  }

  private static double error(ScoredCase c) {
    return Math.abs((double) c.pCovid() - c.label());
  }

  private static String name(int label) {
    return label == 1 ? "COVID" : "non-COVID";
  }

  /**
   * Runs side by side: the parameters in which they differ, and how well they do.
   *
   * @param marked the run that the page is about; null where it is about all
   */
  static Table runs(List<Run> runs, Run marked) {
    List<String> differing = differing(runs.stream().map(Run::params).toList());
    List<Column> columns = new ArrayList<>();
    columns.add(Column.text("run"));
    columns.add(Column.number("started (UTC)"));
    columns.add(Column.text("status"));
    differing.forEach(name -> columns.add(Column.number(name)));
    columns.add(Column.number("AUC"));
    columns.add(Column.number("95 % interval"));
    columns.add(Column.number("sensitivity"));
    columns.add(Column.number("specificity"));
    columns.add(Column.number("best epoch"));
    columns.add(Column.number("val/auc there"));
    Table.Builder table =
        new Table.Builder("Runs, with the parameters in which they differ", columns);
    for (Run run : runs) {
      List<String> cells = new ArrayList<>();
      cells.add(run.label());
      cells.add(Text.minute(run.meta().start()));
      cells.add(status(run));
      differing.forEach(name -> cells.add(run.params().getOrDefault(name, NONE)));
      Evaluation e = run.evaluation();
      cells.add(e == null ? NONE : Text.of(e.auc()));
      cells.add(e == null ? NONE : Text.interval(e.auc()));
      cells.add(e == null ? NONE : Text.of(e.sensitivity()));
      cells.add(e == null ? NONE : Text.of(e.specificity()));
      cells.add(Objects.requireNonNullElse(run.bestEpoch(), NONE));
      Double atBest = run.atBestEpoch("val/auc");
      cells.add(atBest == null ? NONE : Text.of(atBest));
      table.row(run.equals(marked), cells);
    }
    return table.shown();
  }

  static String status(Run run) {
    return switch (run.meta().status()) {
      case RUNNING -> "running, or killed";
      case FINISHED -> "finished";
      case FAILED -> "failed";
      case KILLED -> "killed";
    };
  }

  /** The names whose values are not the same everywhere. */
  private static List<String> differing(List<SortedMap<String, String>> maps) {
    return names(maps).stream()
        .filter(name -> maps.stream().map(m -> m.get(name)).distinct().count() > 1)
        .toList();
  }

  private static SortedSet<String> names(List<SortedMap<String, String>> maps) {
    SortedSet<String> names = new TreeSet<>();
    maps.forEach(map -> names.addAll(map.keySet()));
    return names;
  }

  /** What runs share. */
  static Table common(String caption, List<SortedMap<String, String>> maps) {
    TreeMap<String, String> common = new TreeMap<>(maps.get(0));
    differing(maps).forEach(common::remove);
    return values(caption, common).folded();
  }

  /** In what runs differ, a line each; empty where they do not. */
  static Optional<Table> differences(
      String caption, List<Run> runs, List<SortedMap<String, String>> maps) {
    List<String> differing = differing(maps);
    List<Column> columns = new ArrayList<>();
    columns.add(Column.text("run"));
    differing.forEach(name -> columns.add(Column.text(name)));
    Table.Builder table = new Table.Builder(caption, columns);
    for (int i = 0; i < runs.size(); i++) {
      List<String> cells = new ArrayList<>(List.of(runs.get(i).label()));
      for (String name : differing) {
        cells.add(maps.get(i).getOrDefault(name, NONE));
      }
      table.row(false, cells);
    }
    return differing.isEmpty() ? Optional.empty() : Optional.of(table.shown());
  }

  static Table.Builder values(String caption, SortedMap<String, String> values) {
    Table.Builder table =
        new Table.Builder(caption, List.of(Column.text("name"), Column.text("value")));
    values.forEach((name, value) -> table.row(name, value));
    return table;
  }

  /** Versions, machine and commit, by name. */
  static SortedMap<String, String> made(Run.Origin origin) {
    TreeMap<String, String> values = new TreeMap<>();
    if (origin == null) {
      return values;
    }
    values.putAll(origin.software());
    Provenance.Hardware h = origin.hardware();
    values.put("processor", h.cpu());
    values.put("cores", Integer.toString(h.cores()));
    values.put("threads", Integer.toString(h.threads()));
    values.put("device", h.device());
    h.environment().forEach(values::put);
    values.put("commit", origin.source() == null ? "in no git checkout" : origin.source().commit());
    if (origin.source() != null && !origin.source().dirty().isEmpty()) {
      values.put("changed since the commit", String.join(", ", origin.source().dirty()));
    }
    return values;
  }

  /** How many cases of which class each list has. */
  static Table data(Run.Origin origin) {
    TreeMap<String, int[]> counts = new TreeMap<>();
    for (Provenance.CaseFingerprint c : origin.data()) {
      counts.computeIfAbsent(c.list(), k -> new int[3])[c.label() == null ? 2 : c.label()]++;
    }
    Table.Builder table =
        new Table.Builder(
            "Data; the SHA-256 of every file is in provenance.json",
            List.of(
                Column.text("list"),
                Column.number("COVID"),
                Column.number("non-COVID"),
                Column.number("no label")));
    counts.forEach(
        (list, n) ->
            table.row(
                list, Integer.toString(n[1]), Integer.toString(n[0]), Integer.toString(n[2])));
    return table.shown();
  }
}
