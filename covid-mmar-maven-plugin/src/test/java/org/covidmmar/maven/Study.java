package org.covidmmar.maven;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import org.apache.maven.model.Profile;
import org.apache.maven.model.building.DefaultModelBuilderFactory;
import org.apache.maven.model.building.DefaultModelBuildingRequest;
import org.apache.maven.model.building.ModelBuildingException;
import org.apache.maven.model.building.ModelBuildingRequest;
import org.apache.maven.model.building.ModelBuildingResult;
import org.apache.maven.project.MavenProject;

/** A parent pom and a child's in a folder, read as Maven reads them. */
final class Study {
  private final Path folder;
  private final List<String> profiles = new ArrayList<>();
  private final List<Profile> settings = new ArrayList<>();

  Study(Path folder) {
    this.folder = folder;
    parent("");
    child("");
  }

  Path parentPom() {
    return folder.resolve("pom.xml");
  }

  Path childPom() {
    return folder.resolve("child/pom.xml");
  }

  /** The content stands from line 2 on. */
  Study parent(String content) {
    write(
        parentPom(),
        "<project><modelVersion>4.0.0</modelVersion><groupId>s</groupId><artifactId>p</artifactId>"
            + "<version>1</version><packaging>pom</packaging>\n"
            + content
            + "\n</project>");
    return this;
  }

  /** The content stands from line 2 on. */
  Study child(String content) {
    write(
        childPom(),
        "<project><modelVersion>4.0.0</modelVersion><parent><groupId>s</groupId><artifactId>p"
            + "</artifactId><version>1</version></parent><artifactId>c</artifactId>\n"
            + content
            + "\n</project>");
    return this;
  }

  Study activate(String profile) {
    profiles.add(profile);
    return this;
  }

  Study settings(String profile, String property, String value) {
    Profile one = new Profile();
    one.setId(profile);
    one.setSource(Profile.SOURCE_SETTINGS);
    Properties properties = new Properties();
    properties.setProperty(property, value);
    one.setProperties(properties);
    settings.add(one);
    return activate(profile);
  }

  List<GivenValue> given(Properties commandLine) {
    DefaultModelBuildingRequest request = new DefaultModelBuildingRequest();
    request.setPomFile(childPom().toFile());
    request.setLocationTracking(true);
    request.setActiveProfileIds(profiles);
    request.setProfiles(settings);
    request.setValidationLevel(ModelBuildingRequest.VALIDATION_LEVEL_MINIMAL);
    try {
      ModelBuildingResult result = new DefaultModelBuilderFactory().newInstance().build(request);
      MavenProject parent = new MavenProject();
      parent.setOriginalModel(result.getRawModel(result.getModelIds().get(1)));
      MavenProject child = new MavenProject(result.getEffectiveModel());
      child.setOriginalModel(result.getRawModel());
      child.setParent(parent);
      List<Profile> active = new ArrayList<>(result.getActivePomProfiles("s:c:1"));
      active.addAll(result.getActiveExternalProfiles());
      child.setActiveProfiles(active);
      return GivenValues.of(child, commandLine, "org.covidmmar:covid-mmar-maven-plugin");
    } catch (ModelBuildingException e) {
      throw new IllegalStateException(e);
    }
  }

  static Properties commandLine(String... namesAndValues) {
    Properties properties = new Properties();
    for (int i = 0; i < namesAndValues.length; i += 2) {
      properties.setProperty(namesAndValues[i], namesAndValues[i + 1]);
    }
    return properties;
  }

  /** The plugin with a configuration; {@code elements} begins on the line where this one does. */
  static String plugin(String elements, String executions) {
    return "<build><plugins><plugin><groupId>org.covidmmar</groupId>"
        + "<artifactId>covid-mmar-maven-plugin</artifactId><version>1</version><configuration>"
        + elements
        + "</configuration><executions>"
        + executions
        + "</executions></plugin></plugins></build>";
  }

  private static void write(Path file, String text) {
    try {
      Files.createDirectories(file.getParent());
      Files.writeString(file, text);
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }
}
