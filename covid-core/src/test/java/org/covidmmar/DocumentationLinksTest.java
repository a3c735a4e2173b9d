package org.covidmmar;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Links between the pages lead to files that exist, on a code host and in the site alike. */
class DocumentationLinksTest {
  private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();
  private static final Pattern LINK = Pattern.compile("]\\((?!https?:|#)([^)#\\s]+)");
  private static final Pattern MENU = Pattern.compile("href=\"([^\"]+)\\.html\"");

  @Test
  void pagesLinkToFilesThatExist() throws IOException {
    List<String> broken = new ArrayList<>();
    for (Path page : pages()) {
      Matcher link = LINK.matcher(Files.readString(page));
      while (link.find()) {
        if (!Files.exists(page.resolveSibling(link.group(1)))) {
          broken.add(ROOT.relativize(page) + " -> " + link.group(1));
        }
      }
    }
    assertEquals(List.of(), broken);
  }

  @Test
  void theSitesMenuNamesEveryPageOfTheDocumentation() throws IOException {
    List<Path> named = new ArrayList<>();
    Matcher item = MENU.matcher(Files.readString(ROOT.resolve("src/site/site.xml")));
    while (item.find()) {
      named.add(ROOT.resolve(item.group(1) + ".md"));
    }
    for (Path page : pages()) {
      if (page.startsWith(ROOT.resolve("docs")) && !page.endsWith("README.md")) {
        assertTrue(named.contains(page), "src/site/site.xml lacks " + ROOT.relativize(page));
      }
    }
    for (Path page : named) {
      boolean ofTheSiteAlone = page.endsWith("index.md") || page.endsWith("goals/plugin-info.md");
      assertTrue(ofTheSiteAlone || Files.exists(page), page.toString());
    }
  }

  private static List<Path> pages() throws IOException {
    List<Path> pages = new ArrayList<>();
    for (String name : List.of("README.md", "CONTRIBUTING.md", "CHANGELOG.md")) {
      pages.add(ROOT.resolve(name));
    }
    pages.add(ROOT.resolve("example-experiment/README.md"));
    try (Stream<Path> docs = Files.walk(ROOT.resolve("docs"))) {
      docs.filter(p -> p.toString().endsWith(".md")).sorted().forEach(pages::add);
    }
    return pages;
  }
}
