package org.covidmmar.io.dicom;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Gives each volume a file of its own; the volumes of one series are numbered from the second. */
final class SeriesFiles {
  private final Path target;
  private final DicomToNifti.Options options;
  private final NamePattern pattern;
  private final Set<String> taken = new HashSet<>();
  private final Map<CtSlice.SeriesId, Integer> counts = new HashMap<>();

  SeriesFiles(Path target, DicomToNifti.Options options) {
    this.target = target;
    this.options = options;
    this.pattern = new NamePattern(options.name());
  }

  /**
   * The file of a series' next volume.
   *
   * @param first a slice of it
   * @return empty where another volume has the file, or one that differs by upper and lower case
   */
  Optional<Path> next(CtSlice first) {
    Path parent = first.source().file().toAbsolutePath().getParent();
    String folder = parent.getFileName() == null ? "" : parent.getFileName().toString();
    String name = pattern.name(first.series(), options.patientHash(first.series()), folder);
    int count = counts.merge(first.series(), 1, Integer::sum);
    String file = name + (count == 1 ? "" : "_" + count) + options.extension();
    return taken.add(file.toLowerCase(Locale.ROOT))
        ? Optional.of(target.resolve(file))
        : Optional.empty();
  }

  /** Deletes what an earlier state of a series' next volume became, as it is not made now. */
  void skip(CtSlice first) {
    next(first).ifPresent(Sidecar::discard);
  }
}
