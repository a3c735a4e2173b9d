package org.covidmmar.provenance;

import java.util.regex.Pattern;

/**
 * Takes out of texts what must not be kept: the content of XML elements and the values of
 * properties that are named like a password, token, secret or key, and whom a URL logs in.
 */
public final class Secrets {
  private static final String NAME =
      "[\\w.-]*(?:password|passphrase|passwd|pwd|secret|token|credential|(?:api|access|private)[_.-]?key)"
          + "[\\w.-]*";

  /** As in properties, XML attributes, JSON and YAML; not as in Maven coordinates. */
  private static final String ASSIGNED =
      "(\\b" + NAME + "(?:[\"']?[ \\t]*=[ \\t]*|[\"'][ \\t]*:[ \\t]*|:[ \\t]+))";

  private static final String REMOVED = "(removed)";
  private static final Pattern ELEMENT =
      Pattern.compile(
          "(<(" + NAME + ")(?:\\s[^>]*)?(?<!/)>).*?(</\\2>)",
          Pattern.CASE_INSENSITIVE | Pattern.DOTALL);
  private static final Pattern QUOTED =
      Pattern.compile(ASSIGNED + "(?:\"[^\"\\n]*\"|'[^'\\n]*')", Pattern.CASE_INSENSITIVE);
  private static final Pattern PROPERTY =
      Pattern.compile(ASSIGNED + "[^\\s<\"']+", Pattern.CASE_INSENSITIVE);
  private static final Pattern LOGIN = Pattern.compile("(://)[^/@\\s\"'<>]+@");
  private static final Pattern NAMED = Pattern.compile(NAME, Pattern.CASE_INSENSITIVE);

  private Secrets() {}

  /** The text without them. */
  public static String removed(String text) {
    String kept = ELEMENT.matcher(text).replaceAll("$1" + REMOVED + "$3");
    kept = QUOTED.matcher(kept).replaceAll("$1\"" + REMOVED + "\"");
    kept = PROPERTY.matcher(kept).replaceAll("$1" + REMOVED);
    return LOGIN.matcher(kept).replaceAll("$1" + REMOVED + "@");
  }

  /** The value of a property, unless its name says that it is one of them. */
  public static String removed(String name, String value) {
    return NAMED.matcher(name).matches() ? REMOVED : removed(value);
  }
}
