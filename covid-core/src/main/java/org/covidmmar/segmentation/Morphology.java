package org.covidmmar.segmentation;

import java.util.Arrays;

/**
 * Dilation, erosion and closing by balls (within slices: disks) given in mm, by distances between
 * cell centres that are exact up to a reach. What lies outside the grid is neither in a set nor in
 * its complement.
 */
final class Morphology {
  static final float FAR = Float.MAX_VALUE;

  /** Lets a radius of a whole number of cells take in the last one. */
  private static final double ROUNDING = 1e-4;

  private final Grid grid;
  private final boolean slices;

  private Morphology(Grid grid, boolean slices) {
    this.grid = grid;
    this.slices = slices;
  }

  /** With balls. */
  static Morphology of(Grid grid) {
    return new Morphology(grid, false);
  }

  /** Slice by slice, with disks. */
  static Morphology inSlices(Grid grid) {
    return new Morphology(grid, true);
  }

  byte[] dilated(byte[] set, double mm) {
    return within(squaredDistance(set, true, mm), mm, true);
  }

  byte[] eroded(byte[] set, double mm) {
    return within(squaredDistance(set, false, mm), mm, false);
  }

  byte[] closed(byte[] set, double mm) {
    return eroded(dilated(set, mm), mm);
  }

  byte[] opened(byte[] set, double mm) {
    return dilated(eroded(set, mm), mm);
  }

  private static byte[] within(float[] squared, double mm, boolean inside) {
    double most = mm * mm + ROUNDING;
    byte[] result = new byte[squared.length];
    for (int n = 0; n < result.length; n++) {
      result[n] = (byte) (squared[n] <= most == inside ? 1 : 0);
    }
    return result;
  }

  /**
   * Squared distance in mm2 of each cell to the nearest of the set, or with false to the nearest
   * outside it; {@link #FAR} where that is more than the reach.
   */
  float[] squaredDistance(byte[] set, boolean toSet, double reach) {
    float[] d = alongX(set, toSet, reach);
    d = along(d, 1, reach);
    return slices ? d : along(d, 2, reach);
  }

  private float[] alongX(byte[] set, boolean toSet, double reach) {
    int nx = grid.nx();
    int most = (int) Math.floor(reach / grid.dx() + ROUNDING);
    float[] d = new float[set.length];
    int[] steps = new int[nx];
    for (int row = 0; row < set.length; row += nx) {
      int from = most + 1;
      for (int x = 0; x < nx; x++) {
        from = set[row + x] != 0 == toSet ? 0 : Math.min(from + 1, most + 1);
        steps[x] = from;
      }
      from = most + 1;
      for (int x = nx - 1; x >= 0; x--) {
        from = set[row + x] != 0 == toSet ? 0 : Math.min(from + 1, most + 1);
        int least = Math.min(from, steps[x]);
        double mm = least * grid.dx();
        d[row + x] = least > most ? FAR : (float) (mm * mm);
      }
    }
    return d;
  }

  /** The least over the neighbours along an axis of their value plus their squared distance. */
  private float[] along(float[] d, int axis, double reach) {
    int stride = axis == 1 ? grid.nx() : grid.slice();
    int size = axis == 1 ? grid.ny() : grid.nz();
    double mm = axis == 1 ? grid.dy() : grid.dz();
    int most = (int) Math.floor(reach / mm + ROUNDING);
    float[] result = d.clone();
    int block = stride * size;
    for (int n = 1; n <= Math.min(most, size - 1); n++) {
      float square = (float) (n * mm * n * mm);
      for (int begin = 0; begin < d.length; begin += block) {
        least(result, begin, d, begin + n * stride, block - n * stride, square);
        least(result, begin + n * stride, d, begin, block - n * stride, square);
      }
    }
    return result;
  }

  private static void least(float[] to, int at, float[] from, int start, int count, float plus) {
    for (int n = 0; n < count; n++) {
      float other = from[start + n] + plus;
      to[at + n] = Math.min(other, to[at + n]);
    }
  }

