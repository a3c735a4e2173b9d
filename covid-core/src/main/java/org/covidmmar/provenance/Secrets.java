package org.covidmmar.provenance;

import java.util.regex.Pattern;

/**
 * Takes out of texts what must not be kept: the content of XML elements and the values of
 * properties that are named like a password, token, secret or passphrase, and whom a URL logs in.
 */
public final class Secrets {
  private static final String NAME = "[\\w.-]*(?:password|passphrase|passwd|secret|token)[\\w.-]*";
  private static final String REMOVED = "(removed)";
  private static final Pattern ELEMENT =
      Pattern.compile("(<(" + NAME + ")>)[^<]*(</\\2>)", Pattern.CASE_INSENSITIVE);
  private static final Pattern PROPERTY =
      Pattern.compile("(\\b" + NAME + "\\s*=\\s*)[^\\s<\"']+", Pattern.CASE_INSENSITIVE);
  private static final Pattern LOGIN = Pattern.compile("(://)[^/@\\s\"'<>]+@");
  private static final Pattern NAMED = Pattern.compile(NAME, Pattern.CASE_INSENSITIVE);

  private Secrets() {}

  /** The text without them. */
  public static String removed(String text) {
    String kept = ELEMENT.matcher(text).replaceAll("$1" + REMOVED + "$3");
    kept = PROPERTY.matcher(kept).replaceAll("$1" + REMOVED);
    return LOGIN.matcher(kept).replaceAll("$1" + REMOVED + "@");
  }

  /** The value of a property, unless its name says that it is one of them. */
  public static String removed(String name, String value) {
    return NAMED.matcher(name).matches() ? REMOVED : removed(value);
  }
}
