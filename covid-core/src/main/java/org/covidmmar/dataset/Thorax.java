package org.covidmmar.dataset;

import org.apache.commons.rng.UniformRandomProvider;

/**
 * The shape of one synthetic thorax, as functions of a point in mm: x to the right, y to the front,
 * z to the head of the patient, the origin amid the chest. All sizes are drawn once; nothing here
 * knows of disease.
 */
final class Thorax {
  /** How far the cavity's cross-section is from an ellipse towards a rectangle. */
  private static final double SQUARENESS = 0.35;

  static final float AIR = -1000;
  private static final float FAT = -105;
  private static final float MUSCLE = 55;
  private static final float BONE = 420;
  private static final float MARROW = 210;
  private static final float BLOOD = 42;
  private static final float MEDIASTINAL_FAT = -60;
  private static final float LIVER = 58;

  final double height;
  final double base;
  final double carina;
  final double middle;
  final double tracheaY;
  final double cavityWidth;
  final double cavityDepth;
  private final double bodyWidth;
  private final double bodyDepth;
  private final double fat;
  private final double domeRight;
  private final double domeLeft;
  private final double mediastinumFront;
  private final double mediastinumHilum;
  private final double heartX;
  private final double heartY;
  private final double heartZ;
  private final double heartLong;
  private final double heartShort;
  private final double heartHeight;
  private final double heartCos;
  private final double heartSin;
  private final double spineY;
  private final double spineRadius;
  private final double aortaRadius;
  private final double ribSpacing;
  private final double ribPhase;

  Thorax(UniformRandomProvider random) {
    height = random.nextDouble(205, 255);
    base = -height / 2 - 5;
    carina = base + height * random.nextDouble(0.55, 0.63);
    bodyWidth = random.nextDouble(148, 172);
    bodyDepth = bodyWidth * random.nextDouble(0.64, 0.74);
    fat = random.nextDouble(6, 22);
    double wall = random.nextDouble(15, 21);
    cavityWidth = bodyWidth - fat - wall;
    cavityDepth = bodyDepth - 0.7 * fat - wall;
    domeRight = random.nextDouble(45, 75);
    domeLeft = domeRight - random.nextDouble(5, 20);
    middle = random.nextDouble(-6, 6);
    mediastinumFront = random.nextDouble(5, 10);
    mediastinumHilum = random.nextDouble(17, 26);
    heartX = middle - random.nextDouble(14, 28);
    heartY = cavityDepth * random.nextDouble(0.18, 0.32);
    heartZ = base + random.nextDouble(62, 82);
    heartLong = random.nextDouble(54, 68);
    heartShort = random.nextDouble(38, 48);
    heartHeight = random.nextDouble(42, 56);
    double angle = random.nextDouble(0.4, 0.8);
    heartCos = StrictMath.cos(angle);
    heartSin = StrictMath.sin(angle);
    spineY = -cavityDepth * random.nextDouble(0.8, 0.88);
    spineRadius = random.nextDouble(14, 18);
    aortaRadius = random.nextDouble(10, 14);
    tracheaY = spineY + spineRadius + random.nextDouble(16, 26);
    ribSpacing = random.nextDouble(26, 32);
    ribPhase = random.nextDouble(0, ribSpacing);
  }

  /** How high in the chest, 0 at the base of the lungs, 1 at their tops. */
  double level(double z) {
    return (z - base) / height;
  }

  /** Squared distance from the chest's axis, 1 at the inner chest wall. */
  double cavity(double x, double y, double z) {
    double level = Math.max(0, level(z));
    if (level >= 1) {
      return Double.POSITIVE_INFINITY;
    }
    double taper = 1 - level * level * level;
    return oval(x * x / taper, y * y / taper, cavityWidth, cavityDepth);
  }

  /** Whether the point is lung: within the chest, above the diaphragm, beside the mediastinum. */
  boolean lung(double x, double y, double z) {
    return cavity(x, y, z) < 1
        && z > diaphragm(x, y)
        && Math.abs(x - middle) > mediastinum(y)
        && heart(x, y, z) > 1.12;
  }

  /** How far a point of the lung is in front of the back wall, in mm. */
  double depthFromBack(double x, double y, double z) {
    double level = Math.max(0, level(z));
    double taper = Math.max(0, 1 - level * level * level);
    double u = x / cavityWidth;
    return y + cavityDepth * Math.sqrt(Math.max(0, taper - u * u));
  }

