package org.covidmmar.experiment;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpServer;
import java.io.File;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.stream.Stream;
import org.covidmmar.tracking.MlflowAccess;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A password is seen by the server alone. */
class SecretsTest {
  private static final String PASSWORD = "pass-wort-GEHEIM-4711";

  @TempDir Path folder;

  @Test
  void aPasswordIsInNoFileNoOutputAndNoArgument() throws Exception {
    Set<String> authorizations = new ConcurrentSkipListSet<>();
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext(
        "/",
        exchange -> {
          exchange.getRequestBody().readAllBytes();
          String given = exchange.getRequestHeaders().getFirst("Authorization");
          authorizations.add(String.valueOf(given));
          // A server may repeat what it was sent, and the password with it.
          byte[] answer = ("no access for hugo:" + PASSWORD).getBytes(StandardCharsets.UTF_8);
          exchange.sendResponseHeaders(401, answer.length);
          exchange.getResponseBody().write(answer);
          exchange.close();
        });
    server.start();
    Set<String> seen = Collections.synchronizedSet(new TreeSet<>());
    List<Message> messages = new ArrayList<>();
    try {
      TinyStudy study =
          new TinyStudy(folder)
              .sendingTo(
                  MlflowAccess.of(
                          Map.of(
                              "MLFLOW_TRACKING_URI",
                              "http://127.0.0.1:" + server.getAddress().getPort(),
                              "MLFLOW_TRACKING_USERNAME",
                              "hugo",
                              "MLFLOW_TRACKING_PASSWORD",
                              PASSWORD))
                      .orElseThrow());
      new ComputingJvm(ComputingJvm.thisJava(), classPath(), "-XshowSettings:properties")
          .run(
              Main.Goal.TRAIN,
              study.request(),
              message -> {
                messages.add(message);
                seen.addAll(argumentsAndTheirFiles());
              },
              seen::add);
    } finally {
      server.stop(0);
    }
    String basic =
        Base64.getEncoder().encodeToString(("hugo:" + PASSWORD).getBytes(StandardCharsets.UTF_8));
    assertEquals(Set.of("Basic " + basic), authorizations);
    List<String> warnings = TinyStudy.serverWarnings(messages);
    assertEquals(1, warnings.size(), warnings::toString);
    assertTrue(warnings.toString().contains("status 401"), warnings::toString);
    messages.forEach(message -> seen.add(message.toString()));
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        seen.add(file + " " + Files.readString(file, StandardCharsets.ISO_8859_1));
      }
    }
    for (String text : seen) {
      assertFalse(text.contains(PASSWORD), text);
      assertFalse(text.contains(basic), text);
    }
  }

  /** Of the processes that this one began, as anyone on the machine could read them. */
  private static List<String> argumentsAndTheirFiles() {
    List<String> texts = new ArrayList<>();
    ProcessHandle.current()
        .descendants()
        .flatMap(process -> process.info().arguments().stream().flatMap(Arrays::stream))
        .forEach(
            argument -> {
              texts.add(argument);
              Path file = Path.of(argument.startsWith("@") ? argument.substring(1) : argument);
              try {
                if (Files.isRegularFile(file)) {
                  texts.add(Files.readString(file));
                }
              } catch (IOException e) {
                // Gone with its process.
              }
            });
    return texts;
  }

  private static List<Path> classPath() {
    return Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator, -1))
        .map(part -> Path.of(part).toAbsolutePath())
        .toList();
  }
}
