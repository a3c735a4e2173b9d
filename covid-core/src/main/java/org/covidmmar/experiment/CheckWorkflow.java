package org.covidmmar.experiment;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.SortedMap;
import java.util.stream.Collectors;
import org.covidmmar.CovidException;
import org.covidmmar.Fingerprint;
import org.covidmmar.config.ExperimentConfig;
import org.covidmmar.dataset.Case;
import org.covidmmar.dataset.DataFingerprints;
import org.covidmmar.dataset.Dataset;
import org.covidmmar.dataset.Finding;
import org.covidmmar.dataset.Finding.Kind;
import org.covidmmar.dataset.Finding.Where;
import org.covidmmar.dataset.FullCheck;
import org.covidmmar.dataset.PatientSidecar;

/** {@code covid:check}: refuses bad data before an hour of training is spent on it. */
final class CheckWorkflow implements Workflow {
  private final Workspace workspace;
  private final ExperimentConfig config;

  CheckWorkflow(Workspace workspace) {
    this.workspace = workspace;
    this.config = workspace.config();
  }

  @Override
  public Optional<String> reason() {
    return stage(workspace.dataset()).reason(stamp(), findings());
  }

  private Path stamp() {
    return workspace.stamp("check");
  }

  private Path findings() {
    return workspace.output("check").resolve("findings.json");
  }

  private Stage stage(Dataset dataset) {
    SortedMap<String, String> values = workspace.values("data", "preprocessing");
    // Changes no finding.
    values.remove("threads");
    values.put("architecture", config.network().architecture());
    values.put("device", config.compute().device());
    values.put("replicas", Objects.toString(config.compute().replicas(), "one for each device"));
    values.put("batchSize", Integer.toString(config.training().batchSize()));
    values.put("keyMetric", config.training().keyMetric());
    values.put("makes up for rare classes", Boolean.toString(balances()));
    List<Path> files = new ArrayList<>();
    dataset
        .lists()
        .forEach(
            (list, cases) -> {
              values.put("list " + list, workspace.describe(cases));
              files.addAll(Workspace.files(cases));
              cases.forEach(c -> files.add(PatientSidecar.of(c.image())));
            });
    values.put("patients", patients(dataset));
    return new Stage(workspace.basedir(), values, files);
  }

  /** Which entries are of one patient, without a hash that identifiers could be tried on. */
  private static String patients(Dataset dataset) {
    Map<String, Integer> known = new HashMap<>();
    String numbers =
        dataset.lists().values().stream()
            .flatMap(List::stream)
            .map(Case::patient)
            .map(p -> p == null ? "-" : known.computeIfAbsent(p, one -> known.size()).toString())
            .collect(Collectors.joining(" "));
    return Fingerprint.of(numbers).hex();
  }

  private boolean balances() {
    return config.training().sampling().equals("balanced")
        || config.training().classWeights() != null;
  }

  @Override
  public void run() {
    Workspace.requireWritable(findings().getParent());
    Dataset dataset = workspace.dataset();
    Stage stage = stage(dataset);
    DataFingerprints fingerprints = new DataFingerprints();
    List<Finding> all =
        new ArrayList<>(
            FullCheck.of(
                dataset,
                new FullCheck.Demands(
                    config.preprocessing().pipeline(),
                    TrainWorkflow.needsBothClasses(config),
                    config.training().batchSize(),
                    balances()),
                fingerprints,
                config.compute().threadCount(),
                workspace.progress("checking files")));
    settings(dataset).ifPresent(all::add);
    if (Engines.computesOnCpu(config.compute())) {
      OutOfMemory.finding(config, OutOfMemory.total(), OutOfMemory.available(false))
          .ifPresent(all::add);
    }
    all.sort(FullCheck.order(dataset));
    FindingReport report = new FindingReport(dataset, all, workspace::shown);
    Stamp.remove(stamp());
    report.write(findings());
    workspace.listener().on(lists(dataset));
    workspace.listener().on(report.table());
    report.warnings().forEach(text -> workspace.listener().on(new Message.Warning(text)));
    report.refuse(findings());
    stage.stamp(stamp(), fingerprints);
  }

  private Optional<Finding> settings(Dataset dataset) {
    try {
      if (dataset.has(Dataset.TRAINING)) {
        TrainWorkflow.checkInput(config, dataset, config.replicas(1));
      }
      return Optional.empty();
    } catch (CovidException e) {
      return Optional.of(Finding.of(Kind.SETTING, Where.property(e.subject()), null, e));
    }
  }

  private static Message.Table lists(Dataset dataset) {
    List<List<String>> rows = new ArrayList<>();
    dataset
        .lists()
        .forEach(
            (list, cases) ->
                rows.add(
                    List.of(
                        list,
                        Integer.toString(cases.size()),
                        count(cases, 1),
                        count(cases, 0),
                        count(cases, null))));
    return new Message.Table(
        dataset.file().toString(),
        List.of("list", "cases", "COVID", "non-COVID", "no label"),
        rows);
  }

  private static String count(List<Case> cases, Integer label) {
    return Long.toString(cases.stream().filter(c -> Objects.equals(c.label(), label)).count());
  }

  @Override
  public void conclude() {
    workspace.say("wrote: " + findings());
  }
}
