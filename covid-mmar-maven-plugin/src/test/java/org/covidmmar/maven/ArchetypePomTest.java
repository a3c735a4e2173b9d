package org.covidmmar.maven;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.maven.model.Model;
import org.apache.maven.model.Profile;
import org.apache.maven.model.io.xpp3.MavenXpp3Reader;
import org.codehaus.plexus.util.xml.pull.XmlPullParserException;
import org.covidmmar.config.Setting;
import org.covidmmar.config.Settings;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The pom that the archetype makes shows every hyperparameter, with the default it has. */
class ArchetypePomTest {
  private static final Path POM =
      Path.of("../archetype/src/main/resources/archetype-resources/pom.xml");

  /** Of a single call, not of an experiment. */
  private static final Set<Setting> OF_A_CALL = Set.of(Setting.MODEL, Setting.OUTPUT);

  private final PluginParameters parameters = new PluginParameters(Descriptor.read());

  private String text;
  private Model model;

  @BeforeEach
  void read() throws IOException, XmlPullParserException {
    text = Files.readString(POM);
    try (Reader reader = Files.newBufferedReader(POM)) {
      model = new MavenXpp3Reader().read(reader);
    }
  }

  @Test
  void everySettingOfTrainingAndEvaluationHasItsDefault() {
    Map<String, String> expected = new TreeMap<>();
    Map<String, String> found = new TreeMap<>();
    for (Setting setting : settingsOf("train", "validate")) {
      setting
          .defaultText()
          .ifPresent(
              value -> {
                expected.put(setting.property(), value);
                found.put(
                    setting.property(), model.getProperties().getProperty(setting.property()));
              });
    }
    assertEquals(expected, found);
  }

  @Test
  void settingsWithoutDefaultAreNamedInAComment() {
    Set<String> commented = new HashSet<>();
    Matcher comment = Pattern.compile("<!--.*?-->", Pattern.DOTALL).matcher(text);
    while (comment.find()) {
      Matcher name = Pattern.compile("covid\\.[a-zA-Z.]*[a-zA-Z]").matcher(comment.group());
      while (name.find()) {
        commented.add(name.group());
      }
    }
    List<String> missing =
        settingsOf("train", "validate").stream()
            .filter(s -> s.defaultText().isEmpty())
            .map(Setting::property)
            .filter(property -> !commented.contains(property))
            .toList();
    assertEquals(List.of(), missing);
  }

  @Test
  void everyPropertyOfPomAndProfilesIsKnownAndItsValueTaken() {
    assertTaken(model.getProperties());
    for (Profile profile : model.getProfiles()) {
      assertTaken(profile.getProperties());
    }
  }

  private void assertTaken(Properties properties) {
    Map<String, String> settings = new TreeMap<>();
    for (String name : properties.stringPropertyNames()) {
      if (name.startsWith("covid.")) {
        assertTrue(parameters.properties().contains(name), name);
        if (Setting.properties().contains(name)) {
          settings.put(name, properties.getProperty(name));
        }
      }
    }
    Settings.of(settings);
  }

  private List<Setting> settingsOf(String... goals) {
    Set<String> properties = new HashSet<>();
    for (PluginParameters.PluginParameter parameter : parameters.withProperty()) {
      if (!Collections.disjoint(parameter.goals(), List.of(goals))) {
        properties.add(parameter.property());
      }
    }
    return Arrays.stream(Setting.values())
        .filter(s -> properties.contains(s.property()) && !OF_A_CALL.contains(s))
        .toList();
  }
}
