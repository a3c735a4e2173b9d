package org.covidmmar.io.dicom;

import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import java.nio.ShortBuffer;
import java.util.Arrays;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.covidmmar.io.nifti.NiftiSliceWriter;
import org.covidmmar.io.nifti.NiftiWriter;
import org.covidmmar.transform.PerAxis;
import org.covidmmar.transform.Sample;
import org.covidmmar.transform.Spacing;
import org.covidmmar.volume.Affine;
import org.covidmmar.volume.Shape;
import org.covidmmar.volume.Volume;

/**
 * Makes the slices of a volume in HU out of DICOM slices: rescaled each by its own slope and
 * intercept, rows from below, and where the grid asks for it moved, and interpolated linearly.
 */
final class VolumeSlices implements NiftiSliceWriter.Slices {
  private static final double NEAREST = 0.5;

  private final Grid grid;
  private final NiftiWriter.Type type;
  private final float fill;
  private final Queue<Scratch> scratches = new ConcurrentLinkedQueue<>();

  /** A value that int16 does not hold: the volume must be float32. */
  static final class NotInt16 extends RuntimeException {
    private static final long serialVersionUID = 1L;

    NotInt16() {
      super("not an int16", null, false, false);
    }
  }

  /**
   * @param type INT16, then making a slice throws {@link NotInt16} where a value is no whole number
   *     of its range; or FLOAT32
   * @param fill HU outside the source's slices, where these are moved
   */
  VolumeSlices(Grid grid, NiftiWriter.Type type, float fill) {
    this.grid = grid;
    this.type = type;
    this.fill = fill;
  }

  /** What one thread works with. */
  private final class Scratch {
    final SliceReader reader = new SliceReader();
    final float[] low = grid.isDirect() ? null : new float[plane()];
    final float[] high = grid.isDirect() ? null : new float[plane()];
    final float[] source = grid.isDirect() ? null : new float[sourcePixels()];
    int inLow = -1;
    int inHigh = -1;
  }

  private int plane() {
    return grid.sheared().x() * grid.sheared().y();
  }

  private int sourcePixels() {
    return grid.stack().first().stored().layout().pixels();
  }

  private Scratch take() {
    Scratch free = scratches.poll();
    return free != null ? free : new Scratch();
  }

  @Override
  public void make(int index, ByteBuffer voxels) {
    Scratch scratch = take();
    if (!grid.isDirect()) {
      between(scratch, index, voxels);
    } else if (type == NiftiWriter.Type.INT16) {
      shorts(scratch, grid.stack().slices().get(index), voxels.asShortBuffer());
    } else {
      CtSlice slice = grid.stack().slices().get(index);
      float[] hu = new float[sourcePixels()];
      floats(scratch, slice, hu);
      voxels.asFloatBuffer().put(hu);
    }
    // Not after an exception: what it holds is unknown then.
    scratches.add(scratch);
  }

  /** Rows from the last to the first. */
  private static void shorts(Scratch scratch, CtSlice slice, ShortBuffer voxels) {
    short[] values = scratch.reader.read(slice);
    int count = slice.stored().layout().pixels();
    int columns = slice.stored().layout().columns();
    rescale(values, count, slice);
    for (int from = count - columns; from >= 0; from -= columns) {
      voxels.put(values, from, columns);
    }
  }

  private static void rescale(short[] values, int count, CtSlice slice) {
    CtSlice.Rescale rescale = slice.rescale();
    int mask = mask(slice);
    int lost = 0;
    if (rescale.keepsIntegers() && Math.abs(rescale.slope()) < 1 << 14) {
      int slope = (int) rescale.slope();
      int intercept = (int) Math.max(Math.min(rescale.intercept(), 1 << 29), -(1 << 29));
      for (int i = 0; i < count; i++) {
        int hu = (values[i] & mask) * slope + intercept;
        short kept = (short) hu;
        lost |= hu ^ kept;
        values[i] = kept;
      }
    } else {
      for (int i = 0; i < count; i++) {
        double hu = rescale.hu(values[i] & mask);
        short kept = (short) hu;
        lost |= hu == kept ? 0 : 1;
        values[i] = kept;
      }
    }
    if (lost != 0) {
      throw new NotInt16();
    }
  }

  /** Takes the sign from values of 16 bits that have none. */
  private static int mask(CtSlice slice) {
    return slice.stored().layout().signed() ? -1 : 0xffff;
  }

  /** HU of a slice, rows from the last to the first. */
  private void floats(Scratch scratch, CtSlice slice, float[] hu) {
    short[] values = scratch.reader.read(slice);
    int count = slice.stored().layout().pixels();
    int columns = slice.stored().layout().columns();
    int mask = mask(slice);
    CtSlice.Rescale rescale = slice.rescale();
    boolean lost = false;
    int at = 0;
    for (int from = count - columns; from >= 0; from -= columns) {
      for (int i = from; i < from + columns; i++) {
        double value = rescale.hu(values[i] & mask);
        lost |= value != (short) value;
        hu[at++] = (float) value;
      }
    }
    if (lost && type == NiftiWriter.Type.INT16) {
      throw new NotInt16();
    }
  }

