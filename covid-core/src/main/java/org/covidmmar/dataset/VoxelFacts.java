package org.covidmmar.dataset;

import org.covidmmar.io.nifti.NiftiReader;
import org.covidmmar.volume.Shape;

/** What a file's voxels tell, gathered as they come by: of an image as well as of a mask. */
final class VoxelFacts implements NiftiReader.Voxels {
  private static final long MIX = 0x9e3779b97f4a7c15L;
  private static final float LEAST_OF_AIR = -1100;
  private static final float LEAST_OF_TISSUE = -200;
  private static final float MOST_OF_TISSUE = 300;

  private final Shape shape;
  private final int[] corners = new int[8];
  private final MaskValues mask = new MaskValues();
  private int seen;
  private int cornersAboveZero;
  private float min = Float.POSITIVE_INFINITY;
  private float max = Float.NEGATIVE_INFINITY;
  private long notFinite;
  private int firstNotFinite = -1;
  private long air;
  private long tissue;
  private long content;

  VoxelFacts(Shape shape) {
    this.shape = shape;
    content = shape.hashCode();
    for (int c = 0; c < corners.length; c++) {
      int i = (c & 1) * (shape.x() - 1);
      int j = (c >> 1 & 1) * (shape.y() - 1);
      int k = (c >> 2) * (shape.z() - 1);
      corners[c] = i + shape.x() * (j + shape.y() * k);
    }
  }

  @Override
  public void take(double[] values, int n) {
    for (int i = 0; i < n; i++) {
      // As a volume would hold it; the sum makes -0 and 0 alike.
      float v = (float) values[i] + 0f;
      content = (content ^ Float.floatToIntBits(v)) * MIX;
      content ^= content >>> 32;
      if (Float.isFinite(v)) {
        min = v < min ? v : min;
        max = v > max ? v : max;
        if (v < LEAST_OF_TISSUE) {
          air += v >= LEAST_OF_AIR ? 1 : 0;
        } else {
          tissue += v <= MOST_OF_TISSUE ? 1 : 0;
        }
      } else {
        firstNotFinite = notFinite == 0 ? seen + i : firstNotFinite;
        notFinite++;
      }
      if (v != 0 && mask.areOfAMask()) {
        mask.add(v, seen + i);
      }
    }
    for (int corner : corners) {
      if (corner >= seen && corner - seen < n && values[corner - seen] > 0) {
        cornersAboveZero++;
      }
    }
    seen += n;
  }

  Shape shape() {
    return shape;
  }

  /** Of the finite voxels. */
  HuRange range() {
    return new HuRange(min, max);
  }

  boolean isConstant() {
    return notFinite == 0 && min == max;
  }

  /** Voxels that are NaN or infinite. */
  long notFinite() {
    return notFinite;
  }

  /** The index of the first of them; -1 where there is none. */
  int firstNotFinite() {
    return firstNotFinite;
  }

  /** The part of the voxels from -1100 to -200, where air and lungs lie in HU. */
  double air() {
    return (double) air / shape.voxels();
  }

  /** The part of the voxels from -200 to 300, where tissue lies in HU. */
  double tissue() {
    return (double) tissue / shape.voxels();
  }

  MaskValues mask() {
    return mask;
  }

  /** The part of the voxels that are not 0; of a mask only. */
  double lung() {
    return (double) mask.lung() / shape.voxels();
  }

  boolean hasEveryCornerAboveZero() {
    return cornersAboveZero == corners.length;
  }

  /** Equal for equal shapes and voxels, however they are stored; else different but by chance. */
  long content() {
    return content;
  }
}
