package org.covidmmar.experiment;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.covidmmar.AtomicFiles;
import org.covidmmar.CovidException;
import org.covidmmar.config.ExperimentConfig;
import org.covidmmar.dataset.Case;
import org.covidmmar.dataset.DataFingerprints;
import org.covidmmar.dataset.PreprocessCache;
import org.covidmmar.evaluation.ScoredCase;
import org.covidmmar.inference.Occlusion;
import org.covidmmar.inference.OnScan;
import org.covidmmar.inference.Saliency;
import org.covidmmar.inference.SaliencyPicture;
import org.covidmmar.io.nifti.NiftiHeader;
import org.covidmmar.io.nifti.NiftiReader;
import org.covidmmar.model.DenseNet3d;
import org.covidmmar.volume.Shape;
import org.covidmmar.volume.Volume;

/**
 * What speaks for the class that was predicted, case by case: maps in the scans' own space, and a
 * picture of them.
 */
final class SaliencyFiles {
  private static final String GRAD_CAM = "_gradcam.nii.gz";
  private static final String OCCLUSION = "_occlusion.nii.gz";
  private static final String PICTURE = ".png";

  private final Workspace workspace;
  private final ExperimentConfig.Inference given;
  private final Path folder;

  /**
   * @param output the folder of the predictions
   */
  SaliencyFiles(Workspace workspace, Path output) {
    this.workspace = workspace;
    given = workspace.config().inference();
    folder = output.resolve("saliency");
  }

  Path folder() {
    return folder;
  }

  boolean asked() {
    return given.gradCam() || given.occlusion();
  }

  /** The files of a case. */
  List<Path> of(Case c) {
    List<Path> files = new ArrayList<>();
    if (given.gradCam()) {
      files.add(folder.resolve(c.id() + GRAD_CAM));
    }
    if (given.occlusion()) {
      files.add(folder.resolve(c.id() + OCCLUSION));
    }
    if (asked()) {
      files.add(folder.resolve(c.id() + PICTURE));
    }
    return files;
  }

  /**
   * Removes what an earlier call left, which would look as if it belonged to the new predictions.
   *
   * @throws CovidException where the folder cannot be written
   */
  void begin() {
    if (asked()) {
      Workspace.requireWritable(folder);
    }
    if (!Files.isDirectory(folder)) {
      return;
    }
    AtomicFiles.sweep(folder);
    try (Stream<Path> listed = Files.list(folder)) {
      for (Path file : listed.filter(SaliencyFiles::isOurs).toList()) {
        Files.delete(file);
      }
    } catch (IOException e) {
      throw AtomicFiles.unwritable(folder, e);
    }
  }

  private static boolean isOurs(Path file) {
    return Stream.of(GRAD_CAM, OCCLUSION, PICTURE).anyMatch(file.toString()::endsWith);
  }

  /**
   * Writes the files of each case.
   *
   * @param scored the cases' probabilities in their order
   * @return why some cases have no files or not all of them
   */
  List<CovidException> write(
      ModelSource model, List<Case> cases, List<ScoredCase> scored, DataFingerprints fingerprints) {
    PreprocessCache cache =
        workspace.cache(model.preprocessing().pipeline().withoutAugmentation(), fingerprints);
    List<CovidException> problems = new ArrayList<>();
    try (DenseNet3d network = Prediction.network(workspace, model)) {
      Steps steps = new Steps(cases.size(), model.preprocessing().inputShape());
      for (int n = 0; n < cases.size(); n++) {
        try {
          write(network, cache.get(cases.get(n)).image(), cases.get(n), scored.get(n), steps);
        } catch (CovidException e) {
          problems.add(e);
        }
        steps.caseDone(n + 1);
      }
    }
    return problems;
  }

  private void write(DenseNet3d network, Volume image, Case c, ScoredCase scored, Steps steps) {
    int label = scored.predicted((float) given.threshold());
    float p = label == 1 ? scored.pCovid() : scored.pNonCovid();
    String name = label == 1 ? "COVID" : "non-COVID";
    NiftiHeader scan = NiftiReader.readHeader(c.image());
    List<SaliencyPicture.Layer> layers = new ArrayList<>();
    if (given.gradCam()) {
      Volume map = Saliency.normalised(Saliency.of(network, image, label));
      save(GRAD_CAM, map, c, scan);
      layers.add(
          new SaliencyPicture.Layer(
              "Grad-CAM: where the model sees what speaks for " + name, map, false));
    }
    if (given.occlusion()) {
      Volume map = Occlusion.of(image.shape()).of(network, image, label, p, steps::placesDone);
      save(OCCLUSION, map, c, scan);
      layers.add(
          new SaliencyPicture.Layer(
              "Occlusion: fall of p(" + name + ") where the scan is hidden", map, true));
    }
    String title = String.format(Locale.ROOT, "Predicted: %s, probability %.4f", name, p);
    byte[] picture = SaliencyPicture.png(NiftiReader.read(c.image()), title, layers);
    AtomicFiles.write(folder.resolve(c.id() + PICTURE), out -> out.write(picture));
  }

  private void save(String suffix, Volume map, Case c, NiftiHeader scan) {
    new OnScan(map, scan.affine())
        .write(
            folder.resolve(c.id() + suffix),
            scan.shape(),
            workspace.config().compute().threadCount());
  }

  /** Tells how far the work is, and how long the rest will take. */
  private final class Steps {
    private final int total;
    private final int each;
    private final TimeLeft left;
    private long since = System.nanoTime();
    private int casesDone;
    private int done;

    /** A case has one step for its files, and one for each input that goes through the network. */
    Steps(int cases, Shape input) {
      each = 1 + (given.occlusion() ? Occlusion.of(input).places(input) : 0);
      total = Math.multiplyExact(cases, each);
      left = new TimeLeft(total);
    }

    void placesDone(int places) {
      upTo(casesDone * each + places);
    }

    void caseDone(int cases) {
      casesDone = cases;
      upTo(cases * each);
    }

    private void upTo(int now) {
      long time = System.nanoTime();
      for (int steps = now - done; steps > 0; steps--) {
        left.took((time - since) / (now - done));
      }
      since = time;
      done = now;
      workspace
          .listener()
          .on(new Message.Progress("saliency", done, total, left.text().orElse("")));
    }
  }
}
