package org.covidmmar.tracking;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.covidmmar.CovidException;

/**
 * MLflow's pages on the runs of an experiment's folder, served to this machine alone until they are
 * closed. What the server says goes to a log file.
 */
public final class MlflowPages implements AutoCloseable {
  private static final String HOST = "127.0.0.1";
  private static final int SECONDS_TO_START = 180;
  private static final int SECONDS_TO_END = 10;
  private static final int POLL_MILLIS = 200;
  private static final int SHOWN_LINES = 5;

  /** A fresh browser opens MLflow's pages for language models without it. */
  private static final String MODE = "workflowType=machine_learning";

  private final Process process;
  private final Path log;
  private final String address;

  private MlflowPages(Process process, Path log, String address) {
    this.process = process;
    this.log = log;
    this.address = address;
  }

  /**
   * Starts the server and waits until it answers; installs MLflow first where there is none.
   *
   * @param basedir the experiment's folder, with its mlruns
   * @param log takes what the server says
   * @param says told what takes long
   * @throws CovidException where there is neither MLflow nor Python, or the server does not start
   */
  public static MlflowPages serve(Path basedir, Path log, Consumer<String> says) {
    MlflowInstallation mlflow = MlflowInstallation.find(says);
    says.accept("starting MLflow's server; what it says goes to " + log);
    try {
      Files.createDirectories(log.toAbsolutePath().getParent());
      int port = freePort();
      ProcessBuilder builder =
          new ProcessBuilder(
                  mlflow.command(),
                  "server",
                  "--backend-store-uri",
                  RunJournal.FOLDER,
                  "--host",
                  HOST,
                  "--port",
                  Integer.toString(port),
                  "--workers",
                  "1")
              .directory(basedir.toFile())
              .redirectErrorStream(true)
              .redirectOutput(log.toFile());
      builder.environment().put("MLFLOW_ALLOW_FILE_STORE", "true");
      MlflowPages pages = new MlflowPages(builder.start(), log, "http://" + HOST + ":" + port);
      Runtime.getRuntime().addShutdownHook(new Thread(pages::close, "end-mlflow"));
      pages.process.getOutputStream().close();
      pages.awaitAnswer();
      return pages;
    } catch (IOException e) {
      throw new CovidException(
          mlflow.command(), "cannot be started: " + e.getMessage(), "install MLflow anew", e);
    }
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  private void awaitAnswer() {
    HttpClient client = HttpClient.newHttpClient();
    HttpRequest health =
        HttpRequest.newBuilder(URI.create(address + "/health"))
            .timeout(Duration.ofSeconds(SECONDS_TO_END))
            .build();
    try {
      for (int tries = 0; tries < SECONDS_TO_START * 1000 / POLL_MILLIS; tries++) {
        if (process.waitFor(POLL_MILLIS, TimeUnit.MILLISECONDS)) {
          throw ended();
        }
        try {
          if (client.send(health, HttpResponse.BodyHandlers.discarding()).statusCode() == 200) {
            return;
          }
        } catch (IOException e) {
          // Not yet.
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    close();
    throw new CovidException(
        log, "MLflow's server did not answer within " + SECONDS_TO_START + " s", "see that file");
  }

  private CovidException ended() {
    String said;
    try {
      List<String> lines = Files.readAllLines(log);
      said =
          String.join("\n", lines.subList(Math.max(0, lines.size() - SHOWN_LINES), lines.size()));
    } catch (IOException e) {
      said = "";
    }
    return new CovidException(
        log, "MLflow's server ended with " + process.exitValue() + ":\n" + said, "see that file");
  }

  /** The table of an experiment's runs. */
  public URI runs(String experimentId) {
    return URI.create(address + "/#/experiments/" + experimentId + "/runs?" + MODE);
  }

  /** Runs of an experiment side by side. */
  public URI comparison(String experimentId, List<String> runIds) {
    return URI.create(
        address
            + "/#/compare-runs?runs="
            + encoded(runIds)
            + "&experiments="
            + encoded(List.of(experimentId))
            + "&"
            + MODE);
  }

  private static String encoded(List<String> ids) {
    String json = ids.stream().map(id -> '"' + id + '"').collect(Collectors.joining(",", "[", "]"));
    return URLEncoder.encode(json, StandardCharsets.UTF_8);
  }

  /** Waits until the server ends, which it does when it is closed. */
  public void awaitEnd() {
    try {
      process.waitFor();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Ends the server and all of its processes. */
  @Override
  public void close() {
    List<ProcessHandle> all =
        Stream.concat(process.descendants(), Stream.of(process.toHandle())).toList();
    all.forEach(ProcessHandle::destroy);
    for (ProcessHandle one : all) {
      try {
        one.onExit().get(SECONDS_TO_END, TimeUnit.SECONDS);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      } catch (java.util.concurrent.ExecutionException | java.util.concurrent.TimeoutException e) {
        one.destroyForcibly();
      }
    }
  }
}
