package org.covidmmar.maven;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.List;
import java.util.Properties;
import org.covidmmar.CovidException;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TypoGuardTest {
  private final TypoGuard guard = new TypoGuard(new PluginParameters(Descriptor.read()));

  @TempDir Path folder;

  private Study study;

  @BeforeEach
  void study() {
    study = new Study(folder);
  }

  @Test
  void knownNamesPass() {
    study.child(
        properties("covid.phantom.cases>2,2,2", "other>1", "covid.output>${later}")
            + Study.plugin(
                "<epochs>3</epochs><preTransforms><Flip><axes>0,2</axes></Flip></preTransforms>",
                ""));
    Properties commandLine =
        Study.commandLine("covid.skipTrain", "true", "covid.fork", "", "covidx", "1");
    assertDoesNotThrow(() -> guard.check(study.given(commandLine)));
  }

  @Test
  void aPropertyThatNothingResolvesIsNoValue() {
    study.child(properties("covid.gate.auc>${gates.auc}"));
    assertTrue(refused().problem().contains("found \"${gates.auc}\""), refused().getMessage());
  }

  @Test
  void anElementForAnotherGoalThanItsExecutionHasIsRefused() {
    study.child(
        Study.plugin(
            "",
            "<execution><id>e</id><goals><goal>phantom</goal></goals>"
                + "<configuration><gateAuc>1</gateAuc></configuration></execution>"));
    CovidException e = refused();
    assertEquals("no goal of its execution takes it: phantom", e.problem());
    assertEquals("move it to an execution of validate", e.remedy());
  }

  @Test
  void mistypedPropertyOfThePomIsFoundWithItsLine() {
    study.child(properties("covid.epoch>3"));
    CovidException e = refused();
    assertEquals(study.childPom() + ":3: covid.epoch", e.subject());
    assertEquals("did you mean covid.epochs?", e.remedy());
  }

  @Test
  void mistypedPropertyOfTheParentIsFoundInItsFile() {
    study.parent(properties("covid.learningrates>3"));
    assertEquals(study.parentPom() + ":3: covid.learningrates", refused().subject());
  }

  @Test
  void mistypedPropertyOfTheSettings() {
    study.settings("mine", "covid.epoch", "3");
    assertEquals("settings.xml, profile mine: covid.epoch", refused().subject());
  }

  @Test
  void mistypedElementIsFoundWithItsLine() {
    study.child(Study.plugin("\n<batchsiz>3</batchsiz>", ""));
    CovidException e = refused();
    assertEquals(study.childPom() + ":3: <batchsiz>", e.subject());
    assertEquals("did you mean batchSize?", e.remedy());
  }

  @Test
  void mistypedElementOfThePluginsManagementIsFound() {
    study.child(
        Study.plugin("\n<batchsiz>3</batchsiz>", "")
            .replace("<plugins>", "<pluginManagement><plugins>")
            .replace("</plugins>", "</plugins></pluginManagement>"));
    assertEquals(study.childPom() + ":3: <batchsiz>", refused().subject());
  }

  @Test
  void mistypedTransformIsFoundBeforeTheGoalThatRunsIt() {
    study.child(Study.plugin("\n<preTransforms><Flip><axis>0</axis></Flip></preTransforms>", ""));
    CovidException e = refused();
    assertEquals(study.childPom() + ":3: <preTransforms>", e.subject());
    assertTrue(e.problem().contains("Flip.axis"), e.getMessage());
    assertTrue(e.remedy().contains("did you mean axes?"), e.getMessage());
  }

  @Test
  void mistypedPropertyOfTheCommandLine() {
    CovidException e = refused("covid.treads", "1");
    assertEquals("-Dcovid.treads", e.subject());
    assertEquals("did you mean covid.threads?", e.remedy());
  }

  @ParameterizedTest
  @CsvSource({
    "covid.epochs, 0",
    "covid.optimizer, adamm",
    "covid.lrPolicy, stepp",
    "covid.skipTrain, ture",
    "covid.fork, no",
  })
  void aWrongValueIsRefusedWhateverGoalTakesIt(String property, String value) {
    assertEquals("-D" + property, refused(property, value).subject());
    study.child(properties(property + ">" + value));
    assertEquals(study.childPom() + ":3: " + property, refused().subject());
    study.child(Study.plugin("\n<epochs>fast</epochs>", ""));
    assertEquals(study.childPom() + ":3: <epochs>", refused().subject());
  }

  @Test
  void everyProblemIsListedOnce() {
    study.child(
        properties("covid.epoch>3", "covid.sed>3", "covid.epochs>0")
            + Study.plugin(
                "<batchsiz>3</batchsiz>",
                "<execution><goals><goal>train</goal></goals></execution>"));
    CovidException e = refused("covid.epoch", "3");
    assertTrue(e.problem().startsWith("4 problems:"), e.getMessage());
    assertTrue(
        List.of("-Dcovid.epoch:", "covid.sed:", "covid.epochs:", "<batchsiz>:").stream()
            .allMatch(e.getMessage()::contains),
        e.getMessage());
  }

  private CovidException refused(String... commandLine) {
    return assertThrows(
        CovidException.class, () -> guard.check(study.given(Study.commandLine(commandLine))));
  }

  private static String properties(String... namesAndValues) {
    StringBuilder text = new StringBuilder("<properties>\n");
    for (String one : namesAndValues) {
      text.append('<').append(one).append("</").append(one, 0, one.indexOf('>')).append(">\n");
    }
    return text.append("</properties>\n").toString();
  }
}
