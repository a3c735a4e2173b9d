package org.covidmmar.config;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/**
 * Keeps docs/reference/parameters.md the same as the code; -Dcovid.docs.update=true rewrites it.
 */
class ParametersReferenceTest {
  private static final Path FILE = Path.of("../docs/reference/parameters.md");

  @Test
  void theReferenceIsCurrent() throws IOException {
    String expected = render();
    if (Boolean.getBoolean("covid.docs.update")) {
      Files.createDirectories(FILE.getParent());
      Files.writeString(FILE, expected);
    }
    assertEquals(
        expected, Files.readString(FILE), "run this test with -Dcovid.docs.update=true to rewrite");
  }

  private static String render() {
    StringBuilder text = new StringBuilder();
    text.append("# Every property\n\n");
    text.append("Set in an experiment's `<properties>`, or with `-D`, which wins. An unknown");
    text.append(" `covid.*` property is refused.\nThis page is generated from the code.\n\n");
    text.append("| property | default | value | meaning |\n|---|---|---|---|\n");
    for (Setting s : Setting.values()) {
      String fallback = s.defaultText().map(d -> "`" + d + "`").orElse("–");
      text.append(
          "| `%s` | %s | %s | %s |\n".formatted(s.property(), fallback, s.type(), s.meaning()));
    }
    return text.toString();
  }
}
