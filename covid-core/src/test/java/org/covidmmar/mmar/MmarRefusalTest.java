package org.covidmmar.mmar;

import static org.junit.jupiter.api.Assertions.assertFalse;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.covidmmar.Thrown;
import org.covidmmar.mmar.MmarReader.Results;
import org.covidmmar.mmar.MmarReader.Source;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What an MMAR may not say here is refused by its place, with what to do. */
class MmarRefusalTest {
  private static final String TRAIN = "config_train.json";

  @TempDir Path temp;
  private SampleMmar mmar;

  @BeforeEach
  void write() {
    mmar = new SampleMmar(temp.resolve("covid_ct"));
  }

  @ParameterizedTest
  @CsvSource({
    "learning_rat=1,did you mean learning_rate?",
    "DATA_ROT=x,did you mean DATA_ROOT?",
    "epochs,expected key=value",
    "train=1,is no key at the top"
  })
  void setRefusesWhatItDoesNotKnow(String set, String message) {
    Thrown.by(() -> mmar.read(null, set, Map.of()), "covid.mmar.set", message);
  }

  @Test
  void environmentsAreRefusedWithTheNearestName() throws IOException {
    mmar.edit("environment.json", root -> root.put("DATASETJSON", "x"));
    Thrown.by(mmar::read, "environment.json: DATASETJSON", "did you mean DATASET_JSON?");
    mmar.edit("environment.json", root -> root.remove(List.of("DATASETJSON", "DATASET_JSON")));
    Thrown.by(mmar::read, "there is no variable DATASET_JSON", "covid.mmar.set");
    mmar.edit("environment.json", root -> root.put("DATASET_JSON", "{DATASET_JSON}/x"));
    Thrown.by(mmar::read, "name each other without end");
    mmar.edit("environment.json", root -> root.put("DATASET_JSON", "a\0b"));
    Thrown.by(mmar::read, "environment.json", "is not a path");
    mmar.edit(
        "environment.json",
        root -> root.put("DATASET_JSON", "x").put("PROCESSING_TASK", "segmentation"));
    Thrown.by(mmar::read, "expected classification, found segmentation");
    Files.writeString(mmar.file("environment.json"), "[".repeat(10_000));
    Thrown.by(mmar::read, "environment.json", "too deep");
  }

