package org.covidmmar.segmentation;

import org.covidmmar.CovidException;
import org.covidmmar.volume.Orientation;
import org.covidmmar.volume.Shape;
import org.covidmmar.volume.Volume;

/**
 * A CT averaged over blocks of voxels to cells of about 2 mm, along the patient's axes, however its
 * own axes run; values are clipped to {@value #LOWEST}..{@value #HIGHEST} HU first, which makes
 * padding outside the field of view air. Voxels coarser than that stay as they are.
 */
final class CoarseScan {
  static final short LOWEST = -1024;
  static final short HIGHEST = 3071;

  private static final double CELL = 2;

  final Grid grid;
  final short[] hu;
  private final Volume ct;
  private final int start;
  private final int[] strides;
  private final int[] sizes;
  private final int[] factors;

  private CoarseScan(
      Volume ct, Grid grid, short[] hu, int start, int[] strides, int[] sizes, int[] factors) {
    this.ct = ct;
    this.grid = grid;
    this.hu = hu;
    this.start = start;
    this.strides = strides;
    this.sizes = sizes;
    this.factors = factors;
  }

  /**
   * @throws CovidException where the affine has no inverse or a voxel is not finite
   */
  static CoarseScan of(String subject, Volume ct) {
    int[] along = axes(subject, ct);
    Shape shape = ct.shape();
    int[] steps = {1, shape.x(), shape.x() * shape.y()};
    double[] spacing = ct.affine().spacing();
    int start = 0;
    int[] strides = new int[3];
    int[] sizes = new int[3];
    int[] factors = new int[3];
    int[] cells = new int[3];
    double[] mm = new double[3];
    for (int axis = 0; axis < 3; axis++) {
      int voxelAxis = along[axis] >> 1;
      boolean reversed = (along[axis] & 1) != 0;
      sizes[axis] = shape.along(voxelAxis);
      strides[axis] = reversed ? -steps[voxelAxis] : steps[voxelAxis];
      start += reversed ? steps[voxelAxis] * (sizes[axis] - 1) : 0;
      double ideal = Math.rint(CELL / spacing[voxelAxis]);
      factors[axis] = (int) Math.max(1, Math.min(ideal, sizes[axis]));
      cells[axis] = (sizes[axis] + factors[axis] - 1) / factors[axis];
      mm[axis] = factors[axis] * spacing[voxelAxis];
    }
    Grid grid = new Grid(cells[0], cells[1], cells[2], mm[0], mm[1], mm[2]);
    CoarseScan scan =
        new CoarseScan(ct, grid, new short[grid.size()], start, strides, sizes, factors);
    if (ct.isInt16()) {
      scan.averageInt16();
    } else {
      scan.averageFloat(subject);
    }
    return scan;
  }

  /** For each axis of the patient twice the voxel axis along it, plus 1 where that is reversed. */
  private static int[] axes(String subject, Volume ct) {
    int[] along = new int[3];
    try {
      Orientation orientation = Orientation.of(ct.affine());
      for (int axis = 0; axis < 3; axis++) {
        Orientation.Direction direction = orientation.along(axis);
        along[direction.axis()] = 2 * axis + (direction.isPositive() ? 0 : 1);
      }
      return along;
    } catch (ArithmeticException e) {
      throw Refusals.noInverse(subject, ct.affine(), e);
    }
  }

  private void averageInt16() {
    short[] voxels = ct.shorts();
    int[] sums = new int[grid.nx()];
    blocks(
        (from, to, i) -> {
          int sum = 0;
          for (int at = from; at != to; at += strides[0]) {
            sum += Math.max(LOWEST, Math.min(HIGHEST, voxels[at]));
          }
          sums[i] += sum;
        },
        (at, i, count) -> {
          hu[at] = (short) Math.floorDiv(sums[i], count);
          sums[i] = 0;
        });
  }

  private void averageFloat(String subject) {
    float[] voxels = ct.floats();
    double[] sums = new double[grid.nx()];
    blocks(
        (from, to, i) -> {
          double sum = 0;
          for (int at = from; at != to; at += strides[0]) {
            float v = voxels[at];
            if (!Float.isFinite(v)) {
              throw Refusals.notFinite(subject, at, v);
            }
            sum += Math.rint(Math.max(LOWEST, Math.min(HIGHEST, v)));
          }
          sums[i] += sum;
        },
        (at, i, count) -> {
          hu[at] = (short) Math.floor(sums[i] / count);
          sums[i] = 0;
        });
  }

  /** Takes part of a row of voxels, from, included, to, excluded, into cell i of a row. */
  private interface Part {
    void add(int from, int to, int i);
  }

  /** Ends cell i of a row, at index at, which has so many voxels. */
  private interface End {
    void set(int at, int i, int count);
  }

  private void blocks(Part part, End end) {
    for (int z = 0; z < grid.nz(); z++) {
      int z1 = Math.min(sizes[2], (z + 1) * factors[2]);
      for (int y = 0; y < grid.ny(); y++) {
        int y1 = Math.min(sizes[1], (y + 1) * factors[1]);
        for (int vz = z * factors[2]; vz < z1; vz++) {
          for (int vy = y * factors[1]; vy < y1; vy++) {
            int row = start + vy * strides[1] + vz * strides[2];
            for (int x = 0; x < grid.nx(); x++) {
              int x1 = Math.min(sizes[0], (x + 1) * factors[0]);
              part.add(row + x * factors[0] * strides[0], row + x1 * strides[0], x);
            }
          }
        }
        int rows = (z1 - z * factors[2]) * (y1 - y * factors[1]);
        int at = grid.nx() * (y + grid.ny() * z);
        for (int x = 0; x < grid.nx(); x++) {
          int columns = Math.min(sizes[0], (x + 1) * factors[0]) - x * factors[0];
          end.set(at + x, x, rows * columns);
        }
      }
    }
  }

