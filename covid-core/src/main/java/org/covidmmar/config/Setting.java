package org.covidmmar.config;

import static org.covidmmar.config.ValueType.device;
import static org.covidmmar.config.ValueType.evenNumbers;
import static org.covidmmar.config.ValueType.grid;
import static org.covidmmar.config.ValueType.longNumber;
import static org.covidmmar.config.ValueType.number;
import static org.covidmmar.config.ValueType.oneOf;
import static org.covidmmar.config.ValueType.policy;
import static org.covidmmar.config.ValueType.positive;
import static org.covidmmar.config.ValueType.positiveNumbers;
import static org.covidmmar.config.ValueType.range;
import static org.covidmmar.config.ValueType.shape;
import static org.covidmmar.config.ValueType.smartCache;
import static org.covidmmar.config.ValueType.someOf;
import static org.covidmmar.config.ValueType.spacing;
import static org.covidmmar.config.ValueType.text;
import static org.covidmmar.config.ValueType.twoOf;
import static org.covidmmar.config.ValueType.wholeNumber;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * Every property that a user sets: its name, type, range, default and meaning. The only place where
 * a default stands.
 */
public enum Setting {
  DATA_ROOT(
      "covid.dataRoot",
      text("a folder"),
      "data",
      "Folder that relative paths of the dataset are under."),
  DATASET(
      "covid.dataset",
      text("a file"),
      "dataset.json",
      "The MMAR dataset file, relative to covid.dataRoot."),
  DICOM_DIR(
      "covid.dicomDir",
      text("a folder"),
      null,
      "Folder of the DICOM files that convert makes volumes of, in covid.dataRoot; without one it does nothing."),
  CONVERT_SUFFIX(
      "covid.convert.suffix",
      text("the end of a name"),
      null,
      "What names of DICOM files end with, such as .dcm; any file is looked at where none is given."),
  CONVERT_NAME(
      "covid.convert.name",
      text("a pattern"),
      "{series}_{uid}",
      "Names of the volumes that convert makes: {series} is the series number, {uid} and {study} eight hexadecimal digits of the hashed identifiers, {patient} sixteen of the patient's, {folder} the name of the source folder; with / come folders."),
  CONVERT_FORMAT(
      "covid.convert.format",
      oneOf(".nii.gz", ".nii"),
      ".nii.gz",
      "Format of the volumes that convert makes."),
  CONVERT_SPACING(
      "covid.convert.spacing",
      spacing().in("mm"),
      null,
      "Voxel size that convert resamples to; that of the scan where none is given."),
  CONVERT_IDENTIFYING(
      "covid.convert.identifying",
      oneOf("false", "true"),
      "false",
      "Whether what may tell who the patient is (name, birth date, identifiers, dates, institution) goes into the JSON file beside a volume."),
  RECIPE(
      "covid.recipe",
      oneOf("mmar", "naturecomm"),
      "mmar",
      "Order of preprocessing: mmar scales the intensity before the crop, naturecomm after it."),
  INPUT_SHAPE(
      "covid.inputShape",
      shape(32, 1024).in("voxels"),
      "192,192,64",
      "Shape of the network's input, after cropping to the lungs."),
  RESIZE("covid.resize", oneOf("area", "trilinear"), "area", "Interpolation to covid.inputShape."),
  INTENSITY_RANGE(
      "covid.intensityRange",
      range().in("HU"),
      "-1000,500",
      "Intensities that become 0 and 1; what lies outside is clipped."),
  AUGMENTATION(
      "covid.augmentation",
      oneOf("recipe", "flip", "none"),
      "recipe",
      "Random transforms in training: those of the recipe, flips along three axes with probability 0.5 each, or none."),
  ARCHITECTURE(
      "covid.architecture",
      oneOf("densenet121", "densenet169", "densenet201", "densenet264"),
      "densenet121",
      "The network."),
  DROPOUT("covid.dropout", number(0, 0.95), "0", "Probability of dropout in each dense layer."),
  PRETRAINED(
      "covid.pretrained",
      text("a file, a folder, a run id or coordinates"),
      null,
      "Weights to fine-tune from: a .safetensors, .pt or .pth file, the id of a run, an .mmar archive, the folder it was unpacked into, or its Maven coordinates, as in org.example:lung-base:mmar:1.2."),
  PRETRAINED_HEAD(
      "covid.pretrained.head",
      oneOf("keep", "new"),
      "keep",
      "keep takes the classifier of covid.pretrained; new draws it from the seed, and the first convolution too where that is for another number of channels."),
  RESUME(
      "covid.resume",
      oneOf("auto", "never"),
      "auto",
      "auto takes up the newest unfinished run of the equal configuration and data; never begins a run of its own."),
  EPOCHS(
      "covid.epochs",
      wholeNumber(1, 1_000_000).in("epochs"),
      "300",
      "Number of passes over the training list."),
  BATCH_SIZE("covid.batchSize", wholeNumber(1, 4096).in("cases"), "1", "Cases in a batch."),
  ACCUMULATE(
      "covid.accumulate",
      wholeNumber(1, 4096).in("batches"),
      "1",
      "Batches whose gradients are added up before the weights are updated."),
  OPTIMIZER("covid.optimizer", oneOf("adam", "adamw", "sgd"), "adam", "The optimizer."),
  MOMENTUM("covid.momentum", number(0, 0.9999), "0.9", "Momentum of sgd, beta1 of adam and adamw."),
  LEARNING_RATE("covid.learningRate", positive(), "5e-6", "Learning rate, before the policy."),
  WEIGHT_DECAY(
      "covid.weightDecay",
      number(0, 10),
      "1e-5",
      "Weight decay: added to the gradient by adam and sgd, decoupled in adamw."),
  LR_POLICY(
      "covid.lrPolicy",
      policy(),
      "constant",
      "Learning-rate policy with its arguments: constant, cosine, poly, step, plateau, as in step(size=30,gamma=0.1)."),
  LOSS("covid.loss", oneOf("crossEntropy"), "crossEntropy", "The loss."),
  CLASS_WEIGHTS(
      "covid.classWeights",
      positiveNumbers(2, "two numbers above 0, non-COVID,COVID"),
      null,
      "Weights of the two classes in the loss."),
  SAMPLING(
      "covid.sampling",
      oneOf("none", "balanced"),
      "none",
      "none: each case once an epoch, shuffled; balanced: drawn with replacement, each class alike."),
  SMART_CACHE(
      "covid.smartCache",
      smartCache(),
      null,
      "Cases that an epoch is made of, and the share of them that others replace for the next one, as in 350,0.2; every case in every epoch where none is given."),
  VALID_EVERY(
      "covid.validEvery",
      wholeNumber(1, 1_000_000).in("epochs"),
      "1",
      "Epochs from one validation to the next; the last epoch is always validated."),
  PATIENCE(
      "covid.patience",
      wholeNumber(1, 1_000_000).in("validations"),
      null,
      "Validations without a better key metric after which training stops early."),
  KEY_METRIC(
      "covid.keyMetric",
      oneOf("val/auc", "val/accuracy", "val/loss"),
      "val/auc",
      "What the best checkpoint is chosen by; epochs with the same value are told apart by the lower val/loss, then the later one is taken."),
  SEED("covid.seed", longNumber(), "0", "Seed of every random draw."),
  DEVICE(
      "covid.device",
      device(),
      "auto",
      "What computes: auto takes the GPUs that libtorch sees, or else the CPU; gpu insists on them; gpu:0,1 names them. A training uses all of them, other goals the first."),
  REPLICAS(
      "covid.replicas",
      wholeNumber(1, 64),
      null,
      "Replicas of the network, among which training splits each batch; they share the devices in turn. One for each device where none is given, with auto and gpu at most one for each case of a batch."),
  THREADS(
      "covid.threads",
      wholeNumber(1, 1024),
      null,
      "Threads that compute; all cores where none is given."),
  ISA(
      "covid.isa",
      oneOf("auto", "avx2"),
      "auto",
      "avx2 pins the instruction set, so that different CPUs give the same bytes; slower."),
  EXPERIMENT(
      "covid.mlflow.experiment",
      text("a name"),
      null,
      "Name of the experiment in the run journal; the artifactId where none is given."),
  MODEL(
      "covid.model",
      text("a file, a folder, a run id or coordinates"),
      null,
      "Model to evaluate or export, in any of the forms of covid.pretrained, or run to package or report; else the newest finished run's."),
  LIST(
      "covid.list",
      text("the name of a list"),
      null,
      "List of the dataset to evaluate, or to segment; segment: all, validate and compare: validation, infer: testing or test where there is one, else validation."),
  INPUT(
      "covid.input",
      text("a file or a folder"),
      null,
      "What infer reads: a NIfTI file, a folder of NIfTI files, or a dataset.json."),
  MASK("covid.mask", text("a file"), null, "Lung mask of the NIfTI file in covid.input."),
  SEGMENT_MODEL(
      "covid.segment.model",
      text("a file"),
      null,
      "ONNX file of a network that segments lungs, in place of the method that needs none."),
  THRESHOLD(
      "covid.threshold",
      number(0, 1),
      "0.5",
      "Probability of COVID from which on a case is predicted as such."),
  REPORT_CASES(
      "covid.report.cases",
      wholeNumber(0, 100).in("cases"),
      "12",
      "Cases, those furthest from their label first, that validate makes pictures of for the report."),
  SALIENCY(
      "covid.saliency",
      oneOf("false", "gradcam", "occlusion", "true"),
      "false",
      "Maps of what decides in the model's eyes that infer writes beside its predictions: Grad-CAM, occlusion sensitivity, or (true) both. With gradcam or true the report's pictures of cases show Grad-CAM too."),
  PREDICTIONS(
      "covid.predictions",
      someOf("csv", "mmar"),
      "csv",
      "What infer writes: csv is predictions.csv, mmar is preds_model.csv as an MMAR has it, each line path,p0,p1 without a header."),
  FORMAT(
      "covid.format",
      someOf("onnx", "safetensors", "bundle"),
      "onnx,safetensors,bundle",
      "What export writes: ONNX, safetensors, a MONAI bundle."),
  OUTPUT(
      "covid.output",
      text("a folder"),
      null,
      "Folder that segment, check, infer, export, sweep, reproduce and compare write into, and validate where the model is no run's; target/covid/ and the goal's name where none is given."),
  GATE_AUC("covid.gate.auc", number(0, 1), null, "AUC below which covid:validate fails the build."),
  GATE_ACCURACY(
      "covid.gate.accuracy",
      number(0, 1),
      null,
      "Accuracy below which covid:validate fails the build."),
  GATE_SENSITIVITY(
      "covid.gate.sensitivity",
      number(0, 1),
      null,
      "Sensitivity below which covid:validate fails the build."),
  GATE_SPECIFICITY(
      "covid.gate.specificity",
      number(0, 1),
      null,
      "Specificity below which covid:validate fails the build."),
  GRID(
      "covid.grid",
      grid(),
      null,
      "What sweep tries, every combination; values that have commas themselves are separated by |, as in inputShape=64,64,32|96,96,48."),
  RUN(
      "covid.run",
      text("run ids, folders or provenance files, separated by commas"),
      null,
      "Run to reproduce: its id, its folder or its provenance.json; or the two runs to compare, as in covid.run=a,b. Else the newest finished run, or the newest two."),
  COMPARE_RECIPES(
      "covid.compare.recipes",
      twoOf("mmar", "naturecomm"),
      null,
      "Two recipes: compare then evaluates one model on one list with the order of each, in place of comparing two runs."),
  REPRODUCE_EPOCHS(
      "covid.reproduce.epochs",
      wholeNumber(1, 1_000_000).in("epochs"),
      null,
      "Epochs that reproduce checks, from the first on; all where none is given."),
  PHANTOM_CASES(
      "covid.phantom.cases",
      evenNumbers(3, "three even numbers training,validation,testing").in("cases"),
      "64,16,32",
      "Cases of the synthetic cohort in each list, half of them of each class."),
  PHANTOM_SHAPE(
      "covid.phantom.shape",
      shape(32, 512).in("voxels"),
      "96,96,48",
      "Voxels of each synthetic scan."),
  PHANTOM_SEVERITY(
      "covid.phantom.severity",
      number(0.1, 2),
      "1.6",
      "Size of the opacities of the synthetic cohort; 1 as in a moderate pneumonia, less is harder to learn."),
  PHANTOM_SEED("covid.phantom.seed", longNumber(), "0", "Seed of the synthetic cohort.");

