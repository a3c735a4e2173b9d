package org.covidmmar.experiment;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.Device;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.File;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.covidmmar.CovidException;
import org.covidmmar.Fingerprint;
import org.covidmmar.Peers;
import org.covidmmar.model.Architecture;
import org.covidmmar.model.DenseNet3d;
import org.covidmmar.model.Formula;
import org.covidmmar.model.MemoryFormat;
import org.covidmmar.model.weights.Weights;
import org.covidmmar.tracking.MlflowAccess;
import org.covidmmar.tracking.ServerContent;
import org.covidmmar.tracking.ServerProcess;
import org.covidmmar.volume.Shape;
import org.covidmmar.volume.Volume;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Goals that send runs to a real MLflow server. */
@Tag("peers")
class SyncPeersTest {
  @TempDir Path folder;

  @Test
  void eachGoalLeavesTheServerAsTheJournal() throws Exception {
    try (ServerProcess server = ServerProcess.onSqlite(folder.resolve("server")).start()) {
      TinyStudy study = study().sendingTo(access(server));
      for (Main.Goal goal : List.of(Main.Goal.TRAIN, Main.Goal.VALIDATE, Main.Goal.REPORT)) {
        study.run(goal);
        new ServerContent(server.uri()).assertIsJournal(study.basedir);
      }
      assertEquals(List.of(), study.serverWarnings());
    }
  }

  @Test
  void mlflowLoadsTheModelAndGivesOurProbabilities() throws Exception {
    try (ServerProcess server = ServerProcess.onSqlite(folder.resolve("server")).start()) {
      TinyStudy study = study().sendingTo(access(server));
      study.run(Main.Goal.TRAIN);
      Path model = ModelSource.inRun(study.lastPath());
      study.set("covid.format", "onnx").run(Main.Goal.EXPORT);
      String exported = Fingerprint.of(study.lastPath().resolve("model.onnx")).hex();
      List<Volume> images = Formula.scenes("mlflow", 2, new Shape(32, 32, 32));
      float[] expected;
      try (DenseNet3d network =
          new DenseNet3d(Architecture.DENSENET121, 0, MemoryFormat.CHANNELS_LAST, Device.cpu())) {
        Weights.load(model, network);
        expected = network.probabilities(images);
      }
      JsonNode run = new ServerContent(server.uri()).runs("tiny", "").get(0);
      String byRun = "runs:/" + run.at("/info/run_id").asText() + "/model";
      JsonNode answers =
          new ObjectMapper()
              .readTree(
                  Peers.runWithMlflow(
                      "mlflow_onnx_peer.py",
                      server.uri(),
                      floats(images).toString(),
                      "32,32,32",
                      byRun,
                      "models:/tiny/1"));
      for (JsonNode answer : List.of(answers.get(byRun), answers.get("models:/tiny/1"))) {
        for (int i = 0; i < expected.length; i++) {
          assertEquals(expected[i], answer.get("pyfunc").get(i).floatValue(), 1e-4);
          assertEquals(expected[i], answer.get("onnx").get(i).floatValue(), 1e-4);
        }
        assertEquals("[-1,1,32,32,32]", answer.get("input").toString());
        assertEquals("[\"probabilities\",\"logits\"]", answer.get("outputs").toString());
        assertEquals(exported, answer.get("sha256").textValue());
        assertEquals("refused", answer.get("otherShape").textValue());
        assertTrue(answer.get("packages").toString().contains("onnxruntime"));
        assertTrue(answer.get("metadata").toString().contains("provenance_sha256"));
      }
    }
  }

  private Path floats(List<Volume> images) throws IOException {
    Path file = folder.resolve("images.raw");
    int voxels = images.size() * (int) images.get(0).shape().voxels();
    ByteBuffer bytes = ByteBuffer.allocate(Float.BYTES * voxels).order(ByteOrder.LITTLE_ENDIAN);
    for (Volume image : images) {
      for (float value : image.floats()) {
        bytes.putFloat(value);
      }
    }
    Files.write(file, bytes.array());
    return file;
  }

  @Test
  void aServerThatIsAwayIsSaidOnceAndGetsEverythingLater() throws Exception {
    ServerProcess server = ServerProcess.onSqlite(folder.resolve("server"));
    TinyStudy study = study().sendingTo(access(server));
    study.run(Main.Goal.TRAIN);
    assertEquals(1, study.serverWarnings().size(), study.serverWarnings()::toString);
    assertTrue(
        study.serverWarnings().get(0).contains("covid:sync"), study.serverWarnings()::toString);
    CovidException e = assertThrows(CovidException.class, () -> study.run(Main.Goal.SYNC));
    assertTrue(e.getMessage().contains("1 run is not wholly there"), e.getMessage());
    try (server) {
      server.start();
      syncTwiceAtOnce(study, server);
      new ServerContent(server.uri()).assertIsJournal(study.basedir);
      study.run(Main.Goal.SYNC);
      new ServerContent(server.uri()).assertIsJournal(study.basedir);
      assertTrue(
          study.lastPath().toString().contains("/#/experiments/"), study.lastPath()::toString);
    }
  }

  private void syncTwiceAtOnce(TinyStudy study, ServerProcess server) throws Exception {
    Path config = folder.resolve("config.json");
    Files.writeString(config, study.config().toJson());
    List<Process> both = new ArrayList<>();
    for (int i = 0; i < 2; i++) {
      ProcessBuilder builder =
          new ProcessBuilder(
                  ComputingJvm.thisJava().toString(),
                  "-cp",
                  absolute(System.getProperty("java.class.path")),
                  Main.class.getName(),
                  "sync",
                  config.toString(),
                  Main.FORCE)
              .directory(study.basedir.toFile())
              .redirectErrorStream(true)
              .redirectOutput(folder.resolve("sync" + i + ".log").toFile());
      builder.environment().put("MLFLOW_TRACKING_URI", server.uri());
      both.add(builder.start());
    }
    for (int i = 0; i < 2; i++) {
      int exit = both.get(i).waitFor();
      String log = Files.readString(folder.resolve("sync" + i + ".log"));
      assertEquals(0, exit, log);
      assertTrue(log.contains("1 run is on "), log);
    }
  }

  private static String absolute(String classPath) {
    return String.join(
        File.pathSeparator,
        Arrays.stream(classPath.split(File.pathSeparator, -1))
            .map(part -> Path.of(part).toAbsolutePath().toString())
            .toList());
  }

  private TinyStudy study() {
    return new TinyStudy(folder.resolve("study")).set("covid.epochs", "3");
  }

  private static MlflowAccess access(ServerProcess server) {
    return MlflowAccess.of(Map.of("MLFLOW_TRACKING_URI", server.uri())).orElseThrow();
  }
}
