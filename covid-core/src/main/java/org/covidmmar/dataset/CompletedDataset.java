package org.covidmmar.dataset;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.covidmmar.AtomicFiles;
import org.covidmmar.CovidException;
import org.covidmmar.Fingerprint;
import org.covidmmar.StrictJson;

/**
 * A copy of a dataset.json in which entries without a lung mask have one that was made for them.
 * All else is as the user wrote it; under {@value #COMPLETES} stands the fingerprint of the file
 * that it is a copy of, so that it is not taken for the copy of another one.
 */
public final class CompletedDataset {
  private static final String COMPLETES = "completes";

  private CompletedDataset() {}

  /**
   * Writes the copy.
   *
   * @param dataset as it was read from the user's file
   * @param masks by image
   * @param portable masks below this folder are named relative to the data root, if that is below
   *     it too, so that all of it can be moved
   */
  public static void write(Path copy, Dataset dataset, Map<Path, Path> masks, Path portable) {
    byte[] bytes = bytes(dataset.file());
    if (!new DatasetJson(dataset.file(), dataset.dataRoot()).read(bytes).equals(dataset)) {
      throw changed(dataset.file());
    }
    ObjectNode root = StrictJson.MAPPER.createObjectNode();
    root.put(COMPLETES, Fingerprint.of(bytes).hex());
    try {
      root.setAll((ObjectNode) StrictJson.MAPPER.readTree(bytes));
    } catch (IOException | ClassCastException e) {
      throw changed(dataset.file());
    }
    // Again, for the user's file may be a copy itself.
    root.put(COMPLETES, Fingerprint.of(bytes).hex());
    dataset
        .lists()
        .forEach(
            (name, cases) -> {
              JsonNode list = root.get(name);
              for (int n = 0; n < cases.size(); n++) {
                Path mask = cases.get(n).mask() == null ? masks.get(cases.get(n).image()) : null;
                if (mask != null) {
                  String text = text(mask, dataset.dataRoot(), portable);
                  ((ObjectNode) list.get(n)).put(DatasetJson.LABEL_IMAGE, text);
                }
              }
            });
    AtomicFiles.writeString(copy, root.toPrettyString() + "\n");
  }

  private static CovidException changed(Path file) {
    return new CovidException(
        file, "changed while it was used", "leave the data alone during a run, then run it again");
  }

  private static String text(Path mask, Path dataRoot, Path portable) {
    boolean moves = mask.startsWith(portable) && dataRoot.startsWith(portable);
    Path shown = moves ? dataRoot.relativize(mask) : mask;
    return shown.toString().replace(File.separatorChar, '/');
  }

  /**
   * The dataset with the masks of a copy; those that are gone are left out.
   *
   * @param user the dataset as the user has it
   * @return empty where there is no copy, or one of another dataset
   */
  public static Optional<Dataset> read(Path copy, Dataset user) {
    if (!Files.isRegularFile(copy) || !isCopyOf(copy, user.file())) {
      return Optional.empty();
    }
    Dataset completed = Dataset.read(copy, user.dataRoot());
    Map<Path, Path> masks = new HashMap<>();
    completed.lists().values().stream()
        .flatMap(List::stream)
        .filter(c -> c.mask() != null && Files.exists(c.mask()))
        .forEach(c -> masks.put(c.image(), c.mask()));
    Map<String, List<Case>> lists = new LinkedHashMap<>();
    user.lists()
        .forEach(
            (name, cases) ->
                lists.put(
                    name,
                    cases.stream()
                        .map(c -> c.mask() == null ? c.withMask(masks.get(c.image())) : c)
                        .toList()));
    return Optional.of(new Dataset(user.file(), user.dataRoot(), lists));
  }

  /** Whether a file is a copy that was written here, of whatever dataset. */
  public static boolean isOurs(Path file) {
    return completes(file).length() == Fingerprint.of(new byte[0]).hex().length();
  }

  private static boolean isCopyOf(Path copy, Path file) {
    return completes(copy).equals(Fingerprint.of(bytes(file)).hex());
  }

  /** Empty where the file is no copy. */
  private static String completes(Path copy) {
    try {
      JsonNode root = StrictJson.MAPPER.readTree(bytes(copy));
      return root == null ? "" : root.path(COMPLETES).asText();
    } catch (IOException e) {
      return "";
    }
  }

  private static byte[] bytes(Path file) {
    try {
      if (Files.size(file) > DatasetJson.MAX_BYTES) {
        throw changed(file);
      }
      return Files.readAllBytes(file);
    } catch (IOException e) {
      throw new CovidException(
          file.toString(), "cannot be read: " + e.getMessage(), "make it readable", e);
    }
  }
}
