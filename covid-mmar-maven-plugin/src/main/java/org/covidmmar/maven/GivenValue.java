package org.covidmmar.maven;

import java.util.List;
import java.util.Locale;
import org.codehaus.plexus.util.xml.Xpp3Dom;

/**
 * A value that the user gave, and where.
 *
 * @param name of the property, or of the element in the plugin's configuration
 * @param value its text; null for an element that holds others
 * @param source where it stands
 * @param element the element; null for a property
 * @param goals of the execution that the element is for; empty where it is for every goal
 */
record GivenValue(String name, String value, Source source, Xpp3Dom element, List<String> goals) {

  static GivenValue property(String name, String value, Source source) {
    return new GivenValue(name, value, source, null, List.of());
  }

  static GivenValue element(Xpp3Dom element, Source source, List<String> goals) {
    return new GivenValue(element.getName(), element.getValue(), source, element, goals);
  }

  boolean isElement() {
    return element != null;
  }

  /** What a message about it begins with. */
  String subject() {
    String written = isElement() ? "<" + name + ">" : name;
    return switch (source.kind()) {
      case COMMAND_LINE -> "-D" + written;
      case SETTINGS -> "settings.xml, profile " + source.id() + ": " + written;
      default -> source.place().isEmpty() ? written : source.place() + ": " + written;
    };
  }

  /**
   * Where a value stands.
   *
   * @param id of the profile, or of the execution of a goal; empty where it is in none
   * @param place the file and line; the file alone, or empty, where Maven knows no more
   */
  record Source(Kind kind, String id, String place) {
    /** In the order in which they win, the last over all others. */
    enum Kind {
      DEFAULT,
      PARENT_POM,
      POM,
      PROFILE,
      SETTINGS,
      COMMAND_LINE,
      CONFIGURATION,
      MMAR
    }

    /**
     * As covid:config writes it: what the command line replaced in an MMAR is the command line's.
     */
    String shown() {
      Kind shown = kind == Kind.MMAR && place.isEmpty() ? Kind.COMMAND_LINE : kind;
      return shown.name().toLowerCase(Locale.ROOT);
    }

    static final Source DEFAULT = new Source(Kind.DEFAULT, "", "");
    static final Source COMMAND_LINE = new Source(Kind.COMMAND_LINE, "", "");
  }
}
