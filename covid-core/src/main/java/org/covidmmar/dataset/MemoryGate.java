package org.covidmmar.dataset;

import java.util.concurrent.Semaphore;
import java.util.function.Supplier;

/** Lets as many cases be preprocessed at once as the heap has room for, and always one. */
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

  /** Works once there is room for so many bytes; more than all are cut to all. */
  <T> T within(long bytes, Supplier<T> work) {
    int taken = (int) Math.max(1, Math.min(units, bytes / UNIT));
    room.acquireUninterruptibly(taken);
    try {
      return work.get();
    } finally {
      room.release(taken);
    }
  }
}
