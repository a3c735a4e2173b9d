package org.covidmmar.report;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.IntStream;
import org.covidmmar.evaluation.ConfusionMatrix;
import org.covidmmar.evaluation.Estimate;
import org.covidmmar.evaluation.Evaluation;
import org.covidmmar.evaluation.EvaluationFiles;
import org.covidmmar.evaluation.PairedDeLong;
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
            e.n() + " labelled cases",
            List.of(Column.text("figure"), Column.number("value"), Column.number("95 % interval")));
    table.row(
        false,
        List.of("threshold", EvaluationFiles.shortest(e.threshold()), ""),
        row -> row.live(1, "threshold"));
    figure(table, "accuracy", e.accuracy(), "accuracy");
    figure(table, "sensitivity", e.sensitivity(), "sensitivity");
    figure(table, "specificity", e.specificity(), "specificity");
    figure(table, "PPV", e.ppv(), "ppv");
    figure(table, "NPV", e.npv(), "npv");
    figure(table, "F1", e.f1(), "f1");
    figure(table, "AUC", e.auc(), null);
    figure(table, "Brier score", e.brier(), null);
    figure(table, "cross entropy", e.loss(), null);
    return table.shown();
  }

  private static void figure(Table.Builder table, String name, Estimate e, String live) {
    table.row(
        false,
        List.of(name, Text.of(e), Text.interval(e)),
        row -> live == null ? row : row.live(1, live).live(2, live + "-interval"));
  }

  static Table confusion(ConfusionMatrix c) {
    Table.Builder table =
        new Table.Builder(
            "Confusion matrix",
            List.of(
                Column.text("label"),
                Column.number("called non-COVID"),
                Column.number("called COVID")));
    counts(table, "non-COVID", c.tn(), "tn", c.fp(), "fp");
    counts(table, "COVID", c.fn(), "fn", c.tp(), "tp");
    return table.shown();
  }

  private static void counts(
      Table.Builder table, String label, int negative, String left, int positive, String right) {
    table.row(
        false,
        List.of(label, Integer.toString(negative), Integer.toString(positive)),
        row -> row.live(1, left).live(2, right));
  }

  /**
   * The cases, the one furthest from its label first; those without a label last.
   *
   * @param pictures by case
   */
  static Table cases(List<ScoredCase> cases, float threshold, Map<String, Layers> pictures) {
    Table.Builder table =
        new Table.Builder(
            cases.size() + " cases",
            List.of(
                Column.text("case"),
                Column.text("label"),
                Column.text("called"),
                Column.number("probability of COVID"),
                Column.number("error").descending(),
                Column.text("image")));
    IntStream.range(0, cases.size())
        .boxed()
        .sorted(Comparator.comparing(cases::get, ScoredCase.LARGEST_ERROR_FIRST))
        .forEach(
            i -> {
              ScoredCase c = cases.get(i);
              int called = c.predicted(threshold);
              boolean wrong = c.label() != null && c.label() != called;
              table.row(
                  wrong,
                  List.of(
                      c.id(),
                      name(c.label()),
                      name(called) + (wrong ? ", wrong" : ""),
                      Text.of(c.pCovid()),
                      c.label() == null ? NONE : Text.of(c.error()),
                      c.image()),
                  row -> row.about(i, pictures.get(c.id())).live(2, "called"));
            });
    return table.sortable();
  }

  static String name(Integer label) {
    return label == null ? "unknown" : label == 1 ? "COVID" : "non-COVID";
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

  /** Areas under the ROC curve beside the first one, of scores of the same cases. */
  static Table areas(Scores first, List<Scores> others) {
    Table.Builder table =
        new Table.Builder(
            "AUC beside that of %s, %s (%s); paired test of DeLong"
                .formatted(first.label(), Text.of(first.auc()), Text.interval(first.auc())),
            List.of(
                Column.text("of"),
                Column.number("AUC"),
                Column.number("95 % interval"),
                Column.number("difference"),
                Column.number("95 % interval"),
                Column.number("z"),
                Column.number("p")));
    for (Scores other : others) {
      PairedDeLong test = PairedDeLong.of(first.cases(), other.cases());
      table.row(
          other.label(),
          Text.of(test.second()),
          Text.interval(test.second()),
          Text.of(test.difference()),
          Text.interval(test.difference()),
          test.z() == null ? NONE : Text.of(test.z()),
          test.p() == null ? NONE : Text.of(test.p()));
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

  /**
   * The parameters in which runs differ, a line each; values that are not the first run's are seen
   * as differing. Empty where there are none.
   */
  static Optional<Table> differingParams(List<Run> runs) {
    List<SortedMap<String, String>> params = runs.stream().map(Run::params).toList();
    List<Column> columns = new ArrayList<>(List.of(Column.text("parameter")));
    runs.forEach(run -> columns.add(Column.text(run.label())));
    Table.Builder table =
        new Table.Builder(
            "Parameters in which the runs differ, marked where not as the first", columns);
    List<String> differing = differing(params);
    for (String name : differing) {
      List<String> values = params.stream().map(p -> p.getOrDefault(name, NONE)).toList();
      List<String> texts = new ArrayList<>(List.of(name));
      texts.addAll(values);
      table.row(
          false,
          texts,
          row -> {
            Table.Row marked = row;
            for (int i = 1; i < values.size(); i++) {
              marked = values.get(i).equals(values.get(0)) ? marked : marked.differing(i + 1);
            }
            return marked;
          });
    }
    return differing.isEmpty() ? Optional.empty() : Optional.of(table.shown());
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
