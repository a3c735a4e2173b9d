package org.covidmmar.maven;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.StringReader;
import java.util.List;
import java.util.Properties;
import org.apache.maven.model.InputSource;
import org.apache.maven.model.Model;
import org.apache.maven.model.io.xpp3.MavenXpp3ReaderEx;
import org.apache.maven.project.MavenProject;
import org.codehaus.plexus.util.xml.pull.XmlPullParserException;
import org.covidmmar.CovidException;
import org.junit.jupiter.api.Test;

class TypoGuardTest {
  private final TypoGuard guard = new TypoGuard(Descriptor.read());

  @Test
  void knownNamesPass() {
    MavenProject project =
        project(
            "<covid.epochs>3</covid.epochs><covid.phantom.cases>2,2,2</covid.phantom.cases><other>1</other>",
            "<epochs>3</epochs><preTransforms><Resize><shap>1</shap></Resize></preTransforms>");
    assertDoesNotThrow(() -> guard.check(project, commandLine("covid.skipTrain", "covidx")));
  }

  @Test
  void mistypedPropertyOfThePomIsFoundWithItsLine() {
    CovidException e = refused(project("<covid.epoch>3</covid.epoch>", ""));
    assertEquals("/study/pom.xml:4: covid.epoch", e.subject());
    assertEquals("did you mean covid.epochs?", e.remedy());
  }

  @Test
  void mistypedPropertyOfTheParentIsFoundInItsFile() {
    MavenProject child = project("", "");
    MavenProject parent = project("<covid.learningrates>3</covid.learningrates>", "");
    child.setParent(parent);
    child.getModel().setProperties(parent.getModel().getProperties());
    assertEquals("/study/pom.xml:4: covid.learningrates", refused(child).subject());
  }

  @Test
  void mistypedElementIsFoundWithItsLine() {
    CovidException e = refused(project("", "<batchsiz>3</batchsiz>"));
    assertEquals("/study/pom.xml:8: <batchsiz>", e.subject());
    assertEquals("did you mean batchSize?", e.remedy());
  }

  @Test
  void mistypedPropertyOfTheCommandLine() {
    CovidException e =
        assertThrows(
            CovidException.class, () -> guard.check(project("", ""), commandLine("covid.treads")));
    assertEquals("-Dcovid.treads", e.subject());
    assertEquals("did you mean covid.threads?", e.remedy());
  }

  @Test
  void everyTypoIsListedOnce() {
    MavenProject project =
        project("<covid.epoch>3</covid.epoch><covid.sed>3</covid.sed>", "<batchsiz>3</batchsiz>");
    CovidException e =
        assertThrows(CovidException.class, () -> guard.check(project, commandLine("covid.epoch")));
    assertTrue(e.problem().startsWith("3 problems:"), e.getMessage());
    assertTrue(
        List.of("-Dcovid.epoch:", "covid.sed:", "<batchsiz>:").stream()
            .allMatch(e.getMessage()::contains),
        e.getMessage());
  }

  private CovidException refused(MavenProject project) {
    return assertThrows(CovidException.class, () -> guard.check(project, new Properties()));
  }

  private static Properties commandLine(String... names) {
    Properties properties = new Properties();
    for (String name : names) {
      properties.setProperty(name, "1");
    }
    return properties;
  }

  /** Properties on line 4, the elements on line 7 in an execution, on line 8 for the plugin. */
  private static MavenProject project(String properties, String elements) {
    String pom =
        """
        <project>
          <modelVersion>4.0.0</modelVersion>
          <properties>
            %s
          </properties>
          <build><plugins><plugin><groupId>org.covidmmar</groupId><artifactId>covid-mmar-maven-plugin</artifactId>
            <executions><execution><configuration>%s</configuration></execution></executions>
            <configuration>%s</configuration>
          </plugin></plugins></build>
        </project>
        """
            .formatted(properties, elements, elements);
    MavenProject project = new MavenProject(read(pom));
    project.setOriginalModel(read(pom));
    return project;
  }

  private static Model read(String pom) {
    InputSource source = new InputSource();
    source.setLocation("/study/pom.xml");
    try {
      return new MavenXpp3ReaderEx().read(new StringReader(pom), true, source);
    } catch (IOException | XmlPullParserException e) {
      throw new IllegalStateException(e);
    }
  }
}
