package org.covidmmar.segmentation;

/**
 * Parts two lungs that touch, as they do in front of the heart and behind it: the set is eroded
 * until two large pieces are left side by side, which then take the rest by flooding from the thick
 * parts to the thin ones (watershed of the distance to the border).
 */
final class Split {
  private static final double STEP = 1;
  private static final double MOST = 16;
  private static final double LEAST_SHARE = 0.12;
  private static final double LEAST_APART = 45;
  private static final int TRIED = 4;
  private static final int LEVELS = 64;

  private Split() {}

  /**
   * The set with 1 for the right lung and 2 for the left one; null where it does not come apart.
   */
  static byte[] of(Grid g, byte[] set) {
    float[] squared = Morphology.of(g).squaredDistance(set, false, MOST + STEP);
    byte[] core = new byte[set.length];
    for (double mm = STEP; mm <= MOST; mm += STEP) {
      int cells = 0;
      for (int n = 0; n < set.length; n++) {
        core[n] = (byte) (set[n] != 0 && squared[n] > mm * mm ? 1 : 0);
        cells += core[n];
      }
      if (cells == 0) {
        return null;
      }
      Components parts = Components.of(g, core);
      int[] pair = pair(g, parts);
      if (pair != null) {
        byte[] sides = new byte[set.length];
        for (int n = 0; n < sides.length; n++) {
          int part = parts.label()[n];
          sides[n] = (byte) (part == pair[0] ? 1 : part == pair[1] ? 2 : 0);
        }
        flood(g, set, squared, sides);
        return sides;
      }
    }
    return null;
  }

  /** The right and the left piece: of the largest few, the first two that lie side by side. */
  private static int[] pair(Grid g, Components parts) {
    int[] largest = new int[TRIED];
    for (int n = 1; n <= parts.count(); n++) {
      int at = n;
      for (int rank = 0; rank < TRIED; rank++) {
        if (largest[rank] == 0 || parts.size()[at] > parts.size()[largest[rank]]) {
          int lower = largest[rank];
          largest[rank] = at;
          at = lower;
          if (at == 0) {
            break;
          }
        }
      }
    }
    double[] x = new double[parts.count() + 1];
    for (int n = 0; n < parts.label().length; n++) {
      x[parts.label()[n]] += g.x(n);
    }
    int first = largest[0];
    for (int rank = 1; rank < TRIED && largest[rank] != 0; rank++) {
      int second = largest[rank];
      if (parts.size()[second] < LEAST_SHARE * parts.size()[first]) {
        return null;
      }
      double apart = (x[first] / parts.size()[first] - x[second] / parts.size()[second]) * g.dx();
      if (Math.abs(apart) >= LEAST_APART) {
        return apart > 0 ? new int[] {first, second} : new int[] {second, first};
      }
    }
    return null;
  }

  private static void flood(Grid g, byte[] set, float[] squared, byte[] sides) {
    Queue[] waiting = new Queue[LEVELS];
    for (int n = 0; n < LEVELS; n++) {
      waiting[n] = new Queue();
    }
    for (int n = 0; n < sides.length; n++) {
      if (sides[n] != 0) {
        waiting[level(squared[n])].add(n);
      }
    }
    int[] neighbours = new int[6];
    for (int level = LEVELS - 1; level >= 0; level--) {
      while (!waiting[level].isEmpty()) {
        int at = waiting[level].remove();
        int count = Morphology.neighbours(g, at, false, neighbours);
        for (int n = 0; n < count; n++) {
          int next = neighbours[n];
          if (set[next] != 0 && sides[next] == 0) {
            sides[next] = sides[at];
            waiting[Math.min(level, level(squared[next]))].add(next);
          }
        }
      }
    }
  }

  private static int level(float squared) {
    return (int) Math.min(LEVELS - 1, Math.sqrt(Math.min(squared, 1e6)) * LEVELS / (MOST + STEP));
  }

  /** First in, first out. */
  private static final class Queue {
    private int[] items = new int[1 << 10];
    private int first;
    private int end;

    void add(int item) {
      if (end == items.length) {
        int[] larger = first > end / 2 ? items : new int[2 * items.length];
        System.arraycopy(items, first, larger, 0, end - first);
        items = larger;
        end -= first;
        first = 0;
      }
      items[end++] = item;
    }

    int remove() {
      return items[first++];
    }

    boolean isEmpty() {
      return first == end;
    }
  }
}
