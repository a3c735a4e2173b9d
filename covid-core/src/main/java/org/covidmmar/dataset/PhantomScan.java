package org.covidmmar.dataset;

import org.apache.commons.rng.UniformRandomProvider;
import org.apache.commons.rng.sampling.distribution.ZigguratSampler;
import org.covidmmar.Seeds;
import org.covidmmar.volume.Shape;
import org.covidmmar.volume.Volume;

/**
 * One synthetic scan.
 *
 * <p>Anatomy, findings that have nothing to do with the disease, and noise come from seeds of their
 * own: with and without the disease the same patient is the same voxel by voxel outside the
 * opacities, and the mask is the same.
 *
 * @param image int16 HU
 * @param mask int16, 1 lung, 0 background
 */
record PhantomScan(Volume image, Volume mask) {
  private static final int LOWEST = -1024;
  private static final float VESSEL = 38;

  static PhantomScan of(Seeds patient, Shape shape, boolean covid, double severity) {
    ScanGrid grid = new ScanGrid(shape, patient.child("pose").generator());
    Thorax thorax = new Thorax(patient.child("thorax").generator());
    fill(grid, thorax, patient.child("lungs").generator());
    airways(grid, thorax);
    vessels(grid, thorax, patient.child("vessels").generator());
    findings(grid, thorax, patient.child("findings").generator());
    grid.blur();
    if (covid) {
      opacities(grid, thorax, patient.child("disease").generator(), severity);
    }
    return finish(grid, patient.child("noise").generator());
  }

  private static void fill(ScanGrid grid, Thorax thorax, UniformRandomProvider random) {
    // Depth of inspiration, and the blood that gathers in the lung's lower parts.
    double level = random.nextDouble(-890, -790);
    double gradient = random.nextDouble(0.1, 0.5);
    double dependent = random.nextDouble(0, 200);
    double reach = random.nextDouble(15, 35);
    double strength = random.nextDouble(10, 35);
    SmoothNoise texture = new SmoothNoise(random, random.nextDouble(18, 30));
    Shape shape = grid.shape;
    int index = 0;
    for (int k = 0; k < shape.z(); k++) {
      for (int j = 0; j < shape.y(); j++) {
        for (int i = 0; i < shape.x(); i++, index++) {
          double x = grid.patient(0, i, j, k);
          double y = grid.patient(1, i, j, k);
          double z = grid.patient(2, i, j, k);
          grid.lung[index] = thorax.lung(x, y, z);
          if (grid.lung[index]) {
            double near = Math.min(1, Math.max(0, 1 - thorax.depthFromBack(x, y, z) / reach));
            double hu = level - gradient * y + dependent * near * near;
            grid.hu[index] = (float) (hu + strength * texture.at(x, y, z));
          } else {
            grid.hu[index] = thorax.tissue(x, y, z);
          }
        }
      }
    }
  }

  private static void airways(ScanGrid grid, Thorax t) {
    double[] top = {t.middle, t.tracheaY, t.base + t.height + 60};
    double[] carina = {t.middle, t.tracheaY - 4, t.carina};
    double[] right = {t.middle + 38, t.tracheaY - 8, t.carina - 30};
    double[] left = {t.middle - 44, t.tracheaY - 10, t.carina - 26};
    airway(grid, top, carina, 8.5);
    airway(grid, carina, right, 6.5);
    airway(grid, carina, left, 6);
    for (double[] hilum : new double[][] {right, left}) {
      double side = Math.signum(hilum[0] - t.middle);
      double[] low = {hilum[0] + 14 * side, hilum[1] - 16, hilum[2] - 40};
      double[] front = {hilum[0] + 24 * side, hilum[1] + 28, hilum[2] - 5};
      bronchus(grid, hilum, low);
      bronchus(grid, hilum, front);
    }
  }

  /** Trachea and main bronchi: no part of the lung mask. */
  private static void airway(ScanGrid grid, double[] from, double[] to, double radius) {
    grid.paintTube(from, to, radius + 2, (hu, w, index) -> mix(hu, 30, w));
    grid.paintTube(
        from,
        to,
        radius,
        (hu, w, index) -> {
          grid.lung[index] = grid.lung[index] && w < 0.5;
          return mix(hu, Thorax.AIR, w);
        });
  }

  private static void bronchus(ScanGrid grid, double[] from, double[] to) {
    grid.paintTube(from, to, 4.5, (hu, w, index) -> mix(hu, -100, w));
    grid.paintTube(from, to, 3.2, (hu, w, index) -> mix(hu, Thorax.AIR, w));
  }

  private static void vessels(ScanGrid grid, Thorax t, UniformRandomProvider random) {
    for (int side = -1; side <= 1; side += 2) {
      double[] hilum = {t.middle + side * 36, t.tracheaY + 4, t.carina - 22};
      int trunks = 8;
      for (int n = 0; n < trunks; n++) {
        double angle = 2 * Math.PI * (n + random.nextDouble(-0.3, 0.3)) / trunks;
        double[] direction = {
          side * random.nextDouble(0.3, 0.9),
          0.8 * StrictMath.cos(angle),
          1.2 * StrictMath.sin(angle) - 0.1
        };
        branch(grid, random, hilum, direction, random.nextDouble(4, 5.5), 5);
      }
    }
  }

