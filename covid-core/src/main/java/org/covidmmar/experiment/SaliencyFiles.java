package org.covidmmar.experiment;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
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
 * picture of them. A list beside them has their names: other files in the folder are the user's.
 */
final class SaliencyFiles {
  private static final String GRAD_CAM = "_gradcam.nii.gz";
  private static final String OCCLUSION = "_occlusion.nii.gz";
  private static final String PICTURE = ".png";
  private static final String LIST = "infer.files.json";
  private static final JsonMapper JSON =
      JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();

  private final Workspace workspace;
  private final ExperimentConfig.Inference given;
  private final Path folder;
  private final List<String> written = new ArrayList<>();

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

  /** The list of what the last call wrote, and all that it names. */
  List<Path> products() {
    return Stream.concat(Stream.of(folder.resolve(LIST)), listed().stream()).toList();
  }

  /** Files in the folder that an earlier call wrote or was about to write. */
  private List<Path> listed() {
    try {
      String[] names = JSON.readValue(folder.resolve(LIST).toFile(), String[].class);
      return names == null
          ? List.of()
          : Arrays.stream(names).filter(this::isName).map(folder::resolve).toList();
    } catch (IOException e) {
      return List.of();
    }
  }

  /** Whether it is a name such as a case's file has, and no way out of the folder. */
  private boolean isName(String name) {
    try {
      return name != null
          && Stream.of(GRAD_CAM, OCCLUSION, PICTURE).anyMatch(name::endsWith)
          && Objects.equals(folder.resolve(name).getParent(), folder);
    } catch (InvalidPathException e) {
      return false;
    }
  }

  /** Takes a name of the folder, before there is a file: what a kill leaves is known as ours. */
  private Path taken(String name) {
    written.add(name);
    try {
      AtomicFiles.writeString(folder.resolve(LIST), JSON.writeValueAsString(written) + "\n");
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a list is always writable", e);
    }
    return folder.resolve(name);
  }

  /**
   * Removes what an earlier call wrote, which would look as if it belonged to the new predictions.
   *
   * @throws CovidException where the folder cannot be written
   */
  void removeEarlier() {
    Path list = folder.resolve(LIST);
    if (!Files.exists(list)) {
      return;
    }
    AtomicFiles.sweep(folder);
    try {
      for (Path file : listed()) {
        if (Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
          Files.delete(file);
        }
      }
      Files.delete(list);
    } catch (IOException e) {
      throw AtomicFiles.unwritable(folder, e);
    }
  }

  /** Refuses to write over what no earlier call wrote. */
  private void requireFree(Case c) {
    List<String> suffixes = new ArrayList<>(List.of(PICTURE));
    if (given.gradCam()) {
      suffixes.add(GRAD_CAM);
    }
    if (given.occlusion()) {
      suffixes.add(OCCLUSION);
    }
    for (String suffix : suffixes) {
      Path file = folder.resolve(c.id() + suffix);
      if (Files.exists(file, LinkOption.NOFOLLOW_LINKS)) {
        throw new CovidException(
            file,
            "is there, but no earlier covid:infer wrote it",
            "move it to another folder, or set covid.output to another one");
      }
    }
  }

  /**
   * Writes the files of each case, after {@link #removeEarlier}; no further ones once the folder
   * cannot be written or its disk is full.
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
        Case c = cases.get(n);
        try {
          Workspace.requireWritable(folder);
          requireFree(c);
          write(network, cache.get(c).image(), c, scored.get(n), steps);
        } catch (CovidException e) {
          problems.add(e);
          if (AtomicFiles.isFull(e) || !isWritable()) {
            return problems;
          }
        }
        steps.caseDone(n + 1);
      }
    }
    return problems;
  }

  private boolean isWritable() {
    try {
      Workspace.requireWritable(folder);
      return true;
    } catch (CovidException e) {
      return false;
    }
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
    byte[] picture = SaliencyPicture.png(c.image(), title, layers);
    AtomicFiles.write(taken(c.id() + PICTURE), out -> out.write(picture));
  }

  private void save(String suffix, Volume map, Case c, NiftiHeader scan) {
    new OnScan(map, scan.affine())
        .write(taken(c.id() + suffix), scan.shape(), workspace.config().compute().threadCount());
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
