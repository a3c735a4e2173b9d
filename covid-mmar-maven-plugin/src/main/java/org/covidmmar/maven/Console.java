package org.covidmmar.maven;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import me.tongfei.progressbar.ConsoleProgressBarConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;
import org.apache.maven.execution.MavenSession;
import org.apache.maven.plugin.logging.Log;
import org.covidmmar.experiment.Message;

/**
 * Shows a goal's messages in Maven's log, and its progress as a bar on a terminal or as a line now
 * and then elsewhere.
 */
final class Console implements Message.Listener, AutoCloseable {
  private static final int WIDTH = 78;
  private static final long NANOS_BETWEEN_LINES = 10_000_000_000L;

  /** A warning of a library by slf4j-simple, or a line of the JVM's crash report. */
  private static final Pattern PROBLEM =
      Pattern.compile("^(\\[[^\\]]+\\] (WARN|ERROR) |# |.*OutOfMemoryError).*");

  /** A cell of a column of numbers. */
  private static final Pattern NUMBER = Pattern.compile("(-?[0-9][0-9.eE+-]*|NaN|–)?");

  private final Log log;
  private final boolean terminal;
  private String stage;
  private ProgressBar bar;
  private long lastLine;

  Console(Log log, boolean terminal) {
    this.log = log;
    this.terminal = terminal;
  }

  static Console of(Log log, MavenSession session) {
    boolean alone = session.getRequest().getDegreeOfConcurrency() == 1;
    boolean interactive = session.getRequest().isInteractiveMode() && System.getenv("CI") == null;
    return new Console(log, alone && interactive && log.isInfoEnabled() && hasTerminal());
  }

  @SuppressWarnings("SystemConsoleNull")
  private static boolean hasTerminal() {
    java.io.Console console = System.console();
    return console != null && isTerminal(console) && !"dumb".equals(System.getenv("TERM"));
  }

  /** From Java 22 on there is a console without a terminal too, and a method that tells. */
  private static boolean isTerminal(java.io.Console console) {
    try {
      return (boolean) java.io.Console.class.getMethod("isTerminal").invoke(console);
    } catch (NoSuchMethodException e) {
      return true;
    } catch (ReflectiveOperationException e) {
      return false;
    }
  }

  @Override
  public void on(Message message) {
    if (message instanceof Message.Progress progress) {
      progress(progress);
      return;
    }
    endBar();
    if (message instanceof Message.Line line) {
      log.info(line.text());
    } else if (message instanceof Message.Warning warning) {
      log.warn(warning.text());
    } else if (message instanceof Message.Table table) {
      lines(table).forEach(log::info);
    } else if (message instanceof Message.Failure failure) {
      throw new IllegalStateException("a failure is thrown, not shown: " + failure);
    }
  }

  /** Takes a line of the computing JVM that is no message. */
  void otherOutput(String line) {
    if (PROBLEM.matcher(line).matches()) {
      log.warn(line);
    } else {
      log.debug(line);
    }
  }

  private void progress(Message.Progress progress) {
    if (terminal) {
      showBar(progress);
    } else {
      showLine(progress);
    }
  }

  private void showBar(Message.Progress progress) {
    if (bar == null || !progress.stage().equals(stage)) {
      endBar();
      stage = progress.stage();
      bar =
          new ProgressBarBuilder()
              .setTaskName(stage)
              .setInitialMax(progress.total())
              .setStyle(ProgressBarStyle.ASCII)
              .setConsumer(new ConsoleProgressBarConsumer(System.err, WIDTH))
              .build();
    }
    bar.setExtraMessage(" " + progress.note());
    bar.stepTo(progress.done());
  }

  private void showLine(Message.Progress progress) {
    long now = System.nanoTime();
    boolean changed = !progress.stage().equals(stage);
    boolean ended = progress.done() == progress.total();
    if (changed) {
      stage = progress.stage();
    }
    if (ended || lastLine == 0 || now - lastLine > NANOS_BETWEEN_LINES) {
      lastLine = now;
      log.info(
          String.format(
                  Locale.ROOT,
                  "%s  %d/%d  %s",
                  progress.stage(),
                  progress.done(),
                  progress.total(),
                  progress.note())
              .stripTrailing());
    }
  }

  private void endBar() {
    if (bar != null) {
      bar.close();
      bar = null;
    }
  }

  /** Columns as wide as their widest cell; texts to the left, numbers to the right. */
  static List<String> lines(Message.Table table) {
    List<List<String>> all = new ArrayList<>();
    all.add(table.header());
    all.addAll(table.rows());
    int[] widths =
        IntStream.range(0, table.header().size())
            .map(column -> all.stream().mapToInt(row -> row.get(column).length()).max().orElse(0))
            .toArray();
    boolean[] numbers = new boolean[widths.length];
    for (int column = 0; column < numbers.length; column++) {
      int at = column;
      numbers[column] =
          table.rows().stream().allMatch(row -> NUMBER.matcher(row.get(at)).matches());
    }
    List<String> lines = new ArrayList<>();
    lines.add(table.title());
    for (List<String> row : all) {
      lines.add(
          IntStream.range(0, widths.length)
              .mapToObj(
                  column ->
                      String.format(
                          Locale.ROOT,
                          "%" + (numbers[column] ? "" : "-") + Math.max(1, widths[column]) + "s",
                          row.get(column)))
              .collect(Collectors.joining("  ", "  ", ""))
              .stripTrailing());
    }
    return lines;
  }

  @Override
  public void close() {
    endBar();
  }
}
