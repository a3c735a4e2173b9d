package org.covidmmar.maven;

import java.util.concurrent.Semaphore;
import org.apache.maven.execution.MavenSession;
import org.apache.maven.plugin.logging.Log;
import org.covidmmar.CovidException;
import org.eclipse.aether.SessionData;

/**
 * The cores of the machine, shared by the goals of one build that compute at the same time: two of
 * them with more threads than cores would take many times longer than one after the other.
 *
 * @param count of all cores
 * @param free as many permits as cores are free
 */
record Cores(int count, Semaphore free) {
  private static final String KEY = "org.covidmmar.cores";

  /** Those of a build; modules that load this class apart share them. */
  static Cores of(MavenSession session) {
    int count = Runtime.getRuntime().availableProcessors();
    SessionData data = session.getRepositorySession().getData();
    data.set(KEY, null, new Semaphore(count, true));
    return new Cores(count, (Semaphore) data.get(KEY));
  }

  /** Runs the work once as many cores are free as it has threads, or all where it has more. */
  void with(int threads, Log log, Runnable work) {
    int taken = Math.min(threads, count);
    if (!free.tryAcquire(taken)) {
      log.info("waits for " + taken + " of " + count + " cores, on which other modules compute");
      await(taken);
    }
    try {
      work.run();
    } finally {
      free.release(taken);
    }
  }

  private void await(int taken) {
    try {
      free.acquire(taken);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new CovidException(
          "covid.threads", "was interrupted while it waited", "run the goal again", e);
    }
  }
}
