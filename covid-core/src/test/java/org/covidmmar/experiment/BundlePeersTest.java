package org.covidmmar.experiment;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.covidmmar.Fingerprint;
import org.covidmmar.Peers;
import org.covidmmar.config.ExperimentConfig;
import org.covidmmar.config.Settings;
import org.covidmmar.evaluation.EvaluationFiles;
import org.covidmmar.evaluation.ScoredCase;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The exported bundle in MONAI's own hands. */
@Tag("peers")
class BundlePeersTest {
  private static final Path SCHEMA = Path.of("src/test/resources/bundle_schema.json");

  @TempDir Path folder;
  private final Map<String, String> properties = new HashMap<>();
  private final List<String> said = new ArrayList<>();

  private void run(Main.Goal goal) {
    ExperimentConfig config = ExperimentConfig.of(Settings.of(properties), "bundle", null);
    goal.run(new Request(config, folder, Map.of()), false, message -> said.add(message.toString()));
  }

  @BeforeEach
  void exportAModelOfPhantoms() {
    properties.putAll(
        Map.of(
            "covid.phantom.cases", "4,2,2",
            "covid.phantom.shape", "64,64,40",
            "covid.inputShape", "64,64,32",
            "covid.epochs", "1",
            "covid.batchSize", "2",
            "covid.learningRate", "1e-3",
            "covid.threads", "2"));
    for (Main.Goal goal : List.of(Main.Goal.PHANTOM, Main.Goal.TRAIN, Main.Goal.EXPORT)) {
      run(goal);
    }
  }

  private Path bundle() {
    return folder.resolve("target/covid/export/bundle");
  }

  private String monai(String command, String... args) {
    List<String> all = new ArrayList<>(List.of("-m", "monai.bundle", command));
    all.addAll(List.of(args));
    return Peers.runIn(bundle(), all.toArray(String[]::new));
  }

  private static String[] config(String name, String... args) {
    List<String> all = new ArrayList<>(List.of("--config_file", "configs/" + name));
    all.addAll(List.of(args));
    return all.toArray(String[]::new);
  }

  @Test
  void monaiTakesTheBundleAndGivesOurProbabilities() throws IOException {
    Path schema = SCHEMA.toAbsolutePath();
    monai(
        "verify_metadata",
        "--meta_file",
        "configs/metadata.json",
        "--filepath",
        schema.toString(),
        "--hash_val",
        Fingerprint.of(schema).hex(),
        "--hash_type",
        "sha256");
    monai(
        "verify_net_in_out",
        config(
            "inference.json", "--meta_file", "configs/metadata.json", "--net_id", "network_def"));
    assertEquals(
        "727",
        Peers.run(
                "state_dict_peer.py",
                bundle().toString(),
                bundle().resolveSibling("model.safetensors").toString())
            .strip());

    run(Main.Goal.INFER);
    List<ScoredCase> ours =
        EvaluationFiles.readPredictions(folder.resolve("target/covid/infer/predictions.csv"));
    monai("run", config("inference.json", "--data_root", folder.resolve("data").toString()));
    List<String> lines = Files.readAllLines(bundle().resolve("eval/predictions.csv"));
    assertEquals(2, ours.size());
    assertEquals(2, lines.size());
    for (int i = 0; i < ours.size(); i++) {
      String[] cells = lines.get(i).split(",", -1);
      assertTrue(cells[0].endsWith(ours.get(i).image()), lines.get(i) + " " + ours.get(i));
      assertEquals(ours.get(i).pNonCovid(), Double.parseDouble(cells[1]), 1e-4);
      assertEquals(ours.get(i).pCovid(), Double.parseDouble(cells[2]), 1e-4);
    }
  }

  @Test
  void monaiTrainsTheExperimentInOneProcessAndInTwo() throws IOException {
    String data = folder.resolve("data").toString();
    monai("run", config("train.json", "--data_root", data));
    Path best = bundle().resolve("train/model.pt");
    assertTrue(Files.size(best) > 40_000_000);
    Files.delete(best);
    List<String> two =
        new ArrayList<>(
            List.of(
                "-m",
                "torch.distributed.run",
                "--nproc_per_node",
                "2",
                "-m",
                "monai.bundle",
                "run"));
    two.addAll(
        List.of(config("train.json", "--data_root", data, "--initial_weights", "models/model.pt")));
    Peers.runIn(bundle(), two.toArray(String[]::new));
    assertTrue(Files.size(best) > 40_000_000);
  }
}
