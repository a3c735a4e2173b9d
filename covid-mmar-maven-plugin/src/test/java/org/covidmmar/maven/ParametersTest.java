package org.covidmmar.maven;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;

import java.util.List;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.apache.maven.plugin.descriptor.MojoDescriptor;
import org.apache.maven.plugin.descriptor.Parameter;
import org.apache.maven.plugin.descriptor.PluginDescriptor;
import org.covidmmar.config.Setting;
import org.covidmmar.experiment.Main;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What the goals take and say of it is what the core's settings are. */
class ParametersTest {
  /** Of Maven's side of a goal; the core knows nothing of them. */
  private static final List<String> MAVENS_OWN =
      List.of(
          "covid.config.file",
          "covid.force",
          "covid.fork",
          "covid.import.artifactId",
          "covid.import.folder",
          "covid.import.groupId",
          "covid.import.version",
          "covid.jvmArgs",
          "covid.mlflow.serverId",
          "covid.mlflow.trackingUri",
          "covid.mmar",
          "covid.mmar.config",
          "covid.mmar.set",
          "covid.skip",
          "covid.skipCheck",
          "covid.skipCompare",
          "covid.skipConvert",
          "covid.skipExport",
          "covid.skipInfer",
          "covid.skipPackage",
          "covid.skipPhantom",
          "covid.skipReport",
          "covid.skipReproduce",
          "covid.skipSegment",
          "covid.skipSweep",
          "covid.skipSync",
          "covid.skipTrain",
          "covid.skipUi",
          "covid.skipValidate");

  private final PluginDescriptor plugin = Descriptor.read();

  @Test
  void goalsTakeEverySettingAndNoOther() {
    SortedSet<String> expected = new TreeSet<>(Setting.properties());
    expected.addAll(MAVENS_OWN);
    assertEquals(expected, new TreeSet<>(new PluginParameters(plugin).properties()));
  }

  @Test
  void goalPrefixAndGoals() {
    assertEquals("covid", plugin.getGoalPrefix());
    assertEquals(
        "[check, compare, config, convert, export, help, import, infer, package, phantom, report, reproduce, segment, sweep, sync, train, ui, validate]",
        plugin.getMojos().stream().map(MojoDescriptor::getGoal).sorted().toList().toString());
  }

  @ParameterizedTest
  @EnumSource(Setting.class)
  void helpSaysWhatTheSettingIs(Setting setting) {
    String text =
        setting.meaning()
            + " "
            + Character.toUpperCase(setting.type().charAt(0))
            + setting.type().substring(1)
            + "; "
            + setting.defaultText().map(d -> "default " + d).orElse("no default")
            + ".";
    Map<String, Parameter> parameters = parametersOf(setting.property());
    assertNotNull(parameters.values().stream().findFirst().orElse(null), setting.property());
    parameters.forEach(
        (goal, parameter) -> {
          assertEquals(text, plain(parameter.getDescription()), goal + ": " + setting);
          assertNull(parameter.getDefaultValue(), "a default stands in Setting alone");
          assertEquals("java.lang.String", parameter.getType(), "the core converts");
          assertEquals(fieldName(setting.property()), parameter.getName());
        });
  }

  @ParameterizedTest
  @EnumSource(Main.Goal.class)
  void everyGoalOfTheCoreHasAGoalThatCanRunBesideOthers(Main.Goal goal) {
    MojoDescriptor mojo = plugin.getMojo(goal.name().toLowerCase(java.util.Locale.ROOT));
    assertNotNull(mojo);
    assertEquals(true, mojo.isThreadSafe());
  }

  /** Goal to parameter. */
  private Map<String, Parameter> parametersOf(String property) {
    Map<String, Parameter> found = new TreeMap<>();
    for (MojoDescriptor mojo : plugin.getMojos()) {
      Map<String, Parameter> byName =
          mojo.getParameters().stream().collect(Collectors.toMap(Parameter::getName, p -> p));
      for (var configuration : mojo.getMojoConfiguration().getChildren()) {
        if (configuration.getValue("").equals("${" + property + "}")) {
          found.put(mojo.getGoal(), byName.get(configuration.getName()));
        }
      }
    }
    return found;
  }

  /** {@code covid.phantom.cases} is phantomCases. */
  private static String fieldName(String property) {
    StringBuilder name = new StringBuilder();
    boolean upper = false;
    for (char c : property.substring("covid.".length()).toCharArray()) {
      if (c == '.') {
        upper = true;
      } else {
        name.append(upper ? Character.toUpperCase(c) : c);
        upper = false;
      }
    }
    return name.toString();
  }

  private static String plain(String html) {
    return html.replaceAll("<[^>]*>", "")
        .replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&amp;", "&")
        .replaceAll("\\s+", " ");
  }
}
