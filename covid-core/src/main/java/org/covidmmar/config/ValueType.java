package org.covidmmar.config;

import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.function.Function;
import org.covidmmar.CovidException;
import org.covidmmar.DidYouMean;
import org.covidmmar.volume.Shape;

/**
 * How the text of a setting is read.
 *
 * @param description the type and its range as the reference shows it
 * @param unit what a number counts; empty where it is a mere number
 * @param commas whether its text has commas
 * @param parser takes the text, throws IllegalArgumentException with what was expected
 * @param <T> what the text becomes
 */
record ValueType<T>(String description, String unit, boolean commas, Function<String, T> parser) {

  ValueType(String description, Function<String, T> parser) {
    this(description, "", false, parser);
  }

  /** The same type with a unit. */
  ValueType<T> in(String name) {
    return new ValueType<>(description, name, commas, parser);
  }

  private ValueType<T> withCommas() {
    return new ValueType<>(description, unit, true, parser);
  }

  T parse(String property, String text) {
    try {
      return parser.apply(text.strip());
    } catch (IllegalArgumentException e) {
      String remedy = e.getMessage();
      throw new CovidException(
          property,
          "expected " + description + ", found \"" + text + "\"",
          remedy == null || e instanceof NumberFormatException ? "give " + description : remedy);
    }
  }

  static ValueType<String> text(String description) {
    return new ValueType<>(description, s -> s);
  }

  static ValueType<Integer> wholeNumber(int min, int max) {
    return new ValueType<>(
        "a whole number from " + min + " to " + max,
        s -> {
          int value = Integer.parseInt(s);
          require(value >= min && value <= max);
          return value;
        });
  }

  static ValueType<Long> longNumber() {
    return new ValueType<>("a whole number", Long::parseLong);
  }

  /** A number with both ends of its range included. */
  static ValueType<Double> number(double min, double max) {
    return new ValueType<>(
        "a number from " + plain(min) + " to " + plain(max),
        s -> {
          double value = finite(s);
          require(value >= min && value <= max);
          return value;
        });
  }

  /** A finite number above 0. */
  static ValueType<Double> positive() {
    return new ValueType<>(
        "a number above 0",
        s -> {
          double value = finite(s);
          require(value > 0);
          return value;
        });
  }

  static ValueType<String> oneOf(String... values) {
    List<String> known = List.of(values);
    return new ValueType<>(
        "one of " + String.join(", ", known),
        s -> {
          if (!known.contains(s)) {
            throw new IllegalArgumentException(DidYouMean.remedy(s, known));
          }
          return s;
        });
  }

  /** What computes; its text is kept, without spaces. */
  static ValueType<String> device() {
    return new ValueType<>(
            "one of auto, cpu, gpu, or gpu: and the numbers of GPUs, as in gpu:0,1",
            s -> {
              String device = s.replace(" ", "");
              List<String> kinds = List.of("auto", "cpu", "gpu");
              if (!kinds.contains(device)) {
                if (!device.matches("gpu:\\d{1,3}(,\\d{1,3})*")) {
                  throw new IllegalArgumentException(DidYouMean.remedy(device, kinds));
                }
                List<Integer> gpus = gpus(device);
                if (gpus.stream().distinct().count() < gpus.size()) {
                  throw new IllegalArgumentException(
                      "name each GPU once; "
                          + Setting.REPLICAS.property()
                          + " lets several replicas share one");
                }
              }
              return device;
            })
        .withCommas();
  }

  /** The numbers that a device names. */
  static List<Integer> gpus(String device) {
    String[] parts = device.split("[:,]");
    return Arrays.stream(parts).skip(1).map(Integer::valueOf).toList();
  }

  /** One or more of these, separated by commas; each once. */
  static ValueType<List<String>> someOf(String... values) {
    ValueType<String> one = oneOf(values);
    return new ValueType<>(
            "one or more of " + String.join(", ", values),
            s ->
                Arrays.stream(s.split(",", -1))
                    .map(String::strip)
                    .map(one.parser())
                    .distinct()
                    .toList())
        .withCommas();
  }

