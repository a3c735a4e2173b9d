package org.covidmmar.io.dicom;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicReference;
import org.covidmmar.CovidException;
import org.covidmmar.Workers;
import org.covidmmar.transform.PerAxis;

/**
 * Converts folders of DICOM files to NIfTI: a volume in HU for every CT series, with a JSON file
 * beside it. Geometry is dcm2niix's: slices in the order of their places, tilt of the gantry
 * corrected by shear, uneven slices interpolated to even ones.
 */
public final class DicomToNifti {
  private DicomToNifti() {}

  /**
   * How to convert.
   *
   * @param suffix what file names must end with, in any case; empty for any
   * @param name pattern of the volumes' names, without extension
   * @param extension .nii.gz or .nii
   * @param spacing voxel size to resample to in mm; null for the scan's own
   * @param identifying whether what may tell who the patient is goes into the JSON file
   * @param patients hashes who the patient is, for names and the JSON file; null: neither has it
   * @param threads that compute, at least 1
   */
  public record Options(
      String suffix,
      String name,
      String extension,
      PerAxis spacing,
      boolean identifying,
      PatientKey patients,
      int threads) {
    /** Series number and hashed identifier as name. */
    public static final String DEFAULT_NAME = "{series}_{uid}";

    /** Any file, gzipped volumes of the scan's own spacing, nothing of who the patient is. */
    public static Options defaults(int threads) {
      return new Options("", DEFAULT_NAME, ".nii.gz", null, false, null, threads);
    }

    /** Stands for a series' patient; empty where that is not known, or not to be told. */
    String patientHash(CtSlice.SeriesId series) {
      return patients == null || series.patient().isEmpty() ? "" : patients.hash(series.patient());
    }
  }

  /** Hears how far the work is; called from several threads, one at a time. */
  @FunctionalInterface
  public interface Progress {
    /**
     * @param stage such as {@code reading headers}
     * @param done steps done
     * @param total steps of the stage
     */
    void at(String stage, long done, long total);
  }

  /**
   * A file's content, or what is wrong with it.
   *
   * @param series of a damaged file, where it was read; else null
   */
  private record Looked(CtSlices content, CovidException problem, CtSlice.SeriesId series) {}

  /**
   * The files that would be looked at, in a few words that change with any of them.
   *
   * @param suffix as in the options
   * @throws CovidException where the folder can't be read
   */
  public static String state(Path folder, String suffix) {
    List<Path> files = Folder.files(folder, suffix);
    return "%d (%s)".formatted(files.size(), NamePattern.hashed(Folder.describe(folder, files)));
  }

  /**
   * Converts every CT series in a folder. What is there already, made of the same files in the same
   * way, is left as it is. A series that cannot be converted does not stop the others.
   *
   * @param folder is searched with all folders in it
   * @param target receives the volumes; made where it is missing
   * @throws CovidException where the folder can't be read
   */
  public static Conversion convert(Path folder, Path target, Options options, Progress progress) {
    SeriesFiles names = new SeriesFiles(target, options);
    List<Path> files = Folder.files(folder, options.suffix());
    try (Workers workers = new Workers("convert", options.threads())) {
      List<CtSlice> slices = new ArrayList<>();
      Map<String, Integer> ignored = new TreeMap<>();
      List<CovidException> problems = new ArrayList<>();
      Damaged damaged = new Damaged();
      Steps looking = new Steps(progress, "reading headers", files.size());
      for (Looked looked :
          workers.all(files, file -> looking.step(look(file, options.identifying())))) {
        if (looked.problem() != null) {
          problems.add(looked.problem());
          damaged.add(looked.series());
        } else if (looked.content() == null) {
          ignored.merge("no DICOM file", 1, Integer::sum);
        } else if (looked.content().ignored() != null) {
          ignored.merge(looked.content().ignored(), 1, Integer::sum);
        } else {
          slices.addAll(looked.content().slices());
        }
      }
      List<SeriesConverter> series = series(slices, damaged, names, options, ignored, problems);
      long total = series.stream().mapToLong(SeriesConverter::slices).sum();
      Steps making = new Steps(progress, "converting", total);
      List<Conversion.Series> made = new ArrayList<>();
      try (Workers drivers = new Workers("convert-series", together(series, options))) {
        for (SeriesConverter.Result result : drivers.all(series, s -> s.convert(workers, making))) {
          if (result.problem() != null) {
            problems.add(result.problem());
          } else {
            made.add(result.series());
          }
        }
      }
      return new Conversion(made, new TreeMap<>(ignored), merged(problems));
    }
  }

