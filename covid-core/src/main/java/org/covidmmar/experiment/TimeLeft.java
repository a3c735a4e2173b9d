package org.covidmmar.experiment;

import java.time.Duration;
import java.util.Optional;

/** Tells how long the remaining points of a sweep take, going by the mean of those before. */
final class TimeLeft {
  private static final Duration MINUTES_FROM = Duration.ofSeconds(90);
  private static final Duration HOURS_FROM = Duration.ofMinutes(90);

  private long remaining;
  private long done;
  private long nanos;

  /**
   * @param remaining points that will be trained
   */
  TimeLeft(long remaining) {
    this.remaining = remaining;
  }

  void took(long nanosOfPoint) {
    remaining--;
    done++;
    nanos += nanosOfPoint;
  }

  /** Such as {@code about 12 min left}; empty before the first point and after the last. */
  Optional<String> text() {
    return done == 0 || remaining == 0
        ? Optional.empty()
        : Optional.of("about " + rounded(Duration.ofNanos(nanos / done * remaining)) + " left");
  }

  private static String rounded(Duration time) {
    if (time.compareTo(MINUTES_FROM) < 0) {
      return Math.max(1, time.toSeconds()) + " s";
    }
    return time.compareTo(HOURS_FROM) < 0
        ? Math.round(time.toSeconds() / 60.0) + " min"
        : Math.round(time.toMinutes() / 60.0) + " h";
  }
}
