package org.covidmmar.experiment;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import java.util.List;
import org.covidmmar.evaluation.Gate;

/**
 * What a workflow tells whoever runs it: one JSON object a line between the computing JVM and
 * Maven.
 */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "type")
@JsonSubTypes({
  @JsonSubTypes.Type(value = Message.Progress.class, name = "progress"),
  @JsonSubTypes.Type(value = Message.Line.class, name = "line"),
  @JsonSubTypes.Type(value = Message.Warning.class, name = "warning"),
  @JsonSubTypes.Type(value = Message.Table.class, name = "table"),
  @JsonSubTypes.Type(value = Message.Gates.class, name = "gates"),
  @JsonSubTypes.Type(value = Message.Failure.class, name = "failure"),
})
public sealed interface Message {
  /**
   * How far a stage is.
   *
   * @param stage such as {@code epoch 3/300}
   * @param done steps done, from 0
   * @param total steps of the stage, at least 1
   * @param note a figure worth seeing on the way, such as the loss; may be empty
   */
  record Progress(String stage, long done, long total, String note) implements Message {}

  /**
   * A line that stays on the screen. The last one of a goal is {@code run: …} or {@code wrote: …}.
   */
  record Line(String text) implements Message {}

  /** Something the user should know that does not stop the goal. */
  record Warning(String text) implements Message {}

  /**
   * A small table.
   *
   * @param title above it
   * @param header a word a column
   * @param rows as many cells as the header has
   */
  record Table(String title, List<String> header, List<List<String>> rows) implements Message {}

  /** The gates of an evaluation, missed and passed. */
  record Gates(List<Gate> gates) implements Message {}

  /** The parts of a {@link org.covidmmar.CovidException} that ended the goal. */
  record Failure(String subject, String problem, String remedy) implements Message {}

  /** Takes messages as they come, from one thread. */
  @FunctionalInterface
  interface Listener {
    void on(Message message);
  }
}