  private static void branch(
      ScanGrid grid,
      UniformRandomProvider random,
      double[] from,
      double[] direction,
      double radius,
      int generations) {
    double norm =
        Math.sqrt(
            direction[0] * direction[0]
                + direction[1] * direction[1]
                + direction[2] * direction[2]);
    double length = (10 + 5 * radius) * random.nextDouble(0.8, 1.2);
    double[] to = new double[3];
    for (int axis = 0; axis < 3; axis++) {
      to[axis] = from[axis] + length * direction[axis] / norm;
    }
    grid.paintTube(from, to, radius, (hu, w, i) -> grid.lung[i] ? mix(hu, VESSEL, w) : hu);
    if (generations > 1) {
      for (int child = 0; child < 2; child++) {
        double[] turned = new double[3];
        for (int axis = 0; axis < 3; axis++) {
          turned[axis] = direction[axis] / norm + random.nextDouble(-0.75, 0.75);
        }
        double thinner = radius * random.nextDouble(0.62, 0.8);
        branch(grid, random, to, turned, thinner, generations - 1);
      }
    }
  }

  /** What patients of either class may have: nodules, plate atelectases, emphysema. */
  private static void findings(ScanGrid grid, Thorax t, UniformRandomProvider random) {
    for (int n = random.nextInt(4); n > 0; n--) {
      double radius = random.nextDouble(3, 7);
      float hu = random.nextInt(4) == 0 ? 250 : 35;
      ellipsoid(grid, pointInLung(t, random), radius, radius, radius, hu);
    }
    for (int n = random.nextInt(3); n > 0; n--) {
      double[] at = pointInLung(t, random);
      at[2] = t.base + random.nextDouble(20, 70);
      ellipsoid(grid, at, random.nextDouble(15, 30), random.nextDouble(8, 20), 3, -120);
    }
    for (int n = random.nextInt(6); n > 0; n--) {
      double radius = random.nextDouble(8, 20);
      ellipsoid(grid, pointInLung(t, random), radius, radius, radius, -960);
    }
  }

  private static void ellipsoid(
      ScanGrid grid, double[] at, double rx, double ry, double rz, float target) {
    ScanGrid.Form form =
        (x, y, z) -> {
          double u = (x - at[0]) / rx;
          double v = (y - at[1]) / ry;
          double w = (z - at[2]) / rz;
          return Math.min(1, 2 * (1.2 - Math.sqrt(u * u + v * v + w * w)));
        };
    double reach = 1.2 * Math.max(rx, Math.max(ry, rz));
    grid.paint(
        at[0], at[1], at[2], reach, form, (hu, w, i) -> grid.lung[i] ? mix(hu, target, w) : hu);
  }

  /** Ground glass, peripheral and mostly basal, some of it with a consolidated part. */
  private static void opacities(
      ScanGrid grid, Thorax t, UniformRandomProvider random, double severity) {
    SmoothNoise edge = new SmoothNoise(random, 11);
    for (int n = 5 + random.nextInt(6); n > 0; n--) {
      double[] at = peripheralPoint(t, random);
      double radius = severity * random.nextDouble(16, 38);
      opacity(grid, edge, at, radius, (float) random.nextDouble(-680, -450));
      if (random.nextInt(5) < 2) {
        double part = radius * random.nextDouble(0.35, 0.6);
        opacity(grid, edge, at, part, (float) random.nextDouble(-100, 40));
      }
    }
  }

  private static void opacity(
      ScanGrid grid, SmoothNoise edge, double[] at, double radius, float target) {
    ScanGrid.Form form =
        (x, y, z) -> {
          double u = x - at[0];
          double v = y - at[1];
          double w = z - at[2];
          double d = Math.sqrt(u * u + v * v + w * w) / radius + 0.35 * edge.at(x, y, z);
          return Math.min(1, 3 * (1 - d));
        };
    // Vessels show through: an opacity only ever raises HU.
    grid.paint(
        at[0],
        at[1],
        at[2],
        1.4 * radius,
        form,
        (hu, w, i) -> grid.lung[i] ? Math.max(hu, mix(hu, target, w)) : hu);
  }

  private static double[] peripheralPoint(Thorax t, UniformRandomProvider random) {
    while (true) {
      double[] at = pointInLung(t, random);
      double basal = 1 - 0.8 * t.level(at[2]);
      double back = at[1] < 0 ? 1 : 0.45;
      if (t.cavity(at[0], at[1], at[2]) > 0.55 && random.nextDouble() < basal * back) {
        return at;
      }
    }
  }

  private static double[] pointInLung(Thorax t, UniformRandomProvider random) {
    while (true) {
      double x = random.nextDouble(-t.cavityWidth, t.cavityWidth);
      double y = random.nextDouble(-t.cavityDepth, t.cavityDepth);
      double z = random.nextDouble(t.base, t.base + t.height);
      if (t.lung(x, y, z)) {
        return new double[] {x, y, z};
      }
    }
  }

  private static float mix(float hu, float target, double weight) {
    return (float) (hu + weight * (target - hu));
  }

  private static PhantomScan finish(ScanGrid grid, UniformRandomProvider random) {
    float offset = random.nextFloat() * 20 - 10;
    float strength = 12 + 18 * random.nextFloat();
    ZigguratSampler.NormalizedGaussian normal = ZigguratSampler.NormalizedGaussian.of(random);
    short[] image = new short[grid.hu.length];
    short[] mask = new short[image.length];
    for (int i = 0; i < image.length; i++) {
      float hu = grid.hu[i] + offset + strength * (float) normal.sample();
      image[i] = (short) Math.max(LOWEST, Math.round(hu));
      mask[i] = (short) (grid.lung[i] ? 1 : 0);
    }
    return new PhantomScan(
        Volume.of(grid.shape, grid.affine(), image), Volume.of(grid.shape, grid.affine(), mask));
  }
}