  private double diaphragm(double x, double y) {
    double dome = x > middle ? domeRight : domeLeft;
    double u = (Math.abs(x - middle) - 0.5 * cavityWidth) / (0.7 * cavityWidth);
    double v = (y - 0.1 * cavityDepth) / cavityDepth;
    return base + dome * Math.max(0, 1 - u * u - v * v) + 0.12 * y;
  }

  private double mediastinum(double y) {
    return mediastinumFront
        + mediastinumHilum * bump((y - tracheaY) / 40)
        + 14 * bump((y - spineY) / 26);
  }

  private static double bump(double u) {
    double d = 1 + u * u;
    return 1 / (d * d);
  }

  private double heart(double x, double y, double z) {
    double dx = x - heartX;
    double dy = y - heartY;
    double along = (-heartCos * dx + heartSin * dy) / heartLong;
    double across = (heartSin * dx + heartCos * dy) / heartShort;
    double up = (z - heartZ) / heartHeight;
    return along * along + across * across + up * up;
  }

  /** HU of what is not lung. */
  float tissue(double x, double y, double z) {
    if (oval(x * x, y * y, bodyWidth, bodyDepth) > 1) {
      return AIR;
    }
    if (oval(x * x, y * y, bodyWidth - fat, bodyDepth - 0.7 * fat) > 1) {
      return FAT;
    }
    float spine = spine(x, y, z);
    if (spine != MUSCLE) {
      return spine;
    }
    double cavity = cavity(x, y, z);
    if (cavity >= 1) {
      return chestWall(x, y, z, cavity);
    }
    if (z <= diaphragm(x, y)) {
      return x > middle - 25 ? LIVER : MUSCLE;
    }
    return heart(x, y, z) <= 1 || greatVessel(x, y, z) ? BLOOD : MEDIASTINAL_FAT;
  }

  /** Squared distance from the axis, 1 on an ellipse somewhat filled towards its rectangle. */
  private static double oval(double xx, double yy, double width, double depth) {
    double u = xx / (width * width);
    double v = yy / (depth * depth);
    return u + v - SQUARENESS * Math.min(1, u) * Math.min(1, v);
  }

  private float spine(double x, double y, double z) {
    double dx = (x - middle * 0.3) / (1.25 * spineRadius);
    double dy = (y - spineY) / spineRadius;
    double body = dx * dx + dy * dy;
    if (body < 1) {
      double disc = Math.abs(z / 26 - Math.rint(z / 26)) * 26;
      return disc < 3 ? 80 : body > 0.6 ? BONE : MARROW;
    }
    double canal = y - spineY + spineRadius + 9;
    double beside = x - middle * 0.3;
    double ring = beside * beside + canal * canal;
    if (ring < 8 * 8) {
      return 25;
    }
    boolean arch = ring < 12 * 12 || (Math.abs(beside) < 4 && canal < 0 && canal > -28);
    return arch ? BONE : MUSCLE;
  }

  private float chestWall(double x, double y, double z, double cavity) {
    if (y > 0 && Math.abs(x) < 16 && level(z) > 0.25) {
      double front = y - cavityDepth;
      return front > 0 && front < 11 ? MARROW : MUSCLE;
    }
    double outward = (Math.sqrt(cavity) - 1) * cavityDepth;
    double along = (z + 0.5 * y + ribPhase) / ribSpacing;
    boolean rib = outward > 2 && outward < 10 && along - Math.floor(along) < 0.4;
    if (!rib) {
      return MUSCLE;
    }
    // Ribs end as cartilage in front.
    return y > 0.75 * cavityDepth ? 110 : BONE;
  }

  private boolean greatVessel(double x, double y, double z) {
    double left = x - middle;
    double descendingX = left + 20;
    double descendingY = y - spineY - spineRadius + 2;
    if (descendingX * descendingX + descendingY * descendingY < aortaRadius * aortaRadius) {
      return z < carina + 25;
    }
    double ascendingX = left - 8;
    double ascendingY = y - tracheaY - 32;
    boolean ascending =
        ascendingX * ascendingX + ascendingY * ascendingY < 1.4 * aortaRadius * aortaRadius;
    boolean cavaOrArtery = Math.abs(left) < 22 && Math.abs(ascendingY) < 11 && z < carina + 5;
    return (ascending && z < carina + 35) || (cavaOrArtery && z > carina - 40);
  }
}
