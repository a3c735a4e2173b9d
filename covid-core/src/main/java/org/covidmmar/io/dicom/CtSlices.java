package org.covidmmar.io.dicom;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import org.covidmmar.CovidException;
import org.covidmmar.io.dicom.codec.FrameLayout;
import org.covidmmar.io.dicom.codec.PixelCodecs;

/**
 * What a DICOM file holds for a converter of CT.
 *
 * @param slices one, or those of a multi-frame image; none where the file holds something else
 * @param ignored what that is; null where there are slices
 */
record CtSlices(List<CtSlice> slices, String ignored) {
  private static final String STORAGE = "1.2.840.10008.5.1.4.1.1.";
  private static final List<String> CT =
      List.of(STORAGE + "2", STORAGE + "2.1", STORAGE + "2.2", "");
  private static final List<String> LOCALIZERS = List.of("LOCALIZER", "SCOUT", "TOPOGRAM");
  private static final String NO_HU = "values other than HU";
  private static final int TYPE_VALUES = 3;
  private static final long MOST_PIXELS = 1L << 24;
  // Up to here memory is no question; beyond, no codec packs so much.
  private static final long FREE_PIXELS = 1L << 22;
  private static final int MOST_PACKED = 64;
  private static final double LENGTH_TOLERANCE = 0.01;
  private static final double LEAST_SPACING = 1e-3;
  private static final double MOST_SPACING = 1e3;
  private static final double MOST_PLACE = 1e5;
  private static final double MOST_RESCALE = 1e6;

  /**
   * Reads the facts of each slice.
   *
   * @throws CovidException where the file holds CT images that cannot be placed or decoded
   */
  static CtSlices of(DicomFile file) {
    try {
      return file.other() != null ? new CtSlices(List.of(), file.other()) : slices(file);
    } catch (DicomFormatException e) {
      throw DicomFile.damaged(file.path(), e.getMessage(), e);
    }
  }

  /** What else it is than images of CT; null where it is such. */
  static String other(String sop, DataSet set) throws DicomFormatException {
    String modality = set.text(Tag.MODALITY);
    if (sop.equals("1.2.840.10008.1.3.10")) {
      return "directory (DICOMDIR)";
    }
    if (sop.startsWith(STORAGE + "88.") || sop.startsWith(STORAGE + "104.")) {
      return "report";
    }
    if (sop.equals(STORAGE + "7") || sop.startsWith(STORAGE + "7.")) {
      return "secondary capture";
    }
    if (!modality.equals("CT") && !(modality.isEmpty() && !sop.isEmpty() && CT.contains(sop))) {
      return modality.matches("[A-Z0-9_]{1,16}") ? "modality " + modality : "no CT image";
    }
    if (!CT.contains(sop)) {
      return "no CT image";
    }
    List<String> type = set.texts(Tag.IMAGE_TYPE);
    if (type.stream().anyMatch(LOCALIZERS::contains)) {
      return "localizer";
    }
    if (set.unsigned(Tag.SAMPLES, 1) != 1 || type.contains("SCREEN SAVE")) {
      return "secondary capture";
    }
    return isHu(set) ? null : NO_HU;
  }

  private static boolean isHu(DataSet rescale) {
    String unit = rescale.text(Tag.RESCALE_TYPE);
    return unit.isEmpty() || unit.equals("HU") || unit.equals("US");
  }

  /** What the images belong to. */
  static CtSlice.SeriesId series(DataSet set) {
    return new CtSlice.SeriesId(
        set.text(Tag.PATIENT_ID),
        set.text(Tag.STUDY),
        set.text(Tag.SERIES),
        (int) set.decimalOr(Tag.SERIES_NUMBER, 0));
  }

