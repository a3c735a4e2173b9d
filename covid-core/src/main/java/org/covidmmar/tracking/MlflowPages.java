package org.covidmmar.tracking;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.covidmmar.AtomicFiles;
import org.covidmmar.CovidException;

/**
 * An MLflow server of an experiment's own, on this machine alone, until it is closed. What it is
 * sent is in a database in the experiment's folder. It has the same address each time, as long as
 * no one else takes the port: what a server was sent is remembered by its address.
 */
public final class MlflowPages implements AutoCloseable {
  /** The server's database, artifacts and port, in the experiment's folder. */
  public static final String FOLDER = ".covid/mlflow";

  private static final String PORT = "port";
  private static final String HOST = "127.0.0.1";
  private static final int SECONDS_TO_START = 180;
  private static final int SECONDS_TO_END = 10;
  private static final int POLL_MILLIS = 200;
  private static final int SHOWN_LINES = 5;
  private static final int LAST_PORT = 65_535;

  private final Process process;
  private final Path log;
  private final MlflowAccess access;
  private final FolderLock lock;

  private MlflowPages(Process process, Path log, MlflowAccess access, FolderLock lock) {
    this.process = process;
    this.log = log;
    this.access = access;
    this.lock = lock;
  }

  /**
   * Starts the server and waits until it answers; installs MLflow first where there is none.
   *
   * @param basedir the experiment's folder
   * @param log takes what the server says
   * @param says told what takes long
   * @return empty where another process serves this folder
   * @throws CovidException where there is neither MLflow nor Python, or the server does not start
   */
  public static Optional<MlflowPages> serve(Path basedir, Path log, Consumer<String> says) {
    Path folder = basedir.resolve(FOLDER);
    Optional<FolderLock> lock = FolderLock.tryTake(folder);
    if (lock.isEmpty()) {
      return Optional.empty();
    }
    MlflowPages pages = null;
    try {
      pages = start(folder, log.toAbsolutePath(), says, lock.get());
      return Optional.of(pages);
    } finally {
      if (pages == null) {
        lock.get().close();
      }
    }
  }

  private static MlflowPages start(Path folder, Path log, Consumer<String> says, FolderLock lock) {
    MlflowInstallation mlflow = MlflowInstallation.find(says);
    says.accept("starting MLflow's server; what it says goes to " + log);
    int port = port(folder);
    ProcessBuilder builder =
        new ProcessBuilder(
                mlflow.command(),
                "server",
                "--backend-store-uri",
                "sqlite:///mlflow.db",
                "--artifacts-destination",
                "./artifacts",
                "--host",
                HOST,
                "--port",
                Integer.toString(port),
                "--workers",
                "1")
            // Paths relative to it need no escapes, whatever the folder is called.
            .directory(folder.toFile())
            .redirectErrorStream(true)
            .redirectOutput(log.toFile());
    // Jobs are of use to language models alone, and take processes of their own.
    builder.environment().put("MLFLOW_SERVER_ENABLE_JOB_EXECUTION", "false");
    builder.environment().put("MLFLOW_DISABLE_TELEMETRY", "true");
    try {
      Files.createDirectories(log.getParent());
      MlflowPages pages = new MlflowPages(builder.start(), log, at(port), lock);
      Runtime.getRuntime().addShutdownHook(new Thread(pages::close, "end-mlflow"));
      pages.process.getOutputStream().close();
      pages.awaitAnswer();
      return pages;
    } catch (IOException e) {
      throw new CovidException(
          mlflow.command(), "cannot be started: " + e.getMessage(), "install MLflow anew", e);
    }
  }

  /** The server that another process has for a folder; empty where it has not come that far. */
  public static Optional<MlflowAccess> servedByAnother(Path basedir) {
    return remembered(basedir.resolve(FOLDER)).map(MlflowPages::at);
  }

  private static MlflowAccess at(int port) {
    URI address = URI.create("http://" + HOST + ":" + port);
    return new MlflowAccess(address, null, null, null, false, null);
  }

  /** The port of last time where it is free, else another, which is remembered. */
  private static int port(Path folder) {
    Optional<Integer> last = remembered(folder).flatMap(MlflowPages::free);
    if (last.isPresent()) {
      return last.get();
    }
    int port =
        free(0)
            .orElseThrow(
                () ->
                    new CovidException(
                        HOST, "no port is free on this address", "end what listens there"));
    AtomicFiles.writeString(folder.resolve(PORT), port + "\n");
    return port;
  }

  private static Optional<Integer> remembered(Path folder) {
    Path file = folder.resolve(PORT);
    try {
      return Files.exists(file)
          ? Optional.of(Files.readString(file).strip())
              .filter(text -> text.matches("[1-9]\\d{0,4}"))
              .map(Integer::valueOf)
              .filter(port -> port <= LAST_PORT)
          : Optional.empty();
    } catch (IOException e) {
      throw RunJournal.unreadable(file, e);
    }
  }

  /** The port, or any for 0; empty where someone has it. */
  private static Optional<Integer> free(int port) {
    try (ServerSocket socket = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
      return Optional.of(socket.getLocalPort());
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  private void awaitAnswer() {
    HttpClient client = HttpClient.newHttpClient();
    HttpRequest health =
        HttpRequest.newBuilder(URI.create(access.uri() + "/health"))
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

  /** How the server is reached. */
  public MlflowAccess access() {
    return access;
  }

  /**
   * Waits for the server's end, which comes when it is closed.
   *
   * @return whether it has ended, or this thread is to end
   */
  public boolean awaitEnd(Duration atMost) {
    try {
      return process.waitFor(atMost.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return true;
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
    lock.close();
  }
}
