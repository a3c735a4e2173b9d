package org.covidmmar.experiment;

/**
 * The wish that this process end soon, and whether the goal at work heeds it: a training does, by
 * ending after the step under way with a checkpoint. There is one such wish for the whole process,
 * as signals are sent to processes.
 */
final class Stop {
  private static boolean wished;
  private static Runnable heeding;

  private Stop() {}

  /** Asks the goal to end. */
  static void wish() {
    Runnable told;
    synchronized (Stop.class) {
      told = wished ? null : heeding;
      wished = true;
    }
    if (told != null) {
      told.run();
    }
  }

  static synchronized boolean wished() {
    return wished;
  }

  /**
   * Says that the goal asks {@link #wished} from time to time.
   *
   * @param told runs once the wish is there
   */
  static void heed(Runnable told) {
    boolean already;
    synchronized (Stop.class) {
      heeding = told;
      already = wished;
    }
    if (already) {
      told.run();
    }
  }

  /** Says that the goal no longer asks. */
  static synchronized void ignore() {
    heeding = null;
  }

  static synchronized boolean heeded() {
    return heeding != null;
  }
}
