package org.covidmmar.io.dicom;

import java.nio.file.Path;
import java.util.List;
import java.util.SortedMap;
import org.covidmmar.io.dicom.codec.FrameLayout;

/**
 * One CT slice: an image, or a frame of a multi-frame one.
 *
 * @param frame from 0; 0 of a single image
 * @param imageType the first three values of ImageType: such as ORIGINAL, PRIMARY, AXIAL
 * @param thickness in mm, or the spacing where that is given; 0 where neither is
 * @param padding the stored value outside the field of view; null where none is named
 * @param instance the image's number; of a frame, the frame's
 * @param acquisition its number; 0 where there is none
 * @param identifying elements that may tell who the patient is, where asked for
 */
record CtSlice(
    Source source,
    int frame,
    SeriesId series,
    List<String> imageType,
    Plane plane,
    double thickness,
    Stored stored,
    Rescale rescale,
    Integer padding,
    int instance,
    int acquisition,
    SortedMap<String, String> identifying) {

  /**
   * The file.
   *
   * @param size in bytes
   * @param modified in milliseconds since 1970
   * @param instance the SOP instance UID; may be empty
   */
  record Source(Path file, long size, long modified, String instance) {}

  /** What an image belongs to, by the identifiers as they stand in it; each may be empty. */
  record SeriesId(String patient, String study, String series, int number) {}

  /**
   * Where the pixels are.
   *
   * @param position centre of the first pixel
   * @param row direction in which the column index grows, of length 1
   * @param column direction in which the row index grows, of length 1
   * @param rowSpacing mm from row to row
   * @param columnSpacing mm from column to column
   */
  record Plane(
      Vector position, Vector row, Vector column, double rowSpacing, double columnSpacing) {
    Vector normal() {
      Vector normal = row.cross(column);
      return normal.times(1 / normal.length());
    }
  }

  /**
   * How the pixels are stored.
   *
   * @param shift bits below the lowest one stored
   * @param from the first byte, of the file or of what is deflated in it
   * @param to one past the last that may be
   * @param encapsulated whether it is a sequence of fragments
   * @param deflatedFrom where the deflated data begin in the file; -1 where they are not
   */
  record Stored(
      FrameLayout layout, int shift, long from, long to, boolean encapsulated, long deflatedFrom) {}

  /**
   * HU = stored value x slope + intercept.
   *
   * @param given whether the file says so; else stored values are taken for HU
   */
  record Rescale(double slope, double intercept, boolean given) {
    double hu(double value) {
      return value * slope + intercept;
    }

    boolean keepsIntegers() {
      return slope == Math.rint(slope) && intercept == Math.rint(intercept);
    }
  }

  /** The padding in HU; NaN where none is named. */
  double paddingHu() {
    return padding == null ? Double.NaN : rescale.hu(padding);
  }
}
