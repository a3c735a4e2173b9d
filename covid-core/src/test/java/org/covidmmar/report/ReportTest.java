package org.covidmmar.report;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.Base64;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TimeZone;
import org.covidmmar.evaluation.EvaluationFiles;
import org.covidmmar.evaluation.ScoredCase;
import org.covidmmar.inference.Montage;
import org.covidmmar.inference.Pictures;
import org.covidmmar.tracking.RunFolder;
import org.covidmmar.tracking.RunJournal;
import org.jsoup.Jsoup;
import org.jsoup.nodes.Document;
import org.jsoup.nodes.Element;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ReportTest {
  private static final Map<String, String> SEED_0 = Map.of("seed", "0", "epochs", "3");
  private static final Map<String, String> SEED_1 = Map.of("seed", "1", "epochs", "3");

  @TempDir Path basedir;

  private Document report(Path run, Path... others) throws IOException {
    Path html = basedir.resolve("report.html");
    RunReport.write(run, List.of(others), html);
    return Jsoup.parse(html);
  }

  private Document comparison(Path... runs) throws IOException {
    Path html = basedir.resolve("comparison.html");
    Comparison.write(List.of(runs), html);
    return Jsoup.parse(html);
  }

  private static List<String> rows(Document page, String section) {
    return page.select("#" + section + " tbody tr").eachText();
  }

  private static List<String> charts(Document page) {
    return page.select("figure figcaption strong").eachText();
  }

  private static JsonNode chart(Document page, String title) throws IOException {
    for (Element figure : page.select("figure")) {
      JsonNode chart = new JsonMapper().readTree(figure.attr("data-chart"));
      if (chart.path("title").asText().equals(title)) {
        return chart;
      }
    }
    throw new AssertionError("no chart " + title);
  }

  @Test
  void figuresAndCurvesAreThoseOfTheRun() throws IOException {
    Document page = report(Runs.whole(basedir, 0, SEED_0, Runs.CASES));
    assertEquals("run at 0", page.select("h1").text());
    assertTrue(page.text().contains("not for diagnosis"));
    assertTrue(rows(page, "evaluation").contains("sensitivity 0.5000 0.0945 to 0.9055"));
    assertTrue(rows(page, "evaluation").contains("COVID 1 1"));
    assertEquals(
        List.of("ROC curve", "Precision and recall", "Calibration", "auc", "loss"), charts(page));
    assertEquals(
        "[[0,0],[0,0.5],[0.5,0.5],[1,0.5],[1,1]]",
        chart(page, "ROC curve").at("/series/0/points").toString());
    assertEquals(
        "[[1,2],[2,1],[3,0.666667]]", chart(page, "loss").at("/series/1/points").toString());
    assertTrue(rows(page, "configuration").contains("epochs 3"));
    assertTrue(rows(page, "provenance").contains("libtorch 2.7.1"));
    assertTrue(rows(page, "provenance").contains("training 1 0 0"));
    assertTrue(page.select(".tiles").text().contains("started 1970-01-01 00:00:00 UTC"));
  }

  @Test
  void casesStandByTheirErrorAndWrongOnesAreMarked() throws IOException {
    Document page = report(Runs.whole(basedir, 0, SEED_0, Runs.CASES));
    assertEquals(
        List.of("missed", "wrong", "near", "right", "open"),
        page.select("#cases tbody th").eachText());
    assertEquals(List.of("missed", "wrong"), page.select("#cases tr.marked th").eachText());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "<script>alert(1)</script>",
        "</script><img src=x onerror=alert(1)>",
        "\"'><b onclick='a'>",
        "</style>{{title}}{{{style}}} & &amp; ${x}",
        "--></figure></table>\u2028"
      })
  void namesFromOutsideStayText(String hostile) throws IOException {
    RunJournal journal = Runs.begin(basedir, hostile, hostile, 0);
    journal.param("name", hostile);
    journal.metric("train/loss", 1, 1);
    RunFolder run = new RunFolder(journal.folder());
    Runs.provenance(hostile, hostile).write(run.provenance());
    EvaluationFiles.write(
        run.evaluation(),
        List.of(
            ScoredCase.of(hostile, hostile, 0.5f, 1), ScoredCase.of("b" + hostile, "b", 0.1f, 0)),
        0.5f);
    journal.end(RunJournal.Status.FINISHED);

    for (Document page : List.of(report(run.path(), run.path()), comparison(run.path()))) {
      assertEquals(3, page.select("script").size());
      assertEquals(1, page.select("style").size());
      assertEquals(0, page.select("img, b, [onclick], [onerror]").size());
      assertEquals(1, page.select("footer").size());
    }
    Document page = report(run.path());
    assertEquals(hostile.strip(), page.select("h1").get(0).wholeText().strip());
    assertEquals(hostile, page.select("#cases tbody th").get(0).wholeText());
    assertEquals(hostile, page.select("#configuration tbody td").get(0).wholeText());
    JsonNode roc = chart(comparison(run.path()), "ROC curve");
    assertTrue(roc.at("/series/0/name").asText().startsWith(hostile));
  }

  @Test
  void theSameRunGivesTheSameBytesEverywhere() throws IOException {
    Path run = Runs.whole(basedir, 0, SEED_0, Runs.CASES);
    Path html = basedir.resolve("report.html");
    RunReport.write(run, List.of(), html);
    byte[] first = Files.readAllBytes(html);
    Locale locale = Locale.getDefault();
    TimeZone zone = TimeZone.getDefault();
    try {
      Locale.setDefault(Locale.forLanguageTag("ar-EG-u-nu-arab"));
      TimeZone.setDefault(TimeZone.getTimeZone("Asia/Tokyo"));
      RunReport.write(run, List.of(), html);
    } finally {
      Locale.setDefault(locale);
      TimeZone.setDefault(zone);
    }
    assertArrayEquals(first, Files.readAllBytes(html));
    assertTrue(first.length < 300_000, first.length + " bytes");
  }

  @Test
  void thePageLoadsNothingAndItsScriptsAreTheOnesItAllows() throws Exception {
    Document page = report(Runs.whole(basedir, 0, SEED_0, Runs.CASES));
    assertEquals(0, page.select("[src], link, iframe").size());
    assertEquals(0, page.select("a").stream().filter(a -> !a.attr("href").startsWith("#")).count());
    String policy = page.select("meta[http-equiv=Content-Security-Policy]").attr("content");
    assertTrue(policy.startsWith("default-src 'none'"), policy);
    for (Element script : page.select("script")) {
      byte[] hash =
          MessageDigest.getInstance("SHA-256")
              .digest(script.data().getBytes(StandardCharsets.UTF_8));
      assertTrue(policy.contains("'sha256-" + Base64.getEncoder().encodeToString(hash) + "'"));
    }
  }

  @Test
  void aRunThatFailedAtOnceHasAReportToo() throws IOException {
    RunJournal journal = Runs.begin(basedir, "lungs", "short", 0);
    journal.end(RunJournal.Status.FAILED);
    Document page = report(journal.folder());
    assertTrue(page.text().contains("was not evaluated"));
    assertTrue(page.text().contains("status failed"));
    assertEquals(List.of(), charts(page));
    assertEquals(List.of(), charts(comparison(journal.folder())));
  }

  @Test
  void aListOfOneClassHasNoRocCurve() throws IOException {
    Document page =
        report(Runs.whole(basedir, 0, SEED_0, List.of(ScoredCase.of("a", "a", 0.9f, 1))));
    assertEquals(List.of("Calibration", "auc", "loss"), charts(page));
    assertTrue(page.select(".tiles").text().contains("AUC undefined no negative case"));
  }

  @Test
  void aRunStandsBesideOthersWithWhatDiffers() throws IOException {
    Path first = Runs.whole(basedir, 1000, SEED_0, Runs.CASES);
    Path second = Runs.whole(basedir, 2000, SEED_1, Runs.CASES);
    Document page = report(second, first);
    Element table = page.select("#runs table").first();
    List<String> columns = table.select("thead th").eachText();
    assertEquals(List.of("run", "started (UTC)", "status", "seed", "AUC"), columns.subList(0, 5));
    assertFalse(columns.contains("epochs"), "the same in both");
    assertEquals(List.of("1", "0"), table.select("tbody td:nth-child(4)").eachText());
    assertEquals("run at 2000", table.select("tr.marked th").text().split(" \\(", 2)[0]);
    assertFalse(page.text().contains("different cases"));
  }

  @Test
  void runsAreComparedInOnePage() throws IOException {
    Path first = Runs.whole(basedir, 1000, SEED_0, Runs.CASES);
    Path second = Runs.whole(basedir, 2000, SEED_1, Runs.CASES.subList(0, 4));
    Path failed = Runs.begin(basedir, "lungs", "failed", 3000).folder();
    Document page = comparison(first, second, failed);
    assertEquals(3, rows(page, "runs").size());
    assertEquals(List.of("ROC curve", "val/auc", "val/loss", "train/loss"), charts(page));
    assertEquals(3, chart(page, "ROC curve").path("series").size(), "two runs and chance");
    assertEquals(2, chart(page, "val/auc").path("series").size());
    assertTrue(page.text().contains("evaluated on different cases"));
    assertTrue(page.select(".tiles").text().startsWith("largest AUC 1.0000 of run at 2000"));
  }

  @Test
  void parametersThatDifferFromTheFirstRunsAreMarked() throws IOException {
    Path first = Runs.whole(basedir, 1000, SEED_0, Runs.CASES);
    Path same = Runs.whole(basedir, 2000, SEED_0, Runs.CASES);
    Path other = Runs.whole(basedir, 3000, SEED_1, Runs.CASES);
    Document page = comparison(first, same, other);
    Element table = page.select("#configuration table").first();
    assertEquals(List.of("seed 0 0 1"), table.select("tbody tr").eachText());
    assertEquals(List.of("1"), table.select("mark").eachText());
  }

  @Test
  void runsOfTheSameCasesStandCaseByCase() throws IOException {
    List<ScoredCase> turned =
        Runs.CASES.stream()
            .map(c -> ScoredCase.of(c.id(), c.image(), 1 - c.pCovid(), c.label()))
            .sorted(Comparator.comparing(ScoredCase::id))
            .toList();
    Path first = Runs.whole(basedir, 1000, SEED_0, Runs.CASES);
    Path second = Runs.whole(basedir, 2000, SEED_1, turned);
    Path fewer = Runs.whole(basedir, 3000, SEED_1, turned.subList(0, 3));
    Document page = comparison(first, second, fewer);
    assertEquals(1, page.select("#pairs figure").size());
    JsonNode chart = chart(page, "Case by case");
    assertEquals("COVID", chart.at("/series/0/name").asText());
    assertEquals("[[0.9,0.1],[0.2,0.8]]", chart.at("/series/0/points").toString());
    assertEquals("[\"right\",\"missed\"]", chart.at("/series/0/labels").toString());
    assertEquals("unknown", chart.at("/series/2/name").asText());
  }

  @Test
  void theThresholdStartsWhereTheEvaluationDidAndKnowsYoudens() throws IOException {
    Element form = report(Runs.whole(basedir, 0, SEED_0, Runs.CASES)).selectFirst("form.threshold");
    assertEquals("[[0.9,1],[0.7,0],[0.2,null],[0.4,0],[0.2,1]]", form.attr("data-cases"));
    assertEquals(List.of("0.5", "0.9"), form.select("button").eachAttr("data-to"));
    List<ScoredCase> positive = List.of(ScoredCase.of("a", "a", 0.9f, 1));
    form = report(Runs.whole(basedir, 1, SEED_0, positive)).selectFirst("form.threshold");
    assertEquals(List.of("0.5"), form.select("button").eachAttr("data-to"), "one class");
  }

  /** Layers of one pixel, of about as many bytes as asked for. */
  private static Montage montage(int bytes) {
    return new Montage(1, 1, new byte[bytes], new byte[10], null);
  }

  @Test
  void picturesStandUnderTheirCasesAndMakeThePageNoLargerThanSaid() throws IOException {
    Path run = Runs.whole(basedir, 0, SEED_0, Runs.CASES);
    assertTrue(report(run).select("#cases p").text().contains("covid.report.cases"), "none yet");
    Pictures.Writer writer =
        new Pictures.Writer(RunFolder.pictures(new RunFolder(run).evaluation()));
    writer.add("missed", montage(100));
    writer.add("near", montage(1_000_000));
    writer.add("right", montage(2_000_000));
    writer.end();
    Document page = report(run);
    assertEquals(
        List.of("missed", "near"),
        page.select("tr.pictures").stream()
            .map(row -> row.previousElementSibling().selectFirst("th").text())
            .toList());
    assertEquals(4, page.select("tr.pictures img[src^=data:image/png;base64,]").size());
    assertTrue(page.select("#cases p").text().contains("Pictures of 2 cases"));
    assertTrue(Files.size(basedir.resolve("report.html")) < 3_300_000);
  }

  @Test
  void figuresAreRoundedAsThePagesScriptDoes() {
    assertEquals("0.0187", Text.of(3 / 160.0), "the double is a little less than 0.01875");
    assertEquals("0.0313", Text.of(1 / 32.0), "a tie");
    assertEquals("1.000e-04", Text.of(1e-4));
    assertEquals("0.0000", Text.of(0));
  }
}
