package org.covidmmar.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.covidmmar.evaluation.Evaluation;
import org.covidmmar.evaluation.ScoredCase;
import org.jsoup.Jsoup;
import org.jsoup.nodes.Document;
import org.jsoup.parser.Parser;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EvaluationPicturesTest {
  @TempDir Path folder;

  private Document picture(String name) throws IOException {
    return Jsoup.parse(
        Files.readString(folder.resolve(name)), "", Parser.xmlParser().setTrackErrors(1));
  }

  @Test
  void theCurveGoesFromCornerToCornerAndTheCellsHoldTheCounts() throws IOException {
    List<ScoredCase> cases =
        List.of(
            ScoredCase.of("a", "a", 0.9f, 1),
            ScoredCase.of("b", "b", 0.8f, 0),
            ScoredCase.of("c", "c", 0.7f, 1),
            ScoredCase.of("d", "d", 0.2f, 0),
            ScoredCase.of("e", "e", 0.1f, 0));
    EvaluationPictures.write(folder, cases, Evaluation.of(cases, 0.5f));
    assertEquals(
        "60.0,440.0 60.0,240.0 193.3,240.0 193.3,40.0 326.7,40.0 460.0,40.0",
        picture("roc.svg").selectFirst("polyline").attr("points"));
    assertEquals(
        List.of("2", "1", "0", "2"),
        picture("confusion.svg").select("text[font-size=28]").eachText());
    assertEquals("5 cases at threshold 0.5", picture("confusion.svg").selectFirst("title").text());
  }

  @Test
  void oneClassHasNoCurve() {
    List<ScoredCase> cases = List.of(ScoredCase.of("a", "a", 0.9f, 1));
    EvaluationPictures.write(folder, cases, Evaluation.of(cases, 0.5f));
    assertFalse(Files.exists(folder.resolve("roc.svg")));
  }
}
