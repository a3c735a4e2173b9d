package org.covidmmar.mmar;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.covidmmar.CovidException;
import org.covidmmar.DidYouMean;
import org.covidmmar.StrictJson;

/**
 * An object of a configuration. A key that is asked for is known; what else stands there is refused
 * at the end, so that nothing is ignored.
 */
final class Fields {
  private static final String NUMBER = "[-+]?(\\d+\\.?\\d*|\\.\\d+)([eE][-+]?\\d+)?";

  private final Document document;
  private final String path;
  private final ObjectNode node;
  private final Set<String> known = new TreeSet<>();

  Fields(Document document, String path, ObjectNode node) {
    this.document = document;
    this.path = path;
    this.node = node;
  }

  /** Where a key stands, as in {@code train.model.args.weight_decay}. */
  String path(String key) {
    return path.isEmpty() ? key : path + "." + key;
  }

  /** A key's value as it is written; null where it has none. */
  JsonNode raw(String key) {
    known.add(key);
    JsonNode value = node.get(key);
    return value == null || value.isNull() ? null : value;
  }

  boolean has(String key) {
    return raw(key) != null;
  }

  Optional<String> text(String key) {
    JsonNode value = raw(key);
    if (value == null) {
      return Optional.empty();
    }
    if (!value.isValueNode()) {
      wrong(key, "a text");
      return Optional.empty();
    }
    return document.resolved(path(key), value.asText());
  }

  /** Texts in a list, or separated by commas. */
  List<String> texts(String key) {
    JsonNode value = raw(key);
    if (value == null) {
      return List.of();
    }
    if (!value.isArray()) {
      return text(key)
          .map(t -> Arrays.stream(t.split(",", -1)).map(String::strip).toList())
          .orElse(List.of());
    }
    List<String> texts = new ArrayList<>();
    for (JsonNode one : value) {
      if (!one.isValueNode()) {
        wrong(key, "a list of texts");
        return List.of();
      }
      document.resolved(path(key), one.asText()).ifPresent(texts::add);
    }
    return texts;
  }

  Optional<Double> number(String key) {
    Optional<String> text = text(key);
    if (text.isPresent() && !text.get().strip().matches(NUMBER)) {
      wrong(key, "a number");
      return Optional.empty();
    }
    return text.map(Double::valueOf);
  }

  /** A number without which its object means nothing. */
  double required(String key) {
    if (!has(key)) {
      document.problem(path(key), "is missing", "give it a number");
    }
    return number(key).orElse(Double.NaN);
  }

  /** So many numbers, as a list or separated by commas; or one that stands for each of them. */
  List<Double> numbers(String key, int count) {
    if (!has(key)) {
      document.problem(path(key), "is missing", "give it " + count + " numbers");
      return List.of();
    }
    List<String> texts = texts(key);
    if ((texts.size() != count && texts.size() != 1)
        || !texts.stream().allMatch(text -> text.matches(NUMBER))) {
      wrong(key, count + " numbers");
      return List.of();
    }
    List<Double> numbers = texts.stream().map(Double::valueOf).toList();
    return numbers.size() == count ? numbers : Collections.nCopies(count, numbers.get(0));
  }

  Optional<Boolean> flag(String key) {
    Optional<String> text = text(key);
    if (text.isPresent() && !List.of("true", "false").contains(text.get())) {
      wrong(key, "true or false");
      return Optional.empty();
    }
    return text.map(Boolean::valueOf);
  }

  /** Refuses a flag that is not as the only way here is. */
  void only(String key, boolean value, String why) {
    if (flag(key).orElse(value) != value) {
      document.problem(
          path(key), "expected " + value + ", found " + !value + ": " + why, "set it to " + value);
    }
  }

  /** Refuses a text that is none of those that mean the only way here. */
  void only(String key, String why, String... values) {
    text(key)
        .filter(text -> !List.of(values).contains(text))
        .ifPresent(
            text ->
                document.problem(
                    path(key),
                    "expected " + String.join(" or ", values) + ", found " + text + ": " + why,
                    "set it to " + values[0]));
  }

  /** Takes notice of keys whose values have no effect here. */
  void withoutEffect(String... keys) {
    for (String key : keys) {
      if (has(key)) {
        document.withoutEffect(path, key);
      }
    }
  }

  /** An object in it; empty where there is none. */
  Optional<Fields> object(String key) {
    JsonNode value = raw(key);
    if (value == null) {
      return Optional.empty();
    }
    if (value instanceof ObjectNode object) {
      return Optional.of(document.open(path(key), object));
    }
    wrong(key, "an object");
    return Optional.empty();
  }

  private void wrong(String key, String expected) {
    document.problem(
        path(key),
        "expected " + expected + ", found " + StrictJson.shown(raw(key)),
        "give it " + expected);
  }

  /** What was never asked for. */
  List<CovidException> unknown() {
    List<CovidException> problems = new ArrayList<>();
    node.fieldNames()
        .forEachRemaining(
            key -> {
              if (!known.contains(key)) {
                problems.add(
                    document.exception(
                        path(key),
                        "is not known here",
                        known.isEmpty() ? "remove it" : DidYouMean.remedy(key, known)));
              }
            });
    return problems;
  }
}
