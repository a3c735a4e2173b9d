package org.covidmmar.experiment;

import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.covidmmar.CovidException;
import org.covidmmar.tracking.MlflowAccess;
import org.covidmmar.tracking.MlflowPages;
import org.covidmmar.tracking.MlflowSync;
import org.covidmmar.tracking.RunFolder;
import org.covidmmar.tracking.RunJournal;
import org.covidmmar.tracking.ServerException;

/** {@code covid:ui}: the local runs on an MLflow server of their own, until someone ends it. */
final class UiWorkflow implements Workflow {
  private static final int COMPARED = 10;

  /** Between two looks for what is new. */
  private static final Duration PAUSE = Duration.ofSeconds(3);

  /** In which a server that is ended together with this process has ended, too. */
  private static final Duration GRACE = Duration.ofSeconds(2);

  private final Workspace workspace;
  private final Set<String> told = new HashSet<>();

  UiWorkflow(Workspace workspace) {
    this.workspace = workspace;
  }

  @Override
  public Optional<String> reason() {
    return Optional.of("until it is stopped, by Ctrl-C");
  }

  @Override
  public void run() {
    Path basedir = workspace.basedir();
    String experiment = workspace.config().experiment();
    if (RunJournal.experimentFolder(basedir, experiment).isEmpty()) {
      throw new CovidException(
          basedir.resolve(RunJournal.FOLDER),
          "there is no run of \"" + experiment + "\"",
          "run covid:train first");
    }
    Path log = basedir.resolve("target/covid/ui/mlflow.log");
    Optional<MlflowPages> served = MlflowPages.serve(basedir, log, workspace::say);
    if (served.isEmpty()) {
      nameTheOther(experiment);
      return;
    }
    try (MlflowPages pages = served.get();
        MlflowSync sync = new MlflowSync(pages.access(), this::warnOnce)) {
      sendUntilItEnds(pages, sync, experiment);
    } catch (ServerException e) {
      throw new CovidException(
          log.toString(), "MLflow's server failed: " + e.getMessage(), "see that file", e);
    }
    workspace.say("ui: ended");
  }

  /** One server is enough for a folder, and two would not know of each other. */
  private void nameTheOther(String experiment) {
    Optional<MlflowAccess> other = MlflowPages.servedByAnother(workspace.basedir());
    Optional<String> link = Optional.empty();
    if (other.isPresent()) {
      try (MlflowSync there = new MlflowSync(other.get(), this::warnOnce)) {
        link = there.tableLink(experiment);
      } catch (ServerException e) {
        // It is starting.
      }
    }
    workspace.say("another covid:ui is running on this folder");
    workspace.say(
        link.map(table -> "runs: " + table).orElse("it will print the link when it is up"));
  }

  private void sendUntilItEnds(MlflowPages pages, MlflowSync sync, String experiment) {
    workspace.say("sending the runs to it");
    if (!sendAll(pages, sync)) {
      return;
    }
    sync.tableLink(experiment).ifPresent(link -> workspace.say("runs: " + link));
    List<RunFolder> newest =
        RunFolder.finished(workspace.basedir(), experiment).stream().limit(COMPARED).toList();
    sync.comparisonLink(newest).ifPresent(link -> workspace.say("compared: " + link));
    workspace.say("Ctrl-C ends it");
    while (!pages.awaitEnd(PAUSE) && sendAll(pages, sync)) {
      // What a training writes meanwhile is seen.
    }
  }

  /** Whether the server is still there. */
  private boolean sendAll(MlflowPages pages, MlflowSync sync) {
    try {
      for (RunFolder run : RunFolder.all(workspace.basedir())) {
        if (!send(run, pages, sync)) {
          return false;
        }
      }
    } catch (CovidException e) {
      // A run may be removed while all are looked at.
      warnOnce(e.getMessage());
    }
    return true;
  }

  private boolean send(RunFolder run, MlflowPages pages, MlflowSync sync) {
    try {
      sync.send(run, MlflowSync.lastSettledEpoch(run));
    } catch (ServerException | CovidException e) {
      if (pages.awaitEnd(GRACE)) {
        return false;
      }
      warnOnce("run " + run.path().getFileName() + " is not shown whole: " + e.getMessage());
    }
    return true;
  }

  private void warnOnce(String text) {
    if (told.add(text)) {
      workspace.listener().on(new Message.Warning(text));
    }
  }

  @Override
  public void conclude() {}
}
