package org.covidmmar.dataset;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Function;
import org.covidmmar.CovidException;
import org.covidmmar.dataset.Finding.Kind;
import org.covidmmar.dataset.Finding.Where;
import org.covidmmar.io.nifti.NiftiHeader;
import org.covidmmar.io.nifti.NiftiReader;

/**
 * What can be wrong with a dataset and is found without reading voxels: lists, labels, double
 * entries, files and their headers, grids of masks. Finds everything before it refuses. What only
 * the voxels tell, {@link FullCheck} finds, and {@link PreprocessCache#prepare}.
 */
public final class DatasetCheck {
  private static final String LABEL_REMEDY = "give it \"label\": [0] (non-COVID) or [1] (COVID)";

  private final Dataset dataset;
  private final boolean needsMask;
  private final boolean tests;
  private final List<Finding> findings = new ArrayList<>();
  private final Map<Path, NiftiHeader> headers = new HashMap<>();

  /** What was told as being there twice or leaking: once is enough. */
  private final Set<String> told = new HashSet<>();

  private DatasetCheck(Dataset dataset, boolean needsMask) {
    this(dataset, needsMask, false);
  }

  /**
   * @param tests whether lists that are neither training nor validation must be apart from
   *     validation too
   */
  DatasetCheck(Dataset dataset, boolean needsMask, boolean tests) {
    this.dataset = dataset;
    this.needsMask = needsMask;
    this.tests = tests;
  }

  /**
   * Checks the lists training and validation, and that no image for training is in another list,
   * nor a patient of whom dataset.json says it.
   *
   * @param needsMask whether the preprocessing needs the lung mask
   * @param bothClasses whether the validation list needs both classes, as where the key metric is
   *     the AUC; the training list always does
   * @param batchSize cases a batch
   * @throws CovidException listing all that is wrong
   */
  public static void forTraining(
      Dataset dataset, boolean needsMask, boolean bothClasses, int batchSize) {
    DatasetCheck check = new DatasetCheck(dataset, needsMask);
    check.training(bothClasses, batchSize);
    check.end();
  }

  /**
   * Checks a list whose predictions are compared with its labels.
   *
   * @param needsMask whether the preprocessing needs the lung mask
   * @throws CovidException listing all that is wrong
   */
  public static void forEvaluation(Dataset dataset, String list, boolean needsMask) {
    DatasetCheck check = new DatasetCheck(dataset, needsMask);
    check.list(list, true);
    check.end();
  }

  /**
   * Checks a list that is predicted; its labels may be unknown.
   *
   * @param needsMask whether the preprocessing needs the lung mask
   * @throws CovidException listing all that is wrong
   */
  public static void forInference(Dataset dataset, String list, boolean needsMask) {
    DatasetCheck check = new DatasetCheck(dataset, needsMask);
    check.list(list, false);
    check.end();
  }

  /**
   * Finds images of equal content under two names, where that counts twice or leaks: within a list,
   * or in training and another one.
   *
   * @param lists which to compare; all of their files are read once
   * @throws CovidException listing all of them
   */
  public static void content(Dataset dataset, List<String> lists, DataFingerprints fingerprints) {
    DatasetCheck check = new DatasetCheck(dataset, false);
    check.content(lists, c -> fingerprints.of(c.image()).hex());
    check.end();
  }

  /** What was found so far, in the order in which it was looked for. */
  List<Finding> findings() {
    return findings;
  }

  /** The header of an image or mask, where it was looked at and has a good one; else null. */
  NiftiHeader header(Path file) {
    return headers.get(file);
  }

  /** Looks at the lists training and validation, and for images for training in another list. */
  void training(boolean bothClasses, int batchSize) {
    list(Dataset.TRAINING, true);
    list(Dataset.VALIDATION, true);
    classes(Dataset.TRAINING, "nothing can be learnt", "add cases of the other class to the list");
    if (bothClasses) {
      classes(
          Dataset.VALIDATION,
          "its AUC is undefined",
          "add cases of the other class to the list, or set covid.keyMetric to another metric");
    }
    batch(batchSize);
    for (String other : dataset.lists().keySet()) {
      across(other, c -> real(c.image()), Kind.LEAKAGE, "is the same file as");
    }
    patients(Case::patient, Case::patient);
  }

