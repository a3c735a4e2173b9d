package org.covidmmar.dataset;

import java.nio.file.Path;
import java.util.concurrent.Semaphore;
import java.util.function.Supplier;
import org.covidmmar.CovidException;

/** Lets as many cases be worked on at once as the heap has room for, and always one. */
final class MemoryGate {
  private static final long UNIT = 1 << 20;

  /** Of the heap, the part that cases may take; the rest is for batches and everything else. */
  private static final double PART = 0.6;

  private final Semaphore room;
  private final int units;

  /**
   * @param heap bytes that the JVM may use at most
   */
  MemoryGate(long heap) {
    units = (int) Math.max(1, Math.min(Integer.MAX_VALUE, (long) (heap * PART) / UNIT));
    room = new Semaphore(units, true);
  }

  /**
   * Works once there is room for so many bytes; more than all are cut to all.
   *
   * @param image what is worked on
   * @param work as in {@code preprocessing}
   * @throws CovidException where the heap has no room for it after all
   */
  <T> T within(long bytes, Path image, String work, Supplier<T> task) {
    int taken = (int) Math.max(1, Math.min(units, bytes / UNIT));
    room.acquireUninterruptibly(taken);
    try {
      return task.get();
    } catch (OutOfMemoryError e) {
      throw new CovidException(
          image.toString(),
          work
              + " it needs about "
              + bytes / UNIT
              + " MB, more than the heap of "
              + Runtime.getRuntime().maxMemory() / UNIT
              + " MB has free",
          "give a larger heap: covid.jvmArgs=-Xmx…",
          e);
    } finally {
      room.release(taken);
    }
  }
}
