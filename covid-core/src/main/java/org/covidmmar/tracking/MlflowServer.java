package org.covidmmar.tracking;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.net.HttpURLConnection;
import java.net.InetAddress;
import java.net.Proxy;
import java.net.URI;
import java.net.URL;
import java.net.URLEncoder;
import java.net.UnknownHostException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Base64;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import java.util.logging.Level;
import java.util.logging.Logger;
import java.util.stream.Collectors;
import javax.net.ssl.HttpsURLConnection;
import org.covidmmar.AtomicFiles;
import org.covidmmar.CovidException;
import org.mlflow.tracking.MlflowClient;
import org.mlflow.tracking.MlflowHttpException;
import org.mlflow.tracking.creds.BasicMlflowHostCreds;

/**
 * Calls of an MLflow server, each of which ends: with its answer, or with a {@link
 * ServerException}. MLflow's Java client makes all but the uploads of artifacts, for which it would
 * need Python, and deletions, which it lacks.
 */
final class MlflowServer implements AutoCloseable {
  private static final Duration CONNECT = Duration.ofSeconds(5);
  private static final int ERRORS_FROM = 400;
  private static final int LONGEST_MESSAGE = 300;

  /** What a server answers that signs no addresses: none such, failed without boto3, not done. */
  private static final Set<Integer> SIGNS_NOTHING = Set.of(404, 500, 501);

  /** The slowest line that uploads are waited for, in bytes a second. */
  private static final long SLOWEST = 100_000;

  private static final JsonMapper JSON = new JsonMapper();

  /** Held on to: Java forgets the level of a logger that nobody holds. */
  private static final Logger CLIENTS_HTTP = Logger.getLogger("org.mlflow_project");

  static {
    // The client warns at each of its retries; what comes of them is said once, by whoever calls.
    System.setProperty("org.slf4j.simpleLogger.log.org.mlflow", "off");
    CLIENTS_HTTP.setLevel(Level.OFF);
  }

  private final MlflowAccess access;
  private final Duration patience;
  private final ExecutorService threads =
      Executors.newCachedThreadPool(
          work -> {
            Thread thread = new Thread(work, "mlflow-call");
            thread.setDaemon(true);
            return thread;
          });
  private MlflowClient client;
  private HttpClient http;

  MlflowServer(MlflowAccess access) {
    this(access, Duration.ofMinutes(1));
  }

  /**
   * @param patience how long a call may take
   */
  MlflowServer(MlflowAccess access, Duration patience) {
    this.access = access;
    this.patience = patience;
  }

  /** The address. */
  String name() {
    return access.toString();
  }

  /**
   * Ends in seconds where there is no server; the client would wait for minutes. Asked again and
   * again while a server is away, and so by the plainest means: making either of the clients costs
   * thirty times as much.
   */
  void reach() {
    try {
      URL health = new URL(access.uri() + "/health");
      HttpURLConnection connection = (HttpURLConnection) health.openConnection(Proxy.NO_PROXY);
      if (connection instanceof HttpsURLConnection tls) {
        tls.setSSLSocketFactory(http().sslContext().getSocketFactory());
        if (access.insecureTls()) {
          tls.setHostnameVerifier((host, session) -> true);
        }
      }
      authorization().ifPresent(text -> connection.setRequestProperty("Authorization", text));
      connection.setInstanceFollowRedirects(false);
      connection.setConnectTimeout((int) CONNECT.toMillis());
      connection.setReadTimeout((int) CONNECT.toMillis());
      try {
        connection.getResponseCode();
      } finally {
        connection.disconnect();
      }
    } catch (IOException e) {
      throw failure(e);
    }
  }

  /** A call of the client. */
  <T> T call(Function<MlflowClient, T> call) {
    MlflowClient used = client();
    Future<T> answer = threads.submit(() -> call.apply(used));
    try {
      return answer.get(patience.toMillis(), TimeUnit.MILLISECONDS);
    } catch (ExecutionException e) {
      throw failure(e.getCause());
    } catch (TimeoutException e) {
      dropClient();
      throw new ServerException(0, "no answer within " + patience.toSeconds() + " s", e);
    } catch (InterruptedException e) {
      dropClient();
      Thread.currentThread().interrupt();
      throw new ServerException(0, "the call was interrupted", e);
    }
  }

