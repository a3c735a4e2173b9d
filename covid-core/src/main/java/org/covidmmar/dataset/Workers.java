package org.covidmmar.dataset;

import java.util.Queue;
import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * Threads that work through tasks in the order of their submission and have ended once closed. A
 * task under way is waited for, not interrupted: an interrupt would close the file that it reads.
 */
final class Workers implements AutoCloseable {
  private final ExecutorService executor;
  private final Queue<Thread> started = new ConcurrentLinkedQueue<>();
  private volatile boolean ended;

  Workers(String name, int threads) {
    executor =
        Executors.newFixedThreadPool(
            threads,
            task -> {
              Thread thread = new Thread(task, "covid-" + name);
              thread.setDaemon(true);
              started.add(thread);
              return thread;
            });
  }

  <T> Future<T> submit(Callable<T> task) {
    return executor.submit(
        () -> {
          if (ended) {
            throw new CancellationException("the work was ended");
          }
          return task.call();
        });
  }

  /** As {@link #submit}, for a task that tells of its end itself; skipped once closed. */
  void run(Runnable task) {
    executor.execute(
        () -> {
          if (!ended) {
            task.run();
          }
        });
  }

  /** Waits for a task; throws what it threw. */
  static <T> T result(Future<T> future) {
    try {
      return future.get();
    } catch (InterruptedException e) {
      throw interrupted();
    } catch (ExecutionException e) {
      throw unwrapped(e.getCause());
    }
  }

  static RuntimeException unwrapped(Throwable cause) {
    if (cause instanceof Error error) {
      throw error;
    }
    return cause instanceof RuntimeException known ? known : new IllegalStateException(cause);
  }

  static CancellationException interrupted() {
    Thread.currentThread().interrupt();
    return new CancellationException("interrupted while waiting for cases");
  }

  @Override
  public void close() {
    ended = true;
    executor.shutdown();
    // Joined, as an executor calls itself terminated while its threads are still on their way out.
    boolean interrupted = false;
    while (!started.isEmpty()) {
      try {
        started.element().join();
        started.remove();
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
