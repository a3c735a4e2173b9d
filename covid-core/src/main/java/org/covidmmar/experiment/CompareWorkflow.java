package org.covidmmar.experiment;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.covidmmar.evaluation.EvaluationFiles;
import org.covidmmar.evaluation.PairedDeLong;
import org.covidmmar.evaluation.ScoredCase;
import org.covidmmar.provenance.ProvenanceDiff;
import org.covidmmar.report.Comparison;
import org.covidmmar.report.Text;
import org.covidmmar.tracking.RunDiff;
import org.covidmmar.tracking.RunFolder;

/** {@code covid:compare}: in what two runs differ, and how near their results are. */
final class CompareWorkflow implements Workflow {
  private static final String PREDICTIONS = "predictions.csv";
  private static final String NONE = "none";

  private final Workspace workspace;
  private boolean written;

  CompareWorkflow(Workspace workspace) {
    this.workspace = workspace;
  }

  @Override
  public Optional<String> reason() {
    return Optional.of("asked for");
  }

  private Path page() {
    return workspace.output("compare").resolve("compare.html");
  }

  @Override
  public void run() {
    List<Recorded> two = Recorded.findTwo(workspace.request());
    Recorded first = two.get(0);
    Recorded second = two.get(1);
    List<String> header = List.of("first", "second");
    workspace
        .listener()
        .on(
            differences(
                "made from: " + first.name() + " and " + second.name(),
                header,
                ProvenanceDiff.between(first.provenance(), second.provenance())));
    if (first.run() != null && second.run() != null) {
      workspace
          .listener()
          .on(
              results(
                  "results",
                  header,
                  RunDiff.between(first.run(), second.run(), Integer.MAX_VALUE)));
      areas(first.run(), second.run()).ifPresent(workspace.listener()::on);
      Comparison.write(List.of(first.run().path(), second.run().path()), page());
      written = true;
    }
  }

  @Override
  public void conclude() {
    workspace.say(
        written ? "wrote: " + page() : "wrote: nothing; a provenance alone has no results");
  }

  /** Of runs that were evaluated on the same cases. */
  private static Optional<Message.Table> areas(RunFolder first, RunFolder second) {
    Path ofFirst = first.evaluation().resolve(PREDICTIONS);
    Path ofSecond = second.evaluation().resolve(PREDICTIONS);
    if (!Files.exists(ofFirst) || !Files.exists(ofSecond)) {
      return Optional.empty();
    }
    List<ScoredCase> a = EvaluationFiles.readPredictions(ofFirst);
    List<ScoredCase> b = EvaluationFiles.readPredictions(ofSecond);
    return PairedDeLong.isPaired(a, b)
        ? Optional.of(
            areas("evaluated on the same cases", "first", "second", PairedDeLong.of(a, b)))
        : Optional.empty();
  }

  /** The areas under the ROC curve of scores of the same cases, and their difference. */
  static Message.Table areas(String title, String first, String second, PairedDeLong test) {
    return new Message.Table(
        title
            + ": "
            + test.positives()
            + " COVID, "
            + test.negatives()
            + " non-COVID; paired test of DeLong; research use only, not for diagnosis",
        List.of("figure", first, second, second + " - " + first),
        List.of(
            List.of(
                "AUC", Text.of(test.first()), Text.of(test.second()), Text.of(test.difference())),
            List.of(
                "95 % interval",
                Text.interval(test.first()),
                Text.interval(test.second()),
                Text.interval(test.difference())),
            List.of("z", "", "", test.z() == null ? NONE : Text.of(test.z())),
            List.of("p", "", "", test.p() == null ? NONE : Text.of(test.p()))));
  }

  /** A line a difference; one that says so where there is none. */
  static Message.Table differences(
      String title, List<String> runs, List<ProvenanceDiff.Difference> differences) {
    List<List<String>> rows = new ArrayList<>();
    for (ProvenanceDiff.Difference d : differences) {
      rows.add(List.of(d.kind().name().toLowerCase(Locale.ROOT), d.name(), d.first(), d.second()));
    }
    if (rows.isEmpty()) {
      rows.add(List.of("everything", "", "identical", "identical"));
    }
    return new Message.Table(title, List.of("of", "item", runs.get(0), runs.get(1)), rows);
  }

  static Message.Table results(String title, List<String> runs, List<RunDiff.Item> items) {
    return new Message.Table(
        title + "; tolerance " + RunDiff.TOLERANCE,
        List.of("item", "verdict", runs.get(0), runs.get(1)),
        items.stream()
            .map(item -> List.of(item.name(), item.verdict().text(), item.first(), item.second()))
            .toList());
  }
}
