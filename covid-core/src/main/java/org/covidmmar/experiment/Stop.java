package org.covidmmar.experiment;

/**
 * The wish that this process end soon, and whether the goal at work heeds it: a training does, by
 * ending after the step under way with a checkpoint. There is one such wish for the whole process,
 * as signals are sent to processes.
 */
final class Stop {
  private static volatile boolean wished;
  private static volatile boolean heeded;

  private Stop() {}

  /** Asks the goal to end. */
  static void wish() {
    wished = true;
  }

  static boolean wished() {
    return wished;
  }

  /** Says whether the goal asks {@link #wished} from time to time. */
  static void heed(boolean heeds) {
    heeded = heeds;
  }

  static boolean heeded() {
    return heeded;
  }
}
