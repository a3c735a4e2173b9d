package org.covidmmar.dataset;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.covidmmar.AtomicFiles;
import org.covidmmar.CovidException;
import org.covidmmar.Fingerprint;

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
    ObjectNode root = DatasetJson.MAPPER.createObjectNode();
    root.put(COMPLETES, Fingerprint.of(bytes).hex());
    try {
      root.setAll((ObjectNode) DatasetJson.MAPPER.readTree(bytes));
    } catch (IOException | ClassCastException e) {
      throw changed(dataset.file());
    }
    dataset
        .lists()
        .forEach(
            (name, cases) -> {
              JsonNode list = root.get(name);
              if (list == null || list.size() != cases.size()) {
                throw changed(dataset.file());
              }
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
    Map<String, List<Case>> lists = new LinkedHashMap<>();
    user.lists()
        .forEach(
            (name, cases) -> {
              List<Case> masked = new ArrayList<>();
              for (int n = 0; n < cases.size(); n++) {
                Case c = cases.get(n);
                Path mask = completed.list(name).get(n).mask();
                boolean made = c.mask() == null && mask != null && Files.exists(mask);
                masked.add(made ? c.withMask(mask) : c);
              }
              lists.put(name, masked);
            });
    return Optional.of(new Dataset(user.file(), user.dataRoot(), lists));
  }

  private static boolean isCopyOf(Path copy, Path file) {
    try {
      JsonNode root = DatasetJson.MAPPER.readTree(bytes(copy));
      String completes = root == null ? "" : root.path(COMPLETES).asText();
      return completes.equals(Fingerprint.of(bytes(file)).hex());
    } catch (IOException e) {
      return false;
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
