package org.covidmmar.experiment;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import org.covidmmar.dataset.DataFingerprints;
import org.covidmmar.provenance.ProvenanceRecorder;
import org.covidmmar.report.RunReport;
import org.covidmmar.tracking.RunFolder;
import org.covidmmar.tracking.RunJournal;

/** {@code covid:report}: a page about a run, beside the experiment's earlier runs. */
final class ReportWorkflow implements Workflow {
  private static final int EARLIER_RUNS = 10;

  private final Workspace workspace;
  private RunFolder found;

  ReportWorkflow(Workspace workspace) {
    this.workspace = workspace;
  }

  @Override
  public Optional<String> reason() {
    return stage().reason(stamp(), folder().report());
  }

  /** Looked up when first needed, and then kept: another run may end meanwhile. */
  private RunFolder folder() {
    if (found == null) {
      String given = workspace.config().inference().model();
      // An id stands for its run also where the run failed and has no model.
      Optional<Path> named =
          given == null ? Optional.empty() : RunJournal.find(workspace.basedir(), given);
      found = new RunFolder(named.orElseGet(() -> ModelSource.findRun(workspace.request())));
    }
    return found;
  }

  private List<RunFolder> earlier() {
    return folder().earlierFinished().stream().limit(EARLIER_RUNS).toList();
  }

  private Path stamp() {
    return folder().path().resolve("stamps/report.json");
  }

  private Stage stage() {
    TreeMap<String, String> values = new TreeMap<>();
    values.put("covid-mmar", ProvenanceRecorder.projectVersion());
    List<Path> files = new ArrayList<>(folder().files());
    earlier().forEach(run -> files.addAll(run.files()));
    return new Stage(workspace.basedir(), values, files);
  }

  @Override
  public void run() {
    Stage stage = stage();
    RunReport.write(
        folder().path(), earlier().stream().map(RunFolder::path).toList(), folder().report());
    stage.stamp(stamp(), new DataFingerprints());
    workspace.send(folder().path()).close();
  }

  @Override
  public void conclude() {
    workspace.say("wrote: " + folder().report());
  }
}