  private static CtSlices slices(DicomFile file) throws DicomFormatException {
    if (file.frames().isEmpty()) {
      throw new DicomFormatException("truncated: pixel data expected, none found");
    }
    DataSet set = file.set();
    int count = file.frames().size();
    List<DataSet> groups = set.items(Tag.PER_FRAME_GROUPS);
    boolean enhanced = !groups.isEmpty() || !set.items(Tag.SHARED_GROUPS).isEmpty();
    if (enhanced && groups.size() != count) {
      throw new DicomFormatException(
          "%d frames, but functional groups of %d".formatted(count, groups.size()));
    }
    if (!enhanced && count > 1) {
      throw new DicomFormatException(
          "expected the place of each of %d frames in functional groups, found none"
              .formatted(count));
    }
    if (!set.items(Tag.MODALITY_LUT).isEmpty() && !set.has(Tag.RESCALE_SLOPE)) {
      throw new CovidException(
          file.path(),
          "expected HU by RescaleSlope and RescaleIntercept, found a Modality LUT",
          "export the series again with rescale");
    }
    FrameLayout layout = layout(file);
    int shift = shift(file, layout);
    CtSlice.Source source =
        new CtSlice.Source(file.path(), file.size(), file.modified(), set.text(Tag.SOP_INSTANCE));
    CtSlice.SeriesId id = series(set);
    SortedMap<String, String> identifying = identifying(set);
    List<CtSlice> slices = new ArrayList<>();
    String ignored = "localizer";
    for (int f = 0; f < count; f++) {
      Frame frame = new Frame(set, enhanced ? groups.get(f) : set);
      if (frame.isLocalizer()) {
        continue;
      }
      if (!frame.isHu()) {
        ignored = NO_HU;
        continue;
      }
      DicomFile.Range range = file.frames().get(f);
      slices.add(
          new CtSlice(
              source,
              f,
              id,
              frame.imageType(),
              frame.plane(),
              frame.thickness(),
              new CtSlice.Stored(
                  layout,
                  shift,
                  range.from(),
                  range.to(),
                  file.pixelBytes() < 0,
                  file.deflatedFrom()),
              frame.rescale(),
              padding(set, layout),
              enhanced ? f + 1 : (int) set.decimalOr(Tag.INSTANCE_NUMBER, 0),
              frame.acquisition(),
              identifying));
    }
    return new CtSlices(slices, slices.isEmpty() ? ignored : null);
  }

  private static FrameLayout layout(DicomFile file) throws DicomFormatException {
    DataSet set = file.set();
    int rows = set.unsigned(Tag.ROWS, 0);
    int columns = set.unsigned(Tag.COLUMNS, 0);
    long pixels = (long) rows * columns;
    if (pixels < 1 || pixels > MOST_PIXELS) {
      throw new DicomFormatException(
          "expected 1 to %d pixels an image, found %d rows of %d"
              .formatted(MOST_PIXELS, rows, columns));
    }
    int allocated = set.unsigned(Tag.BITS_ALLOCATED, 0);
    int stored = set.unsigned(Tag.BITS_STORED, allocated);
    if ((allocated != 8 && allocated != 16) || stored < 1 || stored > allocated) {
      throw new DicomFormatException(
          "expected 8 or 16 bits a pixel, found %d stored in %d".formatted(stored, allocated));
    }
    DicomFile.Range first = file.frames().get(0);
    long bytes = first.to() - first.from();
    String syntax = file.transferSyntax();
    boolean encapsulated = file.pixelBytes() < 0;
    boolean fits =
        encapsulated
            ? pixels <= FREE_PIXELS || pixels / MOST_PACKED <= bytes
            : pixels * (allocated / 8) <= bytes;
    if (!fits) {
      throw new DicomFormatException(
          "truncated: %d rows of %d pixels of %d bits expected, %d bytes found"
              .formatted(rows, columns, allocated, bytes));
    }
    boolean plain =
        List.of(DicomFile.IMPLICIT, DicomFile.EXPLICIT, DicomFile.DEFLATED, DicomFile.BIG_ENDIAN)
            .contains(syntax);
    if (encapsulated == plain || (encapsulated && PixelCodecs.of(syntax).isEmpty())) {
      throw new CovidException(
          file.path(),
          "pixel data in %s%s cannot be decoded"
              .formatted(
                  PixelCodecs.name(syntax), encapsulated ? "" : " that are not encapsulated"),
          "export the series again as JPEG lossless or uncompressed");
    }
    if (file.deflatedFrom() >= 0 && file.frames().size() > 1) {
      throw new CovidException(
          file.path(),
          "deflated, with %d frames: each would take to inflate all before it"
              .formatted(file.frames().size()),
          "export the series again as JPEG lossless or uncompressed");
    }
    boolean signed = set.unsigned(Tag.PIXEL_REPRESENTATION, 0) == 1;
    return new FrameLayout(rows, columns, allocated, stored, signed, syntax);
  }

  private static int shift(DicomFile file, FrameLayout layout) throws DicomFormatException {
    int high = file.set().unsigned(Tag.HIGH_BIT, layout.bitsStored() - 1);
    if (high < layout.bitsStored() - 1 || high >= layout.bitsAllocated()) {
      throw new DicomFormatException(
          "expected the high bit of %d in %d, found %d"
              .formatted(layout.bitsStored(), layout.bitsAllocated(), high));
    }
    int shift = high + 1 - layout.bitsStored();
    if (shift > 0 && file.pixelBytes() < 0) {
      throw new CovidException(
          file.path(),
          "compressed pixel data whose %d stored bits end at bit %d cannot be decoded"
              .formatted(layout.bitsStored(), high),
          "export the series again uncompressed");
    }
    return shift;
  }

  private static Integer padding(DataSet set, FrameLayout layout) throws DicomFormatException {
    int value = set.unsigned(Tag.PADDING, -1);
    if (value < 0) {
      return null;
    }
    int padding = layout.signed() ? (short) value : value;
    long values = 1L << layout.bitsStored();
    long least = layout.signed() ? -values / 2 : 0;
    // No pixel has it, where the stored bits do not hold it.
    return padding >= least && padding < least + values ? padding : null;
  }

