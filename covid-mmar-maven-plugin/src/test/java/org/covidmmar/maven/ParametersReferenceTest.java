package org.covidmmar.maven;

import java.io.IOException;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.covidmmar.config.Setting;
import org.covidmmar.maven.PluginParameters.PluginParameter;
import org.junit.jupiter.api.Test;

/**
 * Keeps docs/reference/parameters.md the same as the code; -Dcovid.docs.update=true rewrites it.
 */
class ParametersReferenceTest {
  private final PluginParameters parameters = new PluginParameters(Descriptor.read());

  @Test
  void theReferenceIsCurrent() throws IOException {
    GeneratedPage.assertCurrent("parameters.md", render());
  }

  private String render() {
    StringBuilder text = new StringBuilder();
    text.append(
        """
        # Every property

        Set in an experiment's `<properties>`, or with `-D`, which wins. An unknown `covid.*` property and a value that is
        not as said here are refused before any goal starts. `mvn covid:config` prints what holds, and where it was set.
        This page is generated from the code.

        ## The experiment

        | property | default | value | goals | meaning |
        |---|---|---|---|---|
        """);
    Map<String, PluginParameter> byProperty =
        parameters.withProperty().stream()
            .collect(Collectors.toMap(PluginParameter::property, Function.identity()));
    for (Setting s : Setting.values()) {
      text.append(
          GeneratedPage.row(
              "`" + s.property() + "`",
              s.defaultText().map(d -> "`" + d + "`").orElse("–"),
              s.type(),
              String.join(", ", byProperty.get(s.property()).goals()),
              s.meaning()));
    }
    text.append(
        """

        ## The build

        What Maven's side of the goals takes. `<preTransforms>` has no property: it is written in the plugin's
        `<configuration>`.

        | property or element | default | value | goals | meaning |
        |---|---|---|---|---|
        """);
    for (PluginParameter p : parameters.all()) {
      boolean isSetting = p.property() != null && Setting.of(p.property()).isPresent();
      if (!isSetting && !p.goals().equals(java.util.Set.of("help"))) {
        text.append(
            GeneratedPage.row(
                p.property() == null ? "`<" + p.element() + ">`" : "`" + p.property() + "`",
                p.fallback() == null ? "–" : "`" + p.fallback() + "`",
                value(p.type()),
                String.join(", ", p.goals()),
                GeneratedPage.markdown(p.meaning())));
      }
    }
    return text.toString();
  }

  private static String value(String type) {
    return switch (type) {
      case "boolean" -> "true or false";
      case "java.io.File" -> "a file";
      case "java.lang.String" -> "a text";
      default -> "elements";
    };
  }
}
