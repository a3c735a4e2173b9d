package org.covidmmar.dataset;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import org.covidmmar.CovidException;
import org.covidmmar.io.nifti.NiftiHeader;
import org.covidmmar.io.nifti.NiftiReader;

/**
 * What can be wrong with a dataset and is found without reading voxels: lists, labels, double
 * entries, files and their headers, grids of masks. Finds everything before it refuses. What only
 * the voxels tell, {@link PreprocessCache#prepare} finds.
 */
public final class DatasetCheck {
  private static final String LABEL_REMEDY = "give it \"label\": [0] (non-COVID) or [1] (COVID)";

  private final Dataset dataset;
  private final boolean needsMask;
  private final List<CovidException> problems = new ArrayList<>();
  private final Map<Path, NiftiHeader> headers = new HashMap<>();

  private DatasetCheck(Dataset dataset, boolean needsMask) {
    this.dataset = dataset;
    this.needsMask = needsMask;
  }

  /**
   * Checks the lists training and validation, and that no image for training is in another list.
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
    check.list(Dataset.TRAINING, true);
    check.list(Dataset.VALIDATION, true);
    check.classes(
        Dataset.TRAINING, "nothing can be learnt", "add cases of the other class to the list");
    if (bothClasses) {
      check.classes(
          Dataset.VALIDATION,
          "its AUC is undefined",
          "add cases of the other class to the list, or set covid.keyMetric to another metric");
    }
    check.batch(batchSize);
    check.leakage();
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
    Function<Case, String> content = c -> fingerprints.of(c.image()).hex();
    for (String list : lists) {
      check.twice(list, content, "has the same content as");
      if (!list.equals(Dataset.TRAINING) && lists.contains(Dataset.TRAINING)) {
        check.across(list, content, "has the same content as");
      }
    }
    check.end();
  }

  private void list(String name, boolean labelled) {
    if (!dataset.has(name)) {
      try {
        dataset.list(name);
      } catch (CovidException e) {
        problems.add(e);
      }
      return;
    }
    List<Case> cases = dataset.list(name);
    if (cases.isEmpty()) {
      problem(name, "the list is empty", "add cases to it");
      return;
    }
    if (cases.size() > 1 && cases.stream().noneMatch(c -> Files.exists(c.image()))) {
      problem(
          name,
          "none of its " + cases.size() + " images exists, the first " + cases.get(0).image(),
          "set covid.dataRoot, which relative paths start from; it is " + dataset.dataRoot());
      return;
    }
    for (int n = 0; n < cases.size(); n++) {
      Case c = cases.get(n);
      String place = dataset.key(name) + "[" + n + "]";
      label(c, place, labelled);
      NiftiHeader image = header(c.image(), place + "." + DatasetJson.IMAGE);
      if (needsMask && c.mask() == null) {
        problems.add(CaseReader.noMask(c));
      } else if (needsMask) {
        grid(c, image, header(c.mask(), place + "." + DatasetJson.LABEL_IMAGE));
      }
    }
    twice(name, c -> real(c.image()), "is the same file as");
  }

  private void label(Case c, String place, boolean labelled) {
    if (c.label() == null && labelled) {
      problem(place + ".label", "is missing (" + c.image() + ")", LABEL_REMEDY);
    } else if (c.label() != null && (c.label() < 0 || c.label() >= DatasetJson.CLASSES)) {
      problem(
          place + ".label",
          "0 or 1 expected, found " + c.label() + " (" + c.image() + ")",
          LABEL_REMEDY);
    }
  }

  /** The file's header; null where it has none, which is reported the first time. */
  private NiftiHeader header(Path file, String place) {
    if (!headers.containsKey(file)) {
      headers.put(file, null);
      if (!Files.exists(file)) {
        problem(
            place,
            "the file " + file + " does not exist",
            "correct the path, or set covid.dataRoot, which relative paths start from; it is "
                + dataset.dataRoot());
      } else {
        try {
          headers.put(file, NiftiReader.readHeader(file));
        } catch (CovidException e) {
          problems.add(e);
        }
      }
    }
    return headers.get(file);
  }

  private void grid(Case c, NiftiHeader image, NiftiHeader mask) {
    if (image == null || mask == null) {
      return;
    }
    try {
      CaseReader.checkGrid(c, image.shape(), image.affine(), mask.shape(), mask.affine());
    } catch (CovidException e) {
      problems.add(e);
    }
  }

  private void classes(String name, String consequence, String remedy) {
    List<Integer> labels =
        cases(name).stream().map(Case::label).filter(Objects::nonNull).distinct().toList();
    if (labels.size() == 1) {
      problem(name, "every label is " + labels.get(0) + ": " + consequence, remedy);
    }
  }

  private void batch(int batchSize) {
    int cases = cases(Dataset.TRAINING).size();
    if (cases > 0 && batchSize > cases) {
      problems.add(
          new CovidException(
              "covid.batchSize",
              batchSize + " is more than the " + cases + " cases of the list training",
              "set it to at most " + cases));
    }
  }

  /** An image for training that the model is also judged by. */
  private void leakage() {
    for (String other : dataset.lists().keySet()) {
      if (!other.equals(Dataset.TRAINING)) {
        across(other, c -> real(c.image()), "is the same file as");
      }
    }
  }

  private void twice(String name, Function<Case, String> identity, String what) {
    Map<String, Integer> places = new HashMap<>();
    List<Case> cases = cases(name);
    for (int n = 0; n < cases.size(); n++) {
      Integer first = places.putIfAbsent(identity.apply(cases.get(n)), n);
      if (first != null) {
        String key = dataset.key(name);
        problem(
            key + "[" + n + "]",
            cases.get(n).image() + " " + what + " " + key + "[" + first + "]",
            "keep one of the two entries");
      }
    }
  }

  private void across(String other, Function<Case, String> identity, String what) {
    Map<String, Integer> training = new HashMap<>();
    List<Case> trained = cases(Dataset.TRAINING);
    for (int n = 0; n < trained.size(); n++) {
      training.putIfAbsent(identity.apply(trained.get(n)), n);
    }
    List<Case> judged = cases(other);
    for (int n = 0; n < judged.size(); n++) {
      Integer at = training.get(identity.apply(judged.get(n)));
      if (at != null) {
        problem(
            other + "[" + n + "]",
            judged.get(n).image()
                + " "
                + what
                + " training["
                + at
                + "]: the model would be judged"
                + " by what it was trained on",
            "keep it in one of the two lists");
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

  private void problem(String place, String problem, String remedy) {
    problems.add(new CovidException(dataset.file() + ": " + place, problem, remedy));
  }

  private void end() {
    if (!problems.isEmpty()) {
      throw CovidException.all(dataset.file().toString(), problems);
    }
  }
}
