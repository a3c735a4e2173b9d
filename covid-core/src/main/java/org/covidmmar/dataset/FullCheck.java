package org.covidmmar.dataset;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BiConsumer;
import org.covidmmar.CovidException;
import org.covidmmar.Workers;
import org.covidmmar.dataset.Finding.Kind;
import org.covidmmar.dataset.Finding.Where;
import org.covidmmar.transform.Pipeline;

/**
 * All that can be wrong or unusual with a dataset before a training: what {@link DatasetCheck}
 * finds in lists and headers, and what only the voxels tell. Every file is read once, to its end,
 * several at the same time, and none is kept: the memory that it takes does not depend on the
 * scans.
 */
public final class FullCheck {
  /** A class with less of a list than this part is rare. */
  private static final double RARE = 0.1;

  private static final int FEWEST_OF_A_CLASS = 2;

  private final Dataset dataset;
  private final Demands demands;
  private final DatasetCheck headers;
  private final Map<Path, VoxelFacts> facts = new LinkedHashMap<>();
  private final Map<Path, CovidException> unreadable = new LinkedHashMap<>();
  private final List<Finding> findings = new ArrayList<>();

  private FullCheck(Dataset dataset, Demands demands) {
    this.dataset = dataset;
    this.demands = demands;
    headers = new DatasetCheck(dataset, demands.pipeline().readsMask(), true);
  }

  /**
   * What a training demands of its data.
   *
   * @param pipeline its preprocessing
   * @param bothClasses whether the validation list needs both classes
   * @param batchSize cases a batch
   * @param balances whether it makes up for a class that is rare in training
   */
  public record Demands(Pipeline pipeline, boolean bothClasses, int batchSize, boolean balances) {}

  /**
   * Checks all lists of a dataset.
   *
   * @param fingerprints knows those of the files that were read, afterwards
   * @param threads files that are read at the same time, at least 1; changes no finding
   * @return errors first, each severity in the order of dataset.json
   */
  public static List<Finding> of(
      Dataset dataset,
      Demands demands,
      DataFingerprints fingerprints,
      int threads,
      PreprocessCache.Progress progress) {
    FullCheck check = new FullCheck(dataset, demands);
    check.headers();
    check.scan(fingerprints, threads, progress);
    check.voxels();
    check.patients();
    check.classes();
    check.findings.addAll(check.headers.findings());
    check.findings.sort(order(dataset));
    return List.copyOf(check.findings);
  }

  /** Errors first, then by place, then by kind; of no list last. */
  public static Comparator<Finding> order(Dataset dataset) {
    List<String> lists = List.copyOf(dataset.lists().keySet());
    return Comparator.comparing(Finding::severity)
        .thenComparing(
            f -> f.where().list() == null ? Integer.MAX_VALUE : lists.indexOf(f.where().list()))
        .thenComparing(
            f -> f.where().index(), Comparator.nullsFirst(Comparator.<Integer>naturalOrder()))
        .thenComparing(Finding::kind);
  }

  private void headers() {
    headers.training(demands.bothClasses(), demands.batchSize());
    dataset
        .lists()
        .forEach(
            (name, cases) -> {
              boolean seen = name.equals(Dataset.TRAINING) || name.equals(Dataset.VALIDATION);
              if (!seen && !cases.isEmpty()) {
                headers.list(name, false);
              }
            });
  }

  /** Reads every file that has a good header. */
  private void scan(DataFingerprints fingerprints, int threads, PreprocessCache.Progress progress) {
    Set<Path> files = new LinkedHashSet<>();
    entries((where, c) -> files.addAll(filesOf(c)));
    files.removeIf(file -> headers.header(file) == null);
    Map<Path, Future<VoxelFacts>> reading = new LinkedHashMap<>();
    try (Workers workers = new Workers("check", threads)) {
      Object lock = new Object();
      AtomicInteger done = new AtomicInteger();
      for (Path file : files) {
        reading.put(
            file,
            workers.submit(
                () -> {
                  VoxelFacts read = new VoxelFacts(headers.header(file).shape());
                  try {
                    fingerprints.scan(file, read);
                    return read;
                  } finally {
                    synchronized (lock) {
                      progress.on(done.incrementAndGet(), files.size());
                    }
                  }
                }));
      }
      reading.forEach(
          (file, future) -> {
            try {
              facts.put(file, Workers.result(future));
            } catch (CovidException e) {
              unreadable.put(file, e);
            }
          });
    }
  }

