package org.covidmmar.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.commons.rng.UniformRandomProvider;
import org.apache.pdfbox.Loader;
import org.apache.pdfbox.pdmodel.PDDocument;
import org.apache.pdfbox.text.PDFTextStripper;
import org.covidmmar.Seeds;
import org.covidmmar.evaluation.Estimate;
import org.covidmmar.evaluation.Evaluation;
import org.covidmmar.evaluation.ScoredCase;
import org.covidmmar.inference.Montage;
import org.covidmmar.inference.Pictures;
import org.covidmmar.tracking.RunFolder;
import org.covidmmar.volume.Affine;
import org.covidmmar.volume.Shape;
import org.covidmmar.volume.Volume;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The pages in Chromium, as their readers use them. */
@Tag("peers")
class BrowserTest {
  private static final List<ScoredCase> CASES = cases();
  private static final int WITH_PICTURES = 5;

  @TempDir static Path folder;
  private static Browser browser;
  private static Path report;
  private static Path comparison;

  @BeforeAll
  static void start() throws IOException {
    Map<String, String> params = Map.of("training.epochs", "3", "training.seed", "0");
    Path run = Runs.whole(folder.resolve("study"), 2000, params, CASES);
    pictures(run);
    Map<String, String> others = Map.of("training.epochs", "3", "training.seed", "1");
    Path other = Runs.whole(folder.resolve("study"), 1000, others, CASES);
    report = folder.resolve("report.html");
    comparison = folder.resolve("comparison.html");
    RunReport.write(run, List.of(other), report);
    Comparison.write(List.of(run, other), comparison);
    browser = new Browser(Files.createDirectory(folder.resolve("profile")));
  }

  /** Scores of all sizes, some of them equal, some without label. */
  private static List<ScoredCase> cases() {
    UniformRandomProvider random = new Seeds(5).generator();
    List<ScoredCase> cases = new ArrayList<>();
    for (int i = 0; i < 60; i++) {
      Integer label = i % 20 == 19 ? null : Integer.valueOf(i % 2);
      float p = i % 7 == 0 ? 0.3f : (random.nextFloat() + (i % 2)) / 2;
      cases.add(ScoredCase.of("case-" + i, "scans/case-" + i + ".nii.gz", p, label));
    }
    return cases;
  }

  private static void pictures(Path run) {
    Shape shape = new Shape(32, 32, 32);
    float[] ball = new float[(int) shape.voxels()];
    for (int n = 0; n < ball.length; n++) {
      double r = Math.hypot(Math.hypot(n % 32 - 16, n / 32 % 32 - 16), n / 1024 - 16);
      ball[n] = (float) Math.max(0, 1 - r / 16);
    }
    Volume volume = Volume.of(shape, Affine.identity(), ball);
    Pictures.Writer writer =
        new Pictures.Writer(RunFolder.pictures(new RunFolder(run).evaluation()));
    CASES.stream()
        .sorted(ScoredCase.LARGEST_ERROR_FIRST)
        .limit(WITH_PICTURES)
        .forEach(c -> writer.add(c.id(), Montage.of(volume, volume, volume)));
    writer.end();
  }

  @AfterAll
  static void end() {
    if (browser != null) {
      browser.close();
    }
  }

  @BeforeEach
  void open() {
    browser.resize(1280, 900);
    browser.dark(false);
    browser.open(report);
  }

  @AfterEach
  void nothingWentWrongAndNothingWasLoaded() {
    assertEquals(List.of(), browser.problems());
    assertTrue(
        browser.requests().stream().allMatch(u -> u.startsWith("file:") || u.startsWith("data:")),
        () -> browser.requests().toString());
    assertEquals(
        1, browser.requests().stream().filter(u -> u.startsWith("file:")).count(), "the page");
  }

  private static String live(String figure) {
    return browser.text("#evaluation [data-live='" + figure + "']");
  }