  @Test
  void unknownKeysAreAllRefusedWithTheNearest() {
    mmar.edit(
        TRAIN,
        root -> {
          root.put("learning_rat", 1).put("epochs", 5);
          ((ObjectNode) root.at("/train/model/args")).put("n_spatial_dims", 3);
          SampleMmar.args(root, 2).put("padding", 5);
          ((ObjectNode) root.at("/train/pre_transforms/4")).put("name", "AdjustContrst");
          ((ObjectNode) root.at("/train/image_pipeline/args")).put("batch", 5);
        });
    Thrown.by(
        mmar::read,
        "5 problems",
        "learning_rat: is not known here",
        "did you mean learning_rate?",
        "train.model.args.n_spatial_dims",
        "did you mean n_spatial_dim?",
        "train.pre_transforms[2].args.padding",
        "AdjustContrst is not known here",
        "did you mean AdjustContrast?",
        "train.image_pipeline.args.batch");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/epochs=0",
        "/learning_rate=-1",
        "/train/image_pipeline/args/replace_percent=2",
        "/train/image_pipeline/args/output_batch_size=1.5",
        "/dynamic_input_shape=true",
        "/infer_in_training_mode=true",
        "/determinism/numpy_seed=1",
        "/train/optimizer/disabled=true",
        "/train/image_pipeline/disabled=true",
        "/extra_inputs={}",
        "/train/image_pipeline/args/num_cache_objects=350.4",
        "/train/loss/name=\"BinaryClassificationLoss\"",
        "/train/optimizer/name=\"NovoGrad\"",
        "/train/lr_policy={\"name\": \"ReduceLROnPlateau\"}",
        "/train/model/name=\"SegAhnet\"",
        "/train/model/args/n_spatial_dim=2",
        "/train/model/args/pretrain_weight_name=[\"a\", \"b\"]",
        "/train/aux_ops/0/name=\"ComputeBinaryAccuracy\"",
        "/train/aux_ops/0/args/use_sigmoid_for_accuracy=true",
        "/train/image_pipeline/name=\"SegmentationImagePipeline\"",
        "/train/image_pipeline/args/data_list_key=\"train\"",
        "/train/image_pipeline/args/output_crop_size=[96, 96, 96]",
        "/train/image_pipeline/args/output_image_channels=3",
        "/train/image_pipeline/args/output_data_dims=2",
        "/train/image_pipeline/args/shuffle=false",
        "/train/image_pipeline/args/sampling=\"element\"",
        "/validate/image_pipeline/args/data_list_file_path=\"other.json\"",
        "/validate/inferer/name=\"TFScanWindowInferer\"",
        "/validate/metrics/0/name=\"ComputeAUC\"",
        "/validate/metrics/0/args/is_key_metric=true",
        "/validate/metrics/1/args/negate_value=false",
        "/validate/pre_transforms/1/ref=\"crop\"",
        "/validate/pre_transforms/1/ref=\"nobody\"",
        "/extra_inputs/0/args/shape=[96, 96, 96, 1]",
        "/extra_inputs/0/args/data_key=\"image\"",
        "/train/pre_transforms/0/args/fields=\"image,label\"",
        "/train/pre_transforms/1/args/clip=\"yes\"",
        "/train/pre_transforms/1/args/a_min=501",
        "/train/pre_transforms/1/args/a_min=null",
        "/train/pre_transforms/2/args/label_field=\"image\"",
        "/train/pre_transforms/2/args/size=[192, 192]",
        "/train/pre_transforms/2/args/pad=2.5",
        "/train/pre_transforms/4/args/probability=1.5",
        "/train/pre_transforms/5/args/fields=\"image,label_image\"",
        "/train/pre_transforms/6/args/keep_size=false",
        "/train/pre_transforms/6/args/lower_limits=[1.3, 0.8, 0.8]",
        "/train/pre_transforms/8/disabled=false",
        "/train=null"
      })
  void whatIsNotSoHereIsRefusedByName(String change) {
    int equals = change.indexOf('=');
    int slash = change.lastIndexOf('/', equals);
    String key = change.substring(slash + 1, equals);
    mmar.edit(
        TRAIN,
        root ->
            ((ObjectNode) root.at(change.substring(0, slash)))
                .set(key, SampleMmar.parsed(change.substring(equals + 1))));
    String message = Thrown.by(mmar::read, TRAIN);
    assertFalse(message.contains("problems:"), message);
  }

  @Test
  void filesAreLookedForInItsConfigFolder() throws IOException {
    Thrown.by(() -> mmar.read("config_trian.json", null, Map.of()), "does not exist", TRAIN);
    Thrown.by(() -> mmar.read("../../secret.json", null, Map.of()), "covid.mmar.config");
    Thrown.by(
        () -> MmarReader.read(Source.of(temp.resolve("nothing")), Results.NONE),
        "is no folder",
        "covid.mmar");
    Thrown.by(() -> MmarReader.read(Source.of(temp), Results.NONE), "has no folder config");
    Files.writeString(mmar.file(TRAIN), "[".repeat(10_000) + "]".repeat(10_000));
    Thrown.by(mmar::read, TRAIN, "too deep");
    Files.writeString(mmar.file(TRAIN), "[1]");
    Thrown.by(mmar::read, TRAIN, "an object expected");
    Files.writeString(mmar.file(TRAIN), "{\"epochs\": 1, \"epochs\": 2}");
    Thrown.by(mmar::read, TRAIN, "line 1");
  }

  @Test
  void variablesThatMultiplyAreRefused() {
    mmar.edit(
        "environment.json",
        root -> {
          for (int i = 0; i < 30; i++) {
            root.put("V" + i, "{V%d}{V%d}".formatted(i + 1, i + 1));
          }
          root.put("V30", "x").put("DATA_ROOT", "{V0}");
        });
    Thrown.by(mmar::read, "environment.json", "without end");
  }

  @Test
  void aVariableThatGrowsForManyRoundsIsRefused() {
    mmar.edit(
        "environment.json",
        root -> {
          root.put("DATA_ROOT", "{DATA_ROOT}" + "x".repeat(60_000));
          for (int i = 0; i < 20_000; i++) {
            root.put("V" + i, "");
          }
        });
    Thrown.by(mmar::read, "environment.json", "without end");
  }

  @Test
  void referencesAreToOneElementThatIsNoReference() {
    mmar.edit(TRAIN, root -> ((ObjectNode) root.at("/train/pre_transforms/0")).put("ref", "load"));
    Thrown.by(mmar::read, "train.pre_transforms[0].ref: is not known here");
    mmar.edit(
        TRAIN,
        root -> {
          ((ObjectNode) root.at("/train/pre_transforms/0")).remove("ref");
          ((ObjectNode) root.at("/train/pre_transforms/1")).put("name", "ScaleIntensityRange#crop");
        });
    Thrown.by(mmar::read, "several elements are named crop");
  }

  @Test
  void aTrainingNeedsTheConfigurationOfOne() {
    Thrown.by(
        () ->
            MmarReader.read(
                new Source(mmar.folder(), "config_validation.json", null, Map.of()), Results.RUNS),
        "config_validation.json",
        "has no \"train\"");
  }

  @Test
  void whatWouldChangeProbabilitiesIsNoKeyOfAnEvaluation() {
    mmar.edit(
        "config_validation.json",
        root -> ((ObjectNode) root.at("/post_transforms/0/args")).put("use_sigmoid", true));
    Thrown.by(
        () -> mmar.read("config_validation.json", null, Map.of()),
        "post_transforms[0].args.use_sigmoid: is not known here");
  }

  @Test
  void anEvaluationHasNoRandomTransforms() {
    mmar.edit(
        "config_validation.json",
        root ->
            ((ArrayNode) root.get("pre_transforms"))
                .add(
                    SampleMmar.parsed(
                        "{\"name\": \"ScaleIntensityOscillation\", \"args\": {\"magnitude\": 0.1}}")));
    Thrown.by(() -> mmar.read("config_validation.json", null, Map.of()), "random transforms");
  }
}
