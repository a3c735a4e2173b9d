package org.covidmmar.experiment;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.covidmmar.CovidException;
import org.covidmmar.config.ExperimentConfig;
import org.covidmmar.config.Settings;
import org.covidmmar.tracking.RunJournal;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReportWorkflowTest {
  @TempDir Path basedir;

  private List<String> report(Map<String, String> properties) {
    List<String> said = new ArrayList<>();
    ExperimentConfig config = ExperimentConfig.of(Settings.of(properties), "lungs", null);
    Main.Goal.REPORT.run(
        new Request(config, basedir, Map.of()),
        false,
        message -> said.add(((Message.Line) message).text()));
    return said;
  }

  private RunJournal run(String name, long millis, RunJournal.Status status) {
    Clock clock = Clock.fixed(Instant.ofEpochMilli(millis), ZoneOffset.UTC);
    RunJournal journal = RunJournal.begin(basedir, "lungs", name, clock);
    journal.metric("val/auc", 0.5, 1);
    journal.end(status);
    return journal;
  }

  @Test
  void theNewestFinishedRunIsReportedOnceUntilItOrAnEarlierOneChanges() throws IOException {
    RunJournal earlier = run("earlier", 1000, RunJournal.Status.FINISHED);
    RunJournal newest = run("newest", 2000, RunJournal.Status.FINISHED);
    run("failed", 3000, RunJournal.Status.FAILED);
    Path html = newest.artifacts().resolve("report.html");

    assertEquals(List.of("report: not done yet", "wrote: " + html), report(Map.of()));
    assertTrue(Files.readString(html).contains("earlier"), "beside the earlier run");
    assertEquals(List.of("report: up to date", "wrote: " + html), report(Map.of()));
    earlier.metric("val/auc", 0.75, 2);
    assertTrue(report(Map.of()).get(0).endsWith("metrics/val/auc changed"));
    newest.tag("covid.bestEpoch", "1");
    assertTrue(report(Map.of()).get(0).endsWith("tags/covid.bestEpoch is new"));
    Files.delete(html);
    assertTrue(report(Map.of()).get(0).endsWith("report.html is missing"));
    assertTrue(Files.exists(html));
  }

  @Test
  void aRunNamedByItsIdIsReportedAlsoWhereItFailed() {
    RunJournal failed = run("failed", 1000, RunJournal.Status.FAILED);
    report(Map.of("covid.model", failed.folder().getFileName().toString()));
    assertTrue(Files.exists(failed.artifacts().resolve("report.html")));
  }

  @Test
  void withoutARunItSaysWhatToDo() {
    CovidException e = assertThrows(CovidException.class, () -> report(Map.of()));
    assertTrue(e.getMessage().contains("covid:train"), e.getMessage());
  }
}