  /**
   * Looks at a list.
   *
   * @param labelled whether each case needs a label
   */
  void list(String name, boolean labelled) {
    if (!dataset.has(name)) {
      error(
          Kind.LIST_MISSING,
          Where.list(name),
          null,
          "there is no such list; there are: " + String.join(", ", dataset.lists().keySet()),
          null,
          "add \"" + name + "\": [{\"image\": …, \"label_image\": …, \"label\": [0]}, …] to it");
      return;
    }
    List<Case> cases = dataset.list(name);
    Where list = Where.list(dataset.key(name));
    if (cases.isEmpty()) {
      error(Kind.LIST_EMPTY, list, null, "the list is empty", null, "add cases to it");
      return;
    }
    if (cases.size() > 1 && cases.stream().noneMatch(c -> Files.exists(c.image()))) {
      error(
          Kind.FILE_MISSING,
          list,
          null,
          "none of its " + cases.size() + " images exists, the first " + cases.get(0).image(),
          null,
          "set covid.dataRoot, which relative paths start from; it is " + dataset.dataRoot());
      return;
    }
    for (int n = 0; n < cases.size(); n++) {
      Case c = cases.get(n);
      Where entry = Where.entry(dataset.key(name), n, c);
      label(c, entry.field(DatasetJson.LABEL), labelled);
      NiftiHeader image = header(c.image(), entry.field(DatasetJson.IMAGE));
      if (needsMask && c.mask() == null) {
        findings.add(CaseReader.noMask(c).at(entry));
      } else if (needsMask) {
        Where place = entry.field(DatasetJson.LABEL_IMAGE);
        grid(c, place, image, header(c.mask(), place));
      }
    }
    twice(name, c -> real(c.image()), "is the same file as");
  }

  private void label(Case c, Where place, boolean labelled) {
    if (c.label() == null && labelled) {
      error(Kind.LABEL_MISSING, place, c.image(), "is missing", null, LABEL_REMEDY);
    } else if (c.label() != null && (c.label() < 0 || c.label() >= DatasetJson.CLASSES)) {
      error(Kind.LABEL_RANGE, place, c.image(), "is " + c.label(), "0 or 1", LABEL_REMEDY);
    }
  }

  /** The file's header; null where it has none, which is noted the first time. */
  private NiftiHeader header(Path file, Where place) {
    if (!headers.containsKey(file)) {
      headers.put(file, null);
      if (!Files.exists(file)) {
        error(
            Kind.FILE_MISSING,
            place,
            file,
            "does not exist",
            null,
            "correct the path, or set covid.dataRoot, which relative paths start from; it is "
                + dataset.dataRoot());
      } else {
        try {
          headers.put(file, NiftiReader.readHeader(file));
        } catch (CovidException e) {
          findings.add(Finding.of(Kind.FILE_UNREADABLE, place, file, e));
        }
      }
    }
    return headers.get(file);
  }

  private void grid(Case c, Where place, NiftiHeader image, NiftiHeader mask) {
    if (image == null || mask == null) {
      return;
    }
    Finding finding =
        CaseReader.grid(c, image.shape(), image.affine(), mask.shape(), mask.affine());
    if (finding != null) {
      findings.add(finding.at(place));
    }
  }

  private void classes(String name, String consequence, String remedy) {
    List<Integer> labels =
        cases(name).stream().map(Case::label).filter(Objects::nonNull).distinct().toList();
    if (labels.size() == 1) {
      error(
          Kind.ONE_CLASS,
          Where.list(name),
          null,
          "every label is " + labels.get(0) + ": " + consequence,
          null,
          remedy);
    }
  }

  private void batch(int batchSize) {
    int cases = cases(Dataset.TRAINING).size();
    if (cases > 0 && batchSize > cases) {
      error(
          Kind.SETTING,
          Where.property("covid.batchSize"),
          null,
          batchSize + " is more than the " + cases + " cases of the list training",
          null,
          "set it to at most " + cases);
    }
  }

