package org.covidmmar;

import java.util.List;
import java.util.stream.Collectors;

/** Comma-separated values: UTF-8, lines ended by a line feed on every platform. */
public final class Csv {
  private Csv() {}

  /**
   * A line with its line feed. Text holding a comma, a quote or a line break is quoted as RFC 4180
   * has it; nothing else is changed.
   */
  public static String line(List<String> cells) {
    return cells.stream().map(Csv::quoted).collect(Collectors.joining(",", "", "\n"));
  }

  /** One cell. */
  public static String quoted(String text) {
    boolean plain = text.chars().noneMatch(c -> c == ',' || c == '"' || c == '\n' || c == '\r');
    return plain ? text : '"' + text.replace("\"", "\"\"") + '"';
  }
}
