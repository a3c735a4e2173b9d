package org.covidmmar.experiment;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.covidmmar.CovidException;
import org.covidmmar.tracking.MlflowAccess;
import org.covidmmar.tracking.MlflowSync;
import org.covidmmar.tracking.RunFolder;
import org.covidmmar.tracking.RunJournal;
import org.covidmmar.tracking.ServerException;

/** {@code covid:sync}: sends an MLflow server what it lacks of the journal's runs. */
final class SyncWorkflow implements Workflow {
  /** Rounds in a row that change nothing after which the server is given up. */
  private static final int VAIN_ROUNDS = 5;

  /** Rounds in which another process is at the runs that are left, some ten minutes. */
  private static final int BUSY_ROUNDS = 600;

  private final Workspace workspace;
  private final Duration pause;

  SyncWorkflow(Workspace workspace) {
    this(workspace, Duration.ofSeconds(1));
  }

  SyncWorkflow(Workspace workspace, Duration pause) {
    this.workspace = workspace;
    this.pause = pause;
  }

  @Override
  public Optional<String> reason() {
    return Optional.of("asks the server what it lacks");
  }

  @Override
  public void run() {
    MlflowAccess access = access();
    List<RunFolder> runs = RunFolder.all(workspace.basedir());
    if (runs.isEmpty()) {
      throw new CovidException(
          "covid:sync",
          "there is no run in " + workspace.basedir().resolve(RunJournal.FOLDER),
          "run covid:train first");
    }
    try (MlflowSync sync = new MlflowSync(access, this::warn)) {
      sendAll(sync, access, runs);
    }
  }

  private MlflowAccess access() {
    MlflowAccess access = workspace.request().tracking();
    if (access == null) {
      throw new CovidException(
          "covid.mlflow.trackingUri",
          "there is no server to send runs to",
          "give its address, as in -Dcovid.mlflow.trackingUri=http://127.0.0.1:5000, or set "
              + MlflowAccess.URI_VARIABLE);
    }
    return access;
  }

  /** Round after round, as long as the server takes something, or another process is at a run. */
  private void sendAll(MlflowSync sync, MlflowAccess access, List<RunFolder> runs) {
    List<RunFolder> left = runs;
    int vain = 0;
    int busy = 0;
    while (!left.isEmpty()) {
      long before = sync.acknowledged();
      ServerException failure = null;
      List<RunFolder> next = new ArrayList<>();
      for (RunFolder run : left) {
        try {
          if (isLeft(run, sync.send(run, MlflowSync.lastSettledEpoch(run)))) {
            next.add(run);
          }
        } catch (ServerException e) {
          failure = e;
          next.add(run);
          if (e.isAboutAccess()) {
            throw givenUp(access, next.size(), e);
          }
        }
      }
      boolean changed = next.size() < left.size() || sync.acknowledged() > before;
      vain = changed || failure == null ? 0 : vain + 1;
      busy = changed || failure != null ? 0 : busy + 1;
      if (vain == VAIN_ROUNDS || busy == BUSY_ROUNDS) {
        throw givenUp(access, next.size(), failure);
      }
      left = next;
      if (!left.isEmpty()) {
        pause();
      }
    }
    workspace.say(runs.size() + (runs.size() == 1 ? " run is" : " runs are") + " on " + access);
    workspace.say("wrote: " + sync.link(runs.get(0)).orElse(access.toString()));
  }

  private boolean isLeft(RunFolder run, MlflowSync.Outcome outcome) {
    if (outcome == MlflowSync.Outcome.DELETED) {
      warn(
          "run "
              + run.path().getFileName()
              + " was deleted on the server, and is left so: restore it there to have it sent");
    }
    return outcome == MlflowSync.Outcome.BUSY;
  }

  private void warn(String text) {
    workspace.listener().on(new Message.Warning(text));
  }

  private static CovidException givenUp(MlflowAccess access, int left, ServerException e) {
    String reason = e == null ? "another process is sending them" : e.getMessage();
    return new CovidException(
        access.toString(),
        left + (left == 1 ? " run is" : " runs are") + " not wholly there: " + reason,
        e != null && e.isAboutAccess()
            ? "give user and password, or a token, in MLFLOW_TRACKING_USERNAME,"
                + " MLFLOW_TRACKING_PASSWORD, MLFLOW_TRACKING_TOKEN or a server entry of"
                + " settings.xml named by covid.mlflow.serverId"
            : "look at the server, then run covid:sync again: it goes on from there",
        e);
  }

  private void pause() {
    try {
      Thread.sleep(pause.toMillis());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new CovidException("covid:sync", "was interrupted", "run it again", e);
    }
  }

  @Override
  public void conclude() {}
}
