package org.covidmmar.config;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.covidmmar.CovidException;
import org.covidmmar.DidYouMean;

/** The settings of one goal: what the user gave, the default for what was not given. */
public final class Settings {
  private final Map<Setting, Object> values = new EnumMap<>(Setting.class);

  private Settings() {}

  /**
   * Reads properties; an empty value counts as not given.
   *
   * @param properties {@code covid.*} names and their texts
   * @throws CovidException that lists every unknown name and every value out of range
   */
  public static Settings of(Map<String, String> properties) {
    List<CovidException> problems = new ArrayList<>();
    properties.keySet().stream()
        .filter(name -> !Setting.properties().contains(name))
        .sorted()
        .map(Settings::unknown)
        .forEach(problems::add);
    Settings settings = new Settings();
    for (Setting setting : Setting.values()) {
      String given = properties.get(setting.property());
      String text = given == null || given.isBlank() ? setting.defaultText().orElse(null) : given;
      try {
        if (text != null) {
          settings.values.put(setting, setting.parse(text));
        }
      } catch (CovidException e) {
        problems.add(e);
      }
    }
    if (!problems.isEmpty()) {
      throw CovidException.all("configuration", problems);
    }
    return settings;
  }

  /** What to say of a property that does not exist. */
  public static CovidException unknown(String name) {
    return new CovidException(
        name, "there is no such property", DidYouMean.remedy(name, Setting.properties()));
  }

  /** The value, or null where there is neither one given nor a default. */
  <T> T get(Setting setting, Class<T> type) {
    return type.cast(values.get(setting));
  }

  String text(Setting setting) {
    return get(setting, String.class);
  }

  int whole(Setting setting) {
    return get(setting, Integer.class);
  }

  double number(Setting setting) {
    return get(setting, Double.class);
  }

  List<Double> numbers(Setting setting) {
    List<?> list = get(setting, List.class);
    return list == null ? null : list.stream().map(Double.class::cast).toList();
  }

  List<String> texts(Setting setting) {
    List<?> list = get(setting, List.class);
    return list == null ? null : list.stream().map(String.class::cast).toList();
  }

  List<Integer> wholes(Setting setting) {
    List<?> list = get(setting, List.class);
    return list.stream().map(Integer.class::cast).toList();
  }
}
