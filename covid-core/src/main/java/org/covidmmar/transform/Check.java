package org.covidmmar.transform;

import java.util.List;
import org.covidmmar.CovidException;

/** The checks of the steps' arguments; each names the argument, what is expected and found. */
final class Check {
  private Check() {}

  static void that(boolean valid, String argument, String expected, Object found) {
    if (!valid) {
      throw new CovidException(
          argument, "expected " + expected + ", found " + found, "give it such a value");
    }
  }

  static void finite(String argument, double value) {
    that(Double.isFinite(value), argument, "a finite number", value);
  }

  static void probability(String argument, double value) {
    that(value >= 0 && value <= 1, argument, "a probability, 0 to 1", value);
  }

  static void notNegative(String argument, double value) {
    that(value >= 0 && Double.isFinite(value), argument, "a finite number, at least 0", value);
  }

  static void positive(String argument, double value) {
    that(value > 0 && Double.isFinite(value), argument, "a finite number above 0", value);
  }

  static void finite(String argument, PerAxis values) {
    given(argument, values);
    for (int axis = 0; axis < 3; axis++) {
      finite(argument, values.along(axis));
    }
  }

  static void notNegative(String argument, PerAxis values) {
    given(argument, values);
    for (int axis = 0; axis < 3; axis++) {
      notNegative(argument, values.along(axis));
    }
  }

  static void positive(String argument, PerAxis values) {
    given(argument, values);
    for (int axis = 0; axis < 3; axis++) {
      positive(argument, values.along(axis));
    }
  }

  /** {@code low} above 0 and {@code high} not below it. */
  static void ascending(String lowName, double low, String highName, double high) {
    positive(lowName, low);
    positive(highName, high);
    that(high >= low, highName, "at least " + lowName + " (" + low + ")", high);
  }

  static void given(String argument, Object value) {
    that(value != null, argument, "a value", "none");
  }

  static List<Integer> axes(String argument, List<Integer> axes, int least, int most) {
    given(argument, axes);
    that(
        axes.size() >= least
            && axes.size() <= most
            && axes.stream().allMatch(a -> a != null && a >= 0 && a <= 2)
            && axes.stream().distinct().count() == axes.size(),
        argument,
        (least == most ? "" + least : least + " to " + most) + " different axes out of 0, 1, 2",
        axes);
    return List.copyOf(axes);
  }

  static List<Double> shear(String argument, List<Double> values) {
    given(argument, values);
    that(
        values.size() == 6 && values.stream().allMatch(v -> v != null && Double.isFinite(v)),
        argument,
        "six finite numbers",
        values);
    return List.copyOf(values);
  }
}
