package org.covidmmar.io.dicom;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Slices that belong into one volume: of one patient, study and series, of one kind of image, size,
 * pixel spacing and orientation.
 */
final class SeriesGroups {
  private static final double DIRECTION_TOLERANCE = 1e-3;
  private static final double SPACING_TOLERANCE = 1e-3;

  private SeriesGroups() {}

  /** What is compared as it stands; without a series identifier, the folder stands for one. */
  private record Key(CtSlice.SeriesId id, Path folder, List<String> type, int rows, int columns) {
    static Key of(CtSlice slice) {
      return new Key(
          slice.series(),
          slice.series().series().isEmpty() ? slice.source().file().getParent() : null,
          slice.imageType(),
          slice.stored().layout().rows(),
          slice.stored().layout().columns());
    }
  }

  /** The groups in the order of series numbers, then of files. */
  static List<List<CtSlice>> of(List<CtSlice> slices) {
    List<CtSlice> sorted = new ArrayList<>(slices);
    sorted.sort(
        Comparator.comparing((CtSlice s) -> s.source().file()).thenComparingInt(CtSlice::frame));
    Map<Key, List<List<CtSlice>>> byKey = new LinkedHashMap<>();
    for (CtSlice slice : sorted) {
      List<List<CtSlice>> groups = byKey.computeIfAbsent(Key.of(slice), key -> new ArrayList<>());
      groups.stream()
          .filter(group -> isParallel(group.get(0).plane(), slice.plane()))
          .findFirst()
          .orElseGet(
              () -> {
                groups.add(new ArrayList<>());
                return groups.get(groups.size() - 1);
              })
          .add(slice);
    }
    List<List<CtSlice>> all = new ArrayList<>();
    byKey.values().forEach(all::addAll);
    all.sort(Comparator.comparingInt(group -> group.get(0).series().number()));
    return all;
  }

  private static boolean isParallel(CtSlice.Plane a, CtSlice.Plane b) {
    return a.row().minus(b.row()).length() < DIRECTION_TOLERANCE
        && a.column().minus(b.column()).length() < DIRECTION_TOLERANCE
        && Math.abs(a.rowSpacing() / b.rowSpacing() - 1) < SPACING_TOLERANCE
        && Math.abs(a.columnSpacing() / b.columnSpacing() - 1) < SPACING_TOLERANCE;
  }
}
