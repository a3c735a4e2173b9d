package org.covidmmar.config;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.MapperFeature;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.util.List;
import java.util.Locale;
import java.util.SortedMap;
import java.util.TreeMap;
import org.covidmmar.CovidException;
import org.covidmmar.transform.Augmentation;
import org.covidmmar.transform.Pipeline;
import org.covidmmar.transform.Recipes;
import org.covidmmar.transform.ResizeMode;
import org.covidmmar.transform.Step;
import org.covidmmar.volume.Shape;

/**
 * Everything a goal needs, in one immutable value: what the pom says, what a run's record keeps,
 * what is hashed and compared. Paths are as the user wrote them, relative to the experiment's
 * folder.
 *
 * @param experiment name of the experiment in the journal
 * @param resume auto or never: whether a training takes up an unfinished run
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record ExperimentConfig(
    String experiment,
    String resume,
    Data data,
    Conversion conversion,
    Preprocessing preprocessing,
    Network network,
    Optimization optimization,
    Training training,
    Compute compute,
    Inference inference,
    Gates gates,
    Review review,
    Phantom phantom) {

  private static final JsonMapper JSON =
      JsonMapper.builder()
          .enable(SerializationFeature.INDENT_OUTPUT)
          .enable(MapperFeature.SORT_PROPERTIES_ALPHABETICALLY)
          .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
          .build();

  /**
   * Where the cases are.
   *
   * @param dataRoot folder that relative paths in the dataset are under
   * @param dataset the dataset file, relative to dataRoot
   */
  public record Data(String dataRoot, String dataset) {}

  /**
   * From DICOM to NIfTI.
   *
   * @param dicomDir folder of DICOM files; null: nothing is converted
   * @param suffix of their names; null: any
   * @param name pattern of the volumes' names
   * @param format .nii.gz or .nii
   * @param spacing voxel size x, y, z in mm; null: the scan's own
   * @param identifying whether what may tell who the patient is is kept
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record Conversion(
      String dicomDir,
      String suffix,
      String name,
      String format,
      List<Double> spacing,
      boolean identifying) {}

  /**
   * From scan to network input.
   *
   * @param recipe mmar or naturecomm
   * @param inputShape voxels after cropping and resizing
   * @param resize area or trilinear
   * @param low HU that becomes 0
   * @param high HU that becomes 1
   * @param augmentation recipe, flip or none
   * @param preTransforms a pipeline spelled out, which replaces the recipe; null where none is
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record Preprocessing(
      String recipe,
      Shape inputShape,
      String resize,
      double low,
      double high,
      String augmentation,
      List<Step> preTransforms) {

    /** The same in the order of another recipe. */
    public Preprocessing withRecipe(String other) {
      return new Preprocessing(other, inputShape, resize, low, high, augmentation, preTransforms);
    }

    /** What the fixed steps depend on, by the properties that set it. */
    public SortedMap<String, String> fixedProperties() {
      SortedMap<String, String> values = new TreeMap<>();
      values.put(Setting.RECIPE.property(), recipe);
      values.put(Setting.INPUT_SHAPE.property(), inputShape.toString());
      values.put(Setting.RESIZE.property(), resize);
      values.put(Setting.INTENSITY_RANGE.property(), low + "," + high);
      values.put(
          "preTransforms",
          preTransforms == null ? "none" : pipeline().withoutAugmentation().toJson());
      return values;
    }

    /** The steps from a scan to the network's input, with augmentation at the end. */
    public Pipeline pipeline() {
      if (preTransforms != null) {
        return new Pipeline(preTransforms);
      }
      ResizeMode mode = ResizeMode.valueOf(resize.toUpperCase(Locale.ROOT));
      Augmentation random = Augmentation.valueOf(augmentation.toUpperCase(Locale.ROOT));
      return recipe.equals("naturecomm")
          ? Recipes.naturecomm(inputShape, mode, low, high, random)
          : Recipes.mmar(inputShape, mode, low, high, random);
    }
  }

  /**
   * The network and where its first weights come from.
   *
   * @param architecture densenet121, densenet169, densenet201 or densenet264
   * @param dropout probability, 0 to 0.95
   * @param pretrained as the user gave it: a file, a folder, a run id or Maven coordinates; null:
   *     initialised from the seed
   * @param pretrainedHead new: the classifier is drawn from the seed all the same; null: it is kept
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record Network(
      String architecture, double dropout, String pretrained, String pretrainedHead) {
    /** Kept is not recorded: that is what runs did before there was a choice. */
    public Network {
      pretrainedHead = "keep".equals(pretrainedHead) ? null : pretrainedHead;
    }

    /** Whether the classifier is drawn from the seed. */
    public boolean drawsHead() {
      return "new".equals(pretrainedHead);
    }
  }

  /**
   * How weights are updated.
   *
   * @param optimizer adam, adamw or sgd
   * @param momentum of sgd, beta1 of adam and adamw
   * @param learningRate before the policy
   * @param weightDecay added to the gradient by adam and sgd, decoupled in adamw
   * @param lrPolicy policy with its arguments
   */
  public record Optimization(
      String optimizer,
      double momentum,
      double learningRate,
      double weightDecay,
      String lrPolicy) {}

  /**
   * The course of a training.
   *
   * @param epochs passes over the training list
   * @param batchSize cases in a batch
   * @param accumulate batches an update
   * @param loss crossEntropy
   * @param classWeights of non-COVID and COVID in the loss; null: both 1
   * @param sampling none or balanced
   * @param smartCache the cases that an epoch is made of; null: all
   * @param validEvery epochs from one validation to the next
   * @param patience validations without a better key metric before stopping; null: never stops
   *     early
   * @param keyMetric what best means
   * @param seed root of the seed tree
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record Training(
      int epochs,
      int batchSize,
      int accumulate,
      String loss,
      List<Double> classWeights,
      String sampling,
      SmartCache smartCache,
      int validEvery,
      Integer patience,
      String keyMetric,
      long seed) {
    /**
     * The number of cases in an epoch.
     *
     * @param list cases in the training list
     */
    public int casesOf(int list) {
      return smartCache == null ? list : Math.min(list, smartCache.cases());
    }
  }

  /**
   * A part of the training list that moves on from epoch to epoch, as MONAI's SmartCacheDataset.
   *
   * @param cases in an epoch
   * @param replaced share of them that the next epoch has others for, above 0 to 1
   */
  public record SmartCache(int cases, double replaced) {}

  /**
   * What it computes with.
   *
   * @param device auto, cpu, gpu, or gpu: and the numbers of GPUs
   * @param threads null: all cores
   * @param isa auto or avx2
   * @param replicas of the network in training; null: one for each device
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record Compute(String device, Integer threads, String isa, Integer replicas) {
    /** The numbers of the GPUs that are named; empty where none is. */
    public List<Integer> gpus() {
      return ValueType.gpus(device);
    }

    /** The number of threads that compute. */
    public int threadCount() {
      return threads != null ? threads : Runtime.getRuntime().availableProcessors();
    }
  }

  /**
   * What validate, infer and export read and write; each may be null for its goal's default.
   *
   * @param model in one of the forms of pretrained
   * @param list of the dataset
   * @param input a NIfTI file, a folder or a dataset file
   * @param mask lung mask of a single input file
   * @param output folder
   * @param threshold probability from which on a case is predicted as COVID; never null
   * @param reportCases cases that validate makes pictures of
   * @param saliency false, gradcam, occlusion or true, which is both
   * @param segmentModel ONNX file that makes lung masks; null: no network
   * @param predictions that infer writes: csv, mmar
   * @param formats that export writes: onnx, safetensors, bundle
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record Inference(
      String model,
      String list,
      String input,
      String mask,
      String output,
      double threshold,
      int reportCases,
      String saliency,
      String segmentModel,
      List<String> predictions,
      List<String> formats) {
    /** An evaluation of a list by the newest run's model, without pictures. */
    public static Inference of(String list, double threshold) {
      return new Inference(
          null, list, null, null, null, threshold, 0, "false", null, List.of("csv"), List.of());
    }

    /** Whether saliency by Grad-CAM is asked for. */
    public boolean gradCam() {
      return "gradcam".equals(saliency) || "true".equals(saliency);
    }

    /** Whether saliency by occlusion is asked for. */
    public boolean occlusion() {
      return "occlusion".equals(saliency) || "true".equals(saliency);
    }
  }

  /** What an evaluation must reach, each 0 to 1; null where it need not. */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record Gates(Double auc, Double accuracy, Double sensitivity, Double specificity) {
    /** No gate at all. */
    public static final Gates NONE = new Gates(null, null, null, null);
  }

  /**
   * What reproduce and compare look at.
   *
   * @param run one run, or two separated by a comma, each as id, folder or provenance file; null
   *     for the newest
   * @param epochs that reproduce checks; null: all
   * @param recipes two that compare applies to one model; null: it compares two runs
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record Review(String run, Integer epochs, List<String> recipes) {}

  /**
   * The synthetic cohort.
   *
   * @param training cases in the list of this name
   * @param validation likewise
   * @param testing likewise
   * @param shape voxels of each scan
   * @param severity scales the size of opacities, above 0 to 2
   * @param seed of the cohort
   */
  public record Phantom(
      int training, int validation, int testing, Shape shape, double severity, long seed) {}

  /**
   * The configuration that settings mean.
   *
   * @param experiment the experiment's name where the settings give none
   * @param preTransforms a pipeline spelled out, or null
   */
  public static ExperimentConfig of(
      Settings settings, String experiment, List<Step> preTransforms) {
    return SettingMapping.config(settings, experiment, preTransforms);
  }

  /**
   * The settings that a training depends on, as a user writes them: empty where one is not set.
   * Paths of files on the machine that trained are left out. {@link #of} makes the equal parts of
   * them.
   */
  public SortedMap<Setting, String> trainingSettings() {
    return SettingMapping.ofTraining(this);
  }

  /**
   * The number of replicas that train.
   *
   * @param devices that there are where none is named
   * @throws CovidException where more were asked for than a batch has cases
   */
  public int replicas(int devices) {
    int batchSize = training.batchSize();
    boolean given = compute.replicas() != null;
    if (!given && compute.gpus().isEmpty()) {
      return Math.min(devices, batchSize);
    }
    int replicas = given ? compute.replicas() : compute.gpus().size();
    if (replicas > batchSize) {
      throw new CovidException(
          (given ? Setting.REPLICAS : Setting.DEVICE).property(),
          "expected at most one replica for each case of a batch, found %d for %s=%d"
              .formatted(replicas, Setting.BATCH_SIZE.property(), batchSize),
          "set a smaller number, or a larger " + Setting.BATCH_SIZE.property());
    }
    return replicas;
  }

  /** This configuration, for the evaluation of this model. */
  public ExperimentConfig withModel(String model) {
    Inference i = inference;
    return with(
        new Inference(
            model,
            i.list,
            i.input,
            i.mask,
            i.output,
            i.threshold,
            i.reportCases,
            i.saliency,
            i.segmentModel,
            i.predictions,
            i.formats));
  }

  /** This configuration, with another part. */
  public ExperimentConfig with(Inference other) {
    return with(data, network, compute, other);
  }

  /** This configuration, with other parts. */
  public ExperimentConfig with(Data d, Network n, Compute c, Inference i) {
    return new ExperimentConfig(
        experiment,
        resume,
        d,
        conversion,
        preprocessing,
        n,
        optimization,
        training,
        c,
        i,
        gates,
        review,
        phantom);
  }

  /** This configuration as JSON, the same text for the same value. */
  public String toJson() {
    try {
      return JSON.writeValueAsString(this);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a configuration is always writable", e);
    }
  }

  /** Every value by its path, such as {@code training.epochs}; those not given are left out. */
  public SortedMap<String, String> flat() {
    SortedMap<String, String> values = new TreeMap<>();
    flatten("", JSON.valueToTree(this), values);
    return values;
  }

  private static void flatten(String path, JsonNode node, SortedMap<String, String> values) {
    if (!node.isObject()) {
      values.put(path, node.isTextual() ? node.textValue() : node.toString());
      return;
    }
    node.properties()
        .forEach(
            child ->
                flatten(
                    path.isEmpty() ? child.getKey() : path + "." + child.getKey(),
                    child.getValue(),
                    values));
  }

  /**
   * Reads what {@link #toJson} wrote.
   *
   * @param source the file's name, for messages
   */
  public static ExperimentConfig fromJson(String source, String json) {
    try {
      return JSON.readValue(json, ExperimentConfig.class);
    } catch (JsonProcessingException e) {
      throw new CovidException(
          source,
          "is not an experiment configuration: " + e.getOriginalMessage(),
          "give the config.json that a run or a goal wrote",
          e);
    }
  }
}
