package org.covidmmar;

import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Function;

/**
 * Threads that work through tasks in the order of their submission and have ended once closed. A
 * task under way is waited for, not interrupted: an interrupt would close the file that it reads.
 */
public final class Workers implements AutoCloseable {
  private final ExecutorService executor;
  private final Queue<Thread> started = new ConcurrentLinkedQueue<>();
  private volatile boolean ended;

  /**
   * @param name of what the threads do
   */
  public Workers(String name, int threads) {
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

  /** Hands a task over; cancelled where its turn has not come once closed. */
  public <T> Future<T> submit(Callable<T> task) {
    return executor.submit(
        () -> {
          if (ended) {
            throw new CancellationException("the work was ended");
          }
          return task.call();
        });
  }

  /** As {@link #submit}, for a task that tells of its end itself; skipped once closed. */
  public void run(Runnable task) {
    executor.execute(
        () -> {
          if (!ended) {
            task.run();
          }
        });
  }

  /** The results of a task for each of several things, in their order; throws what one threw. */
  public <T, R> List<R> all(List<T> things, Function<T, R> task) {
    List<Future<R>> futures = new ArrayList<>();
    for (T thing : things) {
      futures.add(submit(() -> task.apply(thing)));
    }
    try {
      List<R> results = new ArrayList<>();
      for (Future<R> future : futures) {
        results.add(result(future));
      }
      return results;
    } finally {
      futures.forEach(future -> future.cancel(false));
    }
  }

  /** Waits for a task; throws what it threw. */
  public static <T> T result(Future<T> future) {
    try {
      return future.get();
    } catch (InterruptedException e) {
      throw interrupted();
    } catch (ExecutionException e) {
      throw unwrapped(e.getCause());
    }
  }

  /** What a task threw, to be thrown by who waits for it; an Error is thrown here. */
  public static RuntimeException unwrapped(Throwable cause) {
    if (cause instanceof Error error) {
      throw error;
    }
    return cause instanceof RuntimeException known ? known : new IllegalStateException(cause);
  }

  /** Says that who waited was interrupted, and still is. */
  public static CancellationException interrupted() {
    Thread.currentThread().interrupt();
    return new CancellationException("interrupted while waiting for other threads");
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
