package org.covidmmar.maven;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.apache.maven.plugin.descriptor.MojoDescriptor;
import org.apache.maven.plugin.descriptor.PluginDescriptor;
import org.codehaus.plexus.util.xml.Xpp3Dom;
import org.codehaus.plexus.util.xml.Xpp3DomBuilder;
import org.codehaus.plexus.util.xml.pull.XmlPullParserException;
import org.junit.jupiter.api.Test;

/** Packaging covid-experiment binds this plugin's goals, where they say that they belong. */
class PackagingTest {
  private static final String PLUGIN = "org.covidmmar:covid-mmar-maven-plugin:";

  private final PluginDescriptor plugin = Descriptor.read();

  @Test
  void everyGoalOfThePackagingIsBoundToItsOwnPhase() {
    Map<String, String> phases = phases();
    phases.forEach(
        (goal, phase) -> {
          MojoDescriptor mojo = plugin.getMojo(goal);
          assertNotNull(mojo, goal);
          assertEquals(mojo.getPhase(), phase, goal);
        });
    SortedSet<String> withPhase =
        plugin.getMojos().stream()
            .filter(mojo -> mojo.getPhase() != null)
            .map(MojoDescriptor::getGoal)
            .collect(Collectors.toCollection(TreeSet::new));
    // An experiment on real scans makes none.
    withPhase.remove("phantom");
    assertEquals(withPhase, phases.keySet());
  }

  @Test
  void idesBuildWithoutTheGoals() {
    SortedSet<String> ignored = new TreeSet<>();
    Xpp3Dom execution =
        xml("META-INF/m2e/lifecycle-mapping-metadata.xml")
            .getChild("pluginExecutions")
            .getChild("pluginExecution");
    assertNotNull(execution.getChild("action").getChild("ignore"));
    for (Xpp3Dom goal :
        execution.getChild("pluginExecutionFilter").getChild("goals").getChildren()) {
      ignored.add(goal.getValue());
    }
    SortedSet<String> goals = new TreeSet<>();
    plugin.getMojos().forEach(mojo -> goals.add(mojo.getGoal()));
    goals.remove("help");
    assertEquals(goals, ignored);
  }

  /** Goal to phase, of this plugin. */
  private static Map<String, String> phases() {
    Xpp3Dom phases =
        xml("META-INF/plexus/components.xml")
            .getChild("components")
            .getChild(0)
            .getChild("configuration")
            .getChild("lifecycles")
            .getChild("lifecycle")
            .getChild("phases");
    Map<String, String> found = new TreeMap<>();
    for (Xpp3Dom phase : phases.getChildren()) {
      Arrays.stream(phase.getValue().split(","))
          .map(String::strip)
          .filter(goal -> goal.startsWith(PLUGIN))
          .forEach(goal -> found.put(goal.substring(PLUGIN.length()), phase.getName()));
    }
    return found;
  }

  private static Xpp3Dom xml(String resource) {
    Path file = Path.of("target/classes").resolve(resource);
    try (var reader = Files.newBufferedReader(file, StandardCharsets.UTF_8)) {
      return Xpp3DomBuilder.build(reader);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (XmlPullParserException e) {
      throw new IllegalStateException(e);
    }
  }
}
