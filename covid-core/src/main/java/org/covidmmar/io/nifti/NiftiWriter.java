package org.covidmmar.io.nifti;

import java.nio.file.Path;
import org.covidmmar.volume.Volume;

/** Writes NIfTI-1 files. */
public final class NiftiWriter {
  private NiftiWriter() {}

  /** How voxels are stored. */
  public enum Type {
    UINT8,
    INT16,
    FLOAT32
  }

  /** Writes a volume in the type its voxels are held in. */
  public static void write(Path file, Volume volume) {
    write(file, volume, volume.isInt16() ? Type.INT16 : Type.FLOAT32);
  }

  /** Writes a volume in a given type. */
  public static void write(Path file, Volume volume, Type type) {
    if (volume.isInt16() || type != Type.INT16) {
      throw new UnsupportedOperationException(file + " " + type);
    }
  }
}
