package org.covidmmar.io.nifti;

import java.nio.ByteOrder;
import org.covidmmar.volume.Affine;
import org.covidmmar.volume.Shape;

/**
 * What a NIfTI header says of a 3-D image, checked.
 *
 * @param version 1 or 2
 * @param order byte order of header and voxels
 * @param pair whether the voxels are in an .img file of their own
 * @param shape number of voxels along x, y, z
 * @param type how a voxel is stored
 * @param voxOffset where the voxels begin, in bytes
 * @param slope factor of stored values, 1 where the header has none (0 or not finite)
 * @param inter added to the product, 0 where the header has no slope
 * @param affine the sform where its code is 1 to 5, else the qform likewise, else the voxel sizes
 *     with x towards the left and the origin in the image's centre (as nibabel chooses)
 */
public record NiftiHeader(
    int version,
    ByteOrder order,
    boolean pair,
    Shape shape,
    NiftiType type,
    long voxOffset,
    double slope,
    double inter,
    Affine affine) {
  /** Length of all voxels in the file, in bytes. */
  public long voxelBytes() {
    return shape.voxels() * type.bytes();
  }

  /** Whether every stored whole number stays one, so that int16 may hold the volume. */
  boolean keepsIntegers() {
    return type.isInteger() && slope == Math.rint(slope) && inter == Math.rint(inter);
  }
}