  private static SortedMap<String, String> identifying(DataSet set) {
    SortedMap<String, String> found = new TreeMap<>();
    Tag.IDENTIFYING.forEach(
        (name, tag) -> {
          if (set.has(tag)) {
            found.put(name, set.text(tag).replaceAll("\\p{Cntrl}", " "));
          }
        });
    return found;
  }

  /** A frame's facts: its own functional group's, else the shared one's, else the data set's. */
  private record Frame(DataSet set, DataSet own) {
    private DataSet group(int sequence) {
      for (DataSet group : List.of(own, set.item(Tag.SHARED_GROUPS))) {
        if (!group.items(sequence).isEmpty()) {
          return group.item(sequence);
        }
      }
      return set;
    }

    List<String> imageType() {
      DataSet group = group(Tag.CT_FRAME_TYPE_SEQUENCE);
      List<String> type = group.texts(group == set ? Tag.IMAGE_TYPE : Tag.FRAME_TYPE);
      return List.copyOf(type.subList(0, Math.min(TYPE_VALUES, type.size())));
    }

    boolean isLocalizer() {
      return imageType().stream().anyMatch(LOCALIZERS::contains);
    }

    boolean isHu() {
      return CtSlices.isHu(group(Tag.TRANSFORMATION_SEQUENCE));
    }

    CtSlice.Plane plane() throws DicomFormatException {
      double[] position = group(Tag.PLANE_POSITION_SEQUENCE).decimals(Tag.POSITION, 3);
      double[] axes = group(Tag.PLANE_ORIENTATION_SEQUENCE).decimals(Tag.ORIENTATION, 6);
      double[] spacing = group(Tag.PIXEL_MEASURES_SEQUENCE).decimals(Tag.PIXEL_SPACING, 2);
      if (position == null || axes == null || spacing == null) {
        throw new DicomFormatException(
            "expected position, orientation and pixel spacing (0020,0032), (0020,0037), (0028,0030),"
                + " found no "
                + (position == null ? "position" : axes == null ? "orientation" : "spacing"));
      }
      Vector row = Vector.of(axes, 0);
      Vector column = Vector.of(axes, 3);
      if (Math.abs(row.length() - 1) > LENGTH_TOLERANCE
          || Math.abs(column.length() - 1) > LENGTH_TOLERANCE
          || Math.abs(row.dot(column)) > LENGTH_TOLERANCE) {
        throw new DicomFormatException(
            "(0020,0037): expected two directions at a right angle, found others");
      }
      if (!isSpacing(spacing[0]) || !isSpacing(spacing[1])) {
        throw new DicomFormatException(
            "(0028,0030): expected spacings above 0 mm, found %s and %s"
                .formatted(spacing[0], spacing[1]));
      }
      if (Arrays.stream(position).anyMatch(p -> Math.abs(p) > MOST_PLACE)) {
        throw new DicomFormatException("(0020,0032): expected a place within 100 m, found another");
      }
      return new CtSlice.Plane(
          Vector.of(position, 0),
          row.times(1 / row.length()),
          column.times(1 / column.length()),
          spacing[0],
          spacing[1]);
    }

    private static boolean isSpacing(double mm) {
      return mm > LEAST_SPACING && mm < MOST_SPACING;
    }

    double thickness() {
      DataSet measures = group(Tag.PIXEL_MEASURES_SEQUENCE);
      double thickness = measures.decimalOr(Tag.SLICE_THICKNESS, 0);
      return Math.min(
          Math.abs(measures.decimalOr(Tag.SPACING_BETWEEN_SLICES, thickness)), MOST_SPACING);
    }

    CtSlice.Rescale rescale() throws DicomFormatException {
      DataSet group = group(Tag.TRANSFORMATION_SEQUENCE);
      double slope = group.decimal(Tag.RESCALE_SLOPE, 1);
      double intercept = group.decimal(Tag.RESCALE_INTERCEPT, 0);
      if (slope == 0 || Math.abs(slope) > MOST_RESCALE || Math.abs(intercept) > MOST_RESCALE) {
        throw new DicomFormatException(
            "(0028,1052), (0028,1053): expected numbers that make HU, found intercept %s and slope %s"
                .formatted(intercept, slope));
      }
      return new CtSlice.Rescale(
          slope, intercept, group.has(Tag.RESCALE_SLOPE) || group.has(Tag.RESCALE_INTERCEPT));
    }

    int acquisition() throws DicomFormatException {
      DataSet content = group(Tag.FRAME_CONTENT_SEQUENCE);
      return content == set
          ? (int) set.decimalOr(Tag.ACQUISITION_NUMBER, 0)
          : content.unsigned(Tag.FRAME_ACQUISITION_NUMBER, 0);
    }
  }
}
