package org.covidmmar.experiment;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import org.covidmmar.CovidException;
import org.covidmmar.config.Setting;
import org.covidmmar.dataset.Case;
import org.covidmmar.dataset.CompletedDataset;
import org.covidmmar.dataset.DataFingerprints;
import org.covidmmar.dataset.Dataset;
import org.covidmmar.dataset.LungMasks;

/**
 * {@code covid:segment}: makes lung masks where the dataset has none, and a copy of dataset.json
 * that names them.
 */
final class SegmentWorkflow implements Workflow {
  private final Workspace workspace;
  private final Segmentation segmentation;

  SegmentWorkflow(Workspace workspace) {
    this.workspace = workspace;
    this.segmentation = new Segmentation(workspace);
  }

  @Override
  public Optional<String> reason() {
    Dataset dataset = workspace.ownDataset();
    List<Case> missing = missing(dataset);
    if (missing.isEmpty() || !readsMask()) {
      return Optional.empty();
    }
    List<Path> products = new ArrayList<>();
    products.add(workspace.completedDataset());
    missing.forEach(c -> products.add(LungMasks.file(folder(), c)));
    return stage(dataset, missing).reason(stamp(), products.toArray(Path[]::new));
  }

  @Override
  public String idle() {
    if (!readsMask()) {
      return "the preprocessing reads no lung mask";
    }
    return missing(workspace.ownDataset()).isEmpty()
        ? "every case has a lung mask"
        : Workflow.super.idle();
  }

  private boolean readsMask() {
    return workspace.config().preprocessing().pipeline().readsMask();
  }

  private Path folder() {
    return workspace.output("segment");
  }

  private Path stamp() {
    return workspace.stamp("segment");
  }

  /** Cases without a mask, of the list that was asked for, or of all. */
  private List<Case> missing(Dataset dataset) {
    String list = workspace.config().inference().list();
    if (list != null) {
      return Segmentation.missing(dataset.list(list));
    }
    return Segmentation.missing(dataset.cases(List.copyOf(dataset.lists().keySet())));
  }

  private Stage stage(Dataset dataset, List<Case> missing) {
    SortedMap<String, String> values = new TreeMap<>();
    values.put("method", segmentation.method());
    values.put("cases", workspace.describe(missing));
    List<Path> files = new ArrayList<>(Workspace.files(missing));
    files.add(dataset.file());
    files.addAll(segmentation.files());
    return new Stage(workspace.basedir(), values, files);
  }

  @Override
  public void run() {
    Dataset dataset = workspace.ownDataset();
    List<Case> missing = missing(dataset);
    if (missing.isEmpty()) {
      return;
    }
    refuseOwnFile(dataset);
    Stage stage = stage(dataset, missing);
    Stamp.remove(stamp());
    DataFingerprints fingerprints = new DataFingerprints();
    LungMasks.Outcome outcome = segmentation.make(missing, folder(), fingerprints);
    Map<Path, Path> masks = earlier(dataset, missing);
    masks.putAll(outcome.masks());
    CompletedDataset.write(workspace.completedDataset(), dataset, masks, workspace.basedir());
    if (!outcome.problems().isEmpty()) {
      throw CovidException.all("lung masks", outcome.problems());
    }
    stage.stamp(stamp(), fingerprints);
  }

  /** Masks that the copy has of cases that were not asked for this time. */
  private Map<Path, Path> earlier(Dataset dataset, List<Case> missing) {
    Map<Path, Path> masks = new HashMap<>();
    CompletedDataset.read(workspace.completedDataset(), dataset)
        .ifPresent(
            copy ->
                copy.lists().values().stream()
                    .flatMap(List::stream)
                    .filter(c -> c.mask() != null)
                    .forEach(c -> masks.put(c.image(), c.mask())));
    missing.forEach(c -> masks.remove(c.image()));
    return masks;
  }

  private void refuseOwnFile(Dataset dataset) {
    Path copy = workspace.completedDataset();
    if (Files.exists(copy) && (isSame(copy, dataset.file()) || !CompletedDataset.isOurs(copy))) {
      throw new CovidException(
          Setting.OUTPUT.property(),
          "the completed copy would replace " + copy,
          "give another folder, or none");
    }
  }

  private static boolean isSame(Path one, Path other) {
    try {
      return Files.isSameFile(one, other);
    } catch (IOException e) {
      return false;
    }
  }

  @Override
  public void conclude() {
    if (Files.exists(workspace.completedDataset()) && !missing(workspace.ownDataset()).isEmpty()) {
      workspace.say("wrote: " + workspace.completedDataset());
    }
  }
}
