package org.covidmmar.maven;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GatesReportTest {
  @TempDir Path folder;

  @Test
  void eachGateIsATestOfTheSuite() throws IOException {
    Path file = folder.resolve("reports/TEST-g.a.Gates.xml");
    new GatesReport(
            "g.a.Gates",
            List.of(
                new GatesReport.Test("auc at least 0.9", true, "found 0.95 < 1 & fine"),
                new GatesReport.Test("accuracy at least 0.9", false, "found \"0.5\"")))
        .write(file);
    assertEquals(
        """
        <?xml version="1.0" encoding="UTF-8"?>
        <testsuite name="g.a.Gates" time="0" tests="2" errors="0" skipped="0" failures="1">
          <testcase name="auc at least 0.9" classname="g.a.Gates" time="0">\
        <system-out>found 0.95 &lt; 1 &amp; fine</system-out></testcase>
          <testcase name="accuracy at least 0.9" classname="g.a.Gates" time="0">\
        <failure message="found &quot;0.5&quot;" type="gate"></failure></testcase>
        </testsuite>""",
        Files.readString(file));
  }
}
