package org.covidmmar.mmar;

import java.util.List;
import java.util.Map;
import org.covidmmar.config.Setting;
import org.covidmmar.mmar.Document.Element;
import org.covidmmar.transform.RandomTransform;
import org.covidmmar.transform.Step;

/** Reads {@code config_validation.json}, its variants, and {@code config_saliency_ckpt.json}. */
final class EvaluationFile {
  private static final String TRANSFORMS = "pre_transforms";
  private static final List<String> LOADERS = List.of("FrozenGraphModelLoader", "CheckpointLoader");

  private final Document document;
  private final Fields root;
  private final Map<Setting, String> overrides;
  private final boolean predicts;

  /**
   * @param predicts whether it is read for a goal that writes predictions
   */
  EvaluationFile(Document document, Fields root, Map<Setting, String> overrides, boolean predicts) {
    this.document = document;
    this.root = root;
    this.overrides = overrides;
    this.predicts = predicts;
  }

  /**
   * Sets what the file means.
   *
   * @return its transforms spelled out; null where a recipe is the same
   */
  List<Step> read() {
    Globals.read(document, root);
    document.set(Setting.BATCH_SIZE, root, "batch_size");
    root.withoutEffect("do_validation", "output_infer_result");
    List<Step> steps = new MmarTransforms(document).steps(root, TRANSFORMS);
    if (steps.stream().anyMatch(RandomTransform.class::isInstance)) {
      document.problem(
          TRANSFORMS, "has random transforms, which are for training", "disable or remove them");
    }
    List<Step> spelledOut =
        new MmarPipeline(document, steps, TRANSFORMS).settings(overrides, false);
    for (Element transform : document.elements(root, "post_transforms")) {
      if (transform.name().equals("ProcessMulticlassPreds")) {
        transform.args().withoutEffect("fields", "field");
      } else {
        document.unknown(transform, List.of("ProcessMulticlassPreds"));
      }
    }
    Inferers.any(document, root);
    boolean saliency = document.text(Setting.SALIENCY) != null;
    document.elements(root, "writers").forEach(writer -> writer(writer, saliency));
    document.elements(root, "val_metrics").forEach(this::metric);
    document.element(root, "model_loader").ifPresent(this::loader);
    return spelledOut;
  }

  private void writer(Element writer, boolean saliency) {
    Fields args = writer.args();
    args.text("write_path");
    switch (writer.name()) {
      case "WriteClassificationResult" -> {
        args.withoutEffect("field");
        args.text("write_path").filter(path -> predicts).ifPresent(path -> output(args, path));
      }
      case "WriteNifti" -> {
        args.withoutEffect("field", "dtype", "use_identity");
        document.note(
            saliency
                ? "WriteNifti: the maps are written beside the predictions"
                : "WriteNifti: a classification has no volume to write; covid.saliency writes where"
                    + " it looked");
      }
      default -> document.unknown(writer, List.of("WriteClassificationResult", "WriteNifti"));
    }
  }

  private void output(Fields args, String path) {
    document.set(
        Setting.OUTPUT, document.variables().path(path).toString(), args.path("write_path"));
  }

  private void metric(Element metric) {
    if (metric.name().equals("ComputeMulticlassAverage")) {
      metric.args().withoutEffect("name", "field", "label_field", "report_path");
    } else {
      document.unknown(metric, List.of("ComputeMulticlassAverage"));
    }
  }

  private void loader(Element loader) {
    if (!LOADERS.contains(loader.name())) {
      document.unknown(loader, LOADERS);
      return;
    }
    loader.args().text("model_file_path");
    loader.args().text("checkpoint_dir");
    document.note(
        loader.name()
            + ": the model is that of the newest finished run, or of "
            + Setting.MODEL.property());
  }
}
