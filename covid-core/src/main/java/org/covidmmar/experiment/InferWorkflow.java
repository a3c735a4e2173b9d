package org.covidmmar.experiment;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.stream.Stream;
import org.covidmmar.CovidException;
import org.covidmmar.config.ExperimentConfig;
import org.covidmmar.config.Setting;
import org.covidmmar.dataset.Case;
import org.covidmmar.dataset.CaseIds;
import org.covidmmar.dataset.DataFingerprints;
import org.covidmmar.dataset.Dataset;
import org.covidmmar.dataset.DatasetCheck;
import org.covidmmar.evaluation.EvaluationFiles;
import org.covidmmar.evaluation.ScoredCase;
import org.covidmmar.inference.ModelConfig;
import org.covidmmar.io.dicom.Conversion;
import org.covidmmar.io.dicom.DicomToNifti;

/**
 * {@code covid:infer}: probabilities for a scan, a folder of scans, a folder of DICOM files, or a
 * list of a dataset.
 */
final class InferWorkflow implements Workflow {
  private static final String INPUT = "covid.input";
  private static final String MASK = "covid.mask";
  private static final String MASK_SUFFIX = "_lungs";
  private static final String CONVERTED = "converted";
  private static final String CSV = "csv";
  private static final String MMAR = "mmar";
  private static final Map<String, String> FILES =
      Map.of(CSV, "predictions.csv", MMAR, "preds_model.csv");
  private static final int SHOWN = 20;

  private final Workspace workspace;
  private final ExperimentConfig.Inference given;
  private final Segmentation segmentation;
  private final SaliencyFiles saliency;

  InferWorkflow(Workspace workspace) {
    this.workspace = workspace;
    this.given = workspace.config().inference();
    this.segmentation = new Segmentation(workspace);
    this.saliency = new SaliencyFiles(workspace, workspace.output("infer"));
  }

  @Override
  public Optional<String> reason() {
    requireMaskOfOneScan();
    List<Case> cases = List.of();
    if (!isDicom()) {
      Dataset dataset = input();
      cases = dataset.list(list(dataset));
    }
    ModelSource model = ModelSource.find(workspace.request());
    List<Path> products = new ArrayList<>(predictions());
    if (saliency.asked()) {
      products.addAll(saliency.products());
    }
    return stage(model, cases).reason(stamp(), products.toArray(Path[]::new));
  }

  private Path folder() {
    return workspace.output("infer");
  }

  /** The files of predictions that were asked for, in their order. */
  private List<Path> predictions() {
    return given.predictions().stream().map(format -> folder().resolve(FILES.get(format))).toList();
  }

  private Path stamp() {
    return workspace.stamp("infer");
  }

  /** What the predictions are made of; of DICOM files, before they are cases. */
  private Stage stage(ModelSource model, List<Case> cases) {
    SortedMap<String, String> values = workspace.values("compute");
    if (isDicom()) {
      values.put("DICOM files", DicomToNifti.state(inputPath(), conversion().suffix()));
    } else {
      values.put("cases", workspace.describe(cases));
    }
    values.put("threshold", Double.toString(given.threshold()));
    values.put("predictions", String.join(",", given.predictions()));
    values.put(Setting.SALIENCY.property(), given.saliency());
    values.putAll(model.properties());
    List<Path> files = new ArrayList<>(Workspace.files(cases));
    if (segments(model, cases)) {
      values.put("lung masks", segmentation.method());
      files.addAll(segmentation.files());
    }
    files.addAll(model.files());
    return new Stage(workspace.basedir(), values, files);
  }

  /** Whether lung masks must be made: the model needs them and there are cases without. */
  private boolean segments(ModelSource model, List<Case> cases) {
    return model.preprocessing().pipeline().readsMask()
        && (isDicom() || !Segmentation.missing(cases).isEmpty());
  }

  private DicomToNifti.Options conversion() {
    return DicomToNifti.Options.defaults(workspace.config().compute().threadCount());
  }

  @Override
  public void conclude() {
    if (saliency.asked()) {
      workspace.say("wrote: " + saliency.folder());
    }
    predictions().forEach(file -> workspace.say("wrote: " + file));
  }

  @Override
  public void run() {
    requireMaskOfOneScan();
    Stamp.remove(stamp());
    ModelSource model = ModelSource.find(workspace.request());
    Path folder = folder();
    Dataset dataset;
    List<CovidException> lost = new ArrayList<>();
    if (isDicom()) {
      Path volumes = folder.resolve(CONVERTED);
      Workspace.requireWritable(volumes);
      Conversion converted =
          new DicomConversion(workspace, inputPath(), INPUT).into(volumes, conversion());
      lost.addAll(converted.problems());
      if (converted.series().isEmpty()) {
        throw CovidException.all(inputPath().toString(), lost);
      }
      dataset = scans(volumes, converted.series().stream().map(Conversion.Series::file).toList());
    } else {
      dataset = input();
    }
    String list = list(dataset);
    Workspace.requireWritable(folder);
    if (saliency.asked()) {
      Workspace.requireWritable(saliency.folder());
    }
    Stage stage = stage(model, isDicom() ? List.of() : dataset.list(list));
    DataFingerprints fingerprints = new DataFingerprints();
    if (segments(model, dataset.list(list))) {
      DatasetCheck.forInference(dataset, list, false);
      Segmentation.Completed masked = segmentation.completed(dataset, list, folder, fingerprints);
      lost.addAll(masked.problems());
      dataset = masked.dataset();
      // A study has series of other parts of the body too; who names scans means each of them.
      if (dataset.list(list).isEmpty() || (!isDicom() && !lost.isEmpty())) {
        throw CovidException.all("lung masks", lost);
      }
    }
    DatasetCheck.forInference(dataset, list, model.preprocessing().pipeline().readsMask());
    List<Case> cases = dataset.list(list);
    List<ScoredCase> scored = Prediction.of(workspace, model, cases, fingerprints);
    float threshold = (float) given.threshold();
    saliency.removeEarlier();
    if (given.predictions().contains(CSV)) {
      EvaluationFiles.writePredictions(folder.resolve(FILES.get(CSV)), scored, threshold);
    }
    if (given.predictions().contains(MMAR)) {
      EvaluationFiles.writeMmarPredictions(
          folder.resolve(FILES.get(MMAR)), cases.stream().map(Case::image).toList(), scored);
    }
    workspace.listener().on(table(scored, threshold));
    if (saliency.asked()) {
      lost.addAll(saliency.write(model, cases, scored, fingerprints));
    }
    workspace.say(ModelConfig.USE);
    if (!lost.isEmpty()) {
      throw CovidException.all(given.input() == null ? list : inputPath().toString(), lost);
    }
    stage.stamp(stamp(), fingerprints);
  }

