package org.covidmmar.bundle;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.covidmmar.CovidException;
import org.covidmmar.config.ExperimentConfig;
import org.covidmmar.config.Settings;
import org.covidmmar.inference.ModelConfig;
import org.covidmmar.model.Architecture;
import org.covidmmar.model.DenseNet3d;
import org.covidmmar.model.Formula;
import org.covidmmar.model.MemoryFormat;
import org.covidmmar.model.weights.SafeTensors;
import org.covidmmar.model.weights.Weights;
import org.covidmmar.transform.Pipeline;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the configurations say; that MONAI runs them is a test of its own. */
class MonaiBundleTest {
  private static final JsonMapper JSON = new JsonMapper();

  @TempDir Path folder;

  private JsonNode written(String file, Map<String, String> properties) throws IOException {
    Path weights = folder.resolve("weights.safetensors");
    if (!Files.exists(weights)) {
      try (DenseNet3d network = Formula.network(Architecture.DENSENET121, MemoryFormat.PLAIN)) {
        Weights.save(weights, network, Map.of());
      }
    }
    ExperimentConfig config = ExperimentConfig.of(Settings.of(properties), "bundle", null);
    try (SafeTensors opened = SafeTensors.open(weights)) {
      MonaiBundle.write(
          folder.resolve("bundle"),
          opened,
          new ModelConfig("densenet121", config.preprocessing(), ModelConfig.USE),
          config,
          new TreeMap<>(Map.of("run_id", "0123")));
    }
    return JSON.readTree(folder.resolve("bundle").resolve(file).toFile());
  }

  private static List<String> names(JsonNode transforms) {
    List<String> names = new ArrayList<>();
    transforms.forEach(t -> names.add(t.get("_target_").textValue()));
    return names;
  }

  @Test
  void recipesAreMonaisTransformsInTheirOrder() throws IOException {
    JsonNode mmar = written("configs/train.json", Map.of());
    assertEquals(
        List.of(
            "LoadImaged",
            "Orientationd",
            "ScaleIntensityRanged",
            "CropForegroundd",
            "SelectItemsd",
            "Resized"),
        names(mmar.get("fixed_transforms")));
    assertEquals(
        List.of("RandScaleIntensityd", "RandAdjustContrastd", "RandGaussianNoised", "RandZoomd"),
        names(mmar.get("random_transforms")));
    JsonNode naturecomm =
        written(
            "configs/inference.json",
            Map.of("covid.recipe", "naturecomm", "covid.intensityRange", "-1024,300"));
    JsonNode steps = naturecomm.at("/preprocessing/transforms");
    assertEquals("ScaleIntensityRanged", names(steps).get(5));
    assertEquals(-1024, steps.get(5).get("a_min").doubleValue());
    assertEquals("[192,192,64]", steps.get(4).get("spatial_size").toString());
  }

  @Test
  void masksGoAlongAsFarAsTheyAreNeeded() {
    String step = "{\"name\": \"%s\"%s}";
    String json =
        "["
            + String.join(
                ", ",
                step.formatted("Resize", ", \"shape\": [64, 64, 64], \"mode\": \"trilinear\""),
                step.formatted("RandFlip", ", \"prob\": 0.5, \"axes\": [0]"),
                step.formatted("MaskImage", ""),
                step.formatted("RandShiftIntensity", ", \"prob\": 1, \"offset\": 0.1"))
            + "]";
    MonaiTransforms both = MonaiTransforms.of(Pipeline.fromJson(json), List.of("label"));
    assertEquals("[\"image\",\"label_image\"]", both.fixed().get(1).get("keys").toString());
    assertEquals("[\"trilinear\",\"nearest\"]", both.fixed().get(1).get("mode").toString());
    assertEquals("[false,null]", both.fixed().get(1).get("align_corners").toString());
    assertEquals(
        List.of("RandFlipd", "MaskIntensityd", "SelectItemsd", "RandShiftIntensityd"),
        names(both.rest()));
    assertEquals("[\"image\",\"label_image\"]", both.rest().get(0).get("keys").toString());
    assertEquals("[\"image\",\"label\"]", both.rest().get(2).get("keys").toString());
    assertEquals("\"image\"", both.rest().get(3).get("keys").toString());
  }

  @Test
  void aStepThatMonaiHasNotIsRefused() {
    String noise = "[{\"name\": \"GaussianNoise\", \"mean\": 0, \"std\": 0.1, \"seed\": 1}]";
    CovidException e =
        assertThrows(
            CovidException.class, () -> MonaiTransforms.of(Pipeline.fromJson(noise), List.of()));
    assertEquals("transform GaussianNoise", e.subject());
    assertTrue(e.remedy().contains("covid.format"), e.remedy());
  }

  @Test
  void trainingIsTheExperiments() throws IOException {
    JsonNode train =
        written(
            "configs/train.json",
            Map.of(
                "covid.batchSize", "3",
                "covid.accumulate", "4",
                "covid.optimizer", "adamw",
                "covid.classWeights", "1,2.5",
                "covid.lrPolicy", "plateau(factor=0.5)",
                "covid.keyMetric", "val/loss",
                "covid.patience", "9",
                "covid.sampling", "balanced",
                "covid.dropout", "0.2"));
    assertEquals(12, train.get("cases_per_update").intValue());
    assertEquals("torch.optim.AdamW", train.at("/optimizer/_target_").textValue());
    assertEquals("$torch.tensor([1.0, 2.5], device=@device)", train.at("/loss/weight").textValue());
    assertEquals(0.5, train.at("/lr_scheduler/factor").doubleValue());
    assertEquals("val_loss", train.get("key_metric").textValue());
    assertTrue(train.at("/validate/handlers/1/key_metric_negative_sign").booleanValue());
    assertEquals(
        "@validate#metrics#loss",
        train.at("/validate/evaluator/key_val_metric/val_loss").textValue());
    assertEquals(9, train.at("/early_stop/patience").intValue());
    assertEquals(0.2, train.at("/network_def/dropout_prob").doubleValue());
    assertTrue(train.at("/train/sampler").textValue().contains("WeightedRandomSampler"));
  }

  @Test
  void metadataHasTheVersionsThatTheTestsRunWith() throws IOException {
    JsonNode metadata = written("configs/metadata.json", Map.of("covid.inputShape", "64,96,32"));
    assertEquals(ModelConfig.USE, metadata.get("intended_use").textValue());
    assertEquals("0123", metadata.at("/covid_mmar/run_id").textValue());
    JsonNode image = metadata.at("/network_data_format/inputs/image");
    assertEquals("[64,96,32]", image.get("spatial_shape").toString());
    assertEquals("[0.0,1.0]", image.get("value_range").toString());
    SortedMap<String, String> pinned = new TreeMap<>();
    Matcher lines =
        Pattern.compile("(?m)^([\\w-]+)==(\\S+)")
            .matcher(Files.readString(Path.of("../benchmarks/peers/requirements.txt")));
    while (lines.find()) {
      pinned.put(lines.group(1), lines.group(2));
    }
    MonaiBundle.TESTED_WITH.forEach(
        (name, version) -> assertEquals(version, pinned.get(name), name));
    for (String text : List.of("docs/README.md", "LICENSE")) {
      assertTrue(
          Files.readString(folder.resolve("bundle").resolve(text)).contains("not for diagnosis"),
          text);
    }
  }
}
