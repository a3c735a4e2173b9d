package org.covidmmar.maven;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.codehaus.plexus.configuration.DefaultPlexusConfiguration;
import org.codehaus.plexus.configuration.PlexusConfiguration;
import org.codehaus.plexus.util.xml.Xpp3Dom;
import org.covidmmar.CovidException;
import org.covidmmar.DidYouMean;
import org.covidmmar.config.Setting;
import org.covidmmar.maven.PluginParameters.PluginParameter;

/**
 * Refuses {@code covid.*} properties and elements of the plugin's configuration that no goal knows,
 * which Maven would ignore, and values that a goal would refuse, be it one that comes hours later.
 */
final class TypoGuard {
  private static final String EXPRESSION = "${";

  private final PluginParameters parameters;

  TypoGuard(PluginParameters parameters) {
    this.parameters = parameters;
  }

  /**
   * Checks all that the user gave.
   *
   * @throws CovidException that lists every problem, with its file and line where Maven knows them
   */
  void check(List<GivenValue> values) {
    Map<String, CovidException> problems = new LinkedHashMap<>();
    for (GivenValue value : values) {
      problem(value).ifPresent(p -> problems.putIfAbsent(p.getMessage(), p));
    }
    if (!problems.isEmpty()) {
      throw CovidException.all("configuration", new ArrayList<>(problems.values()));
    }
  }

  private Optional<CovidException> problem(GivenValue given) {
    Optional<PluginParameter> parameter = parameters.of(given);
    if (parameter.isEmpty()) {
      return Optional.of(unknown(given));
    }
    if (!given.goals().isEmpty() && Collections.disjoint(given.goals(), parameter.get().goals())) {
      return Optional.of(
          new CovidException(
              given.subject(),
              "no goal of its execution takes it: " + String.join(", ", given.goals()),
              "move it to an execution of " + String.join(" or ", parameter.get().goals())));
    }
    try {
      if (given.isElement() && given.element().getChildCount() > 0) {
        checkTree(given.element());
      } else {
        checkText(given, parameter.get());
      }
      return Optional.empty();
    } catch (CovidException e) {
      // A transform's argument is named beside the element that holds it.
      String problem =
          e.subject().equals(given.name()) || e.subject().startsWith(PluginParameters.PREFIX)
              ? e.problem()
              : e.subject() + ": " + e.problem();
      return Optional.of(new CovidException(given.subject(), problem, e.remedy(), e));
    }
  }

  private CovidException unknown(GivenValue given) {
    return given.isElement()
        ? new CovidException(
            given.subject(),
            "no goal has such an element",
            DidYouMean.remedy(given.name(), parameters.elements()))
        : new CovidException(
            given.subject(),
            "there is no such property",
            DidYouMean.remedy(given.name(), parameters.properties()));
  }

  /**
   * What stands in an element is resolved for the goal that takes it, which checks it then; in a
   * property Maven has resolved what it can.
   */
  private static void checkText(GivenValue given, PluginParameter parameter) {
    String text = given.value();
    if (text == null || text.isBlank() || (given.isElement() && text.contains(EXPRESSION))) {
      return;
    }
    Optional<Setting> setting = Setting.of(String.valueOf(parameter.property()));
    if (setting.isPresent()) {
      setting.get().parse(text);
    } else if (parameter.type().equals("boolean") && !text.matches("(?i)\\s*(true|false)\\s*")) {
      // Maven would take it for false.
      throw new CovidException(
          given.name(), "expected true or false, found \"" + text + "\"", "give true or false");
    }
  }

  private static void checkTree(Xpp3Dom element) {
    if (element.getName().equals("preTransforms") && !element.toString().contains(EXPRESSION)) {
      PreTransforms.read(configuration(element));
    }
  }

  private static PlexusConfiguration configuration(Xpp3Dom element) {
    DefaultPlexusConfiguration copy = new DefaultPlexusConfiguration(element.getName());
    copy.setValue(element.getValue());
    for (Xpp3Dom child : element.getChildren()) {
      copy.addChild(configuration(child));
    }
    return copy;
  }
}