  private static void assertShown(float threshold) {
    Evaluation expected = Evaluation.of(CASES, threshold);
    assertFigure("accuracy", expected.accuracy());
    assertFigure("sensitivity", expected.sensitivity());
    assertFigure("specificity", expected.specificity());
    assertFigure("ppv", expected.ppv());
    assertFigure("npv", expected.npv());
    assertFigure("f1", expected.f1());
    assertEquals(expected.confusion().tn() + "", live("tn"));
    assertEquals(expected.confusion().fp() + "", live("fp"));
    assertEquals(expected.confusion().fn() + "", live("fn"));
    assertEquals(expected.confusion().tp() + "", live("tp"));
    assertEquals(Text.of(expected.accuracy()), browser.text(".tiles [data-live='accuracy']"));
    for (int i = 0; i < CASES.size(); i++) {
      ScoredCase c = CASES.get(i);
      boolean wrong = c.label() != null && c.label() != c.predicted(threshold);
      assertEquals(
          Tables.name(c.predicted(threshold)) + (wrong ? ", wrong" : ""),
          browser.text("tr[data-case='" + i + "'] [data-live='called']"));
    }
    JsonNode point = operatingPoint(0);
    assertEquals(1 - expected.specificity().value(), point.path("x").asDouble(), 1e-9);
    assertEquals(expected.sensitivity().value(), point.path("y").asDouble(), 1e-9);
    JsonNode pr = operatingPoint(1);
    if (expected.ppv().value() == null) {
      assertTrue(pr.isNull() || pr.isMissingNode(), pr.toString());
    } else {
      assertEquals(expected.ppv().value(), pr.path("y").asDouble(), 1e-9);
    }
  }

  /** Where a chart draws the threshold. */
  private static JsonNode operatingPoint(int chart) {
    return browser.eval(
        "Chart.getChart(document.querySelectorAll('canvas')["
            + chart
            + "]).data.datasets.find((d) => d.kind.endsWith('_THRESHOLD')).data[0] ?? null");
  }

  private static void assertFigure(String name, Estimate expected) {
    assertEquals(Text.of(expected), live(name), name);
    assertEquals(Text.interval(expected), live(name + "-interval"), name);
  }

  private static void move(String value) {
    browser.eval(
        "(() => { const s = document.getElementById('threshold-exact'); s.value = '"
            + value
            + "'; s.dispatchEvent(new Event('input')); })()");
  }

  @Test
  void theThresholdMovesEveryFigureAsTheEvaluationWould() {
    assertShown(0.5f);
    for (String threshold : List.of("0", "0.3", "0.30000001192092896", "0.7", "1", "0.123456")) {
      move(threshold);
      assertShown(Float.parseFloat(threshold));
    }
    for (ScoredCase c : CASES.subList(0, 5)) {
      move(new java.math.BigDecimal(c.pCovid()).toPlainString());
      assertShown(c.pCovid());
    }
    assertTrue(browser.text("#threshold-said").startsWith("At "));
    browser.click(".threshold button[data-to='0.5']");
    assertShown(0.5f);
    browser.click(".threshold button:last-of-type");
    assertShown(org.covidmmar.evaluation.RocCurve.of(CASES).youdenThreshold());
    assertEquals(
        browser.eval("document.getElementById('threshold-exact').value").asText(),
        live("threshold"));
  }

  @Test
  void theThresholdGoesByKeyboardAndIsSaid() {
    for (int i = 0; i < 40 && !"threshold".equals(focused()); i++) {
      browser.press("Tab");
    }
    assertEquals("threshold", focused());
    browser.press("ArrowRight", "ArrowRight");
    assertShown(0.502f);
    browser.press("End");
    assertShown(1);
    assertTrue(browser.text("#threshold-said").contains("sensitivity 0.0000"));
    browser.press("Tab", "Tab", "Enter");
    assertShown(0.5f);
  }

  private static String focused() {
    return browser.eval("document.activeElement.id").asText();
  }

