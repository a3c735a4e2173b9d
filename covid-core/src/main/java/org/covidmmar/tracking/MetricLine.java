package org.covidmmar.tracking;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.covidmmar.CovidException;

/**
 * A value of a metric, as the journal has it.
 *
 * @param text the line
 * @param timestamp milliseconds since 1970
 * @param step the epoch
 */
record MetricLine(String text, long timestamp, double value, int step) {
  /** The lines of a metric's file; what a kill tore is no line. */
  static List<MetricLine> read(Path file) {
    try {
      String text = Files.readString(file);
      return text.substring(0, text.lastIndexOf('\n') + 1)
          .lines()
          .map(line -> parse(file, line))
          .toList();
    } catch (IOException e) {
      throw RunJournal.unreadable(file, e);
    }
  }

  private static MetricLine parse(Path file, String line) {
    String[] parts = line.split(" ", -1);
    try {
      return new MetricLine(
          line, Long.parseLong(parts[0]), Double.parseDouble(parts[1]), Integer.parseInt(parts[2]));
    } catch (ArrayIndexOutOfBoundsException | NumberFormatException e) {
      throw new CovidException(
          file.toString(),
          "expected lines of time stamp, value and epoch, found \"" + line + "\"",
          "restore the file, or remove that line",
          e);
    }
  }
}
