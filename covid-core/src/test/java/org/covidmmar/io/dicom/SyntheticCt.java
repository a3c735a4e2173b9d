package org.covidmmar.io.dicom;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import org.covidmmar.volume.Volume;

/**
 * A CT series of a body whose HU is a linear function of the place: interpolated at any place, it
 * is what the function says there. Fields are changed before slices are made.
 */
public final class SyntheticCt {
  static final String CT = "1.2.840.10008.5.1.4.1.1.2";
  static final String ENHANCED = "1.2.840.10008.5.1.4.1.1.2.1";

  public String syntax = DicomBytes.EXPLICIT;
  String sop = CT;
  String modality = "CT";
  String type = "ORIGINAL\\PRIMARY\\AXIAL\\X";
  String patient = "P-1";
  public String series = "1.2.3.4";
  int number = 7;
  int acquisition = 1;
  int rows = 10;
  int columns = 12;
  double rowSpacing = 0.5;
  double columnSpacing = 0.75;
  double[] axes = {1, 0, 0, 0, 1, 0};
  List<Vector> positions = new ArrayList<>();
  double slope = 1;
  double intercept = -1024;
  int bits = 16;
  int stored = 12;
  boolean signed;
  boolean rescaled = true;
  int pixelsBeyond;
  int highBit = -1;
  Integer padding;
  String unit;
  Consumer<DicomBytes> extra = set -> {};
  private Volume volume;

  /** Slices along the z axis. */
  public SyntheticCt at(double... places) {
    positions.clear();
    for (double place : places) {
      positions.add(new Vector(-20, -30, place));
    }
    return this;
  }

  /** Slices of a volume whose axes run to the right, the front and the head. */
  public SyntheticCt of(Volume volume) {
    this.volume = volume;
    double[] mm = volume.affine().spacing();
    columns = volume.shape().x();
    rows = volume.shape().y();
    columnSpacing = mm[0];
    rowSpacing = mm[1];
    axes = new double[] {-1, 0, 0, 0, -1, 0};
    positions.clear();
    for (int k = 0; k < volume.shape().z(); k++) {
      positions.add(new Vector(0, 0, k * mm[2]));
    }
    return this;
  }

  /** HU at a place, LPS+. */
  static double hu(Vector place) {
    return 3 * place.x() - 5 * place.y() + 2 * place.z() - 100;
  }

  Vector place(int slice, double column, double row) {
    return positions
        .get(slice)
        .plus(Vector.of(axes, 0).times(column * columnSpacing))
        .plus(Vector.of(axes, 3).times(row * rowSpacing));
  }

  int[] pixels(int slice) {
    int[] values = new int[rows * columns];
    for (int r = 0; r < rows; r++) {
      for (int c = 0; c < columns; c++) {
        double hu = volume == null ? hu(place(slice, c, r)) : volume.at(c, r, slice);
        values[r * columns + c] = (int) Math.rint((hu - intercept) / slope);
      }
    }
    return values;
  }

  private DicomBytes head(String instance) {
    return new DicomBytes(syntax)
        .text(Tag.IMAGE_TYPE, "CS", type)
        .text(Tag.SOP_CLASS, "UI", sop)
        .text(Tag.SOP_INSTANCE, "UI", instance)
        .text(Tag.MODALITY, "CS", modality)
        .text(Tag.PATIENT_ID, "LO", patient);
  }

  private DicomBytes tail(DicomBytes set) {
    set.unsigned(Tag.SAMPLES, 1);
    return set;
  }

  private void layout(DicomBytes set) {
    set.unsigned(Tag.ROWS, rows).unsigned(Tag.COLUMNS, columns);
  }

  private void bits(DicomBytes set) {
    set.unsigned(Tag.BITS_ALLOCATED, bits)
        .unsigned(Tag.BITS_STORED, stored)
        .unsigned(Tag.HIGH_BIT, highBit < 0 ? stored - 1 : highBit)
        .unsigned(Tag.PIXEL_REPRESENTATION, signed ? 1 : 0);
    if (padding != null) {
      set.unsigned(Tag.PADDING, padding & 0xffff);
    }
  }

