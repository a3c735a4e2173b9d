package org.covidmmar.tracking;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpServer;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import org.covidmmar.Fingerprint;
import org.covidmmar.training.TrainingEvent;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Errors, time-outs, TLS and credentials, at the level of HTTP; what MLflow does is not here. */
class MlflowServerTest {
  private static final String STORE_PASSWORD = "changeit";

  @TempDir Path folder;

  private final List<String> requests = Collections.synchronizedList(new ArrayList<>());
  private final CountDownLatch ended = new CountDownLatch(1);
  private HttpServer http;

  @AfterEach
  void stop() {
    ended.countDown();
    if (http != null) {
      http.stop(0);
    }
  }

  private MlflowAccess serve(int status, String body, String... environment) throws IOException {
    return serve(
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0),
        "http://127.0.0.1:",
        status,
        body,
        environment);
  }

  private MlflowAccess serve(
      HttpServer server, String prefix, int status, String body, String... environment) {
    http = server;
    http.createContext(
        "/",
        exchange -> {
          byte[] sent = exchange.getRequestBody().readAllBytes();
          requests.add(
              exchange.getRequestMethod()
                  + " "
                  + exchange.getRequestURI()
                  + " "
                  + exchange.getRequestHeaders().getFirst("Authorization")
                  + " "
                  + sent.length);
          byte[] answer = body.getBytes(StandardCharsets.UTF_8);
          exchange.sendResponseHeaders(status, answer.length);
          exchange.getResponseBody().write(answer);
          exchange.close();
        });
    http.start();
    Map<String, String> all = new HashMap<>();
    all.put("MLFLOW_TRACKING_URI", prefix + http.getAddress().getPort() + "/");
    for (int i = 0; i < environment.length; i += 2) {
      all.put(environment[i], environment[i + 1]);
    }
    return MlflowAccess.of(all).orElseThrow();
  }

  @Test
  void clientAndUploadsSendTheSameCredentials() throws IOException {
    MlflowAccess access =
        serve(
            200,
            "{}",
            "MLFLOW_TRACKING_USERNAME",
            "a",
            "MLFLOW_TRACKING_PASSWORD",
            "b",
            "MLFLOW_TRACKING_TOKEN",
            "unused beside a password");
    Path file = Files.write(folder.resolve("f"), new byte[100_000]);
    try (MlflowServer server = new MlflowServer(access)) {
      server.get("runs/get");
      server.put(root("mlflow-artifacts:/1/x/artifacts"), "a b/ü%?.bin", file);
    }
    assertEquals(
        List.of(
            "GET /api/2.0/mlflow/runs/get Basic YTpi 0",
            "PUT /api/2.0/mlflow-artifacts/artifacts/1/x/artifacts/a%20b/%C3%BC%25%3F.bin Basic"
                + " YTpi 100000"),
        requests);
  }

  private static ArtifactRoot root(String uri) {
    return new ArtifactRoot(uri, "run_id", "r");
  }

  @Test
  void whatGoesToS3IsSentToASignedAddressWithoutOurSecrets() throws IOException {
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    String address = "http://127.0.0.1:" + server.getAddress().getPort() + "/bucket/f?signature=1";
    String signed =
        "{\"presigned_url\": \"" + address + "\", \"headers\": {\"Content-Type\": \"text/plain\"}}";
    MlflowAccess access =
        serve(server, "http://127.0.0.1:", 200, signed, "MLFLOW_TRACKING_TOKEN", "t");
    Path file = Files.write(folder.resolve("f"), new byte[1000]);
    try (MlflowServer mlflow = new MlflowServer(access)) {
      mlflow.put(root("s3://bucket/1/r/artifacts"), "f", file);
    }
    assertEquals(
        List.of(
            "POST /api/2.0/mlflow/artifacts/presigned-upload-url Bearer t 25",
            "PUT /bucket/f?signature=1 null 1000"),
        requests);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"{}", "{\"presigned_url\": \"file:/etc/passwd\"}", "{\"presigned_url\": \"%\"}"})
  void aSignedAddressThatIsNoneIsAFailure(String answer) throws IOException {
    Path file = Files.writeString(folder.resolve("f"), "x");
    try (MlflowServer server = new MlflowServer(serve(200, answer))) {
      assertThrows(ServerException.class, () -> server.put(root("s3://b/1"), "f", file));
    }
  }

  @ParameterizedTest
  @CsvSource({
    "404,true",
    "500,true",
    "501,true",
    "400,false",
    "401,false",
    "403,false",
    "503,false"
  })
  void aServerThatSignsNothingIsToldFromOneThatRefuses(int status, boolean signsNothing)
      throws IOException {
    Path file = Files.writeString(folder.resolve("f"), "x");
    try (MlflowServer server = new MlflowServer(serve(status, "no"))) {
      ServerException e =
          assertThrows(ServerException.class, () -> server.put(root("s3://b/1"), "f", file));
      assertEquals(status, e.status());
      String words = "status " + status + ", no";
      assertEquals(
          signsNothing
              ? "it signs no address for artifacts in S3: start it with --serve-artifacts, or with"
                  + " boto3 and the store's credentials ("
                  + words
                  + ")"
              : words,
          e.getMessage());
    }
  }

  @Test
  void aTokenIsABearer() throws IOException {
    try (MlflowServer server = new MlflowServer(serve(200, "{}", "MLFLOW_TRACKING_TOKEN", "t"))) {
      server.get("x");
    }
    assertEquals(List.of("GET /api/2.0/mlflow/x Bearer t 0"), requests);
  }

  @ParameterizedTest
  @ValueSource(ints = {400, 401, 403, 404, 500, 503})
  void refusalsAreSaidWithoutSecrets(int status) throws IOException {
    MlflowAccess access = serve(status, "no: s3cret and why", "MLFLOW_TRACKING_TOKEN", "s3cret");
    try (MlflowServer server = new MlflowServer(access)) {
      ServerException e = assertThrows(ServerException.class, () -> server.get("x"));
      assertEquals("status " + status + ", no: *** and why", e.getMessage());
      assertEquals(status == 401 || status == 403, e.isAboutAccess());
      Path file = Files.writeString(folder.resolve("f"), "x");
      ServerException put =
          assertThrows(
              ServerException.class, () -> server.put(root("mlflow-artifacts:/1"), "f", file));
      assertEquals(e.getMessage(), put.getMessage());
    }
  }

  @Test
  void anAnswerThatIsNoJsonIsAFailure() throws IOException {
    try (MlflowServer server = new MlflowServer(serve(200, "<html>a portal</html>"))) {
      assertThrows(ServerException.class, () -> server.get("x"));
    }
  }

  @Test
  void aServerThatNeverAnswersIsGivenUp() throws IOException {
    http = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    http.createContext(
        "/",
        exchange -> {
          try {
            ended.await();
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
          }
        });
    http.start();
    MlflowAccess access =
        MlflowAccess.of(
                Map.of("MLFLOW_TRACKING_URI", "http://127.0.0.1:" + http.getAddress().getPort()))
            .orElseThrow();
    Path file = Files.writeString(folder.resolve("f"), "x");
    try (MlflowServer server = new MlflowServer(access, Duration.ofMillis(200))) {
      assertThrows(ServerException.class, () -> server.get("x"));
      assertThrows(ServerException.class, () -> server.put(root("mlflow-artifacts:/1"), "f", file));
    }
  }

  @Test
  void aPrivateAuthorityIsTrustedWhereItIsGiven() throws Exception {
    Path pem = folder.resolve("ca.pem");
    HttpsServer https = https(pem);
    String[] given = {"MLFLOW_TRACKING_SERVER_CERT_PATH", pem.toString()};
    MlflowAccess access = serve(https, "https://localhost:", 200, "{}", given);
    Path file = Files.writeString(folder.resolve("f"), "x");
    try (MlflowServer server = new MlflowServer(access)) {
      server.reach();
      server.get("x");
      server.put(root("mlflow-artifacts:/1"), "f", file);
    }
    assertNull(System.getProperty("javax.net.ssl.trustStore"), "as it was");
    MlflowAccess distrusting =
        MlflowAccess.of(Map.of("MLFLOW_TRACKING_URI", access.toString())).orElseThrow();
    try (MlflowServer server = new MlflowServer(distrusting)) {
      assertThrows(ServerException.class, server::reach);
      assertThrows(ServerException.class, () -> server.get("x"));
      assertThrows(ServerException.class, () -> server.put(root("mlflow-artifacts:/1"), "f", file));
    }
    MlflowAccess careless =
        MlflowAccess.of(
                Map.of(
                    "MLFLOW_TRACKING_URI",
                    access.toString(),
                    "MLFLOW_TRACKING_INSECURE_TLS",
                    "true"))
            .orElseThrow();
    try (MlflowServer server = new MlflowServer(careless)) {
      server.reach();
      server.get("x");
      server.put(root("mlflow-artifacts:/1"), "f", file);
    }
    assertEquals(6, requests.size(), requests::toString);
  }

  /** A server with a certificate of its own, which is written as PEM. */
  private HttpsServer https(Path pem) throws Exception {
    Path store = folder.resolve("server.p12");
    String keytool = Path.of(System.getProperty("java.home"), "bin", "keytool").toString();
    run(
        keytool,
        "-genkeypair",
        "-alias",
        "a",
        "-keyalg",
        "EC",
        "-dname",
        "CN=localhost",
        "-ext",
        "SAN=dns:localhost,ip:127.0.0.1",
        "-storetype",
        "PKCS12",
        "-keystore",
        store.toString(),
        "-storepass",
        STORE_PASSWORD);
    run(
        keytool,
        "-exportcert",
        "-rfc",
        "-alias",
        "a",
        "-keystore",
        store.toString(),
        "-storepass",
        STORE_PASSWORD,
        "-file",
        pem.toString());
    KeyStore keys = KeyStore.getInstance("PKCS12");
    try (InputStream in = Files.newInputStream(store)) {
      keys.load(in, STORE_PASSWORD.toCharArray());
    }
    KeyManagerFactory managers =
        KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    managers.init(keys, STORE_PASSWORD.toCharArray());
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(managers.getKeyManagers(), null, null);
    HttpsServer server =
        HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setHttpsConfigurator(new HttpsConfigurator(context));
    return server;
  }

  private static void run(String... command) throws Exception {
    assertEquals(0, new ProcessBuilder(command).inheritIO().start().waitFor());
  }

  @Test
  void troubleIsToldOnceAndNothingIsThrown() throws IOException {
    MlflowAccess access = serve(403, "Invalid Host header");
    List<String> warnings = new ArrayList<>();
    try (RunJournal journal = RunJournal.begin(folder, "a", "r", Clock.systemUTC());
        LiveSync live = new LiveSync(access, journal.folder(), warnings::add)) {
      for (int epoch = 1; epoch < 20; epoch++) {
        journal.metric("train/loss", epoch, epoch);
        live.on(new TrainingEvent.BatchDone(epoch, 1, 1, 0.5));
        live.on(new TrainingEvent.EpochDone(epoch, new TreeMap<>(), true, Fingerprint.of("")));
      }
      journal.end(RunJournal.Status.FINISHED);
    }
    assertEquals(1, warnings.size(), warnings::toString);
    assertTrue(warnings.get(0).contains("status 403, Invalid Host header"), warnings::toString);
  }

  @Test
  void withoutAServerNothingIsSaid() {
    List<String> warnings = new ArrayList<>();
    try (RunJournal journal = RunJournal.begin(folder, "a", "r", Clock.systemUTC());
        LiveSync live = new LiveSync(null, journal.folder(), warnings::add)) {
      live.on(new TrainingEvent.EpochDone(1, new TreeMap<>(), true, Fingerprint.of("")));
      assertFalse(Files.exists(SyncMark.folder(journal.folder())));
    }
    assertEquals(List.of(), warnings);
  }
}
