package org.covidmmar.maven;

import java.util.Map;
import org.apache.maven.plugins.annotations.Mojo;
import org.apache.maven.plugins.annotations.Parameter;
import org.covidmmar.config.Setting;
import org.covidmmar.experiment.Main;
import org.covidmmar.mmar.MmarReader;

/**
 * Applies a trained model to a scan, a folder of scans or a list of a dataset, and writes the
 * probabilities to {@code predictions.csv}; where asked, maps of what decided beside it.
 */
@Mojo(name = "infer", threadSafe = true)
public final class InferMojo extends AbstractEvaluationMojo {

  /** Skips this goal. */
  @Parameter(property = "covid.skipInfer", defaultValue = "false")
  private boolean skipInfer;

  /**
   * What infer reads: a NIfTI file, a folder of NIfTI files, or a dataset.json. A file or a folder;
   * no default.
   */
  @Parameter(property = "covid.input")
  private String input;

  /** Lung mask of the NIfTI file in covid.input. A file; no default. */
  @Parameter(property = "covid.mask")
  private String mask;

  /**
   * ONNX file of a network that segments lungs, in place of the method that needs none. A file; no
   * default.
   */
  @Parameter(property = "covid.segment.model")
  private String segmentModel;

  /**
   * What infer writes: csv is predictions.csv, mmar is preds_model.csv as an MMAR has it, each line
   * path,p0,p1 without a header. One or more of csv, mmar; default csv.
   */
  @Parameter(property = "covid.predictions")
  private String predictions;

  /**
   * Maps of what decides in the model's eyes that infer writes beside its predictions: Grad-CAM,
   * occlusion sensitivity, or (true) both. With gradcam or true the report's pictures of cases show
   * Grad-CAM too. One of false, gradcam, occlusion, true; default false.
   */
  @Parameter(property = "covid.saliency")
  private String saliency;

  @Override
  void settings(Map<Setting, String> given) {
    super.settings(given);
    given.put(Setting.INPUT, input);
    given.put(Setting.MASK, mask);
    given.put(Setting.SEGMENT_MODEL, segmentModel);
    given.put(Setting.PREDICTIONS, predictions);
    given.put(Setting.SALIENCY, saliency);
  }

  @Override
  MmarReader.Results results() {
    return MmarReader.Results.PREDICTIONS;
  }

  @Override
  Main.Goal goal() {
    return Main.Goal.INFER;
  }

  @Override
  boolean skipGoal() {
    return skipInfer;
  }
}
