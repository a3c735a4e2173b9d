package org.covidmmar.report;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.DoubleSummaryStatistics;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import org.covidmmar.evaluation.Calibration;
import org.covidmmar.evaluation.PrecisionRecall;
import org.covidmmar.evaluation.RocCurve;
import org.covidmmar.evaluation.ScoredCase;

/** The charts of an evaluation and of a training. */
final class Charts {
  private static final int CALIBRATION_BINS = 10;
  private static final Set<String> FIRST = Set.of("loss", "auc", "accuracy");
  private static final String AT_THRESHOLD = "at the threshold";

  private Charts() {}

  /** Those that the evaluated cases allow. */
  static List<Chart> evaluation(Run run) {
    RocCurve roc = run.roc();
    List<Chart> charts = new ArrayList<>();
    if (roc.positives() > 0 && roc.negatives() > 0) {
      charts.add(roc(run, roc));
      charts.add(precisionRecall(run, roc));
    }
    charts.add(calibration(run));
    return charts;
  }

  private static Chart roc(Run run, RocCurve roc) {
    String auc = Text.of(run.evaluation().auc());
    String interval = Text.interval(run.evaluation().auc());
    Chart.Series operating =
        Chart.Series.of(
            AT_THRESHOLD,
            Chart.Kind.ROC_THRESHOLD,
            List.of(
                new double[] {
                  1 - run.evaluation().specificity().value(), run.evaluation().sensitivity().value()
                }));
    return rocChart(
        "AUC " + auc + " (" + interval + ")",
        List.of(Chart.Series.of("model", Chart.Kind.LINE, points(roc)), operating));
  }

  /** The ROC curves of several scores, each of cases of both classes, in one chart. */
  static Chart rocOf(List<Scores> all, String description) {
    return rocChart(
        description,
        all.stream()
            .map(
                scores ->
                    Chart.Series.of(
                        scores.label() + ", AUC " + Text.of(scores.auc()),
                        Chart.Kind.LINE,
                        points(scores.roc())))
            .toList());
  }

  private static Chart rocChart(String description, List<Chart.Series> series) {
    List<Chart.Series> all = new ArrayList<>(series);
    all.add(Chart.reference("chance", 0, 0, 1, 1));
    return new Chart(
        "ROC curve",
        description,
        Chart.Axis.unit("false positive rate (1 - specificity)"),
        Chart.Axis.unit("true positive rate (sensitivity)"),
        all);
  }

  private static List<double[]> points(RocCurve roc) {
    return roc.points().stream()
        .map(
            p ->
                new double[] {
                  roc.falsePositiveRate(p).orElseThrow(), roc.truePositiveRate(p).orElseThrow()
                })
        .toList();
  }

  private static Chart precisionRecall(Run run, RocCurve roc) {
    PrecisionRecall curve = PrecisionRecall.of(roc);
    List<double[]> points = new ArrayList<>();
    points.add(new double[] {0, curve.points().get(0).precision()});
    curve.points().forEach(p -> points.add(new double[] {p.recall(), p.precision()}));
    List<Chart.Series> series = new ArrayList<>();
    series.add(Chart.Series.of("model", Chart.Kind.STEP, points));
    Double ppv = run.evaluation().ppv().value();
    series.add(
        Chart.Series.of(
            AT_THRESHOLD,
            Chart.Kind.PR_THRESHOLD,
            ppv == null
                ? List.of()
                : List.of(new double[] {run.evaluation().sensitivity().value(), ppv})));
    series.add(Chart.reference("prevalence", 0, curve.prevalence(), 1, curve.prevalence()));
    return new Chart(
        "Precision and recall",
        "Average precision "
            + Text.of(curve.averagePrecision())
            + ", prevalence "
            + Text.of(curve.prevalence()),
        Chart.Axis.unit("recall (sensitivity)"),
        Chart.Axis.unit("precision (PPV)"),
        series);
  }

  /** The probabilities that two models gave the same cases, one against the other. */
  static Chart paired(Scores x, Scores y) {
    Map<String, ScoredCase> ofY = new HashMap<>();
    y.cases().forEach(c -> ofY.put(c.id(), c));
    List<Chart.Series> series = new ArrayList<>();
    for (Integer label : Arrays.asList(1, 0, null)) {
      List<ScoredCase> cases =
          x.cases().stream().filter(c -> Objects.equals(c.label(), label)).toList();
      if (!cases.isEmpty()) {
        series.add(
            Chart.Series.labelled(
                Tables.name(label),
                Chart.Kind.POINTS,
                cases.stream()
                    .map(c -> new double[] {c.pCovid(), ofY.get(c.id()).pCovid()})
                    .toList(),
                cases.stream().map(ScoredCase::id).toList()));
      }
    }
    series.add(Chart.reference("the same", 0, 0, 1, 1));
    return new Chart(
        "Case by case",
        "Probability of COVID from both; a case above the line got more from " + y.label(),
        Chart.Axis.unit(x.label()),
        Chart.Axis.unit(y.label()),
        series);
  }

