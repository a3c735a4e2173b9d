package org.covidmmar.experiment;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.covidmmar.Thrown;
import org.covidmmar.config.ExperimentConfig;
import org.covidmmar.config.Settings;
import org.covidmmar.inference.ModelConfig;
import org.covidmmar.model.Architecture;
import org.covidmmar.model.DenseNet3d;
import org.covidmmar.model.Formula;
import org.covidmmar.model.MemoryFormat;
import org.covidmmar.model.weights.Weights;
import org.covidmmar.transform.MaskImage;
import org.covidmmar.transform.Step;
import org.covidmmar.transform.Transform;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ModelSourceTest {
  @TempDir Path folder;

  private final ExperimentConfig trained = config(null, "covid.intensityRange", "-900,400");

  private static ExperimentConfig config(List<Step> steps, String... more) {
    Map<String, String> properties = new HashMap<>();
    properties.put("covid.model", "weights.safetensors");
    for (int i = 0; i < more.length; i += 2) {
      properties.put(more[i], more[i + 1]);
    }
    return ExperimentConfig.of(Settings.of(properties), "x", steps);
  }

  @BeforeEach
  void aModel() {
    Path weights = folder.resolve("weights.safetensors");
    try (DenseNet3d network =
        Formula.network(Architecture.DENSENET121, MemoryFormat.CHANNELS_LAST)) {
      Weights.save(weights, network, Map.of());
    }
    new ModelConfig("densenet121", trained.preprocessing(), ModelConfig.USE)
        .write(ModelConfig.beside(weights));
  }

  private ModelSource find(ExperimentConfig config) {
    return ModelSource.find(new Request(config, folder, Map.of()));
  }

  @Test
  void aRecipesStepsSpelledOutAreNoContradiction() {
    List<Step> steps = new ArrayList<>(trained.preprocessing().pipeline().steps());
    assertEquals(trained.preprocessing(), find(config(steps)).preprocessing());
    steps.removeIf(step -> !(step instanceof Transform));
    assertEquals(trained.preprocessing(), find(config(steps)).preprocessing());
    steps.add(new MaskImage());
    Thrown.by(() -> find(config(steps)), "preTransforms", "the model was trained with");
  }

  @Test
  void anotherRangeIsRefused() {
    assertEquals(trained.preprocessing(), find(config(null)).preprocessing());
    Thrown.by(() -> find(config(null, "covid.intensityRange", "-900,300")), "covid.intensityRange");
  }
}
