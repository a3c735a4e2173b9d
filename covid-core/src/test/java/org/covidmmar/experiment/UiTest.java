package org.covidmmar.experiment;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
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
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.covidmmar.config.ExperimentConfig;
import org.covidmmar.config.Settings;
import org.covidmmar.tracking.RunJournal;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The goal in a JVM of its own, as users run it: it ends by signals. */
class UiTest {
  private static final JsonMapper JSON = new JsonMapper();
  private static final String LINK = "runs: ";

  @TempDir Path basedir;

  private Process start(Map<String, String> environment) throws IOException {
    ExperimentConfig config = ExperimentConfig.of(Settings.of(Map.of()), "lungs", null);
    Path file = basedir.resolve("config.json");
    Files.writeString(file, config.toJson());
    ProcessBuilder builder =
        new ProcessBuilder(
                ComputingJvm.thisJava().toString(),
                "-cp",
                System.getProperty("java.class.path"),
                Main.class.getName(),
                "ui",
                file.toString())
            .directory(basedir.toFile())
            .redirectError(ProcessBuilder.Redirect.INHERIT);
    builder.environment().putAll(environment);
    return builder.start();
  }

  private static BufferedReader output(Process process) {
    return new BufferedReader(
        new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
  }

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
    Process process = start(Map.of("PATH", bin.toString(), "XDG_CACHE_HOME", bin.toString()));
    String said = String.join("\n", output(process).lines().toList());
    assertEquals(1, process.waitFor(), said);
    assertTrue(said.contains("python3-venv"), said);
    assertTrue(said.contains("mvn covid:report"), said);
  }

  @Test
  void withoutARunItSaysWhatToDo() throws Exception {
    Process process = start(Map.of());
    String said = String.join("\n", output(process).lines().toList());
    assertEquals(1, process.waitFor(), said);
    assertTrue(said.contains("run covid:train first"), said);
  }

  @Test
  @Tag("peers")
  void itShowsTheRunsUntilItIsInterruptedAndLeavesNoProcess() throws Exception {
    List<String> ids = List.of(run("first", 1000), run("second", 2000));
    Process process = start(Map.of());
    List<ProcessHandle> servers = new ArrayList<>();
    try {
      URI link = null;
      URI compared = null;
      BufferedReader output = output(process);
      for (String line = output.readLine(); line != null; line = output.readLine()) {
        JsonNode message = JSON.readTree(line);
        System.out.println(message);
        String text = message.path("text").asText();
        if (text.startsWith(LINK)) {
          link = URI.create(text.substring(LINK.length()));
        } else if (text.startsWith("compared: ")) {
          compared = URI.create(text.substring("compared: ".length()));
        } else if (text.contains("Ctrl-C ends")) {
          break;
        }
      }
      assertNotNull(link);
      assertEquals("/experiments/1/runs?workflowType=machine_learning", link.getFragment());
      assertNotNull(compared);
      String both = URLDecoder.decode(compared.getRawFragment(), StandardCharsets.UTF_8);
      ids.forEach(id -> assertTrue(both.contains('"' + id + '"'), both));

      assertEquals(List.copyOf(new java.util.TreeSet<>(ids)), shown(link));
      servers.addAll(process.descendants().toList());
      assertFalse(servers.isEmpty());
      new ProcessBuilder("kill", "-INT", Long.toString(process.pid())).start().waitFor();
      assertTrue(process.waitFor(1, TimeUnit.MINUTES));
      for (ProcessHandle server : servers) {
        server.onExit().get(1, TimeUnit.MINUTES);
      }
    } finally {
      Stream.concat(servers.stream(), Stream.of(process.toHandle()))
          .forEach(ProcessHandle::destroyForcibly);
    }
  }

  /** The ids of the runs that the server has, in their order. */
  private static List<String> shown(URI link) throws IOException, InterruptedException {
    URI search = link.resolve("/api/2.0/mlflow/runs/search");
    HttpResponse<String> answer =
        HttpClient.newHttpClient()
            .send(
                HttpRequest.newBuilder(search)
                    .header("Content-Type", "application/json")
                    .POST(HttpRequest.BodyPublishers.ofString("{\"experiment_ids\": [\"1\"]}"))
                    .build(),
                HttpResponse.BodyHandlers.ofString());
    List<String> ids = new ArrayList<>();
    JSON.readTree(answer.body()).path("runs").forEach(r -> ids.add(r.at("/info/run_id").asText()));
    return ids.stream().sorted().toList();
  }
}
