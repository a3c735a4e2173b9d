package org.covidmmar.maven;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.codehaus.plexus.util.xml.Xpp3Dom;
import org.covidmmar.config.Setting;
import org.covidmmar.maven.GivenValue.Source;
import org.covidmmar.maven.PluginParameters.PluginParameter;

/**
 * Which value holds for each parameter, and where it comes from: an element of the configuration
 * wins over a property, a property over the default.
 *
 * @param parameters of the goals
 * @param given by the user, one for each property
 */
record ResolvedValues(PluginParameters parameters, List<GivenValue> given) {

  /**
   * A parameter's value.
   *
   * @param name the property, or the element where there is none
   * @param value null where there is no default either
   */
  record ResolvedValue(String name, String value, Source source) {
    boolean isDefault() {
      return source.kind() == Source.Kind.DEFAULT;
    }

    /**
     * Where it comes from, in words.
     *
     * @param basedir files below it or near it are named relative to it
     */
    String from(Path basedir) {
      String place = place(basedir);
      return switch (source.kind()) {
        case DEFAULT -> "default";
        case COMMAND_LINE -> "-D";
        case POM -> place.isEmpty() ? "pom" : place;
        case PARENT_POM -> "parent " + place;
        case PROFILE -> "profile " + source.id() + ", " + place;
        case SETTINGS -> "settings.xml, profile " + source.id();
        // The command line has replaced it there.
        case MMAR -> place.isEmpty() ? "-D" : "MMAR, " + place;
        case CONFIGURATION ->
            "<configuration>"
                + (source.id().isEmpty() ? "" : " of execution " + source.id())
                + (place.isEmpty() ? "" : ", " + place);
      };
    }

    private String place(Path basedir) {
      Path file = Path.of(source.place());
      return file.isAbsolute() && file.startsWith(basedir.resolve("../..").normalize())
          ? basedir.relativize(file).toString()
          : source.place();
    }
  }

  /**
   * What holds in a goal called by name, one a parameter; and one more for each element of an
   * execution.
   */
  List<ResolvedValue> all() {
    List<ResolvedValue> values = new ArrayList<>();
    for (PluginParameter parameter : parameters.all()) {
      if (parameter.isOurs()) {
        List<GivenValue> mine = given.stream().filter(value -> isOf(value, parameter)).toList();
        values.add(
            mine.stream()
                .filter(value -> !value.isElement() || value.source().id().isEmpty())
                .max(Comparator.comparing(value -> value.source().kind()))
                .map(value -> resolved(parameter, value))
                .orElseGet(
                    () -> new ResolvedValue(name(parameter), fallback(parameter), Source.DEFAULT)));
        mine.stream()
            .filter(value -> value.isElement() && !value.source().id().isEmpty())
            .filter(value -> !isOfMmar(parameter))
            .forEach(value -> values.add(resolved(parameter, value)));
      }
    }
    values.sort(Comparator.comparing(ResolvedValue::name));
    return values;
  }

  /**
   * What to say of values after -D that an element keeps from a goal.
   *
   * @param execution of the goal
   */
  List<String> beaten(String execution) {
    List<String> sentences = new ArrayList<>();
    for (GivenValue element : given) {
      Optional<PluginParameter> parameter = parameters.of(element);
      boolean holds = List.of("", execution).contains(element.source().id());
      if (element.isElement() && holds && parameter.isPresent() && !isOfMmar(parameter.get())) {
        given.stream()
            .filter(value -> value.source().kind() == Source.Kind.COMMAND_LINE)
            .filter(value -> isOf(value, parameter.get()))
            .filter(value -> !value.value().equals(element.value()))
            .forEach(value -> sentences.add(sentence(element, value)));
      }
    }
    return sentences;
  }

  /** An MMAR is under the command line, so that nothing of the pom beats that then. */
  boolean isOfMmar(PluginParameter parameter) {
    return given.stream()
        .anyMatch(value -> value.source().kind() == Source.Kind.MMAR && isOf(value, parameter));
  }

  private static String sentence(GivenValue element, GivenValue commandLine) {
    return "-D%s=%s is not used: %s, %s, wins over it; write <%s> in <properties> instead"
        .formatted(
            commandLine.name(),
            commandLine.value(),
            element.subject(),
            element.value(),
            commandLine.name());
  }

  private static boolean isOf(GivenValue value, PluginParameter parameter) {
    return value.name().equals(value.isElement() ? parameter.element() : parameter.property());
  }

  private static ResolvedValue resolved(PluginParameter parameter, GivenValue value) {
    String text =
        value.isElement() && value.element().getChildCount() > 0
            ? Arrays.stream(value.element().getChildren())
                .map(Xpp3Dom::getName)
                .collect(Collectors.joining(", "))
            : value.value();
    return new ResolvedValue(name(parameter), text, value.source());
  }

  private static String name(PluginParameter parameter) {
    return parameter.property() != null ? parameter.property() : "<" + parameter.element() + ">";
  }

  private static String fallback(PluginParameter parameter) {
    return Optional.ofNullable(parameter.property())
        .flatMap(Setting::of)
        .flatMap(Setting::defaultText)
        .orElse(parameter.fallback());
  }
}
