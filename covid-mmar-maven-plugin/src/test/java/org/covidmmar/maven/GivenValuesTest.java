package org.covidmmar.maven;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Path;
import java.util.List;
import java.util.Properties;
import org.covidmmar.maven.GivenValue.Source;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GivenValuesTest {
  private static final String PROFILE =
      """
      <profiles>
        <profile><id>quick</id><properties>
          <covid.epochs>%s</covid.epochs>
        </properties></profile>
      </profiles>
      """;

  @TempDir Path folder;

  private Study study;

  @BeforeEach
  void study() {
    study = new Study(folder);
  }

  @Test
  void theOwnPomWinsOverTheParents() {
    study.parent(epochs(1)).child(epochs(2));
    assertGiven("2", new Source(Source.Kind.POM, "", study.childPom() + ":3"));
  }

  @Test
  void theParentsPomIsNamed() {
    study.parent(epochs(1));
    assertGiven("1", new Source(Source.Kind.PARENT_POM, "", study.parentPom() + ":3"));
  }

  @Test
  void anActiveProfileWinsOverItsPom() {
    study.child(epochs(2) + PROFILE.formatted(7));
    assertGiven("2", new Source(Source.Kind.POM, "", study.childPom() + ":3"));
    study.activate("quick");
    assertGiven("7", new Source(Source.Kind.PROFILE, "quick", study.childPom() + ":7"));
  }

  @Test
  void aProfileOfTheParentWithTheSameValueAsItsPom() {
    study.parent(epochs(7) + PROFILE.formatted(7)).activate("quick");
    assertGiven("7", new Source(Source.Kind.PROFILE, "quick", study.parentPom() + ":7"));
  }

  @Test
  void settingsWinOverThePom() {
    study.child(epochs(2)).settings("mine", "covid.epochs", "9");
    assertGiven("9", new Source(Source.Kind.SETTINGS, "mine", ""));
  }

  @Test
  void theCommandLineWinsOverProperties() {
    study.child(epochs(2)).settings("mine", "covid.epochs", "9");
    assertEquals(
        List.of(GivenValue.property("covid.epochs", "11", Source.COMMAND_LINE)),
        study.given(Study.commandLine("covid.epochs", "11", "other", "1")));
  }

  @Test
  void elementsOfThePluginOnceAndThoseOfAnExecutionByItsName() {
    study.child(
        Study.plugin(
            "\n<epochs>3</epochs>",
            "\n<execution><id>long</id><configuration>\n<seed>4</seed></configuration></execution>"));
    List<GivenValue> given = study.given(new Properties());
    assertEquals(List.of("epochs", "seed"), given.stream().map(GivenValue::name).toList());
    assertEquals(
        List.of(
            new Source(Source.Kind.CONFIGURATION, "", study.childPom() + ":3"),
            new Source(Source.Kind.CONFIGURATION, "long", study.childPom() + ":5")),
        given.stream().map(GivenValue::source).toList());
  }

  private void assertGiven(String value, Source source) {
    assertEquals(
        List.of(GivenValue.property("covid.epochs", value, source)), study.given(new Properties()));
  }

  private static String epochs(int epochs) {
    return "<properties>\n<covid.epochs>" + epochs + "</covid.epochs>\n</properties>\n";
  }
}
