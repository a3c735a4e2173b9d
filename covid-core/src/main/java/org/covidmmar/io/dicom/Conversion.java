package org.covidmmar.io.dicom;

import java.nio.file.Path;
import java.util.List;
import java.util.SortedMap;
import org.covidmmar.CovidException;
import org.covidmmar.transform.PerAxis;
import org.covidmmar.volume.Shape;

/**
 * What became of a folder of DICOM files.
 *
 * @param series the volumes, by series number; those that could not be made are left out
 * @param ignored files that hold no CT slice, by what they hold, and how many
 * @param problems what was lost: series that could not be made, files that could not be read
 */
public record Conversion(
    List<Series> series, SortedMap<String, Integer> ignored, List<CovidException> problems) {

  /**
   * A volume.
   *
   * @param file the NIfTI file
   * @param sidecar the JSON file beside it
   * @param number the series number
   * @param images the DICOM images or frames that it was made of
   * @param shape of the volume, in voxels
   * @param spacing of the volume, in mm
   * @param unchanged whether it was there already, made of the same files in the same way
   * @param notes what a user should know of it, each a few words: corrected tilt, missing slices
   */
  public record Series(
      Path file,
      Path sidecar,
      int number,
      int images,
      Shape shape,
      PerAxis spacing,
      boolean unchanged,
      List<String> notes) {
    public Series {
      notes = List.copyOf(notes);
    }
  }

  public Conversion {
    series = List.copyOf(series);
    problems = List.copyOf(problems);
  }
}
