package org.covidmmar.maven;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** A page of the documentation that is the same as the code, or its test fails. */
final class GeneratedPage {
  private GeneratedPage() {}

  /**
   * Compares; with -Dcovid.docs.update=true rewrites first.
   *
   * @param name below docs/reference
   */
  static void assertCurrent(String name, String expected) throws IOException {
    Path file = Path.of("../docs/reference", name);
    if (Boolean.getBoolean("covid.docs.update")) {
      Files.createDirectories(file.getParent());
      Files.writeString(file, expected);
    }
    assertEquals(
        expected, Files.readString(file), "run this test with -Dcovid.docs.update=true to rewrite");
  }

  /** A row of a table. */
  static String row(String... cells) {
    return "| " + String.join(" | ", List.of(cells)) + " |\n";
  }

  /** Javadoc, as the plugin's descriptor has it, in Markdown. */
  static String markdown(String html) {
    return html.replaceAll("</?code>", "`").replace("<", "&lt;").replaceAll("\\s+", " ");
  }
}