  /**
   * Looks for images of equal content.
   *
   * @param identity equal for equal contents; null where it is not known
   */
  void content(List<String> lists, Function<Case, String> identity) {
    for (String list : lists) {
      twice(list, identity, "has the same content as");
      if (lists.contains(Dataset.TRAINING)) {
        across(list, identity, Kind.LEAKAGE, "has the same content as");
      }
    }
  }

  /**
   * Looks for patients in training and in another list by what stands beside the images. It does
   * not count where dataset.json names both patients: those of anonymised files may be alike.
   *
   * @param identity equal for scans of a patient; null where it is not known
   */
  void patients(Function<Case, String> identity) {
    Function<Case, String> unnamed = c -> c.patient() == null ? identity.apply(c) : null;
    patients(unnamed, identity);
    patients(identity, unnamed);
  }

  private void patients(Function<Case, String> first, Function<Case, String> second) {
    for (String other : dataset.lists().keySet()) {
      across(other, first, second, Kind.PATIENT_LEAKAGE, "is of the same patient as");
    }
  }

  private void twice(String name, Function<Case, String> identity, String what) {
    Map<String, Integer> places = new HashMap<>();
    List<Case> cases = cases(name);
    String key = dataset.key(name);
    for (int n = 0; n < cases.size(); n++) {
      Case c = cases.get(n);
      String content = identity.apply(c);
      Integer first = content == null ? null : places.putIfAbsent(content, n);
      Where entry = Where.entry(key, n, c);
      if (first != null && told.add("twice " + entry)) {
        error(
            Kind.DUPLICATE,
            entry,
            c.image(),
            what + " " + key + "[" + first + "]",
            null,
            "keep one of the two entries");
      }
    }
  }

  private void across(String other, Function<Case, String> identity, Kind kind, String what) {
    across(other, identity, identity, kind, what);
  }

  private void across(
      String other,
      Function<Case, String> first,
      Function<Case, String> second,
      Kind kind,
      String what) {
    if (other.equals(Dataset.TRAINING)) {
      return;
    }
    across(Dataset.TRAINING, other, first, second, kind, what);
    if (tests && !other.equals(Dataset.VALIDATION)) {
      across(Dataset.VALIDATION, other, first, second, kind, what);
    }
  }

  private void across(
      String from,
      String other,
      Function<Case, String> first,
      Function<Case, String> second,
      Kind kind,
      String what) {
    Map<String, Integer> places = new HashMap<>();
    List<Case> seen = cases(from);
    for (int n = 0; n < seen.size(); n++) {
      String content = first.apply(seen.get(n));
      if (content != null) {
        places.putIfAbsent(content, n);
      }
    }
    String role = from.equals(Dataset.TRAINING) ? "trained on" : "chosen by";
    List<Case> judged = cases(other);
    for (int n = 0; n < judged.size(); n++) {
      Case c = judged.get(n);
      Integer at = places.get(second.apply(c));
      Where entry = Where.entry(dataset.key(other), n, c);
      if (at != null && told.add("leaks " + entry)) {
        error(
            kind,
            entry,
            c.image(),
            what + " " + from + "[" + at + "]: the model would be judged by what it was " + role,
            null,
            kind == Kind.LEAKAGE
                ? "keep it in one of the two lists"
                : "keep all scans of a patient in one list; where patient ids in DICOM files were"
                    + " made alike, give both entries their \"patient\"");
      }
    }
  }

  private List<Case> cases(String name) {
    return dataset.has(name) ? dataset.list(name) : List.of();
  }

  /** One name for a file that several lead to. */
  private static String real(Path path) {
    try {
      return path.toRealPath().toString();
    } catch (IOException e) {
      return path.toAbsolutePath().normalize().toString();
    }
  }

  private void error(
      Kind kind, Where where, Path file, String found, String expected, String remedy) {
    findings.add(Finding.error(kind, where, file, found, expected, remedy));
  }

  private void end() {
    if (!findings.isEmpty()) {
      throw CovidException.all(
          dataset.file().toString(),
          findings.stream().map(f -> f.exception(dataset.file())).toList());
    }
  }
}