  private List<Path> filesOf(Case c) {
    return demands.pipeline().readsMask() && c.mask() != null
        ? List.of(c.image(), c.mask())
        : List.of(c.image());
  }

  private void voxels() {
    VoxelFindings of = new VoxelFindings(facts, demands.pipeline());
    boolean masks = demands.pipeline().readsMask();
    Set<Path> images = new HashSet<>();
    Set<Path> asMasks = new HashSet<>();
    Map<Path, Integer> uses = new LinkedHashMap<>();
    entries((where, c) -> filesOf(c).forEach(file -> uses.merge(file, 1, Integer::sum)));
    entries(
        (where, c) -> {
          if (masks && c.mask() != null && of.swapped(c)) {
            findings.add(VoxelFindings.swap(c).at(where));
            return;
          }
          if (images.add(c.image())) {
            add(where.field(DatasetJson.IMAGE), c.image(), of.image(c.image()));
          }
          if (masks && c.mask() != null && asMasks.add(c.mask())) {
            Where place = where.field(DatasetJson.LABEL_IMAGE);
            add(place, c.mask(), of.mask(c.mask(), uses.get(c.mask())));
          }
        });
    headers.content(
        List.copyOf(dataset.lists().keySet()),
        c -> {
          VoxelFacts read = facts.get(c.image());
          return read == null ? null : Long.toHexString(read.content());
        });
  }

  private void add(Where where, Path file, List<Finding> ofFile) {
    // Once, whether as an image or as a mask.
    CovidException e = unreadable.remove(file);
    if (e != null) {
      findings.add(Finding.of(Kind.FILE_UNREADABLE, where, file, e));
    }
    ofFile.forEach(finding -> findings.add(finding.at(where)));
  }

  private void patients() {
    Map<Path, String> hashes = new LinkedHashMap<>();
    entries(
        (where, c) -> {
          try {
            hashes.computeIfAbsent(c.image(), PatientSidecar::patientHash);
          } catch (CovidException e) {
            findings.add(
                Finding.warning(
                    Kind.SIDECAR,
                    where,
                    PatientSidecar.of(c.image()),
                    e.problem(),
                    null,
                    e.remedy()));
          }
        });
    headers.patients(c -> hashes.get(c.image()));
  }

  private void classes() {
    dataset
        .lists()
        .forEach(
            (name, cases) -> {
              long known = cases.stream().map(Case::label).filter(Objects::nonNull).count();
              if (known > 0) {
                rare(name, cases, 0, "non-COVID", known);
                rare(name, cases, 1, "COVID", known);
              }
            });
  }

  private void rare(String name, List<Case> cases, int label, String word, long known) {
    long of = cases.stream().filter(c -> Objects.equals(c.label(), label)).count();
    boolean training = name.equals(Dataset.TRAINING);
    boolean few = of < RARE * known && !(training && demands.balances());
    boolean refused =
        headers.findings().stream()
            .anyMatch(f -> f.kind() == Kind.ONE_CLASS && name.equals(f.where().list()));
    if (refused || (of >= FEWEST_OF_A_CLASS && !few)) {
      return;
    }
    findings.add(
        Finding.warning(
            Kind.RARE_CLASS,
            Where.list(name),
            null,
            of + " of its " + known + " labelled cases " + (of == 1 ? "is " : "are ") + word,
            "at least " + FEWEST_OF_A_CLASS + " and a tenth of them",
            training
                ? "add such cases, or set covid.sampling=balanced or covid.classWeights"
                : "add such cases: figures that rest on so few say little"));
  }

  /** Does something with each entry of the dataset, in its order. */
  private void entries(BiConsumer<Where, Case> task) {
    dataset
        .lists()
        .forEach(
            (name, cases) -> {
              for (int n = 0; n < cases.size(); n++) {
                task.accept(Where.entry(name, n, cases.get(n)), cases.get(n));
              }
            });
  }
}
