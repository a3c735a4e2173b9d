package org.covidmmar.dataset;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.File;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.covidmmar.AtomicFiles;
import org.covidmmar.CovidException;
import org.covidmmar.StrictJson;

/**
 * The dataset.json of an MMAR: named lists of cases.
 *
 * <pre>{@code
 * {"label_format": [2],
 *  "training": [{"image": "a.nii.gz", "label_image": "a_lungs.nii.gz", "label": [1]}, ...],
 *  "validation": [...], "testing": [...]}
 * }</pre>
 *
 * Paths are absolute, or relative to the data root. An entry of which only the image is known may
 * lack {@code label_image} and {@code label}. {@code "label": 1} is read as {@code [1]}. An entry
 * may have {@code "patient"}, a text that is the same for all scans of a patient.
 *
 * @param file where it was read, or is to be written: for messages
 * @param dataRoot what relative paths are relative to, absolute
 * @param lists the lists in the order of the file
 */
public record Dataset(Path file, Path dataRoot, Map<String, List<Case>> lists) {
  public static final String TRAINING = "training";
  public static final String VALIDATION = "validation";
  public static final String TESTING = "testing";

  /** Another name of the list {@link #TESTING}, as some files have it. */
  static final String TEST = "test";

  public Dataset {
    Objects.requireNonNull(file);
    dataRoot = dataRoot.toAbsolutePath().normalize();
    Map<String, List<Case>> copy = new LinkedHashMap<>();
    lists.forEach((name, cases) -> copy.put(name, List.copyOf(cases)));
    lists = Collections.unmodifiableMap(copy);
  }

  /**
   * Reads a dataset.json. Whether its files exist and its labels are right is {@link
   * DatasetCheck}'s to say.
   *
   * @throws CovidException naming the file with line and column where it is not JSON, or the
   *     entries that do not have the form above, all of them at once
   */
  public static Dataset read(Path datasetJson, Path dataRoot) {
    return new DatasetJson(datasetJson, dataRoot).read();
  }

  /**
   * Whether there is a list of that name, be it empty; {@code test} and {@code testing} are one.
   */
  public boolean has(String name) {
    return lists.containsKey(key(name));
  }

  /**
   * The cases of a list, in the order of the file.
   *
   * @param name training, validation, testing or another list of the file; {@code test} and {@code
   *     testing} are one
   * @throws CovidException where the file has no such list
   */
  public List<Case> list(String name) {
    List<Case> cases = lists.get(key(name));
    if (cases == null) {
      throw new CovidException(
          file,
          "has no list \"" + name + "\"; its lists: " + String.join(", ", lists.keySet()),
          "add \"" + name + "\": [{\"image\": …, \"label_image\": …, \"label\": [0]}, …] to it");
    }
    return cases;
  }

  /** The name under which the file has the list. */
  String key(String name) {
    if (lists.containsKey(name)) {
      return name;
    }
    return switch (name) {
      case TESTING -> TEST;
      case TEST -> TESTING;
      default -> name;
    };
  }

  /** Writes it as dataset.json; paths below the data root become relative, with {@code /}. */
  public void write(Path target) {
    ObjectNode root = StrictJson.MAPPER.createObjectNode();
    root.putArray(DatasetJson.LABEL_FORMAT).add(DatasetJson.CLASSES);
    lists.forEach(
        (name, cases) -> {
          ArrayNode list = root.putArray(name);
          cases.forEach(c -> put(list.addObject(), c));
        });
    AtomicFiles.writeString(target, root.toPrettyString() + "\n");
  }

  private void put(ObjectNode entry, Case c) {
    entry.put(DatasetJson.IMAGE, text(c.image()));
    if (c.mask() != null) {
      entry.put(DatasetJson.LABEL_IMAGE, text(c.mask()));
    }
    if (c.label() != null) {
      entry.putArray(DatasetJson.LABEL).add(c.label());
    }
    if (c.patient() != null) {
      entry.put(DatasetJson.PATIENT, c.patient());
    }
  }

  private String text(Path path) {
    Path absolute = path.toAbsolutePath().normalize();
    if (!absolute.startsWith(dataRoot)) {
      return absolute.toString();
    }
    return dataRoot.relativize(absolute).toString().replace(File.separatorChar, '/');
  }

  /** The cases of several lists, one list after the other. */
  public List<Case> cases(List<String> names) {
    List<Case> all = new ArrayList<>();
    names.forEach(name -> all.addAll(list(name)));
    return all;
  }
}
