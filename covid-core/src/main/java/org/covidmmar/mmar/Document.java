package org.covidmmar.mmar;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.covidmmar.CovidException;
import org.covidmmar.DidYouMean;
import org.covidmmar.StrictJson;
import org.covidmmar.config.Setting;

/**
 * A configuration file of an MMAR while it is read: its elements by name, and what was found in it.
 */
final class Document {
  /** The property that sets values over those of the files. */
  static final String SET = "covid.mmar.set";

  private static final String NAME = "name";
  private static final String ARGS = "args";
  private static final String DISABLED = "disabled";
  private static final String REF = "ref";

  private final Path file;
  private final String shown;
  private final ObjectNode root;
  private final Variables variables;
  private final Set<String> set;
  private final Map<String, List<Named>> named = new TreeMap<>();
  private final List<Fields> opened = new ArrayList<>();
  private final List<CovidException> problems = new ArrayList<>();
  private final List<String> notes = new ArrayList<>();
  private final Map<String, Set<String>> withoutEffect = new TreeMap<>();
  private final Map<Setting, MmarExperiment.Value> settings = new TreeMap<>();

  /**
   * @param shown the file's name for places of values
   * @param set keys at the top whose values are not the file's but the user's
   */
  Document(Path file, String shown, ObjectNode root, Variables variables, Set<String> set) {
    this.file = file;
    this.shown = shown;
    this.root = root;
    this.variables = variables;
    this.set = Set.copyOf(set);
    collectNames("", root);
  }

  /** An element that others may refer to. */
  private record Named(String path, ObjectNode node) {}

  /**
   * One of the configuration's building blocks, such as a transform.
   *
   * @param name without its alias
   * @param args empty where it has none
   * @param path where it stands
   */
  record Element(String name, Fields args, String path) {}

  private void collectNames(String path, JsonNode node) {
    if (node instanceof ObjectNode object) {
      if (object.path(NAME).isTextual()) {
        String name = object.get(NAME).textValue();
        named
            .computeIfAbsent(name.substring(name.indexOf('#') + 1), key -> new ArrayList<>())
            .add(new Named(path, object));
      }
      for (var child : object.properties()) {
        if (!child.getKey().equals(ARGS)) {
          String at = path.isEmpty() ? child.getKey() : path + "." + child.getKey();
          collectNames(at, child.getValue());
        }
      }
    } else if (node.isArray()) {
      for (int i = 0; i < node.size(); i++) {
        collectNames(path + "[" + i + "]", node.get(i));
      }
    }
  }

  Fields root() {
    return open("", root);
  }

  Fields open(String path, ObjectNode node) {
    Fields fields = new Fields(this, path, node);
    opened.add(fields);
    return fields;
  }

  /** The enabled elements of a list; empty where there is no list. */
  List<Element> elements(Fields parent, String key) {
    JsonNode list = parent.raw(key);
    List<Element> elements = new ArrayList<>();
    if (list == null) {
      return elements;
    }
    if (!list.isArray()) {
      problem(
          parent.path(key),
          "expected a list, found " + StrictJson.shown(list),
          "write [ ] around it");
      return elements;
    }
    for (int i = 0; i < list.size(); i++) {
      element(parent.path(key) + "[" + i + "]", list.get(i)).ifPresent(elements::add);
    }
    return elements;
  }

  /** The element of a key; empty where there is none, or it is disabled. */
  Optional<Element> element(Fields parent, String key) {
    JsonNode node = parent.raw(key);
    return node == null ? Optional.empty() : element(parent.path(key), node);
  }

  private Optional<Element> element(String path, JsonNode written) {
    if (!(written instanceof ObjectNode object)) {
      problem(
          path,
          "expected {\"name\": …, \"args\": {…}}, found " + StrictJson.shown(written),
          "write it so");
      return Optional.empty();
    }
    Fields fields = open(path, object);
    if (!fields.has(NAME) && fields.has(REF)) {
      boolean enabled = !fields.flag(DISABLED).orElse(false);
      return fields.text(REF).filter(ref -> enabled).flatMap(ref -> referred(path, ref));
    }
    Optional<String> name = fields.text(NAME);
    fields.raw(ARGS);
    if (fields.flag(DISABLED).orElse(false)) {
      return Optional.empty();
    }
    if (name.isEmpty()) {
      problem(path, "has no name", "write {\"name\": …, \"args\": {…}}");
      return Optional.empty();
    }
    Fields args =
        fields
            .object(ARGS)
            .orElseGet(() -> open(path + "." + ARGS, StrictJson.MAPPER.createObjectNode()));
    String plain = name.get().split("#", 2)[0];
    return Optional.of(new Element(plain, args, path));
  }

