package org.covidmmar.report;

import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import org.covidmmar.evaluation.Estimate;

/** Figures and times as people are shown them, the same in every locale and time zone. */
public final class Text {
  private static final DateTimeFormatter DATE = pattern("uuuu-MM-dd");
  private static final DateTimeFormatter MINUTE = pattern("uuuu-MM-dd HH:mm");
  private static final DateTimeFormatter TIME = pattern("HH:mm:ss 'UTC'");

  private Text() {}

  /** Four digits after the point; one and three and an exponent below a thousandth. */
  public static String of(double value) {
    boolean small = value != 0 && Math.abs(value) < 1e-3;
    // The exact value, a tie away from 0: as the page's script rounds.
    return String.format(Locale.ROOT, small ? "%.3e" : "%.4f", new BigDecimal(value));
  }

  /** The figure alone. */
  public static String of(Estimate e) {
    return e.value() == null ? "undefined" : of(e.value());
  }

  /** The interval, or why there is none; empty for figures that never have one. */
  public static String interval(Estimate e) {
    if (e.low() != null) {
      return of(e.low()) + " to " + of(e.high());
    }
    if (e.undefined() != null) {
      return e.undefined();
    }
    return e.noInterval() == null ? "" : e.noInterval();
  }

  private static DateTimeFormatter pattern(String pattern) {
    return DateTimeFormatter.ofPattern(pattern, Locale.ROOT).withZone(ZoneOffset.UTC);
  }

  static String date(Instant time) {
    return DATE.format(time);
  }

  static String minute(Instant time) {
    return MINUTE.format(time);
  }

  static String time(Instant time) {
    return TIME.format(time);
  }

  static String of(Duration d) {
    return d.toHours() > 0
        ? d.toHours() + " h " + d.toMinutesPart() + " min"
        : d.toMinutes() + " min " + d.toSecondsPart() + " s";
  }
}
