package org.covidmmar.tracking;

import java.time.Clock;

/**
 * A clock that never goes back, however the system's clock is set. Safe for use by many threads.
 */
final class ForwardClock {
  private final Clock clock;
  private long last = Long.MIN_VALUE;

  ForwardClock(Clock clock) {
    this.clock = clock;
  }

  /** Milliseconds since 1970, never less than before. */
  synchronized long millis() {
    last = Math.max(last, clock.millis());
    return last;
  }

  /** From now on tells at least this time. */
  synchronized void reach(long millis) {
    last = Math.max(last, millis);
  }
}
