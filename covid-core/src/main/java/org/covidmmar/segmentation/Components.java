package org.covidmmar.segmentation;

import java.util.Arrays;

/**
 * Connected parts of a set (by faces), numbered from 1 in the order of their first cell.
 *
 * @param label of each cell, 0 outside the set
 * @param size in cells, by number; entry 0 is unused
 */
@SuppressWarnings("ArrayRecordComponent")
record Components(int[] label, int[] size) {
  int count() {
    return size.length - 1;
  }

  /** The number of the largest; 0 where there is none. */
  int largest() {
    int best = 0;
    for (int n = 1; n < size.length; n++) {
      if (best == 0 || size[n] > size[best]) {
        best = n;
      }
    }
    return best;
  }

  /** The cells of one part. */
  byte[] cells(int number) {
    byte[] set = new byte[label.length];
    for (int n = 0; n < set.length; n++) {
      set[n] = (byte) (label[n] == number ? 1 : 0);
    }
    return set;
  }

  /** Of the whole set. */
  static Components of(Grid grid, byte[] set) {
    return of(grid, set, false);
  }

  /** Of each slice by itself. */
  static Components inSlices(Grid grid, byte[] set) {
    return of(grid, set, true);
  }

  private static Components of(Grid grid, byte[] set, boolean slices) {
    int[] label = new int[set.length];
    int[] parent = new int[1 << 10];
    int used = 0;
    int nx = grid.nx();
    int slice = grid.slice();
    for (int z = 0, at = 0; z < grid.nz(); z++) {
      for (int y = 0; y < grid.ny(); y++) {
        for (int x = 0; x < nx; x++, at++) {
          if (set[at] == 0) {
            continue;
          }
          int best = x > 0 ? label[at - 1] : 0;
          best = joined(parent, best, y > 0 ? label[at - nx] : 0);
          best = joined(parent, best, z > 0 && !slices ? label[at - slice] : 0);
          if (best == 0) {
            best = ++used;
            if (used == parent.length) {
              parent = Arrays.copyOf(parent, 2 * used);
            }
            parent[used] = used;
          }
          label[at] = best;
        }
      }
    }
    return numbered(label, parent, used);
  }

  private static Components numbered(int[] label, int[] parent, int used) {
    int[] number = new int[used + 1];
    int[] size = new int[used + 1];
    int count = 0;
    for (int at = 0; at < label.length; at++) {
      if (label[at] != 0) {
        int root = root(parent, label[at]);
        if (number[root] == 0) {
          number[root] = ++count;
        }
        label[at] = number[root];
        size[label[at]]++;
      }
    }
    return new Components(label, Arrays.copyOf(size, count + 1));
  }

  private static int joined(int[] parent, int a, int b) {
    if (a == 0 || b == 0) {
      return a + b;
    }
    int ra = root(parent, a);
    int rb = root(parent, b);
    parent[Math.max(ra, rb)] = Math.min(ra, rb);
    return Math.min(ra, rb);
  }

  private static int root(int[] parent, int n) {
    int at = n;
    while (parent[at] != at) {
      parent[at] = parent[parent[at]];
      at = parent[at];
    }
    return at;
  }
}