  /** GET of a path of the client's API. */
  JsonNode get(String path) {
    return json(call(c -> c.sendGet(path)));
  }

  /** POST to a path of the client's API. */
  JsonNode post(String path, JsonNode body) {
    return json(call(c -> c.sendPost(path, body.toString())));
  }

  /** PATCH of a path of the client's API. */
  JsonNode patch(String path, JsonNode body) {
    return json(call(c -> c.sendPatch(path, body.toString())));
  }

  /** DELETE of a path of the client's API. */
  void delete(String path, JsonNode body) {
    HttpRequest request =
        request("/api/2.0/mlflow/" + path)
            .timeout(patience)
            .header("Content-Type", "application/json")
            .method("DELETE", HttpRequest.BodyPublishers.ofString(body.toString()))
            .build();
    require(send(request));
  }

  /**
   * Uploads an artifact, to the server or to where the server has it sent; one of that name is
   * replaced.
   *
   * @param path below the root, with slashes
   */
  void put(ArtifactRoot root, String path, Path file) {
    try {
      URI uri = URI.create(root.uri());
      if ("mlflow-artifacts".equals(uri.getScheme())) {
        upload(uri.getPath(), path, HttpRequest.BodyPublishers.ofFile(file), Files.size(file));
      } else if (isOnThisMachine(uri)) {
        AtomicFiles.write(Path.of(uri.getPath()).resolve(path), out -> Files.copy(file, out));
      } else if ("s3".equals(uri.getScheme())) {
        putSigned(root, path, file);
      } else {
        throw new ServerException(
            0,
            "it does not take artifacts, but has them sent to "
                + uri.getScheme()
                + ": start it with --serve-artifacts, or with artifacts in S3",
            null);
      }
    } catch (IOException e) {
      throw RunJournal.unreadable(file, e);
    } catch (IllegalArgumentException e) {
      throw new ServerException(0, "it names a place that is none for artifacts", e);
    } catch (CovidException e) {
      throw new ServerException(0, e.getMessage(), e);
    }
  }