  /** The least HU of a source slice. */
  float least(int source) {
    Scratch scratch = take();
    CtSlice slice = grid.stack().slices().get(source);
    short[] values = scratch.reader.read(slice);
    int count = slice.stored().layout().pixels();
    int mask = mask(slice);
    double least = Double.POSITIVE_INFINITY;
    for (int i = 0; i < count; i++) {
      least = Math.min(least, slice.rescale().hu(values[i] & mask));
    }
    scratches.add(scratch);
    return (float) least;
  }

  private void between(Scratch scratch, int index, ByteBuffer voxels) {
    double[] places = grid.stack().places();
    double place = Math.min(index * grid.step(), places[places.length - 1]);
    int high = 0;
    while (high < places.length - 1 && places[high] < place) {
      high++;
    }
    int low = places[high] > place ? high - 1 : high;
    load(scratch, low, high);
    double weight = low == high ? 1 : (place - places[low]) / (places[high] - places[low]);
    float[] blended = weight == 1 ? scratch.high : blended(scratch, weight);
    float[] result = grid.inPlane() == null ? blended : resampled(blended);
    if (type == NiftiWriter.Type.INT16) {
      ShortBuffer out = voxels.asShortBuffer();
      for (float value : result) {
        out.put((short) Math.floor(value + 0.5));
      }
    } else {
      FloatBuffer out = voxels.asFloatBuffer();
      out.put(result, 0, result.length);
    }
  }

  private void load(Scratch scratch, int low, int high) {
    if (scratch.inHigh == low && low != high) {
      System.arraycopy(scratch.high, 0, scratch.low, 0, scratch.high.length);
      scratch.inLow = low;
    }
    if (scratch.inHigh != high) {
      scratch.inHigh = -1;
      move(scratch, high, scratch.high);
      scratch.inHigh = high;
    }
    if (scratch.inLow != low && low != high) {
      scratch.inLow = -1;
      move(scratch, low, scratch.low);
      scratch.inLow = low;
    }
  }

  private static float[] blended(Scratch scratch, double weight) {
    float[] blended = new float[scratch.high.length];
    for (int i = 0; i < blended.length; i++) {
      blended[i] = (float) (scratch.low[i] * (1 - weight) + scratch.high[i] * weight);
    }
    return blended;
  }

  private float[] resampled(float[] slice) {
    CtSlice.Plane plane = grid.stack().first().plane();
    PerAxis mm = grid.inPlane();
    Shape shape = new Shape(grid.sheared().x(), grid.sheared().y(), 1);
    Affine affine =
        Affine.of(plane.columnSpacing(), 0, 0, 0, 0, plane.rowSpacing(), 0, 0, 0, 0, mm.z(), 0);
    Sample sample = new Sample("slice", Volume.of(shape, affine, slice), null);
    return new Spacing(mm).apply(sample).image().floats();
  }

  /** A source slice in its place in the grid's plane. */
  private void move(Scratch scratch, int source, float[] plane) {
    CtSlice slice = grid.stack().slices().get(source);
    if (!grid.isSheared()) {
      floats(scratch, slice, plane);
      return;
    }
    floats(scratch, slice, scratch.source);
    int columns = slice.stored().layout().columns();
    int rows = slice.stored().layout().rows();
    float padding = (float) slice.paddingHu();
    double right = grid.right()[source];
    double up = grid.up()[source];
    Arrays.fill(plane, fill);
    for (int r = 0; r < grid.sheared().y(); r++) {
      double from = r - up;
      if (from < 0 || from >= rows) {
        continue;
      }
      int low = (int) from;
      int high = Math.min(low + 1, rows - 1);
      int at = r * grid.sheared().x();
      if (right == 0) {
        for (int c = 0; c < columns; c++) {
          plane[at + c] =
              mean(
                  scratch.source[low * columns + c],
                  scratch.source[high * columns + c],
                  from - low,
                  padding);
        }
        continue;
      }
      for (int c = 0; c < grid.sheared().x(); c++) {
        double across = c - right;
        if (across >= 0 && across < columns) {
          int west = (int) across;
          int east = Math.min(west + 1, columns - 1);
          plane[at + c] =
              mean(
                  mean(
                      scratch.source[low * columns + west],
                      scratch.source[high * columns + west],
                      from - low,
                      padding),
                  mean(
                      scratch.source[low * columns + east],
                      scratch.source[high * columns + east],
                      from - low,
                      padding),
                  across - west,
                  padding);
        }
      }
    }
  }

  /** The nearer of two values where one of them is padding, else the mean. */
  private static float mean(float low, float high, double weight, float padding) {
    if (low == padding || high == padding) {
      return weight >= NEAREST ? high : low;
    }
    return (float) (low * (1 - weight) + high * weight);
  }
}
