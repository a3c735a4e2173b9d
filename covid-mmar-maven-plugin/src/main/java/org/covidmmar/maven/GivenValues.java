package org.covidmmar.maven;

import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Properties;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.apache.maven.execution.MavenSession;
import org.apache.maven.model.InputLocation;
import org.apache.maven.model.Model;
import org.apache.maven.model.ModelBase;
import org.apache.maven.model.Plugin;
import org.apache.maven.model.PluginExecution;
import org.apache.maven.model.PluginManagement;
import org.apache.maven.model.Profile;
import org.apache.maven.project.MavenProject;
import org.codehaus.plexus.util.xml.Xpp3Dom;
import org.covidmmar.maven.GivenValue.Source;

/**
 * Everything that the user gave for this plugin in a project: properties that start with {@code
 * covid.}, and elements of its configuration.
 */
final class GivenValues {
  private static final Pattern MAVEN_4 = Pattern.compile("(.+) @ (\\d+):\\d+");

  private final MavenProject project;
  private final String pluginKey;

  private GivenValues(MavenProject project, String pluginKey) {
    this.project = project;
    this.pluginKey = pluginKey;
  }

  /**
   * One for each property, the one that wins, and one for each element of the configuration of the
   * plugin and of its executions.
   *
   * @param pluginKey groupId and artifactId of this plugin
   */
  static List<GivenValue> of(MavenProject project, MavenSession session, String pluginKey) {
    return of(project, commandLine(session), pluginKey);
  }

  /** What wins over the pom: properties after {@code -D}, those of MAVEN_OPTS too. */
  static Properties commandLine(MavenSession session) {
    Properties commandLine = new Properties();
    commandLine.putAll(session.getSystemProperties());
    commandLine.putAll(session.getUserProperties());
    return commandLine;
  }

  static List<GivenValue> of(MavenProject project, Properties commandLine, String pluginKey) {
    GivenValues values = new GivenValues(project, pluginKey);
    List<GivenValue> found = new ArrayList<>(values.properties(commandLine));
    found.addAll(values.elements());
    return found;
  }

  private List<GivenValue> properties(Properties commandLine) {
    TreeSet<String> names = new TreeSet<>(commandLine.stringPropertyNames());
    names.addAll(project.getProperties().stringPropertyNames());
    names.removeIf(name -> !name.startsWith(PluginParameters.PREFIX));
    List<GivenValue> found = new ArrayList<>();
    for (String name : names) {
      String text = commandLine.getProperty(name);
      found.add(
          text != null
              ? GivenValue.property(name, text, Source.COMMAND_LINE)
              : GivenValue.property(
                  name, project.getProperties().getProperty(name), propertySource(name)));
    }
    return found;
  }

  private Source propertySource(String name) {
    for (Profile profile : project.getActiveProfiles()) {
      if (profile.getSource().equals(Profile.SOURCE_SETTINGS)
          && profile.getProperties().containsKey(name)) {
        return new Source(Source.Kind.SETTINGS, profile.getId(), "");
      }
    }
    InputLocation winner = location(project.getModel(), name);
    for (MavenProject p = project; p != null; p = p.getParent()) {
      Model written = p.getOriginalModel();
      for (Profile profile : written.getProfiles()) {
        if (samePlace(winner, location(profile, name))) {
          return new Source(Source.Kind.PROFILE, profile.getId(), place(winner));
        }
      }
      if (samePlace(winner, location(written, name))) {
        return new Source(
            p.equals(project) ? Source.Kind.POM : Source.Kind.PARENT_POM, "", place(winner));
      }
    }
    return new Source(Source.Kind.POM, "", place(winner));
  }

  private static InputLocation location(ModelBase place, String property) {
    InputLocation all = place.getLocation("properties");
    return all == null ? null : all.getLocation(property);
  }

  private static boolean samePlace(InputLocation a, InputLocation b) {
    return a != null
        && b != null
        && a.getLineNumber() == b.getLineNumber()
        && a.getSource() != null
        && b.getSource() != null
        && Objects.equals(a.getSource().getLocation(), b.getSource().getLocation());
  }

  /** An element of the plugin's own is in each of its executions too. */
  private List<GivenValue> elements() {
    Map<List<String>, GivenValue> found = new LinkedHashMap<>();
    plugin()
        .ifPresent(
            plugin -> {
              PluginExecution every = new PluginExecution();
              every.setId("");
              elements(plugin.getConfiguration(), every, found);
              for (PluginExecution execution : plugin.getExecutions()) {
                elements(execution.getConfiguration(), execution, found);
              }
            });
    return List.copyOf(found.values());
  }

  /** As Maven looks for it: for a goal called by name its management alone is enough. */
  private Optional<Plugin> plugin() {
    PluginManagement managed = project.getPluginManagement();
    return Stream.of(
            project.getBuildPlugins(), managed == null ? List.<Plugin>of() : managed.getPlugins())
        .flatMap(List::stream)
        .filter(plugin -> plugin.getKey().equals(pluginKey))
        .findFirst();
  }

  private static void elements(
      Object configuration, PluginExecution execution, Map<List<String>, GivenValue> found) {
    if (configuration instanceof Xpp3Dom dom) {
      for (Xpp3Dom element : dom.getChildren()) {
        String place = place(element);
        found.putIfAbsent(
            List.of(element.getName(), place.isEmpty() ? element.toString() : place),
            GivenValue.element(
                element,
                new Source(Source.Kind.CONFIGURATION, execution.getId(), place),
                execution.getGoals()));
      }
    }
  }

  private static String place(Xpp3Dom element) {
    Object at = element.getInputLocation();
    if (at instanceof InputLocation location) {
      return place(location);
    }
    // Maven 4 keeps a location of a class of its own there, which tells no more than its text.
    Matcher matcher = MAVEN_4.matcher(String.valueOf(at));
    return matcher.matches() ? path(matcher.group(1)) + ":" + matcher.group(2) : "";
  }

  private static String place(InputLocation at) {
    if (at == null || at.getSource() == null || at.getSource().getLocation() == null) {
      return "";
    }
    return path(at.getSource().getLocation()) + ":" + at.getLineNumber();
  }

  /** In Maven 4 a file's location is a URI. */
  private static String path(String location) {
    return location.startsWith("file:") ? Path.of(URI.create(location)).toString() : location;
  }
}
