package org.covidmmar.segmentation;

import java.util.Arrays;

/** Brings in what a threshold loses of a lung: vessels, and dense parts that touch the wall. */
final class Pleura {
  private static final double HOLE = 300;
  private static final double LEAST_PART = 40;
  private static final double MOST_SHARE = 0.4;
  private static final double LEAST_HEIGHT = 8;
  private static final int BONE = 200;
  private static final double LATERAL = 0.3;
  private static final double BEHIND = 0.6;

  private Pleura() {}

  /** With holes of single slices that are smaller than a liver's dome. */
  static byte[] withHoles(Grid g, byte[] lung) {
    byte[] holes = Morphology.minus(Morphology.inSlices(g).filled(lung), lung);
    Components parts = Components.inSlices(g, holes);
    byte[] whole = lung.clone();
    for (int n = 0; n < whole.length; n++) {
      int part = parts.label()[n];
      if (part != 0 && parts.size()[part] * g.dx() * g.dy() <= HOLE) {
        whole[n] = 1;
      }
    }
    return whole;
  }

  /**
   * With the bays of single slices, up to the lung's convex hull there, that open towards the chest
   * wall: to the side or to the back. Those of heart, mediastinum and diaphragm open towards the
   * middle or the front.
   *
   * @param side 1 for the right lung, -1 for the left one: where x leads away from the middle
   */
  static byte[] withDenseParts(CoarseScan scan, Body body, byte[] lung, int side) {
    Grid g = scan.grid;
    byte[] hull = hulls(g, lung);
    byte[] bays = Morphology.minus(hull, lung);
    for (int n = 0; n < bays.length; n++) {
      if (scan.hu[n] > BONE || body.hull()[n] == 0) {
        bays[n] = 0;
      }
    }
    Components parts = Components.inSlices(g, bays);
    int count = parts.count() + 1;
    double[] openX = new double[count];
    double[] openY = new double[count];
    int[] open = new int[count];
    int[] slice = new int[count];
    double[][] centre = new double[g.nz()][3];
    int[] neighbours = new int[6];
    for (int at = 0; at < bays.length; at++) {
      if (hull[at] != 0) {
        double[] c = centre[g.z(at)];
        c[0] += g.x(at);
        c[1] += g.y(at);
        c[2]++;
      }
      int n = parts.label()[at];
      if (n == 0) {
        continue;
      }
      slice[n] = g.z(at);
      int around = Morphology.neighbours(g, at, true, neighbours);
      boolean edge = false;
      for (int i = 0; i < around; i++) {
        edge |= hull[neighbours[i]] == 0;
      }
      if (edge) {
        open[n]++;
        openX[n] += g.x(at);
        openY[n] += g.y(at);
      }
    }
    boolean[] taken = new boolean[count];
    for (int n = 1; n < count; n++) {
      double[] c = centre[slice[n]];
      double cells = parts.size()[n];
      if (open[n] == 0 || cells * g.dx() * g.dy() < LEAST_PART || cells > MOST_SHARE * c[2]) {
        continue;
      }
      double outward = side * (openX[n] / open[n] - c[0] / c[2]) * g.dx();
      double back = (c[1] / c[2] - openY[n] / open[n]) * g.dy();
      double length = StrictMath.hypot(outward, back);
      taken[n] = outward > LATERAL * length || (back > BEHIND * length && outward > 0);
    }
    for (int n = 0; n < bays.length; n++) {
      bays[n] = (byte) (taken[parts.label()[n]] ? 1 : 0);
    }
    return Morphology.or(lung, deep(g, bays));
  }

  /** What goes on over several slices: a single one is where lung meets the dome of the liver. */
  private static byte[] deep(Grid g, byte[] bays) {
    Components parts = Components.of(g, bays);
    int[] z0 = new int[parts.count() + 1];
    int[] z1 = new int[parts.count() + 1];
    Arrays.fill(z0, g.nz());
    for (int n = 0; n < bays.length; n++) {
      int part = parts.label()[n];
      z0[part] = Math.min(z0[part], g.z(n));
      z1[part] = Math.max(z1[part], g.z(n));
    }
    byte[] deep = new byte[bays.length];
    for (int n = 0; n < bays.length; n++) {
      int part = parts.label()[n];
      int slices = z1[part] - z0[part] + 1;
      deep[n] = (byte) (part != 0 && slices > 1 && slices * g.dz() >= LEAST_HEIGHT ? 1 : 0);
    }
    return deep;
  }

  /** The convex hull of each slice. */
  private static byte[] hulls(Grid g, byte[] set) {
    byte[] hull = new byte[set.length];
    double[] low = new double[g.ny()];
    double[] high = new double[g.ny()];
    for (int z = 0; z < g.nz(); z++) {
      Arrays.fill(low, Double.NaN);
      Arrays.fill(high, Double.NaN);
      for (int y = 0; y < g.ny(); y++) {
        int row = g.nx() * (y + g.ny() * z);
        for (int x = 0; x < g.nx(); x++) {
          if (set[row + x] != 0) {
            low[y] = Double.isNaN(low[y]) ? x : low[y];
            high[y] = x;
          }
        }
      }
      Envelope.fill(g, z, low, high, hull);
    }
    return hull;
  }
}
