package org.covidmmar.maven;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import org.apache.maven.doxia.sink.Sink;
import org.covidmmar.evaluation.Estimate;
import org.covidmmar.evaluation.Evaluation;
import org.covidmmar.evaluation.EvaluationFiles;
import org.covidmmar.inference.ModelConfig;
import org.covidmmar.tracking.RunFolder;

/** A page of a Maven site about a run. */
final class RunPage {
  static final String TITLE = "covid-mmar run";

  private final Sink sink;

  private RunPage(Sink sink) {
    this.sink = sink;
  }

  /**
   * Writes the page.
   *
   * @param report where the whole report is, relative to the page
   */
  static void write(Sink sink, RunFolder run, String report) {
    new RunPage(sink).write(run, report);
  }

  private void write(RunFolder run, String report) {
    RunFolder.Meta meta = run.meta();
    sink.head();
    sink.title();
    sink.text(TITLE);
    sink.title_();
    sink.head_();
    sink.body();
    sink.section1();
    sink.sectionTitle1();
    sink.text(meta.name());
    sink.sectionTitle1_();
    paragraph(
        "Run "
            + meta.id()
            + " of "
            + meta.experiment()
            + ", "
            + meta.status().name().toLowerCase(Locale.ROOT)
            + ".");
    sink.paragraph();
    sink.link(report);
    sink.text("The whole report");
    sink.link_();
    sink.text(": curves, cases by error, configuration, provenance.");
    sink.paragraph_();
    Path evaluation = run.evaluation().resolve("evaluation.json");
    if (Files.exists(evaluation)) {
      figures(EvaluationFiles.readEvaluation(evaluation));
    } else {
      paragraph("The run's model was not evaluated: covid:validate does it.");
    }
    paragraph(ModelConfig.USE);
    sink.section1_();
    sink.body_();
    sink.flush();
    sink.close();
  }

  private void paragraph(String text) {
    sink.paragraph();
    sink.text(text);
    sink.paragraph_();
  }

  private void figures(Evaluation e) {
    paragraph(
        e.n() + " labelled cases, threshold " + EvaluationFiles.shortest(e.threshold()) + ":");
    sink.table();
    sink.tableRows(null, false);
    row(List.of("figure", "value", "95 % interval"), true);
    row("AUC", e.auc());
    row("accuracy", e.accuracy());
    row("sensitivity", e.sensitivity());
    row("specificity", e.specificity());
    row("PPV", e.ppv());
    row("NPV", e.npv());
    row("F1", e.f1());
    sink.tableRows_();
    sink.table_();
  }

  private void row(String name, Estimate e) {
    String value = e.value() == null ? "undefined: " + e.undefined() : text(e.value());
    String interval = e.low() == null ? "" : text(e.low()) + " to " + text(e.high());
    row(List.of(name, value, interval), false);
  }

  private void row(List<String> texts, boolean head) {
    sink.tableRow();
    for (String text : texts) {
      if (head) {
        sink.tableHeaderCell();
        sink.text(text);
        sink.tableHeaderCell_();
      } else {
        sink.tableCell();
        sink.text(text);
        sink.tableCell_();
      }
    }
    sink.tableRow_();
  }

  private static String text(double value) {
    return String.format(Locale.ROOT, "%.4f", value);
  }
}
