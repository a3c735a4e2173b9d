package org.covidmmar.segmentation;

/**
 * Fluid in the pleural space, which gathers behind the lung of a patient on the back: no hull of
 * the lung reaches it, but the other lung, mirrored, shows how far the chest goes. What it covers
 * behind, away from spine and aorta and with no lung behind it, is taken for fluid where its core
 * is as dense as fluid, which muscle, liver and spleen are not, and where it borders on the lung.
 */
final class Effusion {
  private static final double BEHIND = 0.4;
  private static final double BESIDE_SPINE = 35;
  private static final int LEAST = -150;
  private static final int MOST = 150;
  private static final int LEAST_FLUID = -10;
  private static final int MOST_FLUID = 30;
  private static final double MARGIN = 8;
  private static final double OPENING = 6;
  private static final double LEAST_ML = 60;

  private Effusion() {}

  /**
   * The lungs with the fluid behind them.
   *
   * @param sides 1 right lung, 2 left lung
   */
  static byte[] with(CoarseScan scan, Body body, byte[] sides) {
    byte[] whole = sides.clone();
    byte[] inner = Morphology.of(scan.grid).eroded(sides, MARGIN);
    double middle = middle(scan.grid, body, sides);
    for (int side = 1; side <= 2; side++) {
      add(scan, body, sides, inner, side, middle, whole);
    }
    return whole;
  }

  private static void add(
      CoarseScan scan,
      Body body,
      byte[] sides,
      byte[] inner,
      int side,
      double middle,
      byte[] whole) {
    Grid g = scan.grid;
    byte[] space = new byte[sides.length];
    for (int z = 0; z < g.nz(); z++) {
      mirror(scan, body, sides, inner, side, middle, z, space);
    }
    space = Morphology.and(Morphology.of(g).opened(space, OPENING), space);
    Components parts = Components.of(g, space);
    boolean[] borders = new boolean[parts.count() + 1];
    byte[] near = Morphology.of(g).dilated(only(sides, side), OPENING);
    byte[] core = Morphology.of(g).eroded(space, OPENING);
    int[][] counts = new int[parts.count() + 1][];
    for (int n = 0; n < space.length; n++) {
      int part = parts.label()[n];
      if (part != 0 && parts.size()[part] * g.ml() >= LEAST_ML) {
        borders[part] |= near[n] != 0;
        if (counts[part] == null) {
          counts[part] = new int[MOST - LEAST + 1];
        }
        counts[part][scan.hu[n] - LEAST] += core[n];
      }
    }
    boolean[] fluid = new boolean[parts.count() + 1];
    for (int part = 1; part < fluid.length; part++) {
      int median = counts[part] == null ? MOST : median(counts[part]) + LEAST;
      fluid[part] = borders[part] && median >= LEAST_FLUID && median <= MOST_FLUID;
    }
    for (int n = 0; n < space.length; n++) {
      if (fluid[parts.label()[n]]) {
        whole[n] = (byte) side;
      }
    }
  }

  private static int median(int[] counts) {
    int all = 0;
    for (int count : counts) {
      all += count;
    }
    int value = 0;
    int below = counts[0];
    while (2 * below < all) {
      value++;
      below += counts[value];
    }
    return value;
  }

  /** Half-way between the sides of the body, over the slices that show lung. */
  private static double middle(Grid g, Body body, byte[] sides) {
    boolean[] shown = new boolean[g.nz()];
    for (int n = 0; n < sides.length; n++) {
      shown[g.z(n)] |= sides[n] != 0;
    }
    double sum = 0;
    int slices = 0;
    for (int z = 0; z < g.nz(); z++) {
      sum += shown[z] ? body.middle()[z] : 0;
      slices += shown[z] ? 1 : 0;
    }
    return sum / slices;
  }

  private static byte[] only(byte[] sides, int side) {
    byte[] set = new byte[sides.length];
    for (int n = 0; n < set.length; n++) {
      set[n] = (byte) (sides[n] == side ? 1 : 0);
    }
    return set;
  }

  /** Marks, in a slice that has both lungs, what the other lung's mirror image covers behind. */
  private static void mirror(
      CoarseScan scan,
      Body body,
      byte[] sides,
      byte[] inner,
      int side,
      double middle,
      int z,
      byte[] space) {
    Grid g = scan.grid;
    int start = z * g.slice();
    int back = g.ny();
    int front = -1;
    boolean own = false;
    for (int n = 0; n < g.slice(); n++) {
      int found = sides[start + n];
      own |= found == side;
      if (found == 3 - side) {
        back = Math.min(back, n / g.nx());
        front = n / g.nx();
      }
    }
    if (!own || front < 0) {
      return;
    }
    int last = back + (int) (BEHIND * (front - back));
    for (int x = 0; x < g.nx(); x++) {
      for (int y = back; y <= last && sides[start + y * g.nx() + x] != side; y++) {
        int at = start + y * g.nx() + x;
        int other = (int) Math.rint(2 * middle - x);
        boolean covered =
            other >= 0
                && other < g.nx()
                && sides[start + y * g.nx() + other] == 3 - side
                && inner[start + y * g.nx() + other] != 0
                && Math.abs(x - middle) * g.dx() > BESIDE_SPINE;
        boolean soft = scan.hu[at] >= LEAST && scan.hu[at] <= MOST;
        space[at] = (byte) (covered && soft && sides[at] == 0 && body.hull()[at] != 0 ? 1 : 0);
      }
    }
  }
}
