package org.covidmmar.report;

import com.samskivert.mustache.Mustache;
import com.samskivert.mustache.Template;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.List;
import java.util.Properties;
import org.covidmmar.AtomicFiles;
import org.covidmmar.inference.ModelConfig;

/**
 * An HTML page that needs nothing beside itself: styles, scripts and data are in it, and it may not
 * load or send anything.
 *
 * @param title what it is about
 * @param subtitle of which experiment
 * @param tiles the figures to see first
 * @param threshold what moves the threshold; null where there is none
 */
record Page(
    String title,
    String subtitle,
    List<Tile> tiles,
    ThresholdControl threshold,
    List<Section> sections) {

  /**
   * A figure to see first.
   *
   * @param live which figure it is, so that the page's script can change it; null where it stays
   */
  record Tile(String name, String value, String detail, String live) {
    static Tile of(String name, String value, String detail) {
      return new Tile(name, value, detail, null);
    }
  }

  /**
   * A part of the page.
   *
   * @param id for links
   * @param text a sentence or two; empty where it speaks for itself
   */
  record Section(String id, String title, String text, List<Chart> charts, List<Table> tables) {}

  /** What stands in the page besides its content. */
  private record Frame(
      Page page, String use, String style, List<String> scripts, String scriptHashes) {}

  private static final String CHART_JS =
      "/META-INF/resources/webjars/chart.js/%s/dist/chart.umd.min.js";

  /** Writes the page; the same bytes for the same content. */
  void write(Path html) {
    List<String> scripts =
        List.of(
            resource(CHART_JS.formatted(chartJsVersion())).replaceAll("//# sourceMappingURL.*", ""),
            resource("report.js"),
            resource("cases.js"));
    StringBuilder hashes = new StringBuilder();
    scripts.forEach(s -> hashes.append(" 'sha256-").append(sha256(s)).append('\''));
    Template template =
        Mustache.compiler().emptyStringIsFalse(true).compile(resource("page.mustache"));
    AtomicFiles.writeString(
        html,
        template.execute(
            new Frame(this, ModelConfig.USE, resource("report.css"), scripts, hashes.toString())));
  }

  private static String chartJsVersion() {
    Properties versions = new Properties();
    try (InputStream in = Page.class.getResourceAsStream("/org/covidmmar/version.properties")) {
      versions.load(in);
    } catch (IOException e) {
      throw new IllegalStateException("version.properties is part of the jar", e);
    }
    return versions.getProperty("chart.js");
  }

  /** A text of this package's resources. */
  static String resource(String name) {
    try (InputStream in = Page.class.getResourceAsStream(name)) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new IllegalStateException(name + " is part of the class path", e);
    }
  }

  private static String sha256(String text) {
    try {
      return Base64.getEncoder()
          .encodeToString(
              MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8)));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JVM has SHA-256", e);
    }
  }
}