  private static Looked look(Path file, boolean identifying) {
    AtomicReference<DataSet> begun = new AtomicReference<>();
    try {
      DicomFile read = DicomFile.read(file, identifying, begun::set);
      return new Looked(read == null ? null : CtSlices.of(read), null, null);
    } catch (CovidException e) {
      return new Looked(null, e, begun.get() == null ? null : CtSlices.series(begun.get()));
    }
  }

  /** The volumes to be made; of those that can't be, what was made earlier is deleted. */
  private static List<SeriesConverter> series(
      List<CtSlice> slices,
      Damaged damaged,
      SeriesFiles files,
      Options options,
      Map<String, Integer> ignored,
      List<CovidException> problems) {
    List<SeriesConverter> series = new ArrayList<>();
    Map<CovidException, Integer> watched = new LinkedHashMap<>();
    problems.addAll(damaged.series(slices));
    for (List<CtSlice> group : SeriesGroups.of(slices)) {
      try {
        if (damaged.has(group.get(0))) {
          files.skip(group.get(0));
        } else {
          addVolumes(group, files, options, series, watched, problems);
        }
      } catch (CovidException e) {
        problems.add(e);
      }
    }
    // Beside a scan they are expected; alone they are what was asked for.
    if (series.isEmpty()) {
      problems.addAll(watched.keySet());
    } else if (!watched.isEmpty()) {
      ignored.put("one place over time", watched.values().stream().mapToInt(n -> n).sum());
    }
    return series;
  }

  private static void addVolumes(
      List<CtSlice> group,
      SeriesFiles files,
      Options options,
      List<SeriesConverter> series,
      Map<CovidException, Integer> watched,
      List<CovidException> problems) {
    List<Stack> stacks;
    try {
      stacks = Stack.of(group);
    } catch (Stack.NoVolume e) {
      if (Stack.isOnePlace(group)) {
        watched.put(e.problem(), group.size());
      } else {
        problems.add(e.problem());
      }
      files.skip(group.get(0));
      return;
    } catch (CovidException e) {
      problems.add(e);
      files.skip(group.get(0));
      return;
    }
    for (Stack stack : stacks) {
      Path source = stack.first().source().file();
      Path file =
          files
              .next(stack.first())
              .orElseThrow(
                  () ->
                      new CovidException(
                          source,
                          "its series and another one would have the same name",
                          "give a pattern with {uid} in covid.convert.name"));
      try {
        series.add(new SeriesConverter(Grid.of(stack, options.spacing()), file, options));
      } catch (CovidException e) {
        problems.add(e);
        Sidecar.discard(file);
      }
    }
  }

  /** Series that are converted at the same time: as many as a quarter of the heap holds. */
  private static int together(List<SeriesConverter> series, Options options) {
    long memory = series.stream().mapToLong(SeriesConverter::memory).max().orElse(1);
    long fit = Runtime.getRuntime().maxMemory() / 4 / memory;
    return (int) Math.max(1, Math.min(fit, Math.min(series.size(), options.threads())));
  }

  /** One problem for all files that have the same one. */
  private static List<CovidException> merged(List<CovidException> problems) {
    Map<String, List<CovidException>> same = new LinkedHashMap<>();
    for (CovidException e : problems) {
      same.computeIfAbsent(e.problem() + e.remedy(), text -> new ArrayList<>()).add(e);
    }
    return same.values().stream()
        .map(
            all -> {
              CovidException first = all.get(0);
              return all.size() == 1
                  ? first
                  : new CovidException(
                      first.subject(),
                      first.problem() + " (and likewise " + (all.size() - 1) + " more files)",
                      first.remedy(),
                      first);
            })
        .toList();
  }

  /** Counts steps, and tells of every two-hundredth part. */
  static final class Steps {
    private static final int PARTS = 200;

    private final Progress progress;
    private final String stage;
    private final long total;
    private long done;

    Steps(Progress progress, String stage, long total) {
      this.progress = progress;
      this.stage = stage;
      this.total = total;
    }

    <T> T step(T result) {
      add(1);
      return result;
    }

    synchronized void add(long steps) {
      long before = done * PARTS / total;
      done = Math.min(done + steps, total);
      if (done * PARTS / total > before) {
        progress.at(stage, done, total);
      }
    }
  }
}
