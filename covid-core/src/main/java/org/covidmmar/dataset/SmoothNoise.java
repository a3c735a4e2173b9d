package org.covidmmar.dataset;

import org.apache.commons.rng.UniformRandomProvider;

/**
 * Smooth random values over space: uniform in -1..1 at the knots of a lattice, between them linear.
 */
final class SmoothNoise {
  private static final int KNOTS = 16;

  private final float[] knots = new float[KNOTS * KNOTS * KNOTS];
  private final double cell;

  /**
   * @param cell distance of two knots in mm; the lattice repeats after 16
   */
  SmoothNoise(UniformRandomProvider random, double cell) {
    this.cell = cell;
    for (int i = 0; i < knots.length; i++) {
      knots[i] = random.nextFloat() * 2 - 1;
    }
  }

  double at(double x, double y, double z) {
    double u = x / cell;
    double v = y / cell;
    double w = z / cell;
    int i = (int) Math.floor(u);
    int j = (int) Math.floor(v);
    int k = (int) Math.floor(w);
    double lower = plane(i, j, k, u - i, v - j);
    double upper = plane(i, j, k + 1, u - i, v - j);
    return lower + (w - k) * (upper - lower);
  }

  private double plane(int i, int j, int k, double u, double v) {
    double a = knot(i, j, k) * (1 - u) + knot(i + 1, j, k) * u;
    double b = knot(i, j + 1, k) * (1 - u) + knot(i + 1, j + 1, k) * u;
    return a * (1 - v) + b * v;
  }

  private float knot(int i, int j, int k) {
    int mask = KNOTS - 1;
    return knots[(i & mask) + KNOTS * ((j & mask) + KNOTS * (k & mask))];
  }
}
