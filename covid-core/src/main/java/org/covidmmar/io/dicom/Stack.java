package org.covidmmar.io.dicom;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.covidmmar.CovidException;

/**
 * The slices of a volume in the order of their places along the normal of their planes.
 *
 * @param slices at least one, each at another place
 * @param dropped copies of these
 */
record Stack(List<CtSlice> slices, List<CtSlice> dropped) {
  private static final double SAME_PLACE = 0.01;
  private static final double MOST_OFF = 0.2;
  private static final double MOST_OFF_SHARE = 0.25;
  private static final double GAP_TOLERANCE = 0.1;

  /** Different images of one place, which are no volume. */
  static final class NoVolume extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final CovidException problem;

    NoVolume(CovidException problem) {
      super(problem);
      this.problem = problem;
    }

    CovidException problem() {
      return problem;
    }
  }

  /**
   * Orders slices, and leaves out copies of an image. Where images of one place differ, those of
   * each acquisition are taken for a volume of their own.
   *
   * @return one stack, or one an acquisition
   * @throws NoVolume where different images of one place are no such volumes
   * @throws CovidException where images of one place can't be read to compare them
   */
  static List<Stack> of(List<CtSlice> group) {
    Vector normal = group.get(0).plane().normal();
    List<CtSlice> sorted = new ArrayList<>(group);
    sorted.sort(
        Comparator.comparingDouble((CtSlice s) -> s.plane().position().dot(normal))
            .thenComparingInt(CtSlice::instance)
            .thenComparing(s -> s.source().file())
            .thenComparingInt(CtSlice::frame));
    List<CtSlice> kept = new ArrayList<>();
    List<CtSlice> dropped = new ArrayList<>();
    for (CtSlice slice : sorted) {
      CtSlice last = kept.isEmpty() ? null : kept.get(kept.size() - 1);
      if (last == null || distance(last, slice, normal) > SAME_PLACE) {
        kept.add(slice);
      } else if (isCopy(last, slice)) {
        dropped.add(slice);
      } else {
        return byAcquisition(group, last, slice);
      }
    }
    return List.of(new Stack(List.copyOf(kept), List.copyOf(dropped)));
  }

  /** Whether all slices are of one place, as where the arrival of a contrast agent is watched. */
  static boolean isOnePlace(List<CtSlice> group) {
    CtSlice first = group.get(0);
    Vector normal = first.plane().normal();
    return group.stream().allMatch(s -> Math.abs(distance(first, s, normal)) <= SAME_PLACE);
  }

  private static double distance(CtSlice a, CtSlice b, Vector normal) {
    return b.plane().position().minus(a.plane().position()).dot(normal);
  }

  private static boolean isCopy(CtSlice last, CtSlice slice) {
    Vector apart = slice.plane().position().minus(last.plane().position());
    return apart.length() <= SAME_PLACE && SliceReader.isSame(last, slice);
  }

  private static List<Stack> byAcquisition(List<CtSlice> group, CtSlice a, CtSlice b) {
    Map<Integer, List<CtSlice>> parts = new TreeMap<>();
    for (CtSlice slice : group) {
      parts.computeIfAbsent(slice.acquisition(), n -> new ArrayList<>()).add(slice);
    }
    boolean split = parts.size() > 1 && parts.values().stream().allMatch(p -> p.size() > 1);
    if (!split) {
      throw new NoVolume(
          new CovidException(
              b.source().file(),
              "expected images of different places, found another image of the place of "
                  + a.source().file().getFileName()
                  + " in the same series",
              "a series of one place over time is no volume; of a repeated scan, take the images of one"
                  + " acquisition into a folder of their own"));
    }
    return parts.values().stream().flatMap(part -> of(part).stream()).toList();
  }

  Vector normal() {
    return first().plane().normal();
  }

  CtSlice first() {
    return slices.get(0);
  }

  int size() {
    return slices.size();
  }

  /** How far each slice lies from the first along the normal, in mm, ascending from 0. */
  double[] places() {
    Vector normal = normal();
    return slices.stream().mapToDouble(s -> distance(first(), s, normal)).toArray();
  }

  /** How far each slice's first pixel lies from the first slice's along rows, in pixels. */
  double[] shiftsAlongRows() {
    CtSlice.Plane plane = first().plane();
    return shifts(plane.row(), plane.columnSpacing());
  }

  /** As {@link #shiftsAlongRows}, along columns, downwards. */
  double[] shiftsAlongColumns() {
    CtSlice.Plane plane = first().plane();
    return shifts(plane.column(), plane.rowSpacing());
  }

  private double[] shifts(Vector direction, double spacing) {
    Vector start = first().plane().position();
    return slices.stream()
        .mapToDouble(s -> s.plane().position().minus(start).dot(direction) / spacing)
        .toArray();
  }

  /** Angle between the way from the first slice to the last and the normal, in degrees. */
  double tilt() {
    Vector way = slices.get(size() - 1).plane().position().minus(first().plane().position());
    double along = way.dot(normal());
    double across = Math.sqrt(Math.max(0, way.dot(way) - along * along));
    return size() < 2 ? 0 : Math.toDegrees(StrictMath.atan2(across, along));
  }

  /** Mean distance of neighbours in mm; of a single slice its thickness, or 1. */
  double meanSpacing() {
    if (size() < 2) {
      return first().thickness() > 0 ? first().thickness() : 1;
    }
    return places()[size() - 1] / (size() - 1);
  }

  /** Distances of neighbours in mm. */
  double[] intervals() {
    double[] places = places();
    double[] intervals = new double[size() - 1];
    for (int i = 0; i < intervals.length; i++) {
      intervals[i] = places[i + 1] - places[i];
    }
    return intervals;
  }

  /** Whether a slice lies off its place in an even row by 0.2 mm, or a quarter of the spacing. */
  boolean isUneven() {
    double[] places = places();
    double spacing = meanSpacing();
    double most = Math.min(MOST_OFF, MOST_OFF_SHARE * spacing);
    for (int i = 0; i < places.length; i++) {
      if (Math.abs(places[i] - i * spacing) > most) {
        return true;
      }
    }
    return false;
  }

  /**
   * Slices missing: by the place of the slice before them, along the normal in mm, how many. There
   * are some where a distance is a multiple of the usual one.
   */
  Map<Double, Integer> missing() {
    Map<Double, Integer> missing = new TreeMap<>();
    double[] intervals = intervals();
    if (intervals.length < 2) {
      return missing;
    }
    double[] sorted = intervals.clone();
    Arrays.sort(sorted);
    double usual = sorted[sorted.length / 2 - (sorted.length % 2 == 0 ? 1 : 0)];
    for (int i = 0; i < intervals.length; i++) {
      double times = intervals[i] / usual;
      if (times > 1.5 && Math.abs(times - Math.rint(times)) < GAP_TOLERANCE) {
        double place = slices.get(i).plane().position().dot(normal());
        missing.put(place, (int) Math.rint(times) - 1);
      }
    }
    return missing;
  }
}
