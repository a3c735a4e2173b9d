package org.covidmmar.config;

import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.covidmmar.CovidException;
import org.covidmmar.DidYouMean;
import org.covidmmar.Fingerprint;

/**
 * The values that a sweep tries: every combination of them, as in {@code
 * learningRate=1e-4,1e-5;seed=0,1,2}.
 *
 * <p>Axes are separated by semicolons, an axis's values by commas. Where a value has commas itself,
 * as a shape has, values are separated by {@code |}: {@code inputShape=64,64,32|96,96,48}. What
 * stands in parentheses is never split.
 *
 * @param axes in the order given, at least one, each of another setting
 */
public record Grid(List<Axis> axes) {
  /** As many runs as a sweep has at most. */
  public static final int LARGEST = 1000;

  /** What a training depends on; to sweep anything else would make equal runs. */
  private static final Set<Setting> SWEPT =
      EnumSet.of(
          Setting.DATA_ROOT,
          Setting.DATASET,
          Setting.RECIPE,
          Setting.INPUT_SHAPE,
          Setting.RESIZE,
          Setting.INTENSITY_RANGE,
          Setting.AUGMENTATION,
          Setting.ARCHITECTURE,
          Setting.DROPOUT,
          Setting.PRETRAINED,
          Setting.PRETRAINED_HEAD,
          Setting.EPOCHS,
          Setting.BATCH_SIZE,
          Setting.ACCUMULATE,
          Setting.OPTIMIZER,
          Setting.MOMENTUM,
          Setting.LEARNING_RATE,
          Setting.WEIGHT_DECAY,
          Setting.LR_POLICY,
          Setting.LOSS,
          Setting.CLASS_WEIGHTS,
          Setting.SAMPLING,
          Setting.VALID_EVERY,
          Setting.PATIENCE,
          Setting.KEY_METRIC,
          Setting.SEED,
          Setting.DEVICE,
          Setting.REPLICAS,
          Setting.THREADS,
          Setting.ISA);

  private static final String EXAMPLE = "learningRate=1e-4,1e-5;seed=0,1,2";

  public Grid {
    axes = List.copyOf(axes);
  }

  /**
   * A setting and what it takes in turn.
   *
   * @param values as the user wrote them, at least one, no two of the same meaning
   */
  public record Axis(Setting setting, List<String> values) {
    public Axis {
      values = List.copyOf(values);
    }
  }

  /**
   * One combination.
   *
   * @param values a value for each axis
   */
  public record Point(Map<Setting, String> values) {
    public Point {
      values = Collections.unmodifiableMap(new LinkedHashMap<>(values));
    }

    /** Such as {@code learningRate=1e-4 seed=1}. */
    public String name() {
      return values.entrySet().stream()
          .map(v -> v.getKey().shortName() + "=" + v.getValue())
          .collect(Collectors.joining(" "));
    }

    /** This point with one axis less. */
    public Point without(Setting setting) {
      Map<Setting, String> rest = new LinkedHashMap<>(values);
      rest.remove(setting);
      return new Point(rest);
    }
  }

  /**
   * Reads a grid.
   *
   * @throws CovidException that lists everything wrong in it: unknown names and values out of
   *     range, names and values given twice, settings that no training depends on
   */
  public static Grid parse(String text) {
    List<CovidException> problems = new ArrayList<>();
    Map<Setting, List<String>> axes = new LinkedHashMap<>();
    for (String part : split(text, ';')) {
      try {
        int equals = part.indexOf('=');
        if (equals < 0) {
          throw problem(
              "expected name=value,value, found \"" + part + "\"", "give it as in " + EXAMPLE);
        }
        Setting setting = setting(part.substring(0, equals).strip());
        List<String> values = values(setting, part.substring(equals + 1));
        if (axes.putIfAbsent(setting, values) != null) {
          throw problem(
              setting.shortName() + " is given twice", "give all of its values in one place");
        }
        check(setting, values, problems);
      } catch (CovidException e) {
        problems.add(e);
      }
    }
    if (!problems.isEmpty()) {
      throw CovidException.all(Setting.GRID.property(), problems);
    }
    Grid grid =
        new Grid(axes.entrySet().stream().map(a -> new Axis(a.getKey(), a.getValue())).toList());
    if (grid.size() > LARGEST) {
      throw problem(
          "makes " + grid.size() + " runs, at most " + LARGEST + " are allowed",
          "give fewer values, or sweep a part of them at a time");
    }
    return grid;
  }

