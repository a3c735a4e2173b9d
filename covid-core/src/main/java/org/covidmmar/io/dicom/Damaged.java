package org.covidmmar.io.dicom;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.covidmmar.CovidException;

/** Series of which files could not be read: the rest of such a one is no scan. */
final class Damaged {
  private final Map<Id, Integer> files = new HashMap<>();

  /** The number of a series is left out: a damaged file may end before it. */
  private record Id(String patient, String study, String series) {
    static Id of(CtSlice.SeriesId id) {
      return new Id(id.patient(), id.study(), id.series());
    }
  }

  /**
   * Counts a file.
   *
   * @param id of its series; null or without identifier where that is unknown
   */
  void add(CtSlice.SeriesId id) {
    if (id != null && !id.series().isEmpty()) {
      files.merge(Id.of(id), 1, Integer::sum);
    }
  }

  boolean has(CtSlice slice) {
    return files.containsKey(Id.of(slice.series()));
  }

  /** A problem for each of these series that has readable slices too. */
  List<CovidException> series(List<CtSlice> slices) {
    Map<Id, Set<Path>> readable = new LinkedHashMap<>();
    for (CtSlice slice : slices) {
      if (has(slice)) {
        readable
            .computeIfAbsent(Id.of(slice.series()), id -> new HashSet<>())
            .add(slice.source().file());
      }
    }
    List<CovidException> problems = new ArrayList<>();
    readable.forEach((id, paths) -> problems.add(problem(files.get(id), paths)));
    return problems;
  }

  private static CovidException problem(int damaged, Set<Path> readable) {
    Path first = readable.stream().min(Path::compareTo).orElseThrow();
    return new CovidException(
        first,
        "its series is not converted: %d of its %d files %s damaged"
            .formatted(damaged, damaged + readable.size(), damaged == 1 ? "is" : "are"),
        "copy the damaged files again, or take them out of the folder to convert without them");
  }
}
