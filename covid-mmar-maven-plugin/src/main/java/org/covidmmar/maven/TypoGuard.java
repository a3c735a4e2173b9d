package org.covidmmar.maven;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.SortedSet;
import java.util.TreeSet;
import org.apache.maven.model.InputLocation;
import org.apache.maven.model.Model;
import org.apache.maven.model.ModelBase;
import org.apache.maven.model.Plugin;
import org.apache.maven.model.PluginExecution;
import org.apache.maven.model.Profile;
import org.apache.maven.plugin.descriptor.MojoDescriptor;
import org.apache.maven.plugin.descriptor.PluginDescriptor;
import org.apache.maven.project.MavenProject;
import org.codehaus.plexus.configuration.PlexusConfiguration;
import org.codehaus.plexus.util.xml.Xpp3Dom;
import org.covidmmar.CovidException;
import org.covidmmar.DidYouMean;

/**
 * Refuses {@code covid.*} properties and elements of the plugin's configuration that no goal knows.
 * Maven would ignore them, and the experiment would run with a default instead.
 */
final class TypoGuard {
  private static final String PREFIX = "covid.";

  private final String pluginKey;
  private final SortedSet<String> properties = new TreeSet<>();
  private final SortedSet<String> elements = new TreeSet<>();

  TypoGuard(PluginDescriptor plugin) {
    pluginKey = plugin.getPluginLookupKey();
    for (MojoDescriptor mojo : plugin.getMojos()) {
      for (PlexusConfiguration parameter : mojo.getMojoConfiguration().getChildren()) {
        String value = parameter.getValue("");
        if (value.startsWith("${" + PREFIX)) {
          properties.add(value.substring(2, value.length() - 1));
        }
      }
      mojo.getParameters().stream()
          .filter(p -> p.isEditable())
          .forEach(
              p -> {
                elements.add(p.getName());
                if (p.getAlias() != null && !p.getAlias().isEmpty()) {
                  elements.add(p.getAlias());
                }
              });
    }
  }

  /** The {@code covid.*} properties that some goal reads. */
  SortedSet<String> properties() {
    return properties;
  }

  /**
   * Checks the command line, the properties and the plugin's configuration of a project.
   *
   * @throws CovidException that lists every unknown name, with its file and line where Maven knows
   *     them
   */
  void check(MavenProject project, Properties commandLine) {
    Map<String, CovidException> problems = new LinkedHashMap<>();
    checkCommandLine(commandLine, problems);
    checkProperties(project, problems);
    checkConfiguration(project, problems);
    if (!problems.isEmpty()) {
      throw CovidException.all("configuration", new ArrayList<>(problems.values()));
    }
  }

  private void checkCommandLine(Properties given, Map<String, CovidException> problems) {
    for (String name : unknown(given)) {
      problems.put(name, unknownProperty("-D" + name, name));
    }
  }

  private void checkProperties(MavenProject project, Map<String, CovidException> problems) {
    for (String name : unknown(project.getProperties())) {
      problems.computeIfAbsent(
          name, n -> unknownProperty(where(propertyLocation(project, n), n), n));
    }
  }

  private SortedSet<String> unknown(Properties given) {
    SortedSet<String> names = new TreeSet<>(given.stringPropertyNames());
    names.removeIf(name -> !name.startsWith(PREFIX) || properties.contains(name));
    return names;
  }

  private CovidException unknownProperty(String where, String name) {
    return new CovidException(
        where, "there is no such property", DidYouMean.remedy(name, properties));
  }

  private void checkConfiguration(MavenProject project, Map<String, CovidException> problems) {
    for (Plugin plugin : project.getBuildPlugins()) {
      if (plugin.getKey().equals(pluginKey)) {
        checkElements(plugin.getConfiguration(), problems);
        for (PluginExecution execution : plugin.getExecutions()) {
          checkElements(execution.getConfiguration(), problems);
        }
      }
    }
  }

  private void checkElements(Object configuration, Map<String, CovidException> problems) {
    if (configuration instanceof Xpp3Dom dom) {
      for (Xpp3Dom element : dom.getChildren()) {
        String name = element.getName();
        if (!elements.contains(name)) {
          InputLocation at = element.getInputLocation() instanceof InputLocation l ? l : null;
          problems.putIfAbsent(
              "<" + name + ">",
              new CovidException(
                  where(at, "<" + name + ">"),
                  "no goal has such an element",
                  DidYouMean.remedy(name, elements)));
        }
      }
    }
  }

  private static InputLocation propertyLocation(MavenProject project, String name) {
    for (MavenProject p = project; p != null; p = p.getParent()) {
      Model model = p.getOriginalModel();
      List<ModelBase> places = new ArrayList<>(List.of(model));
      for (Profile profile : model.getProfiles()) {
        places.add(profile);
      }
      for (ModelBase place : places) {
        InputLocation all = place.getLocation("properties");
        InputLocation one = all == null ? null : all.getLocation(name);
        if (one != null) {
          return one;
        }
      }
    }
    return null;
  }

  private static String where(InputLocation at, String name) {
    if (at == null || at.getSource() == null || at.getSource().getLocation() == null) {
      return name;
    }
    return at.getSource().getLocation() + ":" + at.getLineNumber() + ": " + name;
  }
}
