package org.covidmmar.segmentation;

import java.util.ArrayList;
import java.util.List;
import org.covidmmar.volume.Affine;
import org.covidmmar.volume.Orientation;
import org.covidmmar.volume.Shape;
import org.covidmmar.volume.Volume;

/**
 * A chest of simple solids of known extent, in mm: x to the right, y to the front, z to the head,
 * the origin amid the chest. Scanned on any grid, its true mask is known voxel by voxel.
 */
public final class ChestModel {
  private static final int NOISE = 30;
  private static final int PARTS = 2;

  /** A solid that replaces what was there by its HU. */
  private interface Solid {
    boolean holds(double x, double y, double z);
  }

  private record Painted(Solid solid, double hu, boolean onlyLung, boolean staysLung) {}

  private final List<Painted> painted = new ArrayList<>();
  private boolean rightLung = true;
  private boolean leftLung = true;
  private boolean airways = true;
  private double lungHu = -860;
  private double bodyWidth = 172;

  // The field of view, in mm, and the grid.
  private final double[] from = {-190, -155, -190};
  private final double[] to = {190, 155, 190};
  private double[] spacing = {2, 2, 5};
  private Orientation orientation = Orientation.parse("LPS");
  private double circle = Double.POSITIVE_INFINITY;

  /**
   * A scan.
   *
   * @param ct int16 HU
   * @param truth 1 where lung is, with what was said to stay lung
   */
  public record Scan(Volume ct, Volume truth) {}

  public ChestModel spacing(double x, double y, double z) {
    spacing = new double[] {x, y, z};
    return this;
  }

  public ChestModel orientation(String codes) {
    orientation = Orientation.parse(codes);
    return this;
  }

  /** What the scan shows along an axis, 0 to 2, in mm. */
  public ChestModel view(int axis, double low, double high) {
    from[axis] = low;
    to[axis] = high;
    return this;
  }

  /** Padding outside a circle about the middle, as scanners have it. */
  public ChestModel circle(double radius) {
    circle = radius;
    return this;
  }

  public ChestModel withoutAirways() {
    airways = false;
    return this;
  }

  public ChestModel withoutLeftLung() {
    leftLung = false;
    return this;
  }

  public ChestModel withoutLungs() {
    leftLung = false;
    rightLung = false;
    airways = false;
    return this;
  }

  public ChestModel lungs(double hu) {
    lungHu = hu;
    return this;
  }

  /** A table with a shell and foam inside, and a mattress, at the back or, prone, in front. */
  public ChestModel table(boolean prone) {
    double side = prone ? 1 : -1;
    add((x, y, z) -> between(side * y, 123, 131) && Math.abs(x) < 170, -900, false, false);
    add((x, y, z) -> between(side * y, 131, 149) && Math.abs(x) < 180, -930, false, false);
    add((x, y, z) -> between(side * y, 131, 134) && Math.abs(x) < 180, -100, false, false);
    add((x, y, z) -> between(side * y, 146, 149) && Math.abs(x) < 180, -100, false, false);
    return this;
  }

  /** A blanket of some 15 mm about the front. */
  public ChestModel blanket() {
    add((x, y, z) -> y > 0 && between(oval(x, y, bodyWidth, 122), 1.02, 1.3), -880, false, false);
    return this;
  }

  /** Gas of a bowel and a stomach below the left lung. */
  public ChestModel bowelGas() {
    add((x, y, z) -> ball(x + 78, y - 15, z + 146, 40, 42, 34) < 1, -1000, false, false);
    add((x, y, z) -> ball(x + 30, y - 40, z + 175, 90, 30, 12) < 1, -1000, false, false);
    return this;
  }

  /** Fluid behind the left lung, up to so many mm from its back. */
  public ChestModel effusion(double mm) {
    add((x, y, z) -> x < 0 && y < -72 + mm && z < 60, 12, true, true);
    return this;
  }

  /** A dense ball at the side wall of the right lung. */
  public ChestModel consolidation(double radius) {
    add((x, y, z) -> ball(x - 118, y, z, radius, radius, radius) < 1, 30, true, true);
    return this;
  }

  /** Lungs that touch in front of the heart. */
  public ChestModel touching() {
    add(
        (x, y, z) -> Math.abs(x) < 25 && between(y, 55, 70) && between(z, -20, 60),
        lungHu,
        false,
        true);
    return this;
  }

  private void add(Solid solid, double hu, boolean onlyLung, boolean staysLung) {
    painted.add(new Painted(solid, hu, onlyLung, staysLung));
  }

  private static boolean between(double v, double low, double high) {
    return v >= low && v < high;
  }

  private static double oval(double x, double y, double a, double b) {
    return x * x / (a * a) + y * y / (b * b);
  }

  private static double ball(double x, double y, double z, double a, double b, double c) {
    return x * x / (a * a) + y * y / (b * b) + z * z / (c * c);
  }

