package org.covidmmar.config;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.covidmmar.CovidException;
import org.covidmmar.DidYouMean;

/** Reads {@code name(argument=value,...)} as a {@link LearningRatePolicy}. */
final class PolicyText {
  private static final String PROPERTY = "covid.lrPolicy";
  private static final Pattern SYNTAX = Pattern.compile("\\s*(\\w+)\\s*(?:\\((.*)\\))?\\s*");
  private static final Map<String, Map<String, Double>> DEFAULTS = new LinkedHashMap<>();

  static {
    DEFAULTS.put("constant", Map.of());
    DEFAULTS.put("cosine", Map.of("min", 0.0));
    DEFAULTS.put("poly", Map.of("power", 0.9));
    DEFAULTS.put("step", Map.of("size", 30.0, "gamma", 0.1));
    DEFAULTS.put("plateau", Map.of("factor", 0.1, "patience", 10.0, "threshold", 1e-4, "min", 0.0));
  }

  private final String text;
  private final Map<String, Double> arguments;

  private PolicyText(String text, Map<String, Double> defaults) {
    this.text = text;
    this.arguments = new LinkedHashMap<>(defaults);
  }

  static LearningRatePolicy parse(String text) {
    Matcher matcher = SYNTAX.matcher(text);
    String name = matcher.matches() ? matcher.group(1) : text;
    List<String> names = new ArrayList<>(DEFAULTS.keySet());
    if (!names.contains(name)) {
      throw new CovidException(
          PROPERTY,
          "expected one of " + String.join(", ", names) + ", found \"" + text + "\"",
          DidYouMean.remedy(name, names));
    }
    PolicyText policy = new PolicyText(text, DEFAULTS.get(name));
    String given = matcher.group(2);
    if (given != null && !given.isBlank()) {
      for (String argument : given.split(",", -1)) {
        policy.take(argument);
      }
    }
    return policy.make(name);
  }

  private void take(String argument) {
    String[] parts = argument.strip().split("\\s*=\\s*", -1);
    if (!arguments.containsKey(parts[0])) {
      throw wrong(
          "has no argument \"" + parts[0] + "\"",
          DidYouMean.remedy(parts[0], new ArrayList<>(arguments.keySet())));
    }
    try {
      double value = Double.parseDouble(parts.length == 2 ? parts[1] : "");
      if (Double.isFinite(value)) {
        arguments.put(parts[0], value);
        return;
      }
    } catch (NumberFormatException e) {
      // Told below, as an infinite one is.
    }
    throw wrong("argument \"" + argument.strip() + "\" is not name=number", "give it a number");
  }

  private LearningRatePolicy make(String name) {
    try {
      return switch (name) {
        case "cosine" -> new LearningRatePolicy.Cosine(arguments.get("min"));
        case "poly" -> new LearningRatePolicy.Poly(arguments.get("power"));
        case "step" -> new LearningRatePolicy.StepDown(whole("size"), arguments.get("gamma"));
        case "plateau" ->
            new LearningRatePolicy.Plateau(
                arguments.get("factor"),
                whole("patience"),
                arguments.get("threshold"),
                arguments.get("min"));
        default -> new LearningRatePolicy.Constant();
      };
    } catch (IllegalArgumentException e) {
      throw wrong("expected " + e.getMessage(), "mend that argument");
    }
  }

  private int whole(String name) {
    double value = arguments.get(name);
    if (value != Math.rint(value) || Math.abs(value) > Integer.MAX_VALUE) {
      throw new IllegalArgumentException(name + " to be a whole number");
    }
    return (int) value;
  }

  private CovidException wrong(String problem, String remedy) {
    return new CovidException(PROPERTY, "\"" + text + "\": " + problem, remedy);
  }
}