  @Test
  void everythingThatCanBeClickedCanBeReachedWithTab() {
    Set<String> reached = new HashSet<>();
    browser.eval(
        "document.querySelectorAll('button, input, canvas, summary, a').forEach((e, i) => (e.dataset.n = i))");
    int count =
        browser
            .eval(
                "[...document.querySelectorAll('[data-n]')].filter((e) => e.checkVisibility()).length")
            .asInt();
    for (int i = 0; i < 3 * count; i++) {
      browser.press("Tab");
      JsonNode n = browser.eval("document.activeElement.dataset.n ?? null");
      if (!n.isNull()) {
        reached.add(n.asText());
      }
    }
    assertEquals(count, reached.size());
    assertTrue(count > 40, "charts, legends, cases: " + count);
  }

  @Test
  void legendsHideAndShowCurves() {
    String button = "figure .legend button";
    assertEquals(
        "true", browser.eval("document.querySelector('" + button + "').ariaPressed").asText());
    browser.click(button);
    assertEquals(
        "false", browser.eval("document.querySelector('" + button + "').ariaPressed").asText());
    assertFalse(
        browser
            .eval("Chart.getChart(document.querySelector('canvas')).isDatasetVisible(0)")
            .asBoolean());
    browser.press("Enter");
    assertTrue(
        browser
            .eval("Chart.getChart(document.querySelector('canvas')).isDatasetVisible(0)")
            .asBoolean());
  }

  private static List<String> column(int n) {
    List<String> texts = new ArrayList<>();
    browser
        .eval(
            "[...document.querySelectorAll('#cases tr[data-case]')].map((r) => r.cells["
                + n
                + "].textContent)")
        .forEach(t -> texts.add(t.asText()));
    return texts;
  }

  private static void assertPicturesFollowTheirCases() {
    assertEquals(
        WITH_PICTURES,
        browser
            .eval(
                "[...document.querySelectorAll('tr.pictures')].filter((r) => r.querySelector('.scan').alt"
                    + " === 'Six axial slices of ' + r.previousElementSibling.cells[0].textContent).length")
            .asInt());
  }

  @Test
  void casesAreSortedByAnyColumn() {
    List<String> byError = column(0);
    assertEquals(
        CASES.stream().sorted(ScoredCase.LARGEST_ERROR_FIRST).map(ScoredCase::id).toList(),
        byError);
    assertPicturesFollowTheirCases();
    browser.click("#cases th:nth-child(4) button");
    List<Double> probabilities = column(3).stream().map(Double::valueOf).toList();
    assertEquals(probabilities.stream().sorted().toList(), probabilities);
    assertEquals(
        "ascending",
        browser.eval("document.querySelector('#cases th:nth-child(4)').ariaSort").asText());
    assertPicturesFollowTheirCases();
    browser.press("Enter");
    assertEquals(probabilities.get(59), Double.valueOf(column(3).get(0)), "descending now");
    browser.click("#cases th:nth-child(1) button");
    assertEquals(List.of("case-0", "case-1", "case-2"), column(0).subList(0, 3), "10 after 9");
    browser.click("#cases th:nth-child(5) button");
    assertEquals("–", column(4).get(59), "without a label last");
    browser.press("Enter");
    List<Double> errors = column(4).subList(0, 57).stream().map(Double::valueOf).toList();
    assertEquals(errors.stream().sorted(Comparator.reverseOrder()).toList(), errors);
    assertEquals("–", column(4).get(59), "without a label last either way");
  }

  @Test
  void picturesUnfoldAndTheirLayersCanBeHidden() {
    String shown =
        "[...document.querySelectorAll('tr.pictures')].filter((r) => r.checkVisibility()).length";
    assertEquals(0, browser.eval(shown).asInt());
    browser.click("#cases .unfold");
    assertEquals(1, browser.eval(shown).asInt());
    assertEquals("true", browser.eval("document.activeElement.ariaExpanded").asText());
    assertEquals(
        "[480,480,480]",
        browser
            .eval("[...document.querySelector('.montage').children].map((i) => i.naturalWidth)")
            .toString());
    browser.click(".layers label:nth-child(2) input");
    String hidden =
        "[...document.querySelectorAll('.montage .saliency')].every((i) => !i.checkVisibility())";
    assertTrue(browser.eval(hidden).asBoolean());
    browser.press(" ");
    assertFalse(browser.eval(hidden).asBoolean());
    browser.eval("document.querySelector('#cases .unfold').focus()");
    browser.press("Enter");
    assertEquals(0, browser.eval(shown).asInt());
  }

