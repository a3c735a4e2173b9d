package org.covidmmar.experiment;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.SortedMap;
import org.covidmmar.dataset.Case;
import org.covidmmar.dataset.DataFingerprints;
import org.covidmmar.dataset.Dataset;
import org.covidmmar.dataset.DatasetCheck;

/** {@code covid:check}: refuses bad data before an hour of training is spent on it. */
final class CheckWorkflow implements Workflow {
  private final Workspace workspace;

  CheckWorkflow(Workspace workspace) {
    this.workspace = workspace;
  }

  @Override
  public Optional<String> reason() {
    return stage(workspace.dataset()).reason(stamp());
  }

  private Path stamp() {
    return workspace.stamp("check");
  }

  private Stage stage(Dataset dataset) {
    SortedMap<String, String> values = workspace.values("data", "preprocessing");
    values.put("batchSize", Integer.toString(workspace.config().training().batchSize()));
    values.put("keyMetric", workspace.config().training().keyMetric());
    List<Path> files = new ArrayList<>();
    dataset
        .lists()
        .forEach(
            (list, cases) -> {
              values.put("list " + list, workspace.describe(cases));
              files.addAll(Workspace.files(cases));
            });
    return new Stage(workspace.basedir(), values, files);
  }

  @Override
  public void run() {
    Dataset dataset = workspace.dataset();
    Stage stage = stage(dataset);
    TrainWorkflow.check(workspace, dataset);
    boolean needsMask = workspace.config().preprocessing().pipeline().readsMask();
    List<List<String>> rows = new ArrayList<>();
    dataset
        .lists()
        .forEach(
            (list, cases) -> {
              if (!cases.isEmpty()) {
                DatasetCheck.forInference(dataset, list, needsMask);
              }
              rows.add(
                  List.of(
                      list,
                      Integer.toString(cases.size()),
                      count(cases, 1),
                      count(cases, 0),
                      count(cases, null)));
            });
    workspace
        .listener()
        .on(
            new Message.Table(
                dataset.file().toString(),
                List.of("list", "cases", "COVID", "non-COVID", "no label"),
                rows));
    stage.stamp(stamp(), new DataFingerprints());
  }

  private static String count(List<Case> cases, Integer label) {
    return Long.toString(cases.stream().filter(c -> Objects.equals(c.label(), label)).count());
  }

  @Override
  public void conclude() {
    workspace.say("wrote: " + stamp().getParent());
  }
}
