package org.covidmmar.experiment;

import java.nio.file.Path;
import java.time.Clock;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.covidmmar.config.ExperimentConfig;
import org.covidmmar.tracking.RunFolder;
import org.covidmmar.tracking.RunJournal;
import org.covidmmar.tracking.RunJournal.Status;

/**
 * Which run a training writes: the newest unfinished one of equal configuration, data and versions,
 * or a new one.
 */
final class RunChoice {
  /** A process that was asked to end takes at most this long, and some for its last checkpoint. */
  private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(Main.GRACE_SECONDS + 15);

  private static final long LOOK_MILLIS = 200;

  private final Workspace workspace;
  private final Stage stage;
  private final Clock clock = Clock.systemUTC();
  private Path finished;

  RunChoice(Workspace workspace, Stage stage) {
    this.workspace = workspace;
    this.stage = stage;
  }

  /**
   * The run to go on with, taken. Other runs that their processes left are said to be killed. A run
   * that a process is about to leave is waited for; one that a process is at is left to it, with a
   * warning.
   *
   * @param begin makes a new one
   * @return null where a run that was waited for has {@link #finished}
   */
  RunJournal take(Supplier<RunJournal> begin) {
    Optional<RunJournal> taken = unfinished();
    return taken.isEmpty() && finished == null ? begin.get() : taken.orElse(null);
  }

  /** The run that another process finished while this one waited for it; or null. */
  Path finished() {
    return finished;
  }

  private Optional<RunJournal> unfinished() {
    ExperimentConfig config = workspace.config();
    Optional<RunJournal> taken = Optional.empty();
    for (RunFolder run : RunFolder.unfinished(workspace.basedir(), config.experiment())) {
      boolean equal =
          taken.isEmpty()
              && finished == null
              && config.resume().equals("auto")
              && stage.reason(TrainWorkflow.stampOf(run.path())).isEmpty();
      if (equal) {
        taken = take(run);
      } else if (run.meta().status() == Status.RUNNING) {
        RunJournal.endIfLeft(run.path(), clock);
      }
    }
    return taken;
  }

  private Optional<RunJournal> take(RunFolder run) {
    Path folder = run.path();
    Optional<RunJournal> taken = RunJournal.resume(folder, clock);
    if (taken.isEmpty() && RunJournal.isEnding(folder)) {
      workspace.say("waits for run " + folder.getFileName() + ", whose process is about to end");
      long start = System.nanoTime();
      while (taken.isEmpty()
          && run.meta().status() != Status.FINISHED
          && System.nanoTime() - start < PATIENCE_NANOS) {
        pause();
        taken = RunJournal.resume(folder, clock);
      }
      if (run.meta().status() == Status.FINISHED) {
        finished = folder;
      }
    }
    if (taken.isEmpty() && run.meta().status() == Status.RUNNING) {
      workspace
          .listener()
          .on(
              new Message.Warning(
                  "run "
                      + folder.getFileName()
                      + " of the same configuration and data is under way in another process; this"
                      + " is a separate run"));
    }
    return taken;
  }

  private static void pause() {
    try {
      Thread.sleep(LOOK_MILLIS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while waiting for another process", e);
    }
  }
}
