package org.covidmmar.experiment;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.covidmmar.CovidException;
import org.covidmmar.Fingerprint;
import org.covidmmar.config.Setting;
import org.covidmmar.dataset.Case;
import org.covidmmar.dataset.DataFingerprints;
import org.covidmmar.dataset.Dataset;
import org.covidmmar.dataset.LungMasks;
import org.covidmmar.segmentation.ExternalWeights;
import org.covidmmar.segmentation.LungMask;
import org.covidmmar.segmentation.LungSegmenter;
import org.covidmmar.segmentation.NetworkSegmenter;
import org.covidmmar.segmentation.Segmenter;

/** Lung masks for cases that have none: what segment and infer share. */
final class Segmentation {
  private static final int SHOWN = 20;

  /** With the version of what is done before and after a network, which masks depend on. */
  private static final String NETWORK = "onnx 1 ";

  private static final int SHOWN_DIGITS = 12;

  private final Workspace workspace;

  Segmentation(Workspace workspace) {
    this.workspace = workspace;
  }

  /** What masks are made by, as stamps and sidecars have it. */
  String method() {
    Path model = model();
    if (model == null) {
      return new LungSegmenter().method();
    }
    DataFingerprints fingerprints = new DataFingerprints();
    String all =
        files().stream().map(f -> fingerprints.ofFile(f).hex()).collect(Collectors.joining("\n"));
    return NETWORK + Fingerprint.of(all).hex().substring(0, SHOWN_DIGITS);
  }

  /** Files that masks depend on beside the images. */
  List<Path> files() {
    Path model = model();
    return model == null
        ? List.of()
        : Stream.concat(Stream.of(model), ExternalWeights.of(model).stream()).toList();
  }

  private Segmenter segmenter() {
    Path model = model();
    return model == null ? new LungSegmenter() : NetworkSegmenter.open(model, method());
  }

  /** The network's file; null where none is given. */
  private Path model() {
    String given = workspace.config().inference().segmentModel();
    if (given == null) {
      return null;
    }
    Path file = workspace.basedir().resolve(given).normalize();
    if (!Files.isRegularFile(file)) {
      throw new CovidException(
          Setting.SEGMENT_MODEL.property(),
          "there is no file " + file,
          "give the path of an .onnx file");
    }
    return file;
  }

  /** Makes the masks, shows a table of them, and warns of those to be looked at. */
  LungMasks.Outcome make(List<Case> cases, Path folder, DataFingerprints fingerprints) {
    requireApart(cases, folder);
    Workspace.requireWritable(folder);
    LungMasks.Outcome outcome;
    try (Segmenter segmenter = segmenter()) {
      outcome =
          new LungMasks(folder, segmenter, fingerprints)
              .make(
                  cases,
                  workspace.config().compute().threadCount(),
                  workspace.progress("segmenting lungs"));
    }
    if (!outcome.made().isEmpty()) {
      workspace.listener().on(table(outcome.made()));
    }
    for (LungMasks.Made m : outcome.made()) {
      if (m.about().confidence() < LungMask.LOW) {
        warn(m);
      }
    }
    return outcome;
  }

  /**
   * A dataset whose cases have masks, made where they had none.
   *
   * @param problems of cases that cannot be segmented, which are left out
   */
  record Completed(Dataset dataset, List<CovidException> problems) {}

  /** Makes the masks that a list lacks. */
  Completed completed(Dataset dataset, String list, Path folder, DataFingerprints fingerprints) {
    List<Case> missing = missing(dataset.list(list));
    if (missing.isEmpty()) {
      return new Completed(dataset, List.of());
    }
    LungMasks.Outcome outcome = make(missing, folder, fingerprints);
    Map<Path, Path> masks = outcome.masks();
    List<Case> masked =
        dataset.list(list).stream()
            .filter(c -> c.mask() != null || masks.containsKey(c.image()))
            .map(c -> c.mask() == null ? c.withMask(masks.get(c.image())) : c)
            .toList();
    if (!masked.isEmpty()) {
      workspace.say(
          "%d of %d cases have no lung mask of their own: those of method \"%s\" in %s were used"
              .formatted(missing.size(), dataset.list(list).size(), method(), folder));
    }
    Map<String, List<Case>> lists = new LinkedHashMap<>(dataset.lists());
    lists.put(list, masked);
    return new Completed(
        new Dataset(dataset.file(), dataset.dataRoot(), lists), outcome.problems());
  }

  static List<Case> missing(List<Case> cases) {
    return cases.stream().filter(c -> c.mask() == null).toList();
  }

  /** What a user has beside the images is not ours to replace. */
  private static void requireApart(List<Case> cases, Path folder) {
    for (Case c : cases) {
      if (folder.equals(c.image().toAbsolutePath().normalize().getParent())) {
        throw new CovidException(
            Setting.OUTPUT.property(),
            "expected a folder without scans for the lung masks, found " + folder,
            "give another folder, or none");
      }
    }
  }

  private void warn(LungMasks.Made made) {
    workspace
        .listener()
        .on(
            new Message.Warning(
                ("%s: look at its lung mask, whose confidence is only %.2f (%s): %s; where it is wrong,"
                        + " correct a copy and name that as \"label_image\" in dataset.json")
                    .formatted(
                        made.masked().id(),
                        made.about().confidence(),
                        String.join("; ", made.about().findings()),
                        made.masked().mask())));
  }

  private static Message.Table table(List<LungMasks.Made> made) {
    List<List<String>> rows = new ArrayList<>();
    for (LungMasks.Made m : made.subList(0, Math.min(SHOWN, made.size()))) {
      rows.add(
          List.of(
              m.masked().id(),
              ml(m.about().rightMl()),
              ml(m.about().leftMl()),
              String.format(Locale.ROOT, "%.2f", m.about().confidence())));
    }
    String more = made.size() > SHOWN ? ", the first " + SHOWN : "";
    return new Message.Table(
        made.size() + " lung masks" + more,
        List.of("case", "right ml", "left ml", "confidence"),
        rows);
  }

  private static String ml(double value) {
    return String.format(Locale.ROOT, "%.0f", value);
  }
}
