package org.covidmmar.experiment;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
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

  /** Bytes of 11 million parameters, not quite. */
  private static final long WEIGHTS = 40_000_000;

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
  void monaiTrainsTheExperimentInOneProcess() throws IOException {
    monai("run", config("train.json", "--data_root", folder.resolve("data").toString()));
    assertTrue(Files.size(bundle().resolve("train/model.pt")) > WEIGHTS);
  }

  /** With whatever else can be set, and an odd number of cases to validate. */
  @Test
  void monaiTrainsInTwoProcesses() throws IOException {
    Path dataset = folder.resolve("data/dataset.json");
    ObjectNode lists = new JsonMapper().readValue(dataset.toFile(), ObjectNode.class);
    ((ArrayNode) lists.get("validation")).add(lists.at("/testing/0"));
    Files.writeString(dataset, lists.toString());
    Files.copy(bundle().resolveSibling("model.safetensors"), folder.resolve("bare.safetensors"));
    properties.putAll(
        Map.of(
            "covid.model", "bare.safetensors",
            "covid.format", "bundle",
            "covid.output", "other",
            "covid.recipe", "naturecomm",
            "covid.optimizer", "adamw",
            "covid.lrPolicy", "plateau",
            "covid.sampling", "balanced",
            "covid.classWeights", "1,2",
            "covid.keyMetric", "val/loss",
            "covid.patience", "5"));
    run(Main.Goal.EXPORT);
    List<String> two =
        new ArrayList<>(List.of("-m", "torch.distributed.run", "--nproc_per_node", "2"));
    two.addAll(List.of("-m", "monai.bundle", "run"));
    two.addAll(List.of(config("train.json", "--data_root", folder.resolve("data").toString())));
    two.addAll(List.of("--initial_weights", "models/model.pt"));
    Path other = folder.resolve("other/bundle");
    Peers.runIn(other, two.toArray(String[]::new));
    assertTrue(Files.size(other.resolve("train/model.pt")) > WEIGHTS);
  }
}