  /** 1 right lung, 2 left lung, 0 neither. */
  private int lung(double x, double y, double z) {
    int side = x > 0 ? 1 : 2;
    if ((side == 1 && !rightLung) || (side == 2 && !leftLung) || z > 130) {
      return 0;
    }
    double u = (Math.abs(x) - 72) / 58;
    double v = (y + 2) / 82;
    double level = Math.max(0, z / 130);
    double dome = (side == 1 ? -85 : -95) - 55 * (u * u + v * v);
    boolean cavity = u * u * u * u + v * v * v * v < 1 - level * level * level;
    boolean heart = ball(x + 25, y - 25, z + 45, 62, 50, 60) < 1;
    boolean hilum = ball(Math.abs(x) - 10, y + 15, z - 10, 32, 28, 38) < 1;
    return cavity && z > dome && !heart && !hilum ? side : 0;
  }

  private boolean airway(double x, double y, double z, double radius) {
    if (!airways) {
      return false;
    }
    boolean trachea = z > 25 && Math.hypot(x, y + 18) < radius;
    double along = Math.abs(x);
    double down = 25 - 0.5 * along;
    boolean bronchus = along < 40 && Math.hypot(y + 18, (z - down) * 0.9) < 0.75 * radius;
    return trachea || bronchus;
  }

  /** HU, and whether it is lung: the latter in the sign of what is returned, see callers. */
  private double hu(double x, double y, double z, boolean[] isLung) {
    double hu = -1000;
    isLung[0] = false;
    if (oval(x, y, bodyWidth, 122) < 1) {
      hu = oval(x, y, bodyWidth - 12, 112) < 1 ? 45 : -100;
      double rib = (z + 0.4 * y) / 28 - Math.floor((z + 0.4 * y) / 28);
      if (between(oval(x, y, 138, 95), 1.02, 1.1) && rib < 0.4) {
        hu = 400;
      }
      if (Math.hypot(x, y + 82) < 17) {
        hu = 300;
      }
      if (lung(x, y, z) != 0) {
        isLung[0] = true;
        hu = vessel(x, y, z) ? 35 : lungHu + 0.3 * -y;
      }
      if (airway(x, y, z, 11)) {
        isLung[0] = false;
        hu = airway(x, y, z, 9) ? -1000 : 30;
      }
    }
    for (Painted p : painted) {
      if ((!p.onlyLung() || isLung[0]) && p.solid().holds(x, y, z)) {
        hu = p.hu();
        isLung[0] = p.staysLung();
      }
    }
    return hu;
  }

  /** Straight vessels from the hilum, some 3 mm thick. */
  private static boolean vessel(double x, double y, double z) {
    double ax = Math.abs(x) - 35;
    for (int n = 0; n < 5; n++) {
      double slope = 0.5 * (n - 2);
      if (ax > 0 && Math.hypot(y + 15 - slope * ax, z - 10 + slope * ax) < 3) {
        return true;
      }
    }
    return false;
  }

  public Scan scan() {
    int[] size = new int[3];
    for (int axis = 0; axis < 3; axis++) {
      size[axis] = (int) Math.floor((to[axis] - from[axis]) / spacing[axis]) + 1;
    }
    Shape shape = new Shape(size[0], size[1], size[2]);
    Affine affine =
        Affine.of(spacing[0], 0, 0, from[0], 0, spacing[1], 0, from[1], 0, 0, spacing[2], from[2]);
    short[] ct = new short[(int) shape.voxels()];
    short[] truth = new short[ct.length];
    boolean[] isLung = new boolean[1];
    for (int k = 0, at = 0; k < size[2]; k++) {
      for (int j = 0; j < size[1]; j++) {
        for (int i = 0; i < size[0]; i++, at++) {
          double x = from[0] + i * spacing[0];
          double y = from[1] + j * spacing[1];
          double z = from[2] + k * spacing[2];
          double sum = 0;
          for (int part = 0; part < PARTS * PARTS * PARTS; part++) {
            sum +=
                hu(
                    x + offset(part, spacing[0]),
                    y + offset(part / PARTS, spacing[1]),
                    z + offset(part / PARTS / PARTS, spacing[2]),
                    isLung);
          }
          hu(x, y, z, isLung);
          boolean padding = Math.hypot(x, y) > circle;
          double hu = sum / (PARTS * PARTS * PARTS) + noise(at);
          ct[at] = (short) (padding ? -2000 : Math.rint(hu));
          truth[at] = (short) (isLung[0] && !padding ? 1 : 0);
        }
      }
    }
    return new Scan(
        orientation.reorient(Volume.of(shape, affine, ct)),
        orientation.reorient(Volume.of(shape, affine, truth)));
  }

  private static double offset(int part, double spacing) {
    return (part % PARTS + 0.5) / PARTS * spacing - spacing / 2;
  }

  private static int noise(int at) {
    int h = at * 0x9E3779B9;
    h ^= h >>> 15;
    h *= 0x85EBCA6B;
    h ^= h >>> 13;
    return Math.floorMod(h, 2 * NOISE + 1) - NOISE;
  }

  /** 2 |a and b| / (|a| + |b|). */
  static double dice(Volume a, Volume b) {
    long both = 0;
    long sum = 0;
    int count = (int) a.shape().voxels();
    for (int n = 0; n < count; n++) {
      boolean inA = a.at(n) > 0;
      boolean inB = b.at(n) > 0;
      both += inA && inB ? 1 : 0;
      sum += (inA ? 1 : 0) + (inB ? 1 : 0);
    }
    return 2.0 * both / sum;
  }
}
