package org.covidmmar.maven;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.ArrayList;
import java.util.List;
import org.apache.maven.plugin.logging.SystemStreamLog;
import org.covidmmar.experiment.Message;
import org.junit.jupiter.api.Test;

class ConsoleTest {
  private final List<String> lines = new ArrayList<>();

  @Test
  void plainProgressIsTheFirstAndTheLastOfAStageNotEveryStep() {
    try (Console console = new Console(new Recorder(), false)) {
      for (int done = 0; done <= 1000; done++) {
        console.on(new Message.Progress("epoch 1/2", done, 1000, done == 1000 ? "loss 0.5" : ""));
      }
      console.on(new Message.Progress("epoch 2/2", 0, 1000, ""));
    }
    assertEquals(List.of("info epoch 1/2  0/1000", "info epoch 1/2  1000/1000  loss 0.5"), lines);
  }

  @Test
  void messagesGoToTheirLevels() {
    try (Console console = new Console(new Recorder(), false)) {
      console.on(new Message.Line("run: x"));
      console.on(new Message.Warning("not in HU"));
      console.otherOutput("[main] WARN ai.djl - no GPU");
      console.otherOutput("Picked up JAVA_TOOL_OPTIONS");
    }
    assertEquals(
        List.of(
            "info run: x",
            "warn not in HU",
            "warn [main] WARN ai.djl - no GPU",
            "debug Picked up JAVA_TOOL_OPTIONS"),
        lines);
  }

  @Test
  void tableIsAligned() {
    assertEquals(
        List.of("validation", "  metric    value", "  auc       0.912", "  accuracy   0.85"),
        Console.lines(
            new Message.Table(
                "validation",
                List.of("metric", "value"),
                List.of(List.of("auc", "0.912"), List.of("accuracy", "0.85")))));
  }

  @Test
  void textsStandAtTheLeft() {
    assertEquals(
        List.of("found", "  n  kind        what", "  9  mask-empty", "     not-hu      0 to 1"),
        Console.lines(
            new Message.Table(
                "found",
                List.of("n", "kind", "what"),
                List.of(List.of("9", "mask-empty", ""), List.of("", "not-hu", "0 to 1")))));
  }

  @Test
  void failureIsNotAMessageToShow() {
    try (Console console = new Console(new Recorder(), false)) {
      assertThrows(
          IllegalStateException.class, () -> console.on(new Message.Failure("a", "b", "c")));
    }
  }

  private final class Recorder extends SystemStreamLog {
    @Override
    public void debug(CharSequence content) {
      lines.add("debug " + content);
    }

    @Override
    public void info(CharSequence content) {
      lines.add("info " + content);
    }

    @Override
    public void warn(CharSequence content) {
      lines.add("warn " + content);
    }
  }
}
