package org.covidmmar.maven;

import java.util.Collection;
import java.util.Optional;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import org.apache.maven.plugin.descriptor.MojoDescriptor;
import org.apache.maven.plugin.descriptor.Parameter;
import org.apache.maven.plugin.descriptor.PluginDescriptor;
import org.codehaus.plexus.configuration.PlexusConfiguration;

/** What a user can set on the goals of this plugin, as its descriptor has it. */
final class PluginParameters {
  static final String PREFIX = "covid.";

  private final SortedMap<String, PluginParameter> byElement = new TreeMap<>();
  private final SortedMap<String, PluginParameter> byProperty = new TreeMap<>();

  /**
   * One of them, which several goals may share.
   *
   * @param element its name in {@code <configuration>}
   * @param property its property; null where it has none
   * @param type the Java type, such as java.lang.String or boolean
   * @param fallback the default that Maven applies; null where the core's holds
   * @param meaning what its Javadoc says, as HTML
   * @param goals that take it
   */
  record PluginParameter(
      String element,
      String property,
      String type,
      String fallback,
      String meaning,
      SortedSet<String> goals) {

    /** Not of covid:help, which Maven generates, nor one of Maven's own properties. */
    boolean isOurs() {
      return property == null ? !goals.contains("help") : property.startsWith(PREFIX);
    }
  }

  PluginParameters(PluginDescriptor plugin) {
    for (MojoDescriptor mojo : plugin.getMojos()) {
      for (Parameter parameter : mojo.getParameters()) {
        if (parameter.isEditable()) {
          add(mojo, parameter);
        }
      }
    }
  }

  private void add(MojoDescriptor mojo, Parameter parameter) {
    PlexusConfiguration value = mojo.getMojoConfiguration().getChild(parameter.getName(), false);
    String expression = value == null ? "" : value.getValue("");
    String property =
        expression.startsWith("${") ? expression.substring(2, expression.length() - 1) : null;
    PluginParameter one =
        byElement.computeIfAbsent(
            parameter.getName(),
            name ->
                new PluginParameter(
                    name,
                    property,
                    parameter.getType(),
                    value == null ? null : value.getAttribute("default-value"),
                    parameter.getDescription(),
                    new TreeSet<>()));
    one.goals().add(mojo.getGoal());
    if (property != null && property.startsWith(PREFIX)) {
      byProperty.put(property, one);
    }
  }

  /** The parameters that have a {@code covid.*} property. */
  Collection<PluginParameter> withProperty() {
    return byProperty.values();
  }

  /** All of them. */
  Collection<PluginParameter> all() {
    return byElement.values();
  }

  /** The parameter that a value is given to; empty where no goal has it. */
  Optional<PluginParameter> of(GivenValue given) {
    return Optional.ofNullable(
        given.isElement() ? byElement.get(given.name()) : byProperty.get(given.name()));
  }

  /** The {@code covid.*} properties that some goal reads. */
  Collection<String> properties() {
    return byProperty.keySet();
  }

  /** The elements that some goal takes. */
  Collection<String> elements() {
    return byElement.keySet();
  }
}
