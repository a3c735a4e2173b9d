package org.covidmmar.experiment;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.URLDecoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.covidmmar.config.ExperimentConfig;
import org.covidmmar.config.Settings;
import org.covidmmar.tracking.RunJournal;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The goal in a JVM of its own, as users run it: it ends by signals. */
class UiTest {
  private static final JsonMapper JSON = new JsonMapper();
  private static final ExperimentConfig CONFIG =
      ExperimentConfig.of(Settings.of(Map.of()), "lungs", null);

  @TempDir Path basedir;

  private String run(String name, long millis) {
    Clock clock = Clock.fixed(Instant.ofEpochMilli(millis), ZoneOffset.UTC);
    RunJournal journal = RunJournal.begin(basedir, "lungs", name, clock);
    journal.metric("val/auc", 0.5, 1);
    journal.end(RunJournal.Status.FINISHED);
    return journal.folder().getFileName().toString();
  }

  @Test
  void withoutPythonItSaysWhatToInstallAndNamesTheReport() throws Exception {
    run("first", 1000);
    Path bin = Files.createDirectory(basedir.resolve("bin"));
    // Too old to show the journal.
    Path old = bin.resolve("mlflow");
    Files.writeString(old, "#!/bin/sh\necho mlflow, version 2.17.2\n");
    assertTrue(old.toFile().setExecutable(true));
    Map<String, String> environment =
        Map.of("PATH", bin.toString(), "XDG_CACHE_HOME", bin.toString());
    try (UiProcess ui = new UiProcess(basedir, CONFIG, environment)) {
      String said = ui.awaitEnd();
      assertEquals(1, ui.process.exitValue(), said);
      assertTrue(said.contains("python3-venv"), said);
      assertTrue(said.contains("mvn covid:report"), said);
    }
  }

  @Test
  void withoutARunItSaysWhatToDo() throws Exception {
    try (UiProcess ui = new UiProcess(basedir, CONFIG, Map.of())) {
      String said = ui.awaitEnd();
      assertEquals(1, ui.process.exitValue(), said);
      assertTrue(said.contains("run covid:train first"), said);
    }
  }

  @Test
  @Tag("peers")
  @Timeout(value = 10, unit = TimeUnit.MINUTES)
  void itShowsTheRunsUntilItIsInterruptedAndLeavesNoProcess() throws Exception {
    List<String> keys = new ArrayList<>(List.of(run("first", 1000), run("second", 2000)));
    Map<String, String> shown;
    URI table;
    try (UiProcess ui = start()) {
      table = ui.link("runs");
      shown = shown(table);
      assertEquals(Set.copyOf(keys), shown.keySet());
      String both = URLDecoder.decode(ui.link("compared").getRawFragment(), StandardCharsets.UTF_8);
      shown.values().forEach(id -> assertTrue(both.contains('"' + id + '"'), both));

      keys.add(run("third", 3000));
      while (shown(table).size() < keys.size()) {
        assertFalse(ui.process.waitFor(200, TimeUnit.MILLISECONDS), "it goes on sending");
      }

      try (UiProcess second = UiProcess.withMlflow(basedir, CONFIG)) {
        String said = second.awaitEnd();
        assertEquals(0, second.process.exitValue(), said);
        assertTrue(said.contains("another covid:ui is running"), said);
        assertTrue(said.contains(table.toString()), said);
      }
      shown = shown(table);
      ui.interrupt();
    }
    try (UiProcess again = start()) {
      assertEquals(table, again.link("runs"), "the same address");
      assertEquals(shown, shown(table), "each run once");
      again.interrupt();
    }
    try (ServerSocket other =
            new ServerSocket(table.getPort(), 1, InetAddress.getLoopbackAddress());
        UiProcess elsewhere = start()) {
      URI moved = elsewhere.link("runs");
      assertNotEquals(other.getLocalPort(), moved.getPort());
      assertEquals(shown, shown(moved), "each run once, at the new address, too");
      elsewhere.interrupt();
    }
  }

  private UiProcess start() throws IOException {
    return UiProcess.withMlflow(basedir, CONFIG).awaitPages();
  }

  /** The ids that the runs have on the server, by those in the journal. */
  private static Map<String, String> shown(URI link) throws IOException, InterruptedException {
    URI search = link.resolve("/api/2.0/mlflow/runs/search");
    HttpResponse<String> answer =
        HttpClient.newHttpClient()
            .send(
                HttpRequest.newBuilder(search)
                    .header("Content-Type", "application/json")
                    .POST(HttpRequest.BodyPublishers.ofString("{\"experiment_ids\": [\"1\"]}"))
                    .build(),
                HttpResponse.BodyHandlers.ofString());
    Map<String, String> ids = new TreeMap<>();
    for (JsonNode run : JSON.readTree(answer.body()).path("runs")) {
      for (JsonNode tag : run.at("/data/tags")) {
        if (tag.path("key").asText().equals("covid.runKey")) {
          String id = run.at("/info/run_id").asText();
          assertNull(ids.put(tag.path("value").asText(), id), "twice");
        }
      }
    }
    return ids;
  }
}
