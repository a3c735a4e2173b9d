package org.covidmmar.io.dicom;

import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/** The elements that are kept of a data set, by group and number. */
final class Tag {
  static final int MEDIA_SOP_CLASS = 0x00020002;
  static final int TRANSFER_SYNTAX = 0x00020010;
  static final int IMAGE_TYPE = 0x00080008;
  static final int SOP_CLASS = 0x00080016;
  static final int SOP_INSTANCE = 0x00080018;
  static final int MODALITY = 0x00080060;
  static final int FRAME_TYPE = 0x00089007;
  static final int PATIENT_ID = 0x00100020;
  static final int SLICE_THICKNESS = 0x00180050;
  static final int SPACING_BETWEEN_SLICES = 0x00180088;
  static final int CT_FRAME_TYPE_SEQUENCE = 0x00189329;
  static final int STUDY = 0x0020000d;
  static final int SERIES = 0x0020000e;
  static final int SERIES_NUMBER = 0x00200011;
  static final int ACQUISITION_NUMBER = 0x00200012;
  static final int INSTANCE_NUMBER = 0x00200013;
  static final int POSITION = 0x00200032;
  static final int ORIENTATION = 0x00200037;
  static final int FRAME_CONTENT_SEQUENCE = 0x00209111;
  static final int PLANE_POSITION_SEQUENCE = 0x00209113;
  static final int PLANE_ORIENTATION_SEQUENCE = 0x00209116;
  static final int FRAME_ACQUISITION_NUMBER = 0x00209156;
  static final int SAMPLES = 0x00280002;
  static final int FRAMES = 0x00280008;
  static final int ROWS = 0x00280010;
  static final int COLUMNS = 0x00280011;
  static final int PIXEL_SPACING = 0x00280030;
  static final int BITS_ALLOCATED = 0x00280100;
  static final int BITS_STORED = 0x00280101;
  static final int HIGH_BIT = 0x00280102;
  static final int PIXEL_REPRESENTATION = 0x00280103;
  static final int PADDING = 0x00280120;
  static final int RESCALE_INTERCEPT = 0x00281052;
  static final int RESCALE_SLOPE = 0x00281053;
  static final int RESCALE_TYPE = 0x00281054;
  static final int MODALITY_LUT = 0x00283000;
  static final int PIXEL_MEASURES_SEQUENCE = 0x00289110;
  static final int TRANSFORMATION_SEQUENCE = 0x00289145;
  static final int SHARED_GROUPS = 0x52009229;
  static final int PER_FRAME_GROUPS = 0x52009230;
  static final int FLOAT_PIXELS = 0x7fe00008;
  static final int DOUBLE_PIXELS = 0x7fe00009;
  static final int PIXELS = 0x7fe00010;
  static final int ITEM = 0xfffee000;
  static final int ITEM_END = 0xfffee00d;
  static final int SEQUENCE_END = 0xfffee0dd;

  /** By its keyword: what may tell who the patient is, kept only where it is asked for. */
  static final SortedMap<String, Integer> IDENTIFYING =
      new TreeMap<>(
          Map.ofEntries(
              Map.entry("AccessionNumber", 0x00080050),
              Map.entry("AcquisitionDate", 0x00080022),
              Map.entry("InstitutionName", 0x00080080),
              Map.entry("Manufacturer", 0x00080070),
              Map.entry("ManufacturerModelName", 0x00081090),
              Map.entry("PatientAge", 0x00101010),
              Map.entry("PatientBirthDate", 0x00100030),
              Map.entry("PatientID", PATIENT_ID),
              Map.entry("PatientName", 0x00100010),
              Map.entry("PatientSex", 0x00100040),
              Map.entry("SeriesDate", 0x00080021),
              Map.entry("SeriesDescription", 0x0008103e),
              Map.entry("SeriesInstanceUID", SERIES),
              Map.entry("StudyDate", 0x00080020),
              Map.entry("StudyDescription", 0x00081030),
              Map.entry("StudyInstanceUID", STUDY),
              Map.entry("StudyTime", 0x00080030)));

  private Tag() {}

  /** Whether a sequence is read; all others are passed over. */
  static boolean isKeptSequence(int tag) {
    return switch (tag) {
      case CT_FRAME_TYPE_SEQUENCE,
          FRAME_CONTENT_SEQUENCE,
          PLANE_POSITION_SEQUENCE,
          PLANE_ORIENTATION_SEQUENCE,
          PIXEL_MEASURES_SEQUENCE,
          TRANSFORMATION_SEQUENCE,
          MODALITY_LUT,
          SHARED_GROUPS,
          PER_FRAME_GROUPS ->
          true;
      default -> false;
    };
  }

  /** Whether a value is kept because it says what the image is. */
  static boolean isKept(int tag) {
    return switch (tag) {
      case MEDIA_SOP_CLASS,
          TRANSFER_SYNTAX,
          IMAGE_TYPE,
          SOP_CLASS,
          SOP_INSTANCE,
          MODALITY,
          FRAME_TYPE,
          PATIENT_ID,
          SLICE_THICKNESS,
          SPACING_BETWEEN_SLICES,
          STUDY,
          SERIES,
          SERIES_NUMBER,
          ACQUISITION_NUMBER,
          INSTANCE_NUMBER,
          POSITION,
          ORIENTATION,
          FRAME_ACQUISITION_NUMBER,
          SAMPLES,
          FRAMES,
          ROWS,
          COLUMNS,
          PIXEL_SPACING,
          BITS_ALLOCATED,
          BITS_STORED,
          HIGH_BIT,
          PIXEL_REPRESENTATION,
          PADDING,
          RESCALE_INTERCEPT,
          RESCALE_SLOPE,
          RESCALE_TYPE ->
          true;
      default -> false;
    };
  }
}
