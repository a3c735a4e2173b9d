package org.covidmmar.maven;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import org.covidmmar.CovidException;
import org.covidmmar.config.Setting;
import org.covidmmar.mmar.MmarExperiment;
import org.covidmmar.transform.Step;

/**
 * The files of an experiment that does what an MMAR does.
 *
 * @param pluginVersion of this plugin
 */
record ImportedProject(
    String groupId,
    String artifactId,
    String version,
    String pluginVersion,
    MmarExperiment experiment) {
  private static final JsonMapper JSON = new JsonMapper();

  /** Its pom: each property with the place that it comes from. */
  String pom() {
    return """
        <?xml version="1.0" encoding="UTF-8"?>
        <project xmlns="http://maven.apache.org/POM/4.0.0" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:schemaLocation="http://maven.apache.org/POM/4.0.0 http://maven.apache.org/xsd/maven-4.0.0.xsd">
          <modelVersion>4.0.0</modelVersion>

          <groupId>%s</groupId>
          <artifactId>%s</artifactId>
          <version>%s</version>
          <packaging>covid-experiment</packaging>

          <properties>
        %s  </properties>

          <build>
            <plugins>
              <plugin>
                <groupId>org.covidmmar</groupId>
                <artifactId>covid-mmar-maven-plugin</artifactId>
                <version>%s</version>
                <extensions>true</extensions>
        %s      </plugin>
            </plugins>
          </build>
        </project>
        """
        .formatted(
            text(groupId),
            text(artifactId),
            text(version),
            properties(),
            text(pluginVersion),
            configuration());
  }

  private String properties() {
    StringBuilder lines = new StringBuilder();
    SortedMap<Setting, MmarExperiment.Value> set = new TreeMap<>(experiment.settings());
    // A pom of its own has nothing that an empty one would replace.
    set.values().removeIf(value -> value.text().isEmpty());
    set.forEach(
        (setting, value) -> lines.append("    ").append(property(setting, value)).append('\n'));
    return lines.toString();
  }

  private static String property(Setting setting, MmarExperiment.Value value) {
    String name = setting.property();
    // A comment must not hold two hyphens.
    String place =
        value.place().isEmpty() ? "command line" : value.place().replaceAll("-(?=-)", "- ");
    return "<%s>%s</%s> <!-- %s -->".formatted(name, text(value.text()), name, text(place));
  }

  private String configuration() {
    if (experiment.preTransforms() == null) {
      return "";
    }
    StringBuilder lines = new StringBuilder();
    lines.append("        <configuration>\n          <preTransforms>\n");
    for (Step step : experiment.preTransforms()) {
      JsonNode tree = JSON.valueToTree(step);
      String name = tree.get("name").textValue();
      lines.append("            <").append(name).append(">\n");
      tree.properties().stream()
          .filter(argument -> !argument.getKey().equals("name"))
          .forEach(
              argument ->
                  lines.append(
                      "              <%s>%s</%s>\n"
                          .formatted(
                              argument.getKey(),
                              text(written(argument.getValue())),
                              argument.getKey())));
      lines.append("            </").append(name).append(">\n");
    }
    return lines.append("          </preTransforms>\n        </configuration>\n").toString();
  }

  private static String written(JsonNode value) {
    return value.isTextual() ? value.textValue() : value.toString();
  }

  /** A README that says what it is and how it is run. */
  String readme() {
    return """
        # %s

        Trains a 3-D DenseNet on chest CT as an MMAR of Clara Train 3 says. Research use only: not for diagnosis,
        triage or treatment of patients.

        Every property in `pom.xml` came from the MMAR; the comment beside it says from where. `mvn covid:config` lists
        what holds, `mvn verify` makes the masks that are missing, checks the data, trains, evaluates, packages the model
        and writes the report, and `mvn covid:train` trains alone.
        %s"""
        .formatted(artifactId, notes(experiment.notes()));
  }

  private static String notes(List<String> notes) {
    if (notes.isEmpty()) {
      return "";
    }
    return "\nOf what the MMAR says, this is not so here:\n\n- "
        + String.join("\n- ", notes)
        + "\n";
  }

  private static String text(String value) {
    if (value.contains("${")) {
      throw new CovidException(
          "covid.mmar", "Maven would replace a part of \"" + value + "\"", "write it without ${");
    }
    return value.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
  }
}
