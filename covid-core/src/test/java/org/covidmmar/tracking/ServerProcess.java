package org.covidmmar.tracking;

import java.io.IOException;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.covidmmar.Peers;

/** A real MLflow at 127.0.0.1, which can be killed and started again on the same port. */
public final class ServerProcess implements AutoCloseable {
  private static final int SECONDS = 300;
  private static final int POLL_MILLIS = 100;

  private final Path folder;
  private final List<String> arguments;
  private final Map<String, String> environment = new TreeMap<>();
  private final int port = freePort();
  private Process process;

  /** MLflow with these arguments, host and port added, in a working folder. */
  public ServerProcess(Path folder, String... arguments) {
    this.folder = folder;
    this.arguments = List.of(arguments);
  }

  /** A server that keeps runs in SQLite and takes artifacts. */
  public static ServerProcess onSqlite(Path folder) {
    return new ServerProcess(
        folder,
        "server",
        "--workers",
        "1",
        "--backend-store-uri",
        "sqlite:///" + folder.resolve("mlflow.db"),
        "--artifacts-destination",
        folder.resolve("artifacts").toString());
  }

  public ServerProcess with(String variable, String value) {
    environment.put(variable, value);
    return this;
  }

  public ServerProcess start() {
    try {
      Files.createDirectories(folder);
      List<String> command = new ArrayList<>(List.of(Peers.pythonOfMlflow().toString(), "-m"));
      command.add("mlflow");
      command.addAll(arguments);
      command.addAll(List.of("--host", "127.0.0.1", "--port", Integer.toString(port)));
      ProcessBuilder builder = new ProcessBuilder(command).directory(folder.toFile());
      builder.environment().put("MLFLOW_SERVER_ENABLE_JOB_EXECUTION", "false");
      builder.environment().putAll(environment);
      builder.redirectErrorStream(true);
      builder.redirectOutput(ProcessBuilder.Redirect.appendTo(log().toFile()));
      process = builder.start();
      awaitHealth();
      return this;
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  private void awaitHealth() throws IOException {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(SECONDS);
    while (!isHealthy()) {
      if (!process.isAlive() || System.nanoTime() > end) {
        throw new IllegalStateException("MLflow does not start: " + Files.readString(log()));
      }
      try {
        process.waitFor(POLL_MILLIS, TimeUnit.MILLISECONDS);
      } catch (InterruptedException e) {
        throw new IllegalStateException(e);
      }
    }
  }

  private boolean isHealthy() {
    try {
      HttpRequest request = HttpRequest.newBuilder(URI.create(uri() + "/health")).build();
      return HttpClient.newHttpClient()
              .send(request, HttpResponse.BodyHandlers.discarding())
              .statusCode()
          < 500;
    } catch (IOException e) {
      return false;
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private Path log() {
    return folder.resolve("server.log");
  }

  public int port() {
    return port;
  }

  public String uri() {
    return "http://127.0.0.1:" + port;
  }

  /** As kill -9. */
  public void kill() {
    process.descendants().forEach(ProcessHandle::destroyForcibly);
    process.destroyForcibly();
    try {
      process.waitFor();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  public void close() {
    kill();
  }

  public static int freePort() {
    try (ServerSocket socket = new ServerSocket(0)) {
      return socket.getLocalPort();
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }
}
