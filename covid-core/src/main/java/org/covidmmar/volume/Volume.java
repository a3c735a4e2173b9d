package org.covidmmar.volume;

import java.util.Objects;

/**
 * A 3-D image of one channel: voxels, shape, and the affine that takes voxel indices to patient
 * space (RAS+, mm).
 *
 * <p>Voxel (i, j, k) stands at index {@code i + x * (j + y * k)}: the first axis runs fastest, as
 * in a NIfTI file. Voxels are float32, or int16 where the source is so (CT as stored), which halves
 * the memory of a scan. The array is shared, not copied: whoever makes a volume hands the array
 * over, and nobody writes to it afterwards.
 */
public final class Volume {
  private final Shape shape;
  private final Affine affine;
  private final float[] floats;
  private final short[] shorts;

  private Volume(Shape shape, Affine affine, float[] floats, short[] shorts, int length) {
    if (length != shape.voxels()) {
      throw new IllegalArgumentException(
          "shape " + shape + " has " + shape.voxels() + " voxels, the array " + length);
    }
    this.shape = shape;
    this.affine = Objects.requireNonNull(affine);
    this.floats = floats;
    this.shorts = shorts;
  }

  /** A volume of float32 voxels. */
  public static Volume of(Shape shape, Affine affine, float[] voxels) {
    return new Volume(shape, affine, voxels, null, voxels.length);
  }

  /** A volume of int16 voxels. */
  public static Volume of(Shape shape, Affine affine, short[] voxels) {
    return new Volume(shape, affine, null, voxels, voxels.length);
  }

  public Shape shape() {
    return shape;
  }

  public Affine affine() {
    return affine;
  }

  /** Whether the voxels are held as int16. */
  public boolean isInt16() {
    return shorts != null;
  }

  /** The voxels as float32: the array itself, or for an int16 volume a converted copy. */
  public float[] floats() {
    if (floats != null) {
      return floats;
    }
    float[] converted = new float[shorts.length];
    for (int i = 0; i < converted.length; i++) {
      converted[i] = shorts[i];
    }
    return converted;
  }

  /**
   * The voxels of an int16 volume.
   *
   * @throws IllegalStateException where the voxels are float32
   */
  public short[] shorts() {
    if (shorts == null) {
      throw new IllegalStateException("the voxels are float32");
    }
    return shorts;
  }

  /** The voxel at linear index {@code i + x * (j + y * k)}; for hot loops take the array. */
  public float at(int index) {
    return floats != null ? floats[index] : shorts[index];
  }

  /** The voxel (i, j, k). */
  public float at(int i, int j, int k) {
    return at(i + shape.x() * (j + shape.y() * k));
  }

  /**
   * The box of voxels from (x0, y0, z0), included, to (x1, y1, z1), excluded, copied, its affine
   * moved so that every voxel stays where it is in the patient.
   */
  public Volume cropped(int x0, int x1, int y0, int y1, int z0, int z1) {
    if (x0 < 0 || y0 < 0 || z0 < 0 || x1 > shape.x() || y1 > shape.y() || z1 > shape.z()) {
      throw new IllegalArgumentException(
          "box %d..%d, %d..%d, %d..%d outside shape %s".formatted(x0, x1, y0, y1, z0, z1, shape));
    }
    int start = x0 + shape.x() * (y0 + shape.y() * z0);
    int[] strides = {1, shape.x(), shape.x() * shape.y()};
    return strided(
        new Shape(x1 - x0, y1 - y0, z1 - z0), affine.startingAt(x0, y0, z0), start, strides);
  }

  /** A copy whose voxel (i, j, k) is this one's at start + i*strides[0] + j*... + k*... */
  Volume strided(Shape to, Affine toAffine, int start, int[] strides) {
    int count = Math.toIntExact(to.voxels());
    Object source = floats != null ? floats : shorts;
    float[] f = floats != null ? new float[count] : null;
    short[] s = floats != null ? null : new short[count];
    int at = 0;
    for (int k = 0; k < to.z(); k++) {
      for (int j = 0; j < to.y(); j++) {
        int from = start + j * strides[1] + k * strides[2];
        if (strides[0] == 1) {
          System.arraycopy(source, from, floats != null ? f : s, at, to.x());
        } else if (floats != null) {
          for (int i = 0; i < to.x(); i++) {
            f[at + i] = floats[from + i * strides[0]];
          }
        } else {
          for (int i = 0; i < to.x(); i++) {
            s[at + i] = shorts[from + i * strides[0]];
          }
        }
        at += to.x();
      }
    }
    return new Volume(to, toAffine, f, s, count);
  }
}
