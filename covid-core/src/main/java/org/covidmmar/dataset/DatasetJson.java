package org.covidmmar.dataset;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.covidmmar.CovidException;
import org.covidmmar.FileNames;
import org.covidmmar.StrictJson;

/** Reads a dataset.json; collects what is wrong with its entries before it refuses the file. */
final class DatasetJson {
  static final String LABEL_FORMAT = "label_format";
  static final String IMAGE = "image";
  static final String LABEL_IMAGE = "label_image";
  static final String LABEL = "label";
  static final String PATIENT = "patient";
  static final int CLASSES = 2;

  /** Some 300,000 cases; what is larger is not a dataset.json. */
  static final long MAX_BYTES = 32L << 20;

  private static final StrictJson.Kind KIND =
      new StrictJson.Kind("a dataset.json", MAX_BYTES, "set covid.dataset to a dataset.json");

  private static final String FORM =
      "write each entry as {\"image\": \"path\", \"label_image\": \"path\", \"label\": [0 or 1]}";

  private final Path file;
  private final Path dataRoot;
  private final List<CovidException> problems = new ArrayList<>();

  DatasetJson(Path file, Path dataRoot) {
    this.file = file;
    this.dataRoot = dataRoot.toAbsolutePath().normalize();
  }

  /** A case whose id is not known until all images are. */
  private record Entry(Path image, Path mask, Integer label, String patient) {}

  Dataset read() {
    return dataset(StrictJson.read(file, KIND));
  }

  /** The dataset that the file holds where these are its bytes. */
  Dataset read(byte[] bytes) {
    return dataset(StrictJson.parse(file, KIND, bytes));
  }

  private Dataset dataset(JsonNode root) {
    if (!root.isObject()) {
      throw new CovidException(
          file,
          "a JSON object expected, found " + StrictJson.shown(root),
          "write {\"label_format\": [2], \"training\": […], \"validation\": […]}");
    }
    checkLabelFormat(root.get(LABEL_FORMAT));
    Map<String, List<Entry>> lists = new LinkedHashMap<>();
    root.properties().forEach(property -> readList(property.getKey(), property.getValue(), lists));
    if (!problems.isEmpty()) {
      throw CovidException.all(file.toString(), problems);
    }
    Map<Path, String> ids =
        CaseIds.of(
            dataRoot,
            lists.values().stream().flatMap(List::stream).map(Entry::image).distinct().toList());
    Map<String, List<Case>> cases = new LinkedHashMap<>();
    lists.forEach(
        (name, entries) ->
            cases.put(
                name,
                entries.stream()
                    .map(
                        e ->
                            new Case(
                                ids.get(e.image()), e.image(), e.mask(), e.label(), e.patient()))
                    .collect(Collectors.toList())));
    return new Dataset(file, dataRoot, cases);
  }

  private void checkLabelFormat(JsonNode format) {
    if (format == null) {
      return;
    }
    boolean two = format.isArray() && format.size() == 1 && format.get(0).isInt();
    if (!two || format.get(0).intValue() != CLASSES) {
      problem(
          LABEL_FORMAT,
          "[2] expected (one label of two classes), found "
              + StrictJson.shortened(format.toString()),
          "write \"label_format\": [2]");
    }
  }

  /** Whatever is an array of objects or texts is a list; other properties describe the dataset. */
  private void readList(String name, JsonNode value, Map<String, List<Entry>> lists) {
    boolean known =
        List.of(Dataset.TRAINING, Dataset.VALIDATION, Dataset.TESTING, Dataset.TEST).contains(name);
    if (!value.isArray() || (!known && !isListOfCases(value))) {
      if (known) {
        problem(
            name,
            "a list expected, found " + StrictJson.shown(value),
            "write \"" + name + "\": [ … ]");
      }
      return;
    }
    String twin =
        switch (name) {
          case Dataset.TEST -> Dataset.TESTING;
          case Dataset.TESTING -> Dataset.TEST;
          default -> name;
        };
    if (lists.containsKey(twin)) {
      problem(
          name,
          "the file has both \"test\" and \"testing\", which are one",
          "put the cases into one list");
    }
    List<Entry> entries = new ArrayList<>();
    for (int i = 0; i < value.size(); i++) {
      Entry entry = readEntry(name + "[" + i + "]", value.get(i));
      if (entry != null) {
        entries.add(entry);
      }
    }
    lists.put(name, entries);
  }

  private static boolean isListOfCases(JsonNode value) {
    return !value.isEmpty() && value.get(0).isObject() && value.get(0).has(IMAGE);
  }

  private Entry readEntry(String where, JsonNode node) {
    if (!node.isObject()) {
      problem(where, "an object expected, found " + StrictJson.shown(node), FORM);
      return null;
    }
    Path image = readPath(where + "." + IMAGE, node.get(IMAGE), true);
    Path mask = readPath(where + "." + LABEL_IMAGE, node.get(LABEL_IMAGE), false);
    Integer label = readLabel(where + "." + LABEL, node.get(LABEL));
    String patient = readPatient(where + "." + PATIENT, node.get(PATIENT));
    return image == null ? null : new Entry(image, mask, label, patient);
  }

  private Path readPath(String where, JsonNode node, boolean required) {
    if (node == null || node.isNull()) {
      if (required) {
        problem(where, "is missing", FORM);
      }
      return null;
    }
    if (!node.isTextual() || node.textValue().isBlank()) {
      problem(
          where,
          "the path of a file expected, found " + StrictJson.shortened(node.toString()),
          FORM);
      return null;
    }
    try {
      return dataRoot.resolve(node.textValue()).normalize();
    } catch (InvalidPathException e) {
      // Said at once and once: with another locale every such path is one.
      FileNames.requireEncodable(file + ": " + where, node.textValue());
      problem(where, "is not a path: " + e.getMessage(), FORM);
      return null;
    }
  }

  private Integer readLabel(String where, JsonNode node) {
    if (node == null || node.isNull() || (node.isArray() && node.isEmpty())) {
      return null;
    }
    JsonNode value = node.isArray() && node.size() == 1 ? node.get(0) : node;
    if (!value.canConvertToExactIntegral() || !value.canConvertToInt()) {
      problem(where, "[0] or [1] expected, found " + StrictJson.shortened(node.toString()), FORM);
      return null;
    }
    return value.intValue();
  }

  private String readPatient(String where, JsonNode node) {
    if (node == null || node.isNull()) {
      return null;
    }
    if (!node.isTextual() && !node.isIntegralNumber()) {
      problem(
          where,
          "a text or a whole number expected, found something else",
          "write the same for all scans of a patient");
      return null;
    }
    String text = node.asText().strip();
    return text.isEmpty() ? null : text;
  }

  private void problem(String where, String problem, String remedy) {
    problems.add(new CovidException(file + ": " + where, problem, remedy));
  }
}