  private static Setting setting(String name) {
    String property = name.startsWith(Setting.PREFIX) ? name : Setting.PREFIX + name;
    Setting setting =
        Setting.of(property)
            .orElseThrow(
                () ->
                    problem(
                        "there is no setting \"" + name + "\"",
                        DidYouMean.remedy(
                            property.substring(Setting.PREFIX.length()),
                            SWEPT.stream().map(Setting::shortName).toList())));
    if (!SWEPT.contains(setting)) {
      throw problem(
          setting.shortName() + " cannot be swept: no training depends on it",
          "set " + setting.property() + " for all runs alike");
    }
    return setting;
  }

  private static List<String> values(Setting setting, String text) {
    List<String> byBar = split(text, '|');
    if (setting.hasCommas() || split(text, ',').size() == 1) {
      return byBar;
    }
    if (byBar.size() > 1) {
      throw problem(
          setting.shortName() + " has both , and | between values: \"" + text + "\"",
          "separate them by one of the two");
    }
    return split(text, ',');
  }

  private static void check(Setting setting, List<String> values, List<CovidException> problems) {
    Map<Object, String> seen = new HashMap<>();
    for (String value : values) {
      try {
        if (value.isEmpty()) {
          throw problem(
              setting.shortName() + " has an empty value", "give a value between the separators");
        }
        String before = seen.putIfAbsent(setting.parse(value), value);
        if (before != null) {
          throw problem(
              setting.shortName()
                  + " has the same value twice: "
                  + (before.equals(value) ? value : before + " and " + value),
              "leave one of them out");
        }
      } catch (CovidException e) {
        problems.add(e);
      }
    }
  }

  /** Splits where the separator stands outside of parentheses; each part stripped. */
  private static List<String> split(String text, char separator) {
    List<String> parts = new ArrayList<>();
    int depth = 0;
    int start = 0;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '(') {
        depth++;
      } else if (c == ')') {
        depth--;
      }
      if (depth < 0) {
        break;
      }
      if (c == separator && depth == 0) {
        parts.add(text.substring(start, i).strip());
        start = i + 1;
      }
    }
    if (depth != 0) {
      throw problem("parentheses do not match in \"" + text + "\"", "close each one that opens");
    }
    parts.add(text.substring(start).strip());
    return parts;
  }

  private static CovidException problem(String problem, String remedy) {
    return new CovidException(Setting.GRID.property(), problem, remedy);
  }

  /** The number of points. */
  public long size() {
    return axes.stream().mapToLong(a -> a.values().size()).reduce(1, Grid::product);
  }

  private static long product(long a, long b) {
    return a > Long.MAX_VALUE / b ? Long.MAX_VALUE : a * b;
  }

  /** Every combination, the last axis fastest. */
  public List<Point> points() {
    List<Map<Setting, String>> points = List.of(Map.of());
    for (Axis axis : axes) {
      List<Map<Setting, String>> longer = new ArrayList<>();
      for (Map<Setting, String> point : points) {
        for (String value : axis.values()) {
          Map<Setting, String> more = new LinkedHashMap<>(point);
          more.put(axis.setting(), value);
          longer.add(more);
        }
      }
      points = longer;
    }
    return points.stream().map(Point::new).toList();
  }

  /** Whether this setting is an axis. */
  public boolean has(Setting setting) {
    return axes.stream().anyMatch(a -> a.setting() == setting);
  }

  /** Twelve hexadecimal digits that every grid of the same text in essence has. */
  public String id() {
    return Fingerprint.of(toString()).hex().substring(0, 12);
  }

  /** The grid in its one spelling, which {@link #parse} reads. */
  @Override
  public String toString() {
    return axes.stream()
        .map(
            a ->
                a.setting().shortName()
                    + "="
                    + String.join(a.setting().hasCommas() ? "|" : ",", a.values()))
        .collect(Collectors.joining(";"));
  }
}
