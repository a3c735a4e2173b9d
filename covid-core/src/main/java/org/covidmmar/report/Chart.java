package org.covidmmar.report;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.math.BigDecimal;
import java.math.MathContext;
import java.util.Arrays;
import java.util.List;

/**
 * A chart, drawn by the page's script.
 *
 * @param description what it shows, in words, for those who do not see it
 */
record Chart(String title, String description, Axis x, Axis y, List<Series> series) {
  private static final JsonMapper JSON = new JsonMapper();
  private static final MathContext DIGITS = new MathContext(6);

  /** An axis; with a range, or fitted to the values. */
  record Axis(String name, Double min, Double max) {
    static Axis of(String name) {
      return new Axis(name, null, null);
    }

    /** From 0 to 1. */
    static Axis unit(String name) {
      return new Axis(name, 0.0, 1.0);
    }
  }

  enum Kind {
    /** Points joined by straight lines. */
    LINE,
    /** A value holds from the previous point on. */
    STEP,
    /** Points alone. */
    POINTS,
    /** Pairs of points, each joined: the ends of intervals. */
    INTERVALS,
    /** A dashed line to compare with. */
    REFERENCE,
    /** The ROC curve's point at the threshold in force. */
    ROC_THRESHOLD,
    /** The point of precision and recall at the threshold in force. */
    PR_THRESHOLD
  }

  /**
   * Values by place, in the order in which they are joined.
   *
   * @param labels what each point is; null where that needs no saying
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record Series(String name, Kind kind, List<List<BigDecimal>> points, List<String> labels) {
    static Series of(String name, Kind kind, List<double[]> points) {
      return labelled(name, kind, points, null);
    }

    static Series labelled(String name, Kind kind, List<double[]> points, List<String> labels) {
      return new Series(
          name,
          kind,
          points.stream().map(p -> Arrays.stream(p).mapToObj(Series::shortened).toList()).toList(),
          labels);
    }

    private static BigDecimal shortened(double value) {
      BigDecimal rounded = new BigDecimal(value).round(DIGITS);
      return rounded.signum() == 0 ? BigDecimal.ZERO : rounded.stripTrailingZeros();
    }
  }

  /** Identity, such as chance level in a ROC plot. */
  static Series reference(String name, double fromX, double fromY, double toX, double toY) {
    return Series.of(
        name, Kind.REFERENCE, List.of(new double[] {fromX, fromY}, new double[] {toX, toY}));
  }

  /** What the script reads; the page escapes it as any other text. */
  String json() {
    try {
      return JSON.writeValueAsString(this);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a chart is always writable", e);
    }
  }
}
