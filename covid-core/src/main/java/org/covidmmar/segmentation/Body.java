package org.covidmmar.segmentation;

import java.util.Locale;
import org.covidmmar.CovidException;

/**
 * The patient without table, clothes and the air around: of each slice the convex hull of the
 * largest connected part of the tissue; and the air inside.
 *
 * @param hull cells inside the hull
 * @param air aerated cells inside that are not connected with the air around
 * @param middle half-way between the hull's sides, in cells along x, by slice; the image's middle
 *     where there is no body
 * @param width of the hull in mm, by slice; 0 where there is no body
 * @param beyond aerated cells that may be lung which goes on beyond the field of view; in the air
 *     too
 */
@SuppressWarnings("ArrayRecordComponent")
record Body(byte[] hull, byte[] air, double[] middle, double[] width, byte[] beyond) {
  /** HU below which a cell is aerated. */
  static final int AERATED = -400;

  private static final int OUTSIDE = -930;
  private static final double BRIDGE = 2.5;
  private static final double LEAST_BODY = 200;
  private static final double RIM = 5;
  private static final double CROPPED_DEPTH = 6;
  private static final double LEAST_CROPPED = 300;

  /**
   * @throws CovidException where there is no body, or the values are no HU
   */
  static Body of(String subject, CoarseScan scan) {
    Grid g = scan.grid;
    checkValues(subject, scan.hu);
    byte[] tissue = below(scan.hu, AERATED);
    for (int n = 0; n < tissue.length; n++) {
      tissue[n] = (byte) (1 - tissue[n]);
    }
    byte[] hull = body(subject, g, tissue);
    double[] middle = new double[g.nz()];
    double[] width = new double[g.nz()];
    for (int z = 0; z < g.nz(); z++) {
      fillHull(g, hull, z, middle, width);
    }
    byte[] air = below(scan.hu, AERATED);
    byte[] enclosed = Morphology.and(Morphology.inSlices(g).filled(tissue), air);
    enclosed = Morphology.and(enclosed, hull);
    byte[] beyond = beyondTheView(scan, air, enclosed, hull);
    return new Body(hull, Morphology.or(enclosed, beyond), middle, width, beyond);
  }

  private static void checkValues(String subject, short[] hu) {
    int[] counts = new int[CoarseScan.HIGHEST - CoarseScan.LOWEST + 1];
    for (short v : hu) {
      counts[v - CoarseScan.LOWEST]++;
    }
    int min = 0;
    int max = counts.length - 1;
    while (counts[min] == 0) {
      min++;
    }
    while (counts[max] == 0) {
      max--;
    }
    min += CoarseScan.LOWEST;
    max += CoarseScan.LOWEST;
    if (min == max) {
      throw new CovidException(
          subject, "is empty: every voxel is " + min, "convert the scan anew from its source");
    }
    if (min > AERATED || max < -50) {
      throw new CovidException(
          subject,
          "is no CT in HU: its values go from "
              + min
              + " to "
              + max
              + ", those of a chest from about -1000 (air) beyond 0 (water)",
          "convert it with its rescale slope and intercept, or give a lung mask of your own");
    }
  }

  static byte[] below(short[] hu, int threshold) {
    byte[] set = new byte[hu.length];
    for (int n = 0; n < set.length; n++) {
      set[n] = (byte) (hu[n] < threshold ? 1 : 0);
    }
    return set;
  }

  /** The largest part of the tissue, once bridges to the table are cut. */
  private static byte[] body(String subject, Grid g, byte[] tissue) {
    Morphology disks = Morphology.inSlices(g);
    double bridge = Math.max(BRIDGE, 1.01 * Math.max(g.dx(), g.dy()));
    Components parts = Components.of(g, disks.eroded(tissue, bridge));
    int largest = parts.largest();
    double ml = largest == 0 ? 0 : parts.size()[largest] * g.ml();
    if (ml < LEAST_BODY) {
      throw new CovidException(
          subject,
          String.format(Locale.ROOT, "shows no body: the largest piece of tissue has %.0f ml", ml),
          "give a CT of the chest in HU, with its voxel size in mm, or a lung mask of your own");
    }
    return Morphology.and(disks.dilated(parts.cells(largest), bridge), tissue);
  }

  /** Fills the convex hull of a slice, row by row between its two envelopes. */
  private static void fillHull(Grid g, byte[] set, int z, double[] middle, double[] width) {
    int ny = g.ny();
    double[] low = new double[ny];
    double[] high = new double[ny];
    int start = z * g.slice();
    double left = Double.MAX_VALUE;
    double right = -1;
    for (int y = 0; y < ny; y++) {
      low[y] = Double.NaN;
      high[y] = Double.NaN;
      for (int x = 0; x < g.nx(); x++) {
        if (set[start + y * g.nx() + x] != 0) {
          low[y] = Double.isNaN(low[y]) ? x : low[y];
          high[y] = x;
        }
      }
      if (!Double.isNaN(low[y])) {
        left = Math.min(left, low[y]);
        right = Math.max(right, high[y]);
      }
    }
    middle[z] = right < 0 ? (g.nx() - 1) / 2.0 : (left + right) / 2;
    width[z] = right < 0 ? 0 : (right - left + 1) * g.dx();
    Envelope.fill(g, z, low, high, set);
  }

  /**
   * Where the field of view cuts the chest, lung reaches the edge of the image, or the padding
   * about it, and is connected with the air around. It is told from that by its density and by its
   * depth: a rim of half-filled cells about the skin is thin.
   */
  private static byte[] beyondTheView(CoarseScan scan, byte[] air, byte[] enclosed, byte[] hull) {
    Grid g = scan.grid;
    Morphology disks = Morphology.inSlices(g);
    byte[] deep = below(scan.hu, OUTSIDE);
    byte[] around = disks.connected(deep, border(g));
    byte[] rest = Morphology.minus(Morphology.minus(air, enclosed), disks.dilated(around, RIM));
    rest = Morphology.and(rest, hull);
    byte[] core = disks.eroded(rest, CROPPED_DEPTH);
    if (Grid.count(core) == 0) {
      return core;
    }
    Components parts = Components.inSlices(g, core);
    boolean[] large = new boolean[parts.count() + 1];
    for (int n = 1; n < large.length; n++) {
      large[n] = parts.size()[n] * g.dx() * g.dy() >= LEAST_CROPPED;
    }
    for (int n = 0; n < core.length; n++) {
      core[n] = (byte) (large[parts.label()[n]] ? 1 : 0);
    }
    byte[] whole = disks.dilated(core, CROPPED_DEPTH + RIM + 1);
    whole = Morphology.minus(Morphology.and(Morphology.and(whole, air), hull), around);
    return Morphology.minus(whole, enclosed);
  }

  private static byte[] border(Grid g) {
    byte[] border = new byte[g.size()];
    for (int n = 0; n < border.length; n++) {
      int x = g.x(n);
      int y = g.y(n);
      border[n] = (byte) (x == 0 || y == 0 || x == g.nx() - 1 || y == g.ny() - 1 ? 1 : 0);
    }
    return border;
  }
}