  @Test
  void darkAndLightCanBeRead() {
    for (Path page : List.of(report, comparison)) {
      browser.open(page);
      String light = contrast();
      browser.dark(true);
      String dark = contrast();
      assertNotEquals(light, dark);
      browser.dark(false);
    }
  }

  /** The least contrast of any text with what is behind it, by WCAG 2; 4.5 is what AA asks for. */
  private static String contrast() {
    JsonNode least =
        browser.eval(
            """
            (() => {
              const parse = (c) => c.match(/[\\d.]+/g).map(Number);
              const light = (c) => {
                const [r, g, b] = parse(c).map((v) => v / 255).map((v) => (v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4));
                return 0.2126 * r + 0.7152 * g + 0.0722 * b;
              };
              let least = [99, ""];
              for (const e of document.querySelectorAll("body *")) {
                if (!e.checkVisibility() || ![...e.childNodes].some((n) => n.nodeType === 3 && n.textContent.trim())) continue;
                let behind = e;
                while (behind && parse(getComputedStyle(behind).backgroundColor)[3] === 0) behind = behind.parentElement;
                const a = light(getComputedStyle(e).color);
                const b = light(getComputedStyle(behind ?? document.body).backgroundColor);
                const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
                if (ratio < least[0]) least = [ratio, e.outerHTML.slice(0, 100)];
              }
              return [...least, getComputedStyle(document.body).backgroundColor];
            })()
            """);
    assertTrue(least.get(0).asDouble() >= 4.5, least.toString());
    return least.get(2).asText();
  }

  @Test
  void aNarrowWindowScrollsOnlyItsTables() {
    browser.resize(360, 700);
    for (Path page : List.of(report, comparison)) {
      browser.open(page);
      assertTrue(
          browser.eval("document.documentElement.scrollWidth <= 360").asBoolean(),
          browser.eval("document.documentElement.scrollWidth") + " pixels wide");
    }
  }

  @Test
  void printedItHasAllTablesAndNoHeadingIsLeftAlone() throws IOException {
    browser.dark(true);
    try (PDDocument pdf = Loader.loadPDF(browser.pdf())) {
      List<String> pages = new ArrayList<>();
      PDFTextStripper stripper = new PDFTextStripper();
      for (int page = 1; page <= pdf.getNumberOfPages(); page++) {
        stripper.setStartPage(page);
        stripper.setEndPage(page);
        pages.add(stripper.getText(pdf).strip());
      }
      String all = String.join("\n", pages);
      for (ScoredCase c : CASES) {
        assertTrue(all.contains(c.image()), c.image());
      }
      assertTrue(all.contains("training.seed"), "folded on the screen");
      assertTrue(all.contains("Made with"));
      List<String> headings = new ArrayList<>();
      browser
          .eval(
              "[...document.querySelectorAll('h2, caption, summary')].map((h) => h.textContent.trim())")
          .forEach(h -> headings.add(h.asText()));
      for (String page : pages) {
        String last = page.substring(page.lastIndexOf('\n') + 1).strip();
        assertFalse(headings.contains(last), "alone at the foot of a page: " + last);
      }
    }
  }

  @Test
  void runsAreComparedCaseByCase() {
    browser.open(comparison);
    assertEquals("1", browser.text("#configuration mark"));
    assertEquals(
        "case-1, COVID: ",
        browser
            .eval(
                "(() => { const c = [...document.querySelectorAll('figure')].find((f) =>"
                    + " f.querySelector('strong').textContent === 'Case by case').querySelector('canvas');"
                    + " const chart = Chart.getChart(c); return"
                    + " chart.options.plugins.tooltip.callbacks.label({dataset: chart.data.datasets[0],"
                    + " dataIndex: 0, parsed: {x: 0, y: 0}}); })()")
            .asText()
            .replaceAll("0, 0$", ""));
  }
}
