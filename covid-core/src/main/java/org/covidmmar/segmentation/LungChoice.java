package org.covidmmar.segmentation;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;

/**
 * Which of the aerated parts are lung. Gas in bowel and stomach is told by its density: no vessel
 * or noise raises it above {@value #GAS} HU. Of what is left the largest is lung, parted where it
 * reaches far across the middle; else the other lung is the largest beside it at its height.
 * Smaller parts near them, such as a lobe cut off by dense tissue, go with the lung of their side.
 *
 * @param sides 1 right lung, 2 left lung, 0 neither
 * @param gas pockets of bowel and stomach that touch a lung
 * @param largest what the largest part is, for messages
 */
@SuppressWarnings("ArrayRecordComponent")
record LungChoice(byte[] sides, byte[] gas, String largest) {
  /** A pair of lungs has more than so many ml, even where half of it is not aerated. */
  static final double LEAST_LUNG = 150;

  private static final int GAS = -960;
  private static final int SHALLOW_GAS = -930;
  private static final int POCKET_GAS = -930;
  private static final double SMALL = 800;
  private static final double MOST_DARK = 0.5;
  private static final double CORE = 4;
  private static final double POCKET = 5;
  private static final double LEAST_POCKET = 8;
  private static final double SHELL = 5;
  private static final double MOST_LUNG_AROUND = 0.4;
  private static final double LEAST_PART = 5;
  private static final double ACROSS = 0.05;
  private static final double LEAST_SECOND = 0.03;
  private static final double LEAST_OVERLAP = 0.3;
  private static final double NEAR = 15;
  private static final double RIM = 4;

  /** A connected part. */
  private record Part(int number, int cells, double hu, double x, double z, int z0, int z1) {}

  static LungChoice of(CoarseScan scan, Body body, Airways airways) {
    Grid g = scan.grid;
    byte[] all = Morphology.minus(body.air(), airways.trunk());
    short[] smooth = smoothed(scan);
    byte[] gas = gas(g, smooth, all);
    byte[] air = Morphology.minus(all, gas);
    Components components = Components.of(g, air);
    List<Part> parts = parts(scan, smooth, air, components);
    byte[] sides = new byte[air.length];
    if (parts.isEmpty()) {
      return new LungChoice(sides, gas, "there is no air inside the body, or only gas");
    }
    Part first = parts.get(0);
    double middle = airways.found() ? airways.middle() : middle(body, first);
    byte[] set = components.cells(first.number());
    double across = across(g, set, middle);
    byte[] parted = across > ACROSS && across < 1 - ACROSS ? Split.of(g, set) : null;
    if (parted != null) {
      sides = parted;
    } else {
      mark(components, first, sides, first.x() > middle ? 1 : 2);
      for (Part p : parts) {
        if (p.number() != first.number() && isOtherLung(p, first, middle)) {
          mark(components, p, sides, p.x() > middle ? 1 : 2);
          break;
        }
      }
    }
    addNear(g, components, parts, sides, middle);
    return new LungChoice(
        sides,
        gas,
        String.format(
            Locale.ROOT,
            "the largest aerated part has %.0f ml at %.0f HU",
            first.cells() * g.ml(),
            first.hu()));
  }

  /**
   * The mean of each cell and its neighbours in the slice: noise is as strong as lung is denser.
   */
  private static short[] smoothed(CoarseScan scan) {
    Grid g = scan.grid;
    short[] smooth = new short[scan.hu.length];
    for (int at = 0; at < smooth.length; at++) {
      int x = g.x(at);
      int y = g.y(at);
      int sum = 0;
      int count = 0;
      for (int b = y == 0 ? 0 : -1; b <= (y == g.ny() - 1 ? 0 : 1); b++) {
        for (int a = x == 0 ? 0 : -1; a <= (x == g.nx() - 1 ? 0 : 1); a++) {
          sum += scan.hu[at + a + g.nx() * b];
          count++;
        }
      }
      smooth[at] = (short) Math.floorDiv(sum, count);
    }
    return smooth;
  }

  /**
   * Pockets of gas in the lower half of a part, which a thin wall does not hold apart from the
   * lung: what is around them is mostly tissue, where it is lung about a bulla.
   */
  private static byte[] gas(Grid g, short[] smooth, byte[] air) {
    Morphology balls = Morphology.of(g);
    byte[] dark = Morphology.and(balls.opened(Body.below(smooth, POCKET_GAS), POCKET), air);
    Components pockets = Components.of(g, dark);
    byte[] gas = new byte[air.length];
    if (pockets.count() == 0) {
      return gas;
    }
    Components whole = Components.of(g, air);
    int[] z0 = new int[whole.count() + 1];
    int[] z1 = new int[whole.count() + 1];
    Arrays.fill(z0, g.nz());
    for (int n = 0; n < air.length; n++) {
      int part = whole.label()[n];
      z0[part] = Math.min(z0[part], g.z(n));
      z1[part] = Math.max(z1[part], g.z(n));
    }
    double rim = Math.max(RIM, 2.2 * Math.max(g.dx(), g.dy()));
    for (int pocket = 1; pocket <= pockets.count(); pocket++) {
      if (pockets.size()[pocket] * g.ml() < LEAST_POCKET) {
        continue;
      }
      byte[] inside = Morphology.and(balls.dilated(pockets.cells(pocket), rim), air);
      byte[] shell = Morphology.minus(balls.dilated(inside, SHELL), inside);
      int around = 0;
      int lung = 0;
      double z = 0;
      int part = 0;
      for (int n = 0; n < shell.length; n++) {
        around += shell[n];
        lung += shell[n] != 0 && air[n] != 0 ? 1 : 0;
        if (pockets.label()[n] == pocket) {
          z += g.z(n);
          part = whole.label()[n];
        }
      }
      boolean low = z / pockets.size()[pocket] < (z0[part] + z1[part]) / 2.0;
      if (low && lung < MOST_LUNG_AROUND * around) {
        gas = Morphology.or(gas, inside);
      }
    }
    return gas;
  }

