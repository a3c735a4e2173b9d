package org.covidmmar.tracking;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.covidmmar.CovidException;
import org.covidmmar.training.TrainingEvent;
import org.covidmmar.training.TrainingListener;

/**
 * Sends a run while it is written, from a thread of its own that reads the journal: whatever
 * becomes of the server, whoever writes neither waits nor fails. Trouble is told once.
 */
public final class LiveSync implements TrainingListener, AutoCloseable {
  private static final Duration LONGEST_END = Duration.ofSeconds(20);

  /** The share of a training's time that its end may wait for a server in trouble. */
  private static final int SHARE_IN_TROUBLE = 500;

  private static final int LONGEST_PAUSE_SECONDS = 60;

  private final MlflowAccess access;
  private final RunFolder run;
  private final long start = System.nanoTime();
  private final Consumer<String> warnings;
  private final Queue<String> notes = new ConcurrentLinkedQueue<>();
  private final Semaphore news = new Semaphore(0);
  private final CountDownLatch closing = new CountDownLatch(1);
  private final CountDownLatch ended = new CountDownLatch(1);

  private volatile int settled;
  private volatile String trouble;
  private boolean begun;
  private int told;
  private boolean warned;

  /**
   * Sends from the first event on.
   *
   * @param access null: nothing is sent
   * @param run the run's folder
   * @param warnings told of trouble, by the threads that call this object
   */
  public LiveSync(MlflowAccess access, Path run, Consumer<String> warnings) {
    this.access = access;
    this.run = new RunFolder(run);
    this.warnings = warnings;
    this.settled = access == null ? 0 : MlflowSync.lastSettledEpoch(this.run);
    if (access == null) {
      ended.countDown();
    } else {
      Thread thread = new Thread(this::work, "mlflow-sync");
      thread.setDaemon(true);
      thread.start();
    }
  }

  @Override
  public void on(TrainingEvent event) {
    if (access == null) {
      return;
    }
    if (!begun) {
      // What says how the run began is in the journal by now.
      begun = true;
      news.release();
    }
    if (event instanceof TrainingEvent.EpochDone done) {
      told = done.epoch();
    } else if (event instanceof TrainingEvent.BatchDone batch
        && batch.epoch() > told
        && told > settled) {
      // The next epoch has begun: a checkpoint holds this one, and it is never taken back.
      settled = told;
      news.release();
    }
    warnOnce("it is sent when the server is back, at the latest by mvn covid:sync");
  }

  private void warnOnce(String consequence) {
    String text = trouble;
    if (text != null && !warned) {
      warned = true;
      warnings.accept(
          "the run is not on "
              + access
              + " yet: "
              + text
              + "; it is whole on disk, and "
              + consequence);
    }
  }

  /** Sends what is left, for a bounded while. */
  @Override
  public void close() {
    if (access == null) {
      return;
    }
    settled = MlflowSync.lastSettledEpoch(run);
    closing.countDown();
    news.release();
    try {
      long longest = LONGEST_END.toNanos();
      if (trouble != null) {
        longest = Math.min(longest, (System.nanoTime() - start) / SHARE_IN_TROUBLE);
      }
      if (!ended.await(longest, TimeUnit.NANOSECONDS) && trouble == null) {
        trouble = "sending it takes longer than " + LONGEST_END.toSeconds() + " s";
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    for (String note = notes.poll(); note != null; note = notes.poll()) {
      warnings.accept(note);
    }
    warnOnce("mvn covid:sync sends the rest");
  }

  private void work() {
    try (MlflowSync sync = new MlflowSync(access, notes::add)) {
      int pause = 0;
      boolean last = false;
      while (!last) {
        if (pause == 0) {
          news.acquire();
        } else if (closing.await(pause, TimeUnit.SECONDS)) {
          // News do not make a server come back sooner; the end is a reason to look.
          last = true;
        }
        news.drainPermits();
        last |= closing.getCount() == 0;
        boolean wasWell = trouble == null;
        boolean sent = pass(sync);
        last &= sent || !wasWell;
        pause = sent ? 0 : Math.min(LONGEST_PAUSE_SECONDS, Math.max(1, 2 * pause));
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      ended.countDown();
    }
  }

  private boolean pass(MlflowSync sync) {
    try {
      MlflowSync.Outcome outcome = sync.send(run, settled);
      trouble =
          switch (outcome) {
            case COMPLETE -> null;
            case BUSY -> "another process is sending it";
            case DELETED -> "someone deleted it there";
          };
    } catch (ServerException | CovidException e) {
      trouble = e.getMessage();
    }
    return trouble == null;
  }
}
