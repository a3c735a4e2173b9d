package org.covidmmar.io.nifti;

import java.nio.file.Files;
import java.nio.file.Path;
import org.covidmmar.CovidException;
import org.covidmmar.volume.Volume;

/** Reads NIfTI files. */
public final class NiftiReader {
  private NiftiReader() {}

  /** The volume in a file, whole. */
  public static Volume read(Path file) {
    if (!Files.exists(file)) {
      throw new CovidException(file, "no such file", "give the path of a NIfTI file");
    }
    throw new UnsupportedOperationException(file.toString());
  }
}
