package org.covidmmar.experiment;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.covidmmar.Peers;
import org.covidmmar.config.ExperimentConfig;

/** {@code covid:ui} in a JVM of its own, as users run it: it ends by signals. */
final class UiProcess implements AutoCloseable {
  private static final JsonMapper JSON = new JsonMapper();

  final Process process;
  final List<String> said = new ArrayList<>();
  private final BufferedReader output;

  UiProcess(Path basedir, ExperimentConfig config, Map<String, String> environment)
      throws IOException {
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
    process = builder.start();
    output =
        new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
  }

  /** One that has the tests' MLflow on its PATH. */
  static UiProcess withMlflow(Path basedir, ExperimentConfig config) throws IOException {
    Path tools = Peers.pythonOfMlflow().getParent();
    String path = tools + File.pathSeparator + System.getenv("PATH");
    return new UiProcess(basedir, config, Map.of("PATH", path));
  }

  /** Reads what it says until it waits for Ctrl-C. */
  UiProcess awaitPages() throws IOException {
    for (String line = output.readLine(); line != null; line = output.readLine()) {
      System.out.println(line);
      JsonNode message = JSON.readTree(line);
      said.add(message.path("text").asText(line));
      if (said.get(said.size() - 1).contains("Ctrl-C ends")) {
        return this;
      }
    }
    return fail("it ended: " + said);
  }

  /** Reads what it says until it ends by itself. */
  String awaitEnd() throws Exception {
    String rest = String.join("\n", output.lines().toList());
    assertTrue(process.waitFor(1, TimeUnit.MINUTES));
    return rest;
  }

  /** The link that it printed after a name. */
  URI link(String name) {
    return said.stream()
        .filter(text -> text.startsWith(name + ": "))
        .map(text -> URI.create(text.substring(name.length() + 2)))
        .findFirst()
        .orElseGet(() -> fail("no " + name + " in " + said));
  }

  /** As Ctrl-C; fails where a process is left. */
  void interrupt() throws Exception {
    List<ProcessHandle> servers = process.descendants().toList();
    assertFalse(servers.isEmpty());
    try {
      // A JVM ends on it as on Ctrl-C, which whoever runs the tests may have made it ignore.
      new ProcessBuilder("kill", "-TERM", Long.toString(process.pid())).start().waitFor();
      assertTrue(process.waitFor(1, TimeUnit.MINUTES));
      for (ProcessHandle server : servers) {
        server.onExit().get(1, TimeUnit.MINUTES);
      }
    } finally {
      servers.forEach(ProcessHandle::destroyForcibly);
    }
  }

  @Override
  public void close() {
    Stream.concat(process.descendants(), Stream.of(process.toHandle()))
        .toList()
        .forEach(ProcessHandle::destroyForcibly);
  }
}