  /** What the names of all properties begin with. */
  static final String PREFIX = "covid.";

  private final String property;

  // The parsers are lambdas without state.
  @SuppressWarnings("ImmutableEnumChecker")
  private final ValueType<?> type;

  private final String defaultText;
  private final String meaning;

  Setting(String property, ValueType<?> type, String defaultText, String meaning) {
    this.property = property;
    this.type = type;
    this.defaultText = defaultText;
    this.meaning = meaning;
  }

  /** As it stands in a pom or after -D: {@code covid.epochs}. */
  public String property() {
    return property;
  }

  /** Without its prefix: {@code epochs}. */
  public String shortName() {
    return property.substring(PREFIX.length());
  }

  /** The type and range in words, with the unit where there is one. */
  public String type() {
    return type.unit().isEmpty()
        ? type.description()
        : type.description() + " (" + type.unit() + ")";
  }

  /** The default as a user would write it; empty where there is none. */
  public Optional<String> defaultText() {
    return Optional.ofNullable(defaultText);
  }

  /** What it does, a sentence. */
  public String meaning() {
    return meaning;
  }

  /** The names of all properties. */
  public static List<String> properties() {
    return Arrays.stream(values()).map(Setting::property).toList();
  }

  /** The setting of a property; empty where there is none. */
  public static Optional<Setting> of(String property) {
    return Arrays.stream(values()).filter(s -> s.property.equals(property)).findFirst();
  }

  /** Whether its value has commas, as a shape has. */
  boolean hasCommas() {
    return type.commas();
  }

  /**
   * The value that a text means.
   *
   * @throws org.covidmmar.CovidException where it means none, or one out of range
   */
  public Object parse(String text) {
    return type.parse(property, text);
  }
}
