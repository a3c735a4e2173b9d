package org.covidmmar.mmar;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import org.covidmmar.AtomicFiles;
import org.covidmmar.config.ExperimentConfig;
import org.covidmmar.config.Setting;
import org.covidmmar.config.Settings;
import org.covidmmar.transform.CropForeground;
import org.covidmmar.transform.Orient;
import org.covidmmar.transform.Resize;
import org.covidmmar.transform.ResizeMode;
import org.covidmmar.transform.ScaleIntensityRange;
import org.covidmmar.transform.Step;
import org.covidmmar.volume.Shape;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is written is read as the experiment that it was written from, or it is not written. */
class MmarWriterTest {
  @TempDir Path folder;

  private static ExperimentConfig config(String... settings) {
    return config(null, settings);
  }

  private static ExperimentConfig config(List<Step> preTransforms, String... settings) {
    Map<String, String> properties = new HashMap<>();
    for (String setting : settings) {
      int equals = setting.indexOf('=');
      properties.put("covid." + setting.substring(0, equals), setting.substring(equals + 1));
    }
    return ExperimentConfig.of(Settings.of(properties), "lungs", preTransforms);
  }

  private MmarExperiment written(ExperimentConfig config, String file) {
    MmarWriter.files(config)
        .forEach((name, text) -> AtomicFiles.writeString(folder.resolve(name), text));
    return MmarReader.read(
        new MmarReader.Source(folder, file, null, Map.of()), MmarReader.Results.NONE);
  }

  private static ExperimentConfig config(MmarExperiment read) {
    Map<String, String> properties = new HashMap<>();
    read.settings().forEach((setting, value) -> properties.put(setting.property(), value.text()));
    return ExperimentConfig.of(Settings.of(properties), "", read.preTransforms());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "seed=0",
        "recipe=naturecomm seed=7 epochs=12 batchSize=3 sampling=balanced validEvery=2",
        "augmentation=none inputShape=64,48,32 intensityRange=-900,300 keyMetric=val/loss",
        "architecture=densenet169 learningRate=1e-4 weightDecay=0 keyMetric=val/accuracy"
            + " smartCache=20,0.25",
        "dataRoot=scans dataset=two/lists.json",
        "pretrained=org.example:lung-base:mmar:1.2 replicas=1"
      })
  void isReadAsTheSameExperiment(String settings) {
    ExperimentConfig config = config(settings.split(" "));
    ExperimentConfig train = config(written(config, MmarReader.TRAINING));
    assertEquals(config.preprocessing(), train.preprocessing());
    assertEquals(config.network(), train.network());
    assertEquals(config.optimization(), train.optimization());
    assertEquals(config.training(), train.training());
    assertEquals(config.compute().replicas(), train.compute().replicas());
    Path dataRoot = folder.resolve(config.data().dataRoot());
    assertEquals(dataRoot.toString(), train.data().dataRoot());
    assertEquals(dataRoot.resolve(config.data().dataset()).toString(), train.data().dataset());
    ExperimentConfig validate = config(written(config, "config_validation.json"));
    assertEquals(
        config.preprocessing().fixedProperties(), validate.preprocessing().fixedProperties());
    assertEquals(config.training().batchSize(), validate.training().batchSize());
  }

  @Test
  void aPipelineOfTransformsThatAnMmarHasIsSpelledOut() {
    List<Step> steps =
        List.of(
            new Orient(),
            new ScaleIntensityRange(-800, 200, 0, 1, true),
            new CropForeground(2, true, 1),
            new Resize(new Shape(192, 192, 64), ResizeMode.AREA));
    MmarExperiment read = written(config(steps), MmarReader.TRAINING);
    assertEquals(steps, read.preTransforms());
  }

  @Test
  void replicasThatAnMmarCannotSayAreLeftToTheExperimentsOwnConfiguration() {
    assertFalse(MmarWriter.files(config("replicas=2")).containsKey("config/config_train.json"));
    ExperimentConfig config = config("pretrained=weights/base.pt");
    assertTrue(MmarWriter.files(config).containsKey("config/config_train.json"));
  }

  @Test
  void weightsToTrainOnFromKeepTheirName() {
    ExperimentConfig config = config("pretrained=base.safetensors");
    MmarExperiment read = written(config, MmarReader.TRAINING);
    assertEquals(
        folder.resolve("base.safetensors").toString(),
        read.settings().get(Setting.PRETRAINED).text());
    assertNull(written(config("seed=1"), MmarReader.TRAINING).settings().get(Setting.PRETRAINED));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "optimizer=sgd",
        "momentum=0.8",
        "lrPolicy=cosine",
        "augmentation=flip",
        "resize=trilinear",
        "dropout=0.1",
        "classWeights=1,2",
        "accumulate=2",
        "patience=5",
        "pretrained=base.pt pretrained.head=new"
      })
  void whatAnMmarHasNoWordsForIsNotWritten(String settings) {
    Set<String> names = MmarWriter.files(config(settings.split(" "))).keySet();
    assertTrue(names.stream().noneMatch(name -> name.startsWith("config/")), names.toString());
    assertTrue(names.contains("commands/train.sh"));
  }

  /** With a shell that finds a command mvn which prints its arguments. */
  @Test
  void eachCommandCallsItsGoalFromAnyFolder() throws IOException, InterruptedException {
    SortedMap<String, String> files = MmarWriter.files(config("seed=0"));
    Path mmar = Files.createDirectories(folder.resolve("an mmar"));
    files.forEach((name, text) -> AtomicFiles.writeString(mmar.resolve(name), text));
    Path mvn = folder.resolve("mvn");
    Files.writeString(mvn, "#!/bin/sh\nprintf '%s\\n' \"$@\"\n");
    assertTrue(mvn.toFile().setExecutable(true));
    String here = mmar.toRealPath().toString();
    Map<String, List<String>> expected =
        Map.of(
            "train", List.of("covid:train"),
            "train_finetune", List.of("covid:train", "-Dcovid.pretrained=" + here),
            "validate",
                List.of(
                    "covid:validate",
                    "-Dcovid.model=" + here,
                    "-Dcovid.output=target/covid/validate"),
            "infer",
                List.of(
                    "covid:infer", "-Dcovid.model=" + here, "-Dcovid.output=target/covid/infer"),
            "export", List.of("covid:export", "-Dcovid.format=onnx", "-Dcovid.model=" + here));
    assertEquals(
        expected.keySet().stream().map(name -> "commands/" + name + ".sh").sorted().toList(),
        files.keySet().stream().filter(name -> name.startsWith("commands/")).toList());
    for (Map.Entry<String, List<String>> command : expected.entrySet()) {
      ProcessBuilder builder =
          new ProcessBuilder("sh", mmar + "/commands/" + command.getKey() + ".sh", "-X")
              .directory(folder.toFile())
              .redirectErrorStream(true);
      builder.environment().merge("PATH", folder.toString(), (path, own) -> own + ":" + path);
      Process process = builder.start();
      String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      assertEquals(0, process.waitFor(), said);
      List<String> all = new ArrayList<>(command.getValue());
      all.add(1, "-Dcovid.mmar=" + here);
      all.add("-X");
      assertEquals(all, said.lines().toList());
    }
  }
}
