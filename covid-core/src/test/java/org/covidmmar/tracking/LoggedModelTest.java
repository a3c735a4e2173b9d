package org.covidmmar.tracking;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.Device;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.covidmmar.CovidException;
import org.covidmmar.Seeds;
import org.covidmmar.config.ExperimentConfig;
import org.covidmmar.config.Settings;
import org.covidmmar.inference.ModelConfig;
import org.covidmmar.model.Architecture;
import org.covidmmar.model.DenseNet3d;
import org.covidmmar.model.MemoryFormat;
import org.covidmmar.model.Torch;
import org.covidmmar.model.weights.SafeTensors;
import org.covidmmar.model.weights.Weights;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is uploaded of a model, when, and what of it again; MLflow's side is not here. */
class LoggedModelTest {
  private static final String SAFETENSORS = "model.safetensors";
  private static final String CONFIG = "config.json";

  @TempDir Path basedir;

  private final List<String> uploads = Collections.synchronizedList(new ArrayList<>());
  private final List<String> warnings = new ArrayList<>();
  private HttpServer http;
  private volatile boolean refusesLinks;
  private RunJournal journal;
  private RunFolder run;

  @BeforeEach
  void start() throws IOException {
    http = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    http.createContext("/", this::answer);
    http.start();
    journal = RunJournal.begin(basedir, "lungs", "r", Clock.systemUTC());
    run = new RunFolder(journal.folder());
    ExperimentConfig config = ExperimentConfig.of(Settings.of(Map.of()), "lungs", null);
    new ModelConfig("densenet121", config.preprocessing(), ModelConfig.USE).write(config());
    Files.writeString(run.model(), "torn");
  }

  @AfterEach
  void stop() {
    journal.close();
    http.stop(0);
  }

  private void answer(HttpExchange exchange) throws IOException {
    exchange.getRequestBody().readAllBytes();
    String path = exchange.getRequestURI().getPath();
    if (exchange.getRequestMethod().equals("PUT")) {
      uploads.add(path.substring(path.lastIndexOf('/') + 1));
    }
    boolean refused = refusesLinks && path.endsWith("runs/outputs");
    byte[] body =
        (path.endsWith("logged-models/search")
                ? "{\"models\": [{\"info\": {\"model_id\": \"m-1\", \"artifact_uri\":"
                    + " \"mlflow-artifacts:/1/models/m-1/artifacts\"}}]}"
                : path.endsWith("model-versions/search")
                    ? "{\"model_versions\": [{\"name\": \"lungs\", \"version\": \"1\"}]}"
                    : "{}")
            .getBytes(StandardCharsets.UTF_8);
    exchange.sendResponseHeaders(refused ? 400 : 200, body.length);
    exchange.getResponseBody().write(body);
    exchange.close();
  }

  private void writeWeights() {
    Torch.start(2);
    try (DenseNet3d network =
        DenseNet3d.initialised(
            Architecture.of("densenet121"), 0, MemoryFormat.PLAIN, Device.cpu(), new Seeds(1))) {
      SafeTensors.write(run.model(), new TreeMap<>(), Weights.tensors(network));
    }
  }

  private void send() {
    send(Map.of(SAFETENSORS, run.model(), CONFIG, config()));
  }

  private void send(Map<String, Path> own) {
    MlflowAccess access = access(http.getAddress().getPort());
    try (MlflowServer server = new MlflowServer(access)) {
      new LoggedModel(server, run, "r", "1", warnings::add)
          .send(own, SyncMark.read(run.path(), access.toString()));
    }
  }

  private static MlflowAccess access(int port) {
    return MlflowAccess.of(Map.of("MLFLOW_TRACKING_URI", "http://127.0.0.1:" + port)).orElseThrow();
  }

  private Path config() {
    return ModelConfig.beside(run.model());
  }

  @Test
  void filesAreUploadedOnceAndTheOneThatMakesAModelLast() {
    writeWeights();
    refusesLinks = true;
    assertThrows(ServerException.class, this::send);
    assertEquals(
        List.of(
            CONFIG,
            SAFETENSORS,
            "model.onnx",
            "conda.yaml",
            "python_env.yaml",
            "requirements.txt",
            "MLmodel"),
        uploads);
    assertFalse(Files.exists(SyncMark.scratch(run.path())));
    uploads.clear();
    refusesLinks = false;
    send();
    assertEquals(List.of(), uploads, "all of it was there");

    new ModelConfig("densenet121", ModelConfig.read(config()).preprocessing(), "other use")
        .write(config());
    send();
    assertEquals(List.of(CONFIG, "model.onnx"), uploads);
    assertEquals(List.of(), warnings);
  }

  @Test
  void aDamagedModelIsSentAsItIsAndSaidToBe() throws IOException {
    send();
    assertEquals(List.of(CONFIG, SAFETENSORS, "MLmodel"), uploads);
    assertEquals(1, warnings.size());
    assertTrue(warnings.get(0).contains(SAFETENSORS + ": not a valid"), warnings::toString);
    writeWeights();
    Files.writeString(config(), "{");
    send();
    assertEquals(2, warnings.size());
    assertTrue(warnings.get(1).contains(CONFIG), warnings::toString);
  }

  /** A disk that fails now may give the model later. */
  @Test
  void aModelThatCannotBeReadNowIsNoDamage() throws IOException {
    Path elsewhere = Files.writeString(basedir.resolve("elsewhere"), "torn");
    Files.delete(run.model());
    Files.createDirectory(run.model());
    assertThrows(CovidException.class, () -> send(Map.of(SAFETENSORS, elsewhere)));
    assertEquals(List.of(SAFETENSORS), uploads);
    assertEquals(List.of(), warnings);
  }

  @Test
  void whereThereIsNoRoomForWhatIsMadeTheRestIsSentFirst() throws IOException {
    writeWeights();
    Path scratch = SyncMark.scratch(run.path());
    Files.createDirectories(scratch.getParent());
    Files.createSymbolicLink(scratch, basedir.resolve("nowhere"));
    CovidException e = assertThrows(CovidException.class, this::send);
    assertEquals(scratch.resolve("model.onnx").toString(), e.subject());
    assertTrue(e.problem().startsWith("cannot be written"), e.problem());
    assertEquals(List.of(CONFIG, SAFETENSORS), uploads);
  }

  @Test
  void whatAProcessThatEndedLeftIsRemoved() throws IOException {
    Path left = SyncMark.scratch(run.path()).resolve("model.onnx");
    Files.createDirectories(left.getParent());
    Files.writeString(left, "half");
    assertFalse(run.artifactFiles().containsValue(left));
    try (MlflowSync sync = new MlflowSync(access(1), warnings::add)) {
      assertThrows(ServerException.class, () -> sync.send(run, 0));
    }
    assertFalse(Files.exists(left.getParent()));
  }
}