  /** The address that the server signs for an artifact is all the store asks for. */
  private void putSigned(ArtifactRoot root, String path, Path file) throws IOException {
    JsonNode signed = signedAddress(root, path);
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create(signed.path("presigned_url").asText()));
    signed
        .path("headers")
        .properties()
        .forEach(header -> request.header(header.getKey(), header.getValue().asText()));
    require(
        send(
            request
                .timeout(limit(Files.size(file)))
                .PUT(HttpRequest.BodyPublishers.ofFile(file))
                .build()));
  }

  private JsonNode signedAddress(ArtifactRoot root, String path) {
    ObjectNode body = JSON.createObjectNode().put(root.owner(), root.id()).put("path", path);
    try {
      return post("artifacts/presigned-upload-url", body);
    } catch (ServerException e) {
      if (!SIGNS_NOTHING.contains(e.status())) {
        throw e;
      }
      throw new ServerException(
          e.status(),
          "it signs no address for artifacts in S3: start it with --serve-artifacts, or with boto3"
              + " and the store's credentials ("
              + e.getMessage()
              + ")",
          e);
    }
  }

  private Duration limit(long bytes) {
    return patience.plusSeconds(bytes / SLOWEST);
  }

  private boolean isOnThisMachine(URI root) throws UnknownHostException {
    boolean path = root.getScheme() == null || root.getScheme().equals("file");
    return path && InetAddress.getByName(access.uri().getHost()).isLoopbackAddress();
  }

  private void upload(String root, String path, HttpRequest.BodyPublisher content, long bytes) {
    require(
        send(
            request("/api/2.0/mlflow-artifacts/artifacts" + encoded(root) + "/" + encoded(path))
                .timeout(limit(bytes))
                .PUT(content)
                .build()));
  }

  private static String encoded(String path) {
    return Arrays.stream(path.split("/", -1))
        .map(part -> URLEncoder.encode(part, StandardCharsets.UTF_8).replace("+", "%20"))
        .collect(Collectors.joining("/"));
  }

  private HttpRequest.Builder request(String path) {
    HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(access.uri() + path));
    authorization().ifPresent(text -> request.header("Authorization", text));
    return request;
  }

  private Optional<String> authorization() {
    if (access.username() != null && access.password() != null) {
      byte[] both = (access.username() + ":" + access.password()).getBytes(StandardCharsets.UTF_8);
      return Optional.of("Basic " + Base64.getEncoder().encodeToString(both));
    }
    return Optional.ofNullable(access.token()).map(token -> "Bearer " + token);
  }

  private HttpResponse<String> send(HttpRequest request) {
    try {
      return http().send(request, HttpResponse.BodyHandlers.ofString());
    } catch (IOException e) {
      throw failure(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new ServerException(0, "the call was interrupted", e);
    }
  }

  private void require(HttpResponse<String> response) {
    if (response.statusCode() >= ERRORS_FROM) {
      throw refusal(response.statusCode(), response.body(), null);
    }
  }

  private ServerException failure(Throwable e) {
    if (e instanceof MlflowHttpException answered) {
      return refusal(answered.getStatusCode(), answered.getBodyMessage(), e);
    }
    Throwable deepest = e;
    while (deepest.getCause() != null) {
      deepest = deepest.getCause();
    }
    String said = deepest.getMessage() == null ? "" : ": " + deepest.getMessage();
    String words = deepest.getClass().getSimpleName() + said;
    return new ServerException(0, access.withoutSecrets(words), e);
  }

  private ServerException refusal(int status, String body, Throwable cause) {
    String text = body == null ? "" : body.strip().replaceAll("\\s+", " ");
    String shown =
        text.length() > LONGEST_MESSAGE ? text.substring(0, LONGEST_MESSAGE) + "…" : text;
    String words = "status " + status + (shown.isEmpty() ? "" : ", " + shown);
    return new ServerException(status, access.withoutSecrets(words), cause);
  }

  private static JsonNode json(String text) {
    try {
      return JSON.readTree(text);
    } catch (JsonProcessingException e) {
      throw new ServerException(0, "its answer is no JSON: " + e.getOriginalMessage(), e);
    }
  }

  private synchronized HttpClient http() {
    if (http == null) {
      http =
          HttpClient.newBuilder()
              .version(HttpClient.Version.HTTP_1_1)
              .followRedirects(HttpClient.Redirect.NEVER)
              .connectTimeout(CONNECT)
              .sslContext(TlsTrust.context(access))
              .build();
    }
    return http;
  }

  private synchronized MlflowClient client() {
    if (client == null) {
      Address address = new Address(access);
      client = new MlflowClient(address);
      if (access.certificates() != null && !access.insecureTls()) {
        TlsTrust.whileTrusting(access.certificates(), () -> makeContext(client));
      }
      address.isKnown = true;
    }
    return client;
  }

  /** A request to no address fails before it is sent, but after the client made its context. */
  private static void makeContext(MlflowClient client) {
    try {
      client.sendGet("");
      throw new IllegalStateException("a request to no address was sent");
    } catch (IllegalArgumentException e) {
      // As meant.
    }
  }

  /** Ends a call that hangs: its connection is closed. */
  private synchronized void dropClient() {
    if (client != null) {
      client.close();
      client = null;
    }
  }

  @Override
  public void close() {
    dropClient();
    threads.shutdownNow();
  }

  /** The client asks for the address and credentials at each request. */
  private static final class Address extends BasicMlflowHostCreds {
    private volatile boolean isKnown;

    Address(MlflowAccess access) {
      super(
          access.toString(),
          access.username(),
          access.password(),
          access.token(),
          access.insecureTls());
    }

    @Override
    public String getHost() {
      return isKnown ? super.getHost() : "no address";
    }
  }
}
