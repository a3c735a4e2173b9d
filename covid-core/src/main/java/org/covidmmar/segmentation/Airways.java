package org.covidmmar.segmentation;

import java.util.Arrays;

/**
 * Trachea and bronchi: the trachea is found from the top as a compact spot of air near the middle
 * that stays alike from slice to slice, and grown from there into darker air first, until the
 * growth jumps, which is where it leaks into the lung.
 *
 * @param trunk trachea and main bronchi with their wall: the wide part of them
 * @param middle x in cells of the trachea half-way down; NaN where none was found
 */
@SuppressWarnings("ArrayRecordComponent")
record Airways(byte[] trunk, double middle) {
  private static final int LUMEN = -600;
  private static final int CORE = -900;
  private static final double LEAST_AREA = 40;
  private static final double MOST_AREA = 900;
  private static final double MOST_SIDE = 42;
  private static final double LEAST_FILL = 0.5;
  private static final double OFF_MIDDLE = 0.16;
  private static final double LEAST_LENGTH = 18;
  private static final double LIKE = 2.2;
  private static final double STEADY = 3;
  private static final int LEVEL = 8;
  private static final double LEAK_ML = 6;
  private static final double MOST_ML = 150;
  private static final double WALL = 2.5;
  private static final double WIDE = 3.2;

  /** A connected part of one slice. */
  private record Spot(int z, int cells, int x0, int x1, int y0, int y1, double x, int least) {}

  boolean found() {
    return !Double.isNaN(middle);
  }

  static Airways find(CoarseScan scan, Body body) {
    Grid g = scan.grid;
    byte[] lumen = Morphology.and(body.air(), Body.below(scan.hu, LUMEN));
    Components parts = Components.inSlices(g, lumen);
    Spot[] spots = spots(scan, parts);
    boolean[] candidate = new boolean[spots.length];
    for (int n = 1; n < spots.length; n++) {
      candidate[n] = isTubeLike(g, body, spots[n]);
    }
    int[] track = track(g, parts, spots, candidate);
    if (track.length == 0) {
      return new Airways(new byte[g.size()], Double.NaN);
    }
    boolean[] inTrack = new boolean[spots.length];
    for (int n : track) {
      inTrack[n] = true;
    }
    byte[] seeds = new byte[g.size()];
    for (int n = 0; n < seeds.length; n++) {
      seeds[n] = (byte) (inTrack[parts.label()[n]] ? 1 : 0);
    }
    byte[] grown = grown(scan, body.air(), seeds);
    return new Airways(trunk(g, body.air(), grown, seeds), spots[track[track.length / 2]].x());
  }

  private static Spot[] spots(CoarseScan scan, Components parts) {
    Grid g = scan.grid;
    int count = parts.count() + 1;
    int[] x0 = new int[count];
    int[] x1 = new int[count];
    int[] y0 = new int[count];
    int[] y1 = new int[count];
    int[] zs = new int[count];
    int[] least = new int[count];
    long[] sum = new long[count];
    Arrays.fill(x0, Integer.MAX_VALUE);
    Arrays.fill(y0, Integer.MAX_VALUE);
    Arrays.fill(least, Integer.MAX_VALUE);
    for (int at = 0; at < parts.label().length; at++) {
      int n = parts.label()[at];
      if (n != 0) {
        int x = g.x(at);
        int y = g.y(at);
        x0[n] = Math.min(x0[n], x);
        x1[n] = Math.max(x1[n], x);
        y0[n] = Math.min(y0[n], y);
        y1[n] = Math.max(y1[n], y);
        zs[n] = g.z(at);
        least[n] = Math.min(least[n], scan.hu[at]);
        sum[n] += x;
      }
    }
    Spot[] spots = new Spot[count];
    for (int n = 1; n < count; n++) {
      int cells = parts.size()[n];
      spots[n] =
          new Spot(zs[n], cells, x0[n], x1[n], y0[n], y1[n], (double) sum[n] / cells, least[n]);
    }
    return spots;
  }

  private static boolean isTubeLike(Grid g, Body body, Spot s) {
    double cell = g.dx() * g.dy();
    double area = s.cells() * cell;
    double wide = (s.x1() - s.x0() + 1) * g.dx();
    double deep = (s.y1() - s.y0() + 1) * g.dy();
    double off = Math.abs(s.x() - body.middle()[s.z()]) * g.dx();
    return area >= LEAST_AREA
        && area <= MOST_AREA
        && Math.max(wide, deep) <= MOST_SIDE
        && area / (wide * deep) >= LEAST_FILL
        && off <= OFF_MIDDLE * body.width()[s.z()]
        && s.least() < CORE;
  }