  private String list(Dataset dataset) {
    if (given.list() != null && isDataset()) {
      return given.list();
    }
    return dataset.has(Dataset.TESTING) ? Dataset.TESTING : Dataset.VALIDATION;
  }

  /** Whether the input is a dataset, which has lists to choose from; scans have none. */
  private boolean isDataset() {
    return given.input() == null || (isJson(inputPath()) && !Files.isDirectory(inputPath()));
  }

  private Path inputPath() {
    return workspace.basedir().resolve(given.input()).normalize();
  }

  private void requireMaskOfOneScan() {
    if (given.mask() == null) {
      return;
    }
    if (given.input() == null) {
      throw new CovidException(
          MASK, "is the mask of one scan, but no " + INPUT + " is given", "give the scan too");
    }
    Path input = inputPath();
    if (Files.isDirectory(input) || isJson(input)) {
      throw new CovidException(
          MASK,
          "is the mask of one scan, but " + INPUT + " is " + input,
          "leave it out; a folder's masks are the files <name>" + MASK_SUFFIX + ".nii.gz in it");
    }
  }

  private Dataset input() {
    if (given.input() == null) {
      return workspace.dataset();
    }
    Path input = inputPath();
    if (Files.isDirectory(input)) {
      return scans(input, niftis(input));
    }
    if (!Files.exists(input)) {
      throw new CovidException(
          INPUT,
          "there is no " + input,
          "give a NIfTI file, a folder of them or of DICOM files, or a dataset.json");
    }
    return isJson(input) ? Dataset.read(input, workspace.dataRoot()) : scan(input);
  }

  private static boolean isJson(Path file) {
    return file.getFileName().toString().toLowerCase(Locale.ROOT).endsWith(".json");
  }

  private Dataset scan(Path image) {
    Path mask = given.mask() != null ? workspace.basedir().resolve(given.mask()).normalize() : null;
    String id = CaseIds.of(image.getParent(), List.of(image)).get(image);
    return dataset(image.getParent(), List.of(new Case(id, image, mask, null)));
  }

  /** Whether the input is a folder of DICOM files: one without any NIfTI file. */
  private boolean isDicom() {
    return given.input() != null && Files.isDirectory(inputPath()) && niftis(inputPath()).isEmpty();
  }

  private static List<Path> niftis(Path folder) {
    try (Stream<Path> listed = Files.list(folder)) {
      return listed.filter(InferWorkflow::isNifti).sorted().toList();
    } catch (IOException e) {
      throw new CovidException(
          folder.toString(), "cannot be read: " + e, "make the folder readable", e);
    }
  }

  /** Scans with the masks that are beside them. */
  private static Dataset scans(Path folder, List<Path> files) {
    List<Path> images = files.stream().filter(f -> !isMask(f)).toList();
    if (images.isEmpty()) {
      throw new CovidException(
          INPUT,
          "there is no scan in " + folder + ", but masks",
          "give a folder of scans, each <name>.nii.gz with <name>" + MASK_SUFFIX + ".nii.gz");
    }
    Map<Path, String> ids = CaseIds.of(folder, images);
    List<Case> cases = new ArrayList<>();
    for (Path image : images) {
      Path mask =
          files.stream()
              .filter(f -> isMask(f) && CaseIds.stem(f).equals(CaseIds.stem(image) + MASK_SUFFIX))
              .findFirst()
              .orElse(null);
      cases.add(new Case(ids.get(image), image, mask, null));
    }
    return dataset(folder, cases);
  }

  private static Dataset dataset(Path root, List<Case> cases) {
    return new Dataset(root, root, Map.of(Dataset.TESTING, cases));
  }

  private static boolean isNifti(Path file) {
    String name = file.getFileName().toString().toLowerCase(Locale.ROOT);
    return name.matches(".*\\.(nii|hdr)(\\.gz)?") && Files.isRegularFile(file);
  }

  private static boolean isMask(Path file) {
    return CaseIds.stem(file).endsWith(MASK_SUFFIX);
  }

  private static Message.Table table(List<ScoredCase> scored, float threshold) {
    List<List<String>> rows = new ArrayList<>();
    for (ScoredCase c : scored.subList(0, Math.min(SHOWN, scored.size()))) {
      rows.add(
          List.of(
              c.id(),
              String.format(Locale.ROOT, "%.4f", c.pCovid()),
              c.predicted(threshold) == 1 ? "COVID" : "non-COVID"));
    }
    String more = scored.size() > SHOWN ? ", the first " + SHOWN : "";
    return new Message.Table(
        scored.size() + " cases" + more + ", threshold " + threshold,
        List.of("case", "p COVID", "predicted"),
        rows);
  }
}