  /** Cells of either. */
  static byte[] or(byte[] a, byte[] b) {
    byte[] result = a.clone();
    for (int n = 0; n < result.length; n++) {
      result[n] |= b[n];
    }
    return result;
  }

  /** Cells of the first that are in the second too. */
  static byte[] and(byte[] a, byte[] b) {
    byte[] result = a.clone();
    for (int n = 0; n < result.length; n++) {
      if (b[n] == 0) {
        result[n] = 0;
      }
    }
    return result;
  }

  /** Cells of the first that are not in the second. */
  static byte[] minus(byte[] a, byte[] b) {
    byte[] result = a.clone();
    for (int n = 0; n < result.length; n++) {
      if (b[n] != 0) {
        result[n] = 0;
      }
    }
    return result;
  }

  /** The set with what it encloses: holes that reach no face of the grid. */
  byte[] filled(byte[] set) {
    byte[] outside = outside(set);
    byte[] result = new byte[set.length];
    for (int n = 0; n < set.length; n++) {
      result[n] = (byte) (1 - outside[n]);
    }
    return result;
  }

  /** Cells outside the set that are connected with a face of the grid. */
  private byte[] outside(byte[] set) {
    byte[] reached = new byte[set.length];
    IntStack stack = new IntStack();
    for (int n = 0; n < set.length; n++) {
      int x = grid.x(n);
      int y = grid.y(n);
      int z = grid.z(n);
      boolean face = x == 0 || y == 0 || x == grid.nx() - 1 || y == grid.ny() - 1;
      face |= !slices && (z == 0 || z == grid.nz() - 1);
      if (face && set[n] == 0) {
        reached[n] = 1;
        stack.push(n);
      }
    }
    spread(stack, reached, set, (byte) 0);
    return reached;
  }

  /** Cells of a set that are connected with seeds in it. */
  byte[] connected(byte[] set, byte[] seeds) {
    byte[] reached = new byte[set.length];
    IntStack stack = new IntStack();
    for (int n = 0; n < set.length; n++) {
      if (seeds[n] != 0 && set[n] != 0) {
        reached[n] = 1;
        stack.push(n);
      }
    }
    spread(stack, reached, set, (byte) 1);
    return reached;
  }

  private void spread(IntStack stack, byte[] reached, byte[] set, byte through) {
    int[] neighbours = new int[6];
    while (!stack.isEmpty()) {
      int count = neighbours(grid, stack.pop(), slices, neighbours);
      for (int n = 0; n < count; n++) {
        int next = neighbours[n];
        if (reached[next] == 0 && set[next] == through) {
          reached[next] = 1;
          stack.push(next);
        }
      }
    }
  }

  /** Writes the indices of the up to six neighbours, four in slices; says how many there are. */
  static int neighbours(Grid g, int at, boolean slices, int[] into) {
    int x = at % g.nx();
    int y = at / g.nx() % g.ny();
    int n = 0;
    if (x > 0) {
      into[n++] = at - 1;
    }
    if (x < g.nx() - 1) {
      into[n++] = at + 1;
    }
    if (y > 0) {
      into[n++] = at - g.nx();
    }
    if (y < g.ny() - 1) {
      into[n++] = at + g.nx();
    }
    if (!slices && at >= g.slice()) {
      into[n++] = at - g.slice();
    }
    if (!slices && at < g.size() - g.slice()) {
      into[n++] = at + g.slice();
    }
    return n;
  }

  /** A stack of indices that grows. */
  static final class IntStack {
    private int[] items = new int[1 << 10];
    private int size;

    void push(int item) {
      if (size == items.length) {
        items = Arrays.copyOf(items, 2 * size);
      }
      items[size++] = item;
    }

    int pop() {
      return items[--size];
    }

    boolean isEmpty() {
      return size == 0;
    }
  }
}