  /**
   * A mask on the CT's own grid, and how many voxels each side has.
   *
   * @param mask int16, 1 lung, 0 background
   */
  record Refined(Volume mask, long right, long left) {}

  /**
   * Takes a segmentation to the CT's own voxels. Cells well inside or outside decide for theirs;
   * near the border a voxel is taken by the segmentation's linear interpolation: from a quarter on
   * where it is aerated, else from a half on where that part was filled in, and from nine tenths on
   * elsewhere, so that the border follows the CT's own edge.
   *
   * @param sides 0 background, 1 right lung, 2 left lung
   * @param air the aerated cells, those that the threshold found
   * @param threshold HU below which a voxel is aerated
   */
  Refined refined(byte[] sides, byte[] air, int threshold) {
    byte[] state = bands(sides);
    short[] mask = new short[Math.toIntExact(ct.shape().voxels())];
    short[] shorts = ct.isInt16() ? ct.shorts() : null;
    float[] floats = ct.isInt16() ? null : ct.floats();
    Lookup xs = new Lookup(sizes[0], factors[0], grid.nx());
    Lookup ys = new Lookup(sizes[1], factors[1], grid.ny());
    Lookup zs = new Lookup(sizes[2], factors[2], grid.nz());
    long[] counts = new long[3];
    double[] shares = new double[3];
    for (int z = 0; z < sizes[2]; z++) {
      for (int y = 0; y < sizes[1]; y++) {
        int row = start + y * strides[1] + z * strides[2];
        int cells = grid.nx() * (y / factors[1] + grid.ny() * (z / factors[2]));
        for (int x = 0; x < sizes[0]; x++) {
          int cell = cells + x / factors[0];
          if (state[cell] == 0) {
            continue;
          }
          int at = row + x * strides[0];
          int side = sides[cell];
          if (state[cell] == 1) {
            shares(shares, sides, air, xs, ys, zs, x, y, z);
            double inside = shares[1] + shares[2];
            boolean aerated = (shorts != null ? shorts[at] : floats[at]) < threshold;
            double least = aerated ? 0.25 : shares[0] < inside / 2 ? 0.5 : 0.9;
            if (inside < least) {
              continue;
            }
            side = shares[1] >= shares[2] ? 1 : 2;
          }
          mask[at] = 1;
          counts[side]++;
        }
      }
    }
    return new Refined(Volume.of(ct.shape(), ct.affine(), mask), counts[1], counts[2]);
  }

  /** Between which two cells a voxel's centre lies, and how near to the second. */
  private static final class Lookup {
    final int[] low;
    final int[] high;
    final double[] weight;

    Lookup(int size, int factor, int cells) {
      low = new int[size];
      high = new int[size];
      weight = new double[size];
      for (int i = 0; i < size; i++) {
        double at = Math.min(Math.max((i + 0.5) / factor - 0.5, 0), cells - 1.0);
        low[i] = (int) at;
        high[i] = Math.min(low[i] + 1, cells - 1);
        weight[i] = at - low[i];
      }
    }
  }

  /** Shares of the eight cells about a voxel: of the aerated, the right and the left lung. */
  private void shares(
      double[] shares,
      byte[] sides,
      byte[] air,
      Lookup xs,
      Lookup ys,
      Lookup zs,
      int x,
      int y,
      int z) {
    shares[0] = 0;
    shares[1] = 0;
    shares[2] = 0;
    for (int corner = 0; corner < 8; corner++) {
      boolean ux = (corner & 1) != 0;
      boolean uy = (corner & 2) != 0;
      boolean uz = (corner & 4) != 0;
      double w =
          (ux ? xs.weight[x] : 1 - xs.weight[x])
              * (uy ? ys.weight[y] : 1 - ys.weight[y])
              * (uz ? zs.weight[z] : 1 - zs.weight[z]);
      int cell =
          (ux ? xs.high[x] : xs.low[x])
              + grid.nx()
                  * ((uy ? ys.high[y] : ys.low[y]) + grid.ny() * (uz ? zs.high[z] : zs.low[z]));
      if (sides[cell] != 0) {
        shares[sides[cell]] += w;
        shares[0] += air[cell] != 0 ? w : 0;
      }
    }
  }

  /** 0 where a cell and all about it are background, 2 where all are of its lung, else 1. */
  private byte[] bands(byte[] sides) {
    byte[] state = new byte[sides.length];
    int nx = grid.nx();
    int ny = grid.ny();
    int nz = grid.nz();
    for (int z = 0, at = 0; z < nz; z++) {
      for (int y = 0; y < ny; y++) {
        for (int x = 0; x < nx; x++, at++) {
          boolean any = false;
          boolean all = true;
          for (int c = Math.max(0, z - 1); c <= Math.min(nz - 1, z + 1); c++) {
            for (int b = Math.max(0, y - 1); b <= Math.min(ny - 1, y + 1); b++) {
              for (int a = Math.max(0, x - 1); a <= Math.min(nx - 1, x + 1); a++) {
                byte side = sides[a + nx * (b + ny * c)];
                any |= side != 0;
                all &= side == sides[at];
              }
            }
          }
          state[at] = (byte) (!any ? 0 : all ? 2 : 1);
        }
      }
    }
    return state;
  }
}
