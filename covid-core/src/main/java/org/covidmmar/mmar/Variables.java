package org.covidmmar.mmar;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.covidmmar.CovidException;
import org.covidmmar.DidYouMean;
import org.covidmmar.FileNames;
import org.covidmmar.StrictJson;

/** The variables of an MMAR's environment.json, which {@code {NAME}} in a configuration names. */
final class Variables {
  static final String FILE = "config/environment.json";
  static final String DATA_ROOT = "DATA_ROOT";
  static final String DATASET_JSON = "DATASET_JSON";
  static final String PROCESSING_TASK = "PROCESSING_TASK";
  static final String EVAL_OUTPUT = "MMAR_EVAL_OUTPUT_PATH";
  static final String CHECKPOINTS = "MMAR_CKPT_DIR";
  static final String CHECKPOINT = "MMAR_CKPT";
  static final String PRETRAIN_WEIGHTS = "PRETRAIN_WEIGHTS_FILE";
  private static final String ROOT = "MMAR_ROOT";

  /** Those of an MMAR; what else stands in the file must be named by the configuration. */
  private static final List<String> USUAL =
      List.of(
          DATA_ROOT,
          DATASET_JSON,
          PROCESSING_TASK,
          EVAL_OUTPUT,
          CHECKPOINTS,
          CHECKPOINT,
          PRETRAIN_WEIGHTS,
          ROOT);

  private static final int LONGEST = 1 << 16;
  private static final Pattern NAME = Pattern.compile("\\{([A-Za-z_][A-Za-z0-9_]*)\\}");
  private static final StrictJson.Kind KIND =
      new StrictJson.Kind(
          "an environment.json",
          1L << 20,
          "write {\"DATA_ROOT\": \"…\", \"DATASET_JSON\": \"…\", …} to it");

  private final Path mmar;
  private final Map<String, String> values = new LinkedHashMap<>();

  private Variables(Path mmar) {
    this.mmar = mmar;
    values.put(ROOT, mmar.toString());
  }

  /** Those of an MMAR; only its root where it has no such file. */
  static Variables read(Path mmar) {
    Variables variables = new Variables(mmar);
    Path file = mmar.resolve(FILE);
    if (!Files.exists(file)) {
      return variables;
    }
    JsonNode root = StrictJson.read(file, KIND);
    if (!root.isObject()) {
      throw new CovidException(
          file, "an object expected, found " + StrictJson.shown(root), KIND.remedy());
    }
    List<CovidException> problems = new ArrayList<>();
    root.properties()
        .forEach(
            property -> {
              if (property.getValue().isNull()) {
                return;
              }
              if (property.getValue().isValueNode()) {
                variables.values.put(property.getKey(), property.getValue().asText());
              } else {
                problems.add(
                    new CovidException(
                        file + ": " + property.getKey(),
                        "a text expected, found " + StrictJson.shown(property.getValue()),
                        "give it a text"));
              }
            });
    if (!problems.isEmpty()) {
      throw CovidException.all(file.toString(), problems);
    }
    return variables;
  }

  /** Whether a name may be set: it is one of the file's, or one that every MMAR has. */
  boolean has(String name) {
    return names().contains(name);
  }

  /** The names that may be set. */
  Set<String> names() {
    Set<String> names = new TreeSet<>(values.keySet());
    names.addAll(USUAL);
    return names;
  }

  void set(String name, String value) {
    values.put(name, value);
  }

  /** The variable's value with those that it names in turn; null where it has none. */
  String value(String name) {
    String text = values.get(name);
    return text == null ? null : resolved(text, mmar.resolve(FILE) + ": " + name);
  }

  /**
   * A text with its variables replaced.
   *
   * @param subject what a message about it begins with
   */
  String resolved(String text, String subject) {
    String result = text;
    // Variables may name others; those that name themselves never end.
    for (int depth = 0; depth <= values.size(); depth++) {
      Matcher matcher = NAME.matcher(result);
      if (!matcher.find()) {
        return result;
      }
      result = replaced(matcher, subject);
      if (result.length() > LONGEST) {
        // What grows by little in each round may have many rounds.
        break;
      }
    }
    throw new CovidException(
        subject, "its variables name each other without end", "mend " + mmar.resolve(FILE));
  }

  /** One round, ended where it becomes too long: a text that names much may do so in one. */
  private String replaced(Matcher matcher, String subject) {
    StringBuilder text = new StringBuilder();
    matcher.reset();
    while (matcher.find() && text.length() <= LONGEST) {
      matcher.appendReplacement(text, Matcher.quoteReplacement(known(matcher.group(1), subject)));
    }
    return matcher.appendTail(text).toString();
  }

  private String known(String name, String subject) {
    String value = values.get(name);
    if (value == null) {
      throw new CovidException(
          subject,
          "there is no variable " + name + " in " + mmar.resolve(FILE),
          values.size() == 1
              ? "write it there, or give it with covid.mmar.set"
              : DidYouMean.remedy(name, values.keySet())
                  + " Else write it there, or give it with covid.mmar.set");
    }
    return value;
  }

  /** A path of the configuration: one that is relative starts in the MMAR's folder. */
  Path path(String text) {
    if (text.isBlank()) {
      throw new CovidException(
          mmar.resolve(FILE), "a path is empty", "give the path of a file or folder");
    }
    try {
      return mmar.resolve(text).normalize();
    } catch (InvalidPathException e) {
      FileNames.requireEncodable(mmar.resolve(FILE).toString(), text);
      throw new CovidException(
          mmar.resolve(FILE),
          "is not a path: " + e.getMessage(),
          "give the path of a file or folder");
    }
  }

  /**
   * Refuses variables that nobody reads, for they are mistyped.
   *
   * @param configuration the text that may name them
   */
  List<CovidException> unread(String configuration) {
    List<CovidException> problems = new ArrayList<>();
    String all = configuration + values.values();
    values.keySet().stream()
        .filter(name -> !USUAL.contains(name) && !all.contains("{" + name + "}"))
        .forEach(
            name ->
                problems.add(
                    new CovidException(
                        mmar.resolve(FILE) + ": " + name,
                        "is no variable of an MMAR, and no configuration names it",
                        DidYouMean.nearest(name, USUAL)
                            .map(known -> "did you mean " + known + "?")
                            .orElse("remove it"))));
    return problems;
  }
}
