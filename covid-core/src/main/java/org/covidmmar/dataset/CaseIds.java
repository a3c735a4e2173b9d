package org.covidmmar.dataset;

import java.nio.file.Path;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.covidmmar.Fingerprint;

/**
 * Names of cases: the image's file name without its NIfTI suffix, preceded by as many parent
 * folders as it takes to tell equal names apart ({@code patient1_ct}). Neither the order of the
 * images nor where the data's folder lies matters.
 */
public final class CaseIds {
  private static final Pattern SUFFIX =
      Pattern.compile("\\.(nii|hdr|img)(\\.gz)?$", Pattern.CASE_INSENSITIVE);
  private static final int HASH_DIGITS = 12;

  private CaseIds() {}

  /**
   * The id of each distinct image.
   *
   * @param root the data's folder; those above it are in no id of an image below it
   */
  public static Map<Path, String> of(Path root, Collection<Path> images) {
    Map<Path, Path> places = new TreeMap<>();
    images.forEach(i -> places.put(i, i.startsWith(root) ? root.relativize(i) : i));
    Map<Path, String> ids = of(places.values());
    Map<Path, String> byImage = new LinkedHashMap<>();
    places.forEach((image, place) -> byImage.put(image, ids.get(place)));
    return byImage;
  }

  private static Map<Path, String> of(Collection<Path> images) {
    Map<Path, Integer> folders = new TreeMap<>();
    images.forEach(image -> folders.put(image, 0));
    while (true) {
      Map<String, Set<Path>> byId = new HashMap<>();
      folders.forEach(
          (image, n) -> byId.computeIfAbsent(id(image, n), k -> new TreeSet<>()).add(image));
      boolean unique = true;
      for (Set<Path> same : byId.values()) {
        if (same.size() > 1) {
          unique = false;
          same.forEach(image -> folders.merge(image, 1, Integer::sum));
        }
      }
      if (unique) {
        Map<Path, String> ids = new LinkedHashMap<>();
        folders.forEach((image, n) -> ids.put(image, id(image, n)));
        return ids;
      }
    }
  }

  /** The name of an image without its NIfTI suffix. */
  public static String stem(Path image) {
    return SUFFIX.matcher(image.getFileName().toString()).replaceFirst("");
  }

  private static String id(Path image, int folders) {
    int names = image.getNameCount();
    String file = stem(image);
    StringBuilder id = new StringBuilder();
    for (int i = Math.max(0, names - 1 - folders); i < names - 1; i++) {
      id.append(image.getName(i)).append('_');
    }
    id.append(file);
    if (folders >= names) {
      // a_b/c and a/b_c, or ct.nii beside ct.nii.gz: no number of folders tells them apart.
      id.append('_')
          .append(Fingerprint.of(image.toString().replace('\\', '/')).hex(), 0, HASH_DIGITS);
    }
    return id.toString();
  }
}