  /** Those that may be lung, the largest first. */
  private static List<Part> parts(
      CoarseScan scan, short[] smooth, byte[] air, Components components) {
    Grid g = scan.grid;
    int count = components.count() + 1;
    byte[] core = Morphology.of(g).eroded(air, CORE);
    long[] all = new long[count];
    int[] dark = new int[count];
    boolean[] small = new boolean[count];
    for (int n = 1; n < count; n++) {
      small[n] = components.size()[n] * g.ml() < SMALL;
    }
    int[] innerCells = new int[count];
    long[] x = new long[count];
    long[] z = new long[count];
    int[] z0 = new int[count];
    int[] z1 = new int[count];
    Arrays.fill(z0, Integer.MAX_VALUE);
    for (int at = 0; at < air.length; at++) {
      int n = components.label()[at];
      if (n == 0) {
        continue;
      }
      all[n] += scan.hu[at];
      if (core[at] != 0) {
        dark[n] += smooth[at] < (small[n] ? POCKET_GAS : GAS) ? 1 : 0;
        innerCells[n]++;
      }
      x[n] += g.x(at);
      int slice = g.z(at);
      z[n] += slice;
      z0[n] = Math.min(z0[n], slice);
      z1[n] = Math.max(z1[n], slice);
    }
    List<Part> parts = new ArrayList<>();
    for (int n = 1; n < count; n++) {
      int cells = components.size()[n];
      if (cells * g.ml() < LEAST_PART) {
        continue;
      }
      double hu = (double) all[n] / cells;
      boolean gas = innerCells[n] > 0 ? dark[n] > MOST_DARK * innerCells[n] : hu < SHALLOW_GAS;
      if (!gas) {
        parts.add(
            new Part(n, cells, hu, (double) x[n] / cells, (double) z[n] / cells, z0[n], z1[n]));
      }
    }
    parts.sort(Comparator.comparingInt(Part::cells).reversed().thenComparingInt(Part::number));
    return parts;
  }

  /** The middle of the body over the slices of a part, in cells. */
  private static double middle(Body body, Part part) {
    double sum = 0;
    for (int z = part.z0(); z <= part.z1(); z++) {
      sum += body.middle()[z];
    }
    return sum / (part.z1() - part.z0() + 1);
  }

  private static double across(Grid g, byte[] set, double middle) {
    int right = 0;
    int all = 0;
    for (int n = 0; n < set.length; n++) {
      if (set[n] != 0) {
        all++;
        right += g.x(n) > middle ? 1 : 0;
      }
    }
    return (double) right / all;
  }

  private static boolean isOtherLung(Part p, Part first, double middle) {
    int overlap = Math.min(p.z1(), first.z1()) - Math.max(p.z0(), first.z0()) + 1;
    return p.x() > middle != first.x() > middle
        && p.cells() >= LEAST_SECOND * first.cells()
        && overlap >= LEAST_OVERLAP * (p.z1() - p.z0() + 1);
  }

  private static void mark(Components components, Part part, byte[] sides, int side) {
    for (int n = 0; n < sides.length; n++) {
      if (components.label()[n] == part.number()) {
        sides[n] = (byte) side;
      }
    }
  }

  /** Takes in parts that lie within reach of a lung and at its height. */
  private static void addNear(
      Grid g, Components components, List<Part> parts, byte[] sides, double middle) {
    int z0 = g.nz();
    int z1 = 0;
    boolean[] taken = new boolean[components.count() + 1];
    for (int n = 0; n < sides.length; n++) {
      if (sides[n] != 0) {
        z0 = Math.min(z0, g.z(n));
        z1 = Math.max(z1, g.z(n));
        taken[components.label()[n]] = true;
      }
    }
    byte[] near = Morphology.of(g).dilated(sides, NEAR);
    int[] reached = new int[components.count() + 1];
    for (int n = 0; n < near.length; n++) {
      reached[components.label()[n]] += near[n];
    }
    for (Part p : parts) {
      boolean within = p.z() >= z0 && p.z() <= z1 && reached[p.number()] >= p.cells() / 4;
      if (!taken[p.number()] && within) {
        mark(components, p, sides, p.x() > middle ? 1 : 2);
      }
    }
  }
}
