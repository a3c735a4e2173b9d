package org.covidmmar.experiment;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.covidmmar.CovidException;
import org.covidmmar.tracking.MlflowPages;
import org.covidmmar.tracking.RunFolder;
import org.covidmmar.tracking.RunJournal;

/** {@code covid:ui}: MLflow's pages on the local runs, until someone ends it. */
final class UiWorkflow implements Workflow {
  private static final int COMPARED = 10;

  private final Workspace workspace;

  UiWorkflow(Workspace workspace) {
    this.workspace = workspace;
  }

  @Override
  public Optional<String> reason() {
    return Optional.of("until it is stopped, by Ctrl-C");
  }

  @Override
  public void run() {
    String experiment = workspace.config().experiment();
    Path folder =
        RunJournal.experimentFolder(workspace.basedir(), experiment)
            .orElseThrow(
                () ->
                    new CovidException(
                        workspace.basedir().resolve(RunJournal.FOLDER),
                        "there is no run of \"" + experiment + "\"",
                        "run covid:train first"));
    String id = folder.getFileName().toString();
    Path log = workspace.basedir().resolve("target/covid/ui/mlflow.log");
    try (MlflowPages pages = MlflowPages.serve(workspace.basedir(), log, workspace::say)) {
      workspace.say("runs: " + pages.runs(id));
      List<String> finished =
          RunFolder.finished(workspace.basedir(), experiment).stream()
              .limit(COMPARED)
              .map(run -> run.meta().id())
              .toList();
      if (finished.size() > 1) {
        workspace.say("compared: " + pages.comparison(id, finished));
      }
      workspace.say("Ctrl-C ends it");
      pages.awaitEnd();
    }
  }

  @Override
  public void conclude() {
    workspace.say("ui: ended");
  }
}