  private Optional<Element> referred(String path, String ref) {
    List<Named> targets = named.getOrDefault(ref, List.of());
    if (targets.size() > 1) {
      problem(
          path + "." + REF,
          "several elements are named " + ref,
          "name the one that is meant, as in \"Name#alias\"");
      return Optional.empty();
    }
    if (targets.isEmpty()) {
      problem(
          path + "." + REF,
          "nothing is named " + ref,
          named.isEmpty()
              ? "name it with \"Name#" + ref + "\""
              : DidYouMean.remedy(ref, named.keySet()));
      return Optional.empty();
    }
    return element(targets.get(0).path(), targets.get(0).node());
  }

  /** Refuses an element that is none of those that are known in its place. */
  void unknown(Element element, List<String> known) {
    problem(
        element.path(),
        element.name() + " is not known here",
        DidYouMean.remedy(element.name(), known));
    // What it has for arguments is not a second problem.
    opened.remove(element.args());
  }

  /** A text with its variables replaced; empty where it names one that does not exist. */
  Optional<String> resolved(String path, String text) {
    try {
      return Optional.of(variables.resolved(text, subject(path)));
    } catch (CovidException e) {
      problems.add(e);
      return Optional.empty();
    }
  }

  /** Sets what stands at a path of this file; refused by that path where it is out of range. */
  void set(Setting setting, String text, String path) {
    try {
      setting.parse(text);
      put(setting, text, (set.contains(path) ? SET : shown) + ": " + path);
    } catch (CovidException e) {
      problem(path, e.problem(), e.remedy());
    }
  }

  /** Sets nothing, which is a choice too: what the pom has for it does not hold. */
  void setNone(Setting setting, String path) {
    put(setting, "", shown + ": " + path);
  }

  /** Sets what does not stand in this file. */
  void put(Setting setting, String text, String place) {
    settings.put(setting, new MmarExperiment.Value(text, place));
  }

  String text(Setting setting) {
    MmarExperiment.Value value = settings.get(setting);
    return value == null ? null : value.text();
  }

  Map<Setting, MmarExperiment.Value> settings() {
    return new LinkedHashMap<>(settings);
  }

  /** What a number or text of the configuration sets. */
  void set(Setting setting, Fields fields, String key) {
    fields.text(key).ifPresent(text -> set(setting, text, fields.path(key)));
  }

  void note(String note) {
    notes.add(note);
  }

  /**
   * Takes notice of a key that changes no number.
   *
   * @param path of the object that it stands in
   */
  void withoutEffect(String path, String key) {
    withoutEffect.computeIfAbsent(path, at -> new TreeSet<>()).add(key);
  }

  List<String> notes() {
    List<String> all = new ArrayList<>(notes);
    if (!withoutEffect.isEmpty()) {
      all.add(
          "without effect on the numbers: "
              + withoutEffect.entrySet().stream()
                  .map(e -> (e.getKey().isEmpty() ? "" : e.getKey() + ".") + shown(e.getValue()))
                  .collect(Collectors.joining("; ")));
    }
    return all;
  }

  private static String shown(Set<String> keys) {
    return keys.size() == 1 ? keys.iterator().next() : "{" + String.join(", ", keys) + "}";
  }

  CovidException exception(String path, String problem, String remedy) {
    return new CovidException(subject(path), problem, remedy);
  }

  void problem(String path, String problem, String remedy) {
    problems.add(exception(path, problem, remedy));
  }

  int problems() {
    return problems.size();
  }

  private String subject(String path) {
    return file + ": " + path;
  }

  Variables variables() {
    return variables;
  }

  /**
   * Throws what was found, and every key that nobody asked for.
   *
   * @param others found elsewhere
   */
  void refuseProblems(List<CovidException> others) {
    List<CovidException> all = new ArrayList<>(problems);
    opened.forEach(fields -> all.addAll(fields.unknown()));
    all.addAll(others);
    // What several refer to is read for each of them.
    Map<String, CovidException> once = new LinkedHashMap<>();
    all.forEach(problem -> once.putIfAbsent(problem.getMessage(), problem));
    if (!once.isEmpty()) {
      throw CovidException.all(file.toString(), List.copyOf(once.values()));
    }
  }
}
