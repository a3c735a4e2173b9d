package org.covidmmar.io.nifti;

import java.util.Arrays;
import org.covidmmar.volume.Affine;
import org.covidmmar.volume.Shape;
import org.covidmmar.volume.Volume;

/** Gathers voxels as int16 while they fit, from the first that does not as float32. */
final class VoxelSink implements NiftiReader.Voxels {
  private final int total;
  private short[] shorts;
  private float[] floats;
  private int filled;

  /**
   * @param total voxels to come
   * @param capacity room to begin with; it doubles as voxels come
   */
  VoxelSink(int total, int capacity, boolean int16) {
    this.total = total;
    int room = Math.min(total, capacity);
    shorts = int16 ? new short[room] : null;
    floats = int16 ? null : new float[room];
  }

  @Override
  public void take(double[] values, int n) {
    makeRoom(filled + n);
    int i = 0;
    if (shorts != null) {
      for (; i < n; i++) {
        short s = (short) values[i];
        if (s != values[i]) {
          widen();
          break;
        }
        shorts[filled + i] = s;
      }
    }
    for (; i < n; i++) {
      floats[filled + i] = (float) values[i];
    }
    filled += n;
  }

  Volume volume(Shape shape, Affine affine) {
    return shorts != null ? Volume.of(shape, affine, shorts) : Volume.of(shape, affine, floats);
  }

  private void makeRoom(int needed) {
    int room = shorts != null ? shorts.length : floats.length;
    if (needed <= room) {
      return;
    }
    int more = (int) Math.min(total, Math.max(needed, 2L * room));
    if (shorts != null) {
      shorts = Arrays.copyOf(shorts, more);
    } else {
      floats = Arrays.copyOf(floats, more);
    }
  }

  private void widen() {
    floats = new float[shorts.length];
    for (int i = 0; i < shorts.length; i++) {
      floats[i] = shorts[i];
    }
    shorts = null;
  }
}
