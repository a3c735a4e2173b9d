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
}
