package org.covidmmar.provenance;

import java.util.regex.Pattern;

/**
 * Takes out of texts what must not be kept: the content of XML elements and the values of
 * properties that are named like a password, token, secret or key, and whom a URL logs in.
 */
public final class Secrets {
  private static final String WORD =
      "(?:password|passphrase|passwd|pwd|secret|token|credential|(?:api|access|private)[_.-]?key)";

  /** Bounded, as all here that repeats: a text may be a long line of anything. */
  private static final String NAME = "[\\w.-]{0,100}" + WORD + "[\\w.-]{0,100}";

  /** As in properties, XML attributes, JSON and YAML; not as in Maven coordinates. */
  private static final String ASSIGNED =
      "(\\b[\\w.-]{0,50}"
          + WORD
          + "[\\w.-]{0,50}"
          + "(?:[\"']?[ \\t]{0,50}=[ \\t]{0,50}|[\"'][ \\t]{0,50}:[ \\t]{0,50}|:[ \\t]{1,50}))";

  private static final String REMOVED = "(removed)";
  private static final Pattern ELEMENT =
      Pattern.compile(
          "(<(" + NAME + ")(?:\\s[^>]{0,500})?(?<!/)>).{0,4000}?(</\\2>)",
          Pattern.CASE_INSENSITIVE | Pattern.DOTALL);
  private static final Pattern QUOTED =
      Pattern.compile(
          ASSIGNED + "(?:\"[^\"\\n]{0,1000}\"|'[^'\\n]{0,1000}')", Pattern.CASE_INSENSITIVE);
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