  /** The first track from the top that is long enough; from slice to slice the spot below. */
  private static int[] track(Grid g, Components parts, Spot[] spots, boolean[] candidate) {
    boolean[] tried = new boolean[spots.length];
    for (int first = spots.length - 1; first > 0; first--) {
      if (!candidate[first] || tried[first]) {
        continue;
      }
      int[] track = new int[g.nz()];
      int length = 0;
      int at = first;
      while (at != 0) {
        tried[at] = true;
        track[length++] = at;
        at = below(g, parts, spots, candidate, at);
      }
      if (isTrachea(g, spots, track, length)) {
        return Arrays.copyOf(track, length);
      }
    }
    return new int[0];
  }

  /** Long enough, and over that length of one width: the tops of the lungs widen. */
  private static boolean isTrachea(Grid g, Spot[] spots, int[] track, int length) {
    int needed = Math.max(2, (int) Math.ceil(LEAST_LENGTH / g.dz()));
    if (length < needed) {
      return false;
    }
    int least = Integer.MAX_VALUE;
    int most = 0;
    for (int n = 0; n < needed; n++) {
      least = Math.min(least, spots[track[n]].cells());
      most = Math.max(most, spots[track[n]].cells());
    }
    return most <= STEADY * least;
  }

  /** The candidate in the next slice that shares most cells with this one and has its size. */
  private static int below(Grid g, Components parts, Spot[] spots, boolean[] candidate, int above) {
    Spot s = spots[above];
    if (s.z() == 0) {
      return 0;
    }
    int best = 0;
    int most = 0;
    int last = 0;
    int shared = 0;
    for (int x = s.x0(); x <= s.x1(); x++) {
      for (int y = s.y0(); y <= s.y1(); y++) {
        int at = x + g.nx() * (y + g.ny() * s.z());
        int n = parts.label()[at - g.slice()];
        if (parts.label()[at] != above || n == 0 || !candidate[n]) {
          continue;
        }
        shared = n == last ? shared + 1 : 1;
        last = n;
        double ratio = (double) spots[n].cells() / s.cells();
        if (shared > most && ratio < LIKE && ratio > 1 / LIKE) {
          most = shared;
          best = n;
        }
      }
    }
    return best;
  }

  /** Grown into the darkest neighbours first; what was there before the first jump. */
  private static byte[] grown(CoarseScan scan, byte[] air, byte[] seeds) {
    Grid g = scan.grid;
    int levels = (Body.AERATED - CoarseScan.LOWEST) / LEVEL + 1;
    Morphology.IntStack[] waiting = new Morphology.IntStack[levels];
    for (int n = 0; n < levels; n++) {
      waiting[n] = new Morphology.IntStack();
    }
    int[] order = new int[(int) (MOST_ML / g.ml()) + 1];
    byte[] seen = new byte[g.size()];
    for (int n = 0; n < seeds.length; n++) {
      if (seeds[n] != 0) {
        seen[n] = 1;
        waiting[0].push(n);
      }
    }
    int count = 0;
    int kept = 0;
    int[] neighbours = new int[6];
    for (int level = 0; level < levels; level++) {
      int before = count;
      while (!waiting[level].isEmpty() && count < order.length) {
        int at = waiting[level].pop();
        order[count++] = at;
        int around = Morphology.neighbours(g, at, false, neighbours);
        for (int n = 0; n < around; n++) {
          int next = neighbours[n];
          if (seen[next] == 0 && air[next] != 0) {
            seen[next] = 1;
            waiting[Math.max(level, (scan.hu[next] - CoarseScan.LOWEST) / LEVEL)].push(next);
          }
        }
      }
      boolean leak = level > 0 && (count - before) * g.ml() > LEAK_ML;
      if (leak || count == order.length) {
        break;
      }
      kept = count;
    }
    byte[] set = seeds.clone();
    for (int n = 0; n < kept; n++) {
      set[order[n]] = 1;
    }
    return set;
  }

  /** What is as wide as a main bronchus, and the wall of it. */
  private static byte[] trunk(Grid g, byte[] air, byte[] all, byte[] seeds) {
    Morphology balls = Morphology.of(g);
    double wall = Math.max(WALL, 1.01 * Math.max(g.dx(), g.dy()));
    byte[] lumen = Morphology.and(balls.dilated(all, 0.6 * wall), air);
    byte[] wide = Morphology.or(Morphology.and(balls.opened(lumen, WIDE), lumen), seeds);
    return balls.dilated(wide, wall);
  }
}