  private static Chart calibration(Run run) {
    Calibration calibration = Calibration.of(run.cases(), CALIBRATION_BINS);
    List<double[]> means = new ArrayList<>();
    List<double[]> intervals = new ArrayList<>();
    for (Calibration.Bin bin : calibration.bins()) {
      means.add(new double[] {bin.probability(), bin.positives().value()});
      intervals.add(new double[] {bin.probability(), bin.positives().low()});
      intervals.add(new double[] {bin.probability(), bin.positives().high()});
    }
    return new Chart(
        "Calibration",
        "Brier score "
            + Text.of(run.evaluation().brier())
            + "; cases in "
            + CALIBRATION_BINS
            + " bins of probability, with 95 % intervals",
        Chart.Axis.unit("mean probability of COVID"),
        Chart.Axis.unit("share of COVID cases"),
        List.of(
            Chart.Series.of("model", Chart.Kind.POINTS, means),
            Chart.Series.of("95 % interval", Chart.Kind.INTERVALS, intervals),
            Chart.reference("perfect", 0, 0, 1, 1)));
  }

  /** A chart for each kind of metric: train/loss and val/loss share one. */
  static List<Chart> training(Run run) {
    TreeMap<String, SortedMap<String, SortedMap<Integer, Double>>> kinds =
        new TreeMap<>(
            Comparator.comparingInt((String kind) -> FIRST.contains(kind) ? 0 : 1)
                .thenComparing(kind -> kind));
    run.metrics()
        .forEach(
            (name, values) -> {
              // How busy the machine was says nothing of the model.
              if (!name.startsWith("system/")) {
                kinds
                    .computeIfAbsent(
                        name.substring(name.lastIndexOf('/') + 1), k -> new TreeMap<>())
                    .put(name, values);
              }
            });
    List<Chart> charts = new ArrayList<>();
    kinds.forEach(
        (kind, metrics) -> {
          List<Chart.Series> series = new ArrayList<>();
          metrics.forEach((name, values) -> series.add(byEpoch(name, values)));
          charts.add(byEpoch(kind.replace('_', ' '), last(metrics), series));
        });
    return charts;
  }

  private static String last(Map<String, SortedMap<Integer, Double>> metrics) {
    List<String> texts = new ArrayList<>();
    metrics.forEach(
        (name, values) -> {
          if (!values.isEmpty()) {
            texts.add(name + " " + Text.of(values.get(values.lastKey())));
          }
        });
    return "At the end: " + String.join(", ", texts);
  }

  /** A metric of several runs in one chart. */
  static Chart metricOf(String metric, List<Run> runs) {
    List<Chart.Series> series = new ArrayList<>();
    for (Run run : runs) {
      if (run.metrics().containsKey(metric)) {
        series.add(byEpoch(run.label(), run.metrics().get(metric)));
      }
    }
    return byEpoch(metric, "Of " + series.size() + " runs", series);
  }

  private static Chart byEpoch(String title, String description, List<Chart.Series> series) {
    DoubleSummaryStatistics epochs = statistics(series, 0);
    Chart.Axis x =
        epochs.getMin() < epochs.getMax()
            ? new Chart.Axis("epoch", epochs.getMin(), epochs.getMax())
            : Chart.Axis.of("epoch");
    DoubleSummaryStatistics values = statistics(series, 1);
    // Fitted to a single value the axis would show shares below 0 or above 1.
    boolean constantShare =
        values.getMin() == values.getMax() && values.getMin() >= 0 && values.getMax() <= 1;
    Chart.Axis y = constantShare ? Chart.Axis.unit(title) : Chart.Axis.of(title);
    return new Chart(title, description, x, y, series);
  }

  private static DoubleSummaryStatistics statistics(List<Chart.Series> series, int coordinate) {
    return series.stream()
        .flatMap(s -> s.points().stream())
        .mapToDouble(p -> p.get(coordinate).doubleValue())
        .summaryStatistics();
  }

  private static Chart.Series byEpoch(String name, SortedMap<Integer, Double> values) {
    List<double[]> points = new ArrayList<>();
    values.forEach(
        (epoch, value) -> {
          if (Double.isFinite(value)) {
            points.add(new double[] {epoch, value});
          }
        });
    return Chart.Series.of(name, Chart.Kind.LINE, points);
  }
}
