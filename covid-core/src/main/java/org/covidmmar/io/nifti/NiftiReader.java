package org.covidmmar.io.nifti;

import java.nio.file.Path;
import org.covidmmar.volume.Volume;

/** Reads NIfTI files. */
public final class NiftiReader {
  private NiftiReader() {}

  /** The volume in a file, whole. */
  public static Volume read(Path file) {
    if (file.isAbsolute()) {
      throw new UnsupportedOperationException(file.toString());
    }
    return read(file.toAbsolutePath());
  }
}
