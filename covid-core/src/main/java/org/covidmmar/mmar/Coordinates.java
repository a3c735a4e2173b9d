package org.covidmmar.mmar;

import java.util.List;
import org.covidmmar.CovidException;

/**
 * What a model is published under, written as Maven writes it: {@code
 * groupId:artifactId:mmar[:classifier]:version}. The version, and {@code mmar} before it, may be
 * left out where the project says which.
 *
 * @param classifier empty where there is none
 * @param version null where none is given
 */
public record Coordinates(String groupId, String artifactId, String classifier, String version) {
  private static final String PART = "[A-Za-z0-9_.+-]+";
  private static final List<String> MOVING = List.of("LATEST", "RELEASE");
  private static final int WITH_CLASSIFIER = 5;
  private static final int WITH_VERSION = 4;
  private static final int WITH_EXTENSION = 3;

  /** Whether a text is meant as coordinates: it has a colon, and not that of a Windows drive. */
  public static boolean isMeantSo(String text) {
    return text.indexOf(':') > 1;
  }

  /**
   * Reads coordinates.
   *
   * @param property that they are the value of, for the message
   * @throws CovidException where the text is none
   */
  public static Coordinates parse(String property, String text) {
    List<String> parts = List.of(text.strip().split(":", -1));
    int n = parts.size();
    boolean wellFormed =
        n >= 2
            && n <= WITH_CLASSIFIER
            && parts.stream().allMatch(part -> part.matches(PART))
            && (n < WITH_EXTENSION || parts.get(2).equals(MmarArchive.EXTENSION));
    if (!wellFormed) {
      throw new CovidException(
          property,
          "expected groupId:artifactId:mmar:version, found \"" + text + "\"",
          "write it as in org.example:lung-base:mmar:1.2");
    }
    String version = n >= WITH_VERSION ? parts.get(n - 1) : null;
    if (MOVING.contains(String.valueOf(version))) {
      throw new CovidException(
          property,
          version + " is another model tomorrow than today",
          "write the version that you mean, as in org.example:lung-base:mmar:1.2");
    }
    return new Coordinates(
        parts.get(0), parts.get(1), n == WITH_CLASSIFIER ? parts.get(3) : "", version);
  }

  /** As they are written, whole where there is a version. */
  @Override
  public String toString() {
    return groupId
        + ":"
        + artifactId
        + ":"
        + MmarArchive.EXTENSION
        + (classifier.isEmpty() ? "" : ":" + classifier)
        + (version == null ? "" : ":" + version);
  }
}