  /** The elements before the pixel data. */
  DicomBytes header(int slice) {
    DicomBytes set = head(series + "." + slice);
    extra.accept(set);
    set.text(Tag.STUDY, "UI", "1.2.3")
        .text(Tag.SERIES, "UI", series)
        .text(Tag.SERIES_NUMBER, "IS", Integer.toString(number))
        .text(Tag.ACQUISITION_NUMBER, "IS", Integer.toString(acquisition))
        .text(Tag.INSTANCE_NUMBER, "IS", Integer.toString(slice + 1));
    Vector p = positions.get(slice);
    set.decimals(Tag.POSITION, p.x(), p.y(), p.z()).decimals(Tag.ORIENTATION, axes);
    tail(set);
    layout(set);
    set.decimals(Tag.PIXEL_SPACING, rowSpacing, columnSpacing);
    bits(set);
    return rescaled
        ? set.decimals(Tag.RESCALE_INTERCEPT, intercept).decimals(Tag.RESCALE_SLOPE, slope)
        : set;
  }

  byte[] file(int slice) {
    return header(slice).pixels(pixels(slice), bits).file(sop);
  }

  private DicomBytes withUnit(DicomBytes rescale) {
    return unit == null ? rescale : rescale.text(Tag.RESCALE_TYPE, "LO", unit);
  }

  /** One multi-frame file; pixel spacing and orientation shared, place and rescale by frame. */
  byte[] enhanced(boolean defined) {
    sop = ENHANCED;
    DicomBytes set = head(series + ".1");
    extra.accept(set);
    set.text(Tag.STUDY, "UI", "1.2.3")
        .text(Tag.SERIES, "UI", series)
        .text(Tag.SERIES_NUMBER, "IS", Integer.toString(number));
    tail(set).text(Tag.FRAMES, "IS", Integer.toString(positions.size()));
    layout(set);
    bits(set);
    set.sequence(
        Tag.SHARED_GROUPS,
        defined,
        part()
            .sequence(Tag.CT_FRAME_TYPE_SEQUENCE, defined, part().text(Tag.FRAME_TYPE, "CS", type))
            .sequence(
                Tag.PLANE_ORIENTATION_SEQUENCE, defined, part().decimals(Tag.ORIENTATION, axes))
            .sequence(
                Tag.PIXEL_MEASURES_SEQUENCE,
                defined,
                part()
                    .decimals(Tag.SLICE_THICKNESS, 2)
                    .decimals(Tag.PIXEL_SPACING, rowSpacing, columnSpacing)));
    DicomBytes[] frames = new DicomBytes[positions.size()];
    int[] all = new int[0];
    for (int f = 0; f < frames.length; f++) {
      Vector p = positions.get(f);
      frames[f] =
          part()
              .sequence(
                  Tag.PLANE_POSITION_SEQUENCE,
                  defined,
                  part().decimals(Tag.POSITION, p.x(), p.y(), p.z()))
              .sequence(
                  Tag.TRANSFORMATION_SEQUENCE,
                  defined,
                  withUnit(
                      part()
                          .decimals(Tag.RESCALE_INTERCEPT, intercept)
                          .decimals(Tag.RESCALE_SLOPE, slope)));
      int[] pixels = pixels(f);
      all = Arrays.copyOf(all, all.length + pixels.length);
      System.arraycopy(pixels, 0, all, all.length - pixels.length, pixels.length);
    }
    all = Arrays.copyOf(all, all.length + pixelsBeyond);
    return set.sequence(Tag.PER_FRAME_GROUPS, defined, frames).pixels(all, bits).file(sop);
  }

  private DicomBytes part() {
    return new DicomBytes(syntax);
  }

  /** Writes every slice into a folder. */
  public SyntheticCt write(Path folder) {
    for (int i = 0; i < positions.size(); i++) {
      DicomBytes.write(folder.resolve("%s-%03d.dcm".formatted(series, i)), file(i));
    }
    return this;
  }
}
