package org.covidmmar.mmar;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.covidmmar.Thrown;
import org.covidmmar.config.ExperimentConfig;
import org.covidmmar.config.Setting;
import org.covidmmar.config.Settings;
import org.covidmmar.mmar.MmarReader.Results;
import org.covidmmar.mmar.MmarReader.Source;
import org.covidmmar.transform.Orient;
import org.covidmmar.transform.Pipeline;
import org.covidmmar.transform.Step;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MmarReaderTest {
  private static final String TRAIN = "config_train.json";

  @TempDir Path temp;
  private SampleMmar mmar;

  @BeforeEach
  void write() {
    mmar = new SampleMmar(temp.resolve("covid_ct"));
  }

  private static String text(MmarExperiment read, Setting setting) {
    return read.settings().containsKey(setting) ? read.settings().get(setting).text() : null;
  }

  private static ExperimentConfig config(MmarExperiment read) {
    Map<String, String> properties = new HashMap<>();
    read.settings().forEach((setting, value) -> properties.put(setting.property(), value.text()));
    return ExperimentConfig.of(Settings.of(properties), "other", read.preTransforms());
  }

  @Test
  void theCardsConfigurationIsTheRecipeMmar() {
    ExperimentConfig read = config(mmar.read());
    Map<String, String> properties = new HashMap<>();
    properties.put("covid.dataRoot", mmar.folder().resolve("data").toString());
    properties.put("covid.dataset", mmar.folder().resolve("data/dataset.json").toString());
    properties.put("covid.batchSize", "12");
    properties.put("covid.sampling", "balanced");
    properties.put("covid.smartCache", "350,0.2");
    properties.put("covid.keyMetric", "val/loss");
    properties.put("covid.predictions", "mmar");
    properties.put("covid.replicas", "1");
    assertEquals(ExperimentConfig.of(Settings.of(properties), "covid_ct", null), read);
    assertNull(mmar.read().preTransforms());
  }

  @Test
  void thePapersOrderIsTheRecipeNaturecomm() {
    MmarExperiment read = mmar.read("config_train_naturecomm.json", null, Map.of());
    assertEquals("naturecomm", text(read, Setting.RECIPE));
    assertEquals(
        config(mmar.read()).with(config(read).inference()).training(), config(read).training());
  }

  @Test
  void everyValueSaysWhereItIsFrom() {
    MmarExperiment read = mmar.read();
    assertEquals(
        "config/config_train.json: learning_rate",
        read.settings().get(Setting.LEARNING_RATE).place());
    assertEquals(
        "config/config_train.json: train.image_pipeline.args.output_batch_size",
        read.settings().get(Setting.BATCH_SIZE).place());
    assertEquals(
        "",
        mmar.read(null, null, Map.of(Setting.EPOCHS, "3")).settings().get(Setting.EPOCHS).place());
  }

  @Test
  void whatHasNoEffectIsSaid() {
    String notes = String.join("\n", mmar.read().notes());
    for (String key :
        List.of("use_amp", "num_workers", "output_data_format", "ConvertToChannelsLast")) {
      assertTrue(notes.contains(key), notes);
    }
    mmar.edit(TRAIN, root -> root.put("multi_gpu", true));
    assertTrue(String.join("\n", mmar.read().notes()).contains("multi_gpu"));
    assertEquals("", text(mmar.read(), Setting.REPLICAS), "one for each device");
  }

  @Test
  void theCommandLineWinsOverSetAndSetOverTheFiles() {
    MmarExperiment read =
        mmar.read(
            null,
            "learning_rate=1e-4,epochs=200, DATA_ROOT=/elsewhere ,multi_gpu=true",
            Map.of(Setting.EPOCHS, "7"));
    assertEquals(1e-4, config(read).optimization().learningRate());
    assertEquals(7, config(read).training().epochs());
    assertEquals("/elsewhere", config(read).data().dataRoot());
    assertTrue(String.join("\n", read.notes()).contains("multi_gpu"));
  }

  @Test
  void pathsAreTheEnvironmentsAndRelativeOnesTheMmars() {
    mmar.edit(
        "environment.json",
        root ->
            root.put("DATA_ROOT", "{BASE}/ct")
                .put("BASE", "/big")
                .put("DATASET_JSON", "{DATA_ROOT}/list.json")
                .put("MMAR_CKPT", "models/base.pt"));
    MmarExperiment read = MmarReader.read(Source.of(mmar.folder()), Results.PREDICTIONS);
    assertEquals("/big/ct", text(read, Setting.DATA_ROOT));
    assertEquals("/big/ct/list.json", text(read, Setting.DATASET));
    assertEquals(
        mmar.folder().resolve("models/base.pt").toString(), text(read, Setting.PRETRAINED));
    assertEquals(mmar.folder().resolve("eval").toString(), text(read, Setting.OUTPUT));
    read = MmarReader.read(Source.of(mmar.folder()), Results.MODELS);
    assertEquals(mmar.folder().resolve("models").toString(), text(read, Setting.OUTPUT));
    assertNull(text(mmar.read(), Setting.OUTPUT));
  }

  @Test
  void transformsOfNoRecipeAreSpelledOut() {
    mmar.edit(TRAIN, root -> SampleMmar.args(root, 3).put("magnitude", 0.2));
    List<Step> steps = mmar.read().preTransforms();
    assertEquals(
        """
        [{"name":"Orient"},\
        {"name":"ScaleIntensityRange","aMin":-1000.0,"aMax":500.0,"bMin":0.0,"bMax":1.0,"clip":true},\
        {"name":"CropForeground","margin":5,"allowSmaller":true,"kDivisible":1},\
        {"name":"Resize","shape":[192,192,64],"mode":"area"},\
        {"name":"RandScaleIntensity","prob":1.0,"factor":0.2},\
        {"name":"RandAdjustContrast","prob":0.5,"minGamma":0.5,"maxGamma":4.5},\
        {"name":"RandGaussianNoise","prob":0.75,"mean":0.0,"std":0.1},\
        {"name":"RandZoom","prob":0.25,"min":[0.8,0.8,0.8],"max":[1.2,1.2,1.2]}]""",
        new Pipeline(steps).toJson());
    MmarExperiment smaller = mmar.read(null, null, Map.of(Setting.INPUT_SHAPE, "32,32,32"));
    assertTrue(new Pipeline(smaller.preTransforms()).toJson().contains("[32,32,32]"));
    Thrown.by(
        () -> mmar.read(null, null, Map.of(Setting.AUGMENTATION, "flip")),
        "pre_transforms",
        "covid.augmentation",
        "no recipe's");
  }

  @Test
  void theMaskIsAppliedWhereItsTransformIsEnabled() {
    mmar.edit(TRAIN, root -> ((ObjectNode) root.at("/train/pre_transforms/7")).remove("disabled"));
    assertTrue(new Pipeline(mmar.read().preTransforms()).toJson().contains("MaskImage"));
  }

  @Test
  void withoutRandomTransformsThereIsNoAugmentation() {
    mmar.edit(
        TRAIN,
        root -> {
          for (int i = 3; i < 7; i++) {
            ((ObjectNode) root.at("/train/pre_transforms/" + i)).put("disabled", true);
          }
        });
    assertEquals("none", text(mmar.read(), Setting.AUGMENTATION));
  }

  @Test
  void anEvaluationsFileIsReadToo() {
    for (String name : List.of("config_validation.json", "config_validation_ckpt.json")) {
      assertNull(text(mmar.read(name, null, Map.of()), Setting.OUTPUT));
      MmarExperiment read =
          MmarReader.read(new Source(mmar.folder(), name, null, Map.of()), Results.PREDICTIONS);
      assertEquals("1", text(read, Setting.BATCH_SIZE));
      assertEquals("mmar", text(read, Setting.RECIPE));
      assertNull(text(read, Setting.AUGMENTATION));
      assertEquals(mmar.folder().resolve("eval").toString(), text(read, Setting.OUTPUT));
      assertTrue(String.join("\n", read.notes()).contains("newest finished run"));
    }
    MmarExperiment saliency = mmar.read("config_saliency_ckpt.json", null, Map.of());
    assertEquals("gradcam", text(saliency, Setting.SALIENCY));
  }

  @Test
  void aPretrainedFileIsTheOneThatTheModelNames() {
    mmar.edit(
        TRAIN,
        root ->
            ((ArrayNode) root.at("/train/model/args/pretrain_weight_name"))
                .add("{MMAR_CKPT_DIR}/base.safetensors"));
    assertEquals(
        mmar.folder().resolve("models/base.safetensors").toString(),
        text(mmar.read(), Setting.PRETRAINED));
  }

  @Test
  void theDatasetIsTheConfigurationsOwn() {
    mmar.edit(
        TRAIN,
        root -> {
          for (String section : List.of("train", "validate")) {
            ((ObjectNode) root.at("/" + section + "/image_pipeline/args"))
                .put("data_list_file_path", "{DATA_ROOT}/other.json");
          }
        });
    assertEquals(
        mmar.folder().resolve("data/other.json").toString(), text(mmar.read(), Setting.DATASET));
  }

  @Test
  void whatPackageMadeIsReadAsItWasTrained() throws IOException {
    Map<String, String> properties = new HashMap<>();
    properties.put("covid.recipe", "naturecomm");
    properties.put("covid.inputShape", "64,48,32");
    properties.put("covid.intensityRange", "-1024,400.5");
    properties.put("covid.augmentation", "flip");
    properties.put("covid.architecture", "densenet169");
    properties.put("covid.dropout", "0.25");
    properties.put("covid.optimizer", "sgd");
    properties.put("covid.momentum", "0.8");
    properties.put("covid.learningRate", "3e-4");
    properties.put("covid.weightDecay", "0.01");
    properties.put("covid.lrPolicy", "step(size=30,gamma=0.1)");
    properties.put("covid.epochs", "17");
    properties.put("covid.batchSize", "3");
    properties.put("covid.accumulate", "2");
    properties.put("covid.classWeights", "1,2.5");
    properties.put("covid.sampling", "balanced");
    properties.put("covid.smartCache", "20,0.25");
    properties.put("covid.validEvery", "4");
    properties.put("covid.patience", "6");
    properties.put("covid.keyMetric", "val/accuracy");
    properties.put("covid.seed", "-9");
    properties.put("covid.replicas", "2");
    for (List<Step> steps : Arrays.asList(null, List.<Step>of(new Orient()))) {
      ExperimentConfig trained = ExperimentConfig.of(Settings.of(properties), "lungs", steps);
      Path folder = temp.resolve("own");
      Files.createDirectories(folder.resolve("config"));
      Files.writeString(folder.resolve(MmarArchive.EXPERIMENT), trained.toJson());
      MmarExperiment read = MmarReader.read(Source.of(folder), Results.NONE);
      assertEquals(trained, config(read));
      Thrown.by(
          () -> MmarReader.read(new Source(folder, null, "epochs=1", Map.of()), Results.NONE),
          "covid.mmar.set");
    }
  }

  @Test
  void valuesOfSetSayThatTheyAre() {
    MmarExperiment read = mmar.read(null, "epochs=9,DATA_ROOT=/d", Map.of());
    assertEquals("covid.mmar.set: epochs", read.settings().get(Setting.EPOCHS).place());
    assertTrue(read.settings().get(Setting.SEED).place().startsWith("config/config_train.json"));
    Thrown.by(() -> mmar.read(null, "epochs=null", Map.of()), "epochs", "null");
    mmar.edit(
        TRAIN,
        root ->
            ((ObjectNode) root.at("/train/model/args"))
                .set("pretrain_weight_name", SampleMmar.parsed("[\"{MY_WEIGHTS}\"]")));
    Thrown.by(mmar::read, "there is no variable MY_WEIGHTS");
    assertEquals("/w.pt", text(mmar.read(null, "MY_WEIGHTS=/w.pt", Map.of()), Setting.PRETRAINED));
    assertEquals(
        "/c.pt",
        text(mmar.read(null, "MY_WEIGHTS=/w.pt,MMAR_CKPT=/c.pt", Map.of()), Setting.PRETRAINED));
    assertEquals(
        "org.example:lung-base:mmar:1.2",
        text(
            mmar.read(null, "MY_WEIGHTS=org.example:lung-base:mmar:1.2", Map.of()),
            Setting.PRETRAINED));
  }

  @Test
  void whatClaraHasNoWordForIsAsClaraHasIt() {
    Map<Setting, String> pom = new EnumMap<>(Setting.class);
    pom.put(Setting.DROPOUT, "0.2");
    pom.put(Setting.ACCUMULATE, "4");
    pom.put(Setting.PATIENCE, "3");
    pom.put(Setting.CLASS_WEIGHTS, "1,2");
    pom.put(Setting.MOMENTUM, "0.5");
    pom.put(Setting.EPOCHS, null);
    mmar.read().putOver(pom);
    assertEquals(
        Map.of(
            Setting.DROPOUT, "0",
            Setting.ACCUMULATE, "1",
            Setting.PATIENCE, "",
            Setting.CLASS_WEIGHTS, "",
            Setting.MOMENTUM, "0.9",
            Setting.EPOCHS, "300"),
        pom);
    // What is after -D holds, also where an MMAR has no word for it.
    pom.put(Setting.THRESHOLD, null);
    mmar.read(null, null, Map.of(Setting.ACCUMULATE, "12", Setting.THRESHOLD, "0.4")).putOver(pom);
    assertEquals("12", pom.get(Setting.ACCUMULATE));
    assertEquals("0.4", pom.get(Setting.THRESHOLD));
  }

  @Test
  void numbersAreReadInEveryLegalSpelling() {
    mmar.edit(
        TRAIN,
        root -> {
          SampleMmar.args(root, 2).put("size", "192, 192,64").put("pad", "5");
          SampleMmar.args(root, 6)
              .put("lower_limits", 0.8)
              .set("upper_limits", SampleMmar.parsed("[\"1.2\", 1.2, 1.2e0]"));
        });
    assertNull(mmar.read().preTransforms());
    for (String wrong : List.of("-0x1p9", "NaN", "1d", "")) {
      mmar.edit(TRAIN, root -> SampleMmar.args(root, 1).put("a_min", wrong));
      Thrown.by(mmar::read, "a_min", "expected a number");
    }
  }

  @Test
  void aVariableThatAnotherConfigurationNamesIsNoMistake() {
    mmar.edit("environment.json", root -> root.put("REPORTS", "eval/reports"));
    mmar.edit(
        "config_validation.json",
        root -> ((ObjectNode) root.at("/val_metrics/0/args")).put("report_path", "{REPORTS}"));
    assertEquals("300", text(mmar.read(), Setting.EPOCHS));
  }
}
