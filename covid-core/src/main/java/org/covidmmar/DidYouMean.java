package org.covidmmar;

import java.util.Collection;
import java.util.Comparator;
import java.util.Optional;
import org.apache.commons.text.similarity.LevenshteinDistance;

/** Finds the name that a mistyped one was meant to be. */
public final class DidYouMean {
  private static final LevenshteinDistance DISTANCE = LevenshteinDistance.getDefaultInstance();

  private DidYouMean() {}

  /** The nearest known name, where one is near: at most a third of its letters differ. */
  public static Optional<String> nearest(String given, Collection<String> known) {
    return known.stream()
        .min(Comparator.<String>comparingInt(k -> distance(given, k)).thenComparing(k -> k))
        .filter(k -> distance(given, k) <= Math.max(2, k.length() / 3));
  }

  /**
   * What to tell the user: {@code did you mean X?}, or the known names where none is near.
   *
   * @param known at least one
   */
  public static String remedy(String given, Collection<String> known) {
    return nearest(given, known)
        .map(k -> "did you mean " + k + "?")
        .orElseGet(() -> "use one of " + String.join(", ", known.stream().sorted().toList()));
  }

  private static int distance(String a, String b) {
    return DISTANCE.apply(
        a.toLowerCase(java.util.Locale.ROOT), b.toLowerCase(java.util.Locale.ROOT));
  }
}