  /** Two different ones of these, separated by a comma. */
  static ValueType<List<String>> twoOf(String... values) {
    ValueType<List<String>> some = someOf(values);
    return new ValueType<>(
            "two of " + String.join(", ", values),
            s -> {
              List<String> two = some.parser().apply(s);
              require(two.size() == 2);
              return two;
            })
        .withCommas();
  }

  /** Numbers separated by commas: exactly so many. */
  static ValueType<List<Double>> numbers(int count, String description) {
    return new ValueType<>(
            description,
            s -> {
              List<Double> values =
                  Arrays.stream(s.split(",", -1))
                      .map(String::strip)
                      .map(ValueType::finite)
                      .toList();
              require(values.size() == count);
              return values;
            })
        .withCommas();
  }

  /** Two numbers, the first of them below the second. */
  static ValueType<List<Double>> range() {
    String description = "two numbers low,high, low below high";
    ValueType<List<Double>> two = numbers(2, description);
    return new ValueType<>(
            description,
            s -> {
              List<Double> values = two.parser().apply(s);
              require(values.get(0) < values.get(1));
              return values;
            })
        .withCommas();
  }

  /** The axes of a sweep. */
  static ValueType<Grid> grid() {
    return new ValueType<>("name=value,value;name=value,value", Grid::parse);
  }

  /** A learning-rate policy; its text is kept. */
  static ValueType<String> policy() {
    return new ValueType<>(
        "a policy",
        s -> {
          LearningRatePolicy.parse(s);
          return s;
        });
  }

  /** As {@link #numbers}, each of them above 0. */
  static ValueType<List<Double>> positiveNumbers(int count, String description) {
    ValueType<List<Double>> any = numbers(count, description);
    return new ValueType<>(
            description,
            s -> {
              List<Double> values = any.parser().apply(s);
              require(values.stream().allMatch(v -> v > 0));
              return values;
            })
        .withCommas();
  }

  /** A voxel size: its three numbers, or one for all of them. */
  static ValueType<List<Double>> spacing() {
    return new ValueType<>(
            "a number above 0, or three x,y,z",
            s -> {
              ValueType<List<Double>> all = positiveNumbers(s.contains(",") ? 3 : 1, "");
              List<Double> values = all.parser().apply(s);
              return values.size() == 3 ? values : Collections.nCopies(3, values.get(0));
            })
        .withCommas();
  }

  /** A number of cases and the share of them that is replaced. */
  static ValueType<List<Double>> smartCache() {
    String description = "two numbers cases,share: a whole one above 0, one above 0 up to 1";
    ValueType<List<Double>> two = positiveNumbers(2, description);
    return new ValueType<>(
            description,
            s -> {
              List<Double> values = two.parser().apply(s);
              double cases = values.get(0);
              require(cases == Math.rint(cases) && cases <= Integer.MAX_VALUE);
              require(values.get(1) <= 1);
              return values;
            })
        .withCommas();
  }

  /** Even numbers from 0 on, separated by commas: exactly so many. */
  static ValueType<List<Integer>> evenNumbers(int count, String description) {
    return new ValueType<>(
            description,
            s -> {
              List<Integer> values =
                  Arrays.stream(s.split(",", -1)).map(String::strip).map(Integer::valueOf).toList();
              require(
                  values.size() == count && values.stream().allMatch(v -> v >= 0 && v % 2 == 0));
              return values;
            })
        .withCommas();
  }

  /** Whole numbers separated by commas: exactly three. */
  static ValueType<Shape> shape(int min, int max) {
    return new ValueType<>(
            "three whole numbers x,y,z from " + min + " to " + max,
            s -> {
              int[] values =
                  Arrays.stream(s.split(",", -1))
                      .map(String::strip)
                      .mapToInt(Integer::parseInt)
                      .toArray();
              require(
                  values.length == 3 && Arrays.stream(values).allMatch(v -> v >= min && v <= max));
              return new Shape(values[0], values[1], values[2]);
            })
        .withCommas();
  }

  private static double finite(String s) {
    double value = Double.parseDouble(s);
    require(Double.isFinite(value));
    return value;
  }

  private static void require(boolean condition) {
    if (!condition) {
      throw new IllegalArgumentException();
    }
  }

  private static String plain(double value) {
    return value == Math.rint(value) ? Long.toString((long) value) : Double.toString(value);
  }
}
