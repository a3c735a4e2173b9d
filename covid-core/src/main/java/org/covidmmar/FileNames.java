package org.covidmmar;

import java.nio.charset.Charset;
import java.nio.file.InvalidPathException;
import java.util.List;

/**
 * Names of files under the locale that this JVM was started in. Java takes them in the locale's
 * encoding; in the locale C or POSIX, a container's default, that is ASCII.
 */
public final class FileNames {
  private FileNames() {}

  /** The encoding of file names. */
  public static Charset encoding() {
    return named("sun.jnu.encoding");
  }

  /** The encoding in which the launcher {@code java} takes its arguments. */
  public static Charset ofArguments() {
    return named("native.encoding", "sun.jnu.encoding");
  }

  private static Charset named(String... properties) {
    for (String property : List.of(properties)) {
      String name = System.getProperty(property, "");
      if (!name.isEmpty() && Charset.isSupported(name)) {
        return Charset.forName(name);
      }
    }
    return Charset.defaultCharset();
  }

  /**
   * Refuses a name that no file can have in this JVM, whatever else is wrong with it.
   *
   * @param subject where the name stands
   * @throws CovidException which gives the locale to set
   */
  public static void requireEncodable(String subject, String name) {
    requireEncodable(subject, name, encoding());
  }

  /** As {@link #requireEncodable(String, String)}, in an encoding. */
  public static void requireEncodable(String subject, String name, Charset encoding) {
    if (!encoding.canEncode() || encoding.newEncoder().canEncode(name)) {
      return;
    }
    throw new CovidException(
        subject,
        "expected characters that the locale has (its encoding is "
            + encoding.name()
            + "), found \""
            + name
            + "\"",
        "set the environment variable LC_ALL=C.UTF-8, or LANG where LC_ALL is not set, then run it"
            + " again");
  }

  /** What to say where a path was refused by Java. */
  public static CovidException refused(InvalidPathException e) {
    try {
      requireEncodable("path", e.getInput());
    } catch (CovidException locale) {
      return locale;
    }
    return new CovidException(
        e.getInput(), "is not a path: " + e.getReason(), "give the path of a file or folder", e);
  }
}
