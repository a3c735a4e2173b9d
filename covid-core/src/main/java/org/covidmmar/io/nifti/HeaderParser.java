package org.covidmmar.io.nifti;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import org.covidmmar.CovidException;
import org.covidmmar.volume.Affine;
import org.covidmmar.volume.Shape;

/** Takes a header's bytes apart and refuses what is not as the standard says. */
final class HeaderParser {
  /** Enough bytes for the header of either version. */
  static final int LONGEST = NiftiVersion.TWO.size();

  private static final String CONVERT = "convert the scan anew from its source";
  private static final int MOST_VOXELS = Integer.MAX_VALUE - 8;
  // More than any extension has; a bomb must not be unpacked for longer.
  private static final int MOST_OFFSET = 1 << 30;
  private static final int LAST_FORM_CODE = 5;
  private static final double LEAST_SPACING = 1e-6;
  private static final double MOST_SPACING = 1e6;
  private static final double FLATTEST = 1e-6;
  private static final double FLOAT32_EPSILON = Math.ulp(1.0f);
  private static final double FLOAT64_EPSILON = Math.ulp(1.0);

  private final Path file;
  private final ByteBuffer h;
  private NiftiVersion version;

  private HeaderParser(Path file, byte[] bytes) {
    this.file = file;
    this.h = ByteBuffer.wrap(bytes);
  }

  /**
   * @param file for messages
   * @param bytes the file's first {@link #LONGEST} bytes, or all where it is shorter
   */
  static NiftiHeader parse(Path file, byte[] bytes) {
    return new HeaderParser(file, bytes).parse();
  }

  private NiftiHeader parse() {
    version = version();
    boolean pair = pair();
    Shape shape = shape();
    NiftiType type = type();
    double slope = version.slope(h);
    double inter = version.inter(h);
    if (slope == 0 || !Double.isFinite(slope)) {
      slope = 1;
      inter = 0;
    } else if (!Double.isFinite(inter)) {
      throw bad("scl_inter", "a finite number beside scl_slope " + slope, inter);
    }
    long offset = offset(pair);
    return new NiftiHeader(
        version == NiftiVersion.ONE ? 1 : 2,
        h.order(),
        pair,
        shape,
        type,
        offset,
        slope,
        inter,
        affine(shape));
  }

  private NiftiVersion version() {
    if (h.capacity() >= Integer.BYTES) {
      for (ByteOrder order : new ByteOrder[] {ByteOrder.LITTLE_ENDIAN, ByteOrder.BIG_ENDIAN}) {
        h.order(order);
        int size = h.getInt(0);
        for (NiftiVersion v : NiftiVersion.values()) {
          if (size == v.size()) {
            if (h.capacity() < v.size()) {
              throw new CovidException(
                  file,
                  "truncated: a header of " + size + " bytes expected, " + h.capacity() + " found",
                  NiftiReader.COPY_AGAIN);
            }
            return v;
          }
        }
      }
    }
    throw new CovidException(
        file,
        "not a NIfTI file: sizeof_hdr 348 or 540 expected, "
            + (h.capacity() < Integer.BYTES
                ? "a file of " + h.capacity() + " bytes found"
                : h.order(ByteOrder.LITTLE_ENDIAN).getInt(0) + " found"),
        "give a NIfTI-1 or NIfTI-2 file, or convert the scan to one");
  }

  private boolean pair() {
    String magic = version.magic(h);
    boolean single = magic.equals(version.magic(false));
    boolean pair = magic.equals(version.magic(true));
    if ((!single && !pair) || version.magicTail(h, 0) != 0) {
      throw new CovidException(
          file,
          "magic %s or %s expected, %s found"
              .formatted(version.magic(false), version.magic(true), printable(magic)),
          "give a NIfTI file; an Analyze 7.5 file does not say left from right: " + CONVERT);
    }
    if (version == NiftiVersion.TWO
        && !(version.magicTail(h, 1) == 0x0d
            && version.magicTail(h, 2) == 0x0a
            && version.magicTail(h, 3) == 0x1a
            && version.magicTail(h, 4) == 0x0a)) {
      throw new CovidException(
          file,
          "magic: bytes 0d 0a 1a 0a expected after " + magic + ", others found",
          "copy the file again in binary mode: text mode has changed it");
    }
    return pair;
  }

  private Shape shape() {
    long axes = version.dim(h, 0);
    if (axes < 1 || axes > 7) {
      throw bad("dim[0]", "1 to 7 axes", axes);
    }
    int[] size = {1, 1, 1};
    long voxels = 1;
    for (int n = 1; n <= axes; n++) {
      long d = version.dim(h, n);
      if (d < 1 || d > MOST_VOXELS) {
        throw bad("dim[" + n + "]", "1 to " + MOST_VOXELS + " voxels", d);
      }
      if (n <= 3) {
        size[n - 1] = (int) d;
        voxels *= d;
        if (voxels > MOST_VOXELS) {
          throw bad("dim[1..3]", "at most " + MOST_VOXELS + " voxels", sizes(Math.min(axes, 3)));
        }
      } else if (d > 1) {
        throw new CovidException(
            file,
            "dim[" + n + "]: one 3-D image expected, a series of " + d + " found",
            "take one image out of the series and give that");
      }
    }
    return new Shape(size[0], size[1], size[2]);
  }

  private String sizes(long axes) {
    StringBuilder text = new StringBuilder();
    for (int n = 1; n <= axes; n++) {
      text.append(n > 1 ? "x" : "").append(version.dim(h, n));
    }
    return text.toString();
  }

  private NiftiType type() {
    int code = version.datatype(h);
    NiftiType type = NiftiType.ofCode(code);
    if (type == null) {
      throw new CovidException(
          file,
          "datatype: integers of 8 to 64 bits, float32 or float64 expected, "
              + NiftiType.nameOfOther(code)
              + " found",
          "convert the image to int16 or float32");
    }
    if (version.bitpix(h) != 8 * type.bytes()) {
      throw bad("bitpix", 8 * type.bytes() + " for datatype " + type, version.bitpix(h));
    }
    return type;
  }

  private long offset(boolean pair) {
    double offset = version.voxOffset(h);
    int least = pair ? 0 : version.leastOffset();
    if (!(offset >= least && offset <= MOST_OFFSET) || offset != Math.rint(offset)) {
      throw bad("vox_offset", "a whole number from " + least + " to " + MOST_OFFSET, offset);
    }
    return (long) offset;
  }

  private Affine affine(Shape shape) {
    if (isKnown(version.sformCode(h))) {
      double[] rows = new double[12];
      for (int n = 0; n < 12; n++) {
        rows[n] = version.srow(h, n);
      }
      return checked(Affine.of(rows), "srow_x, srow_y, srow_z");
    }
    if (isKnown(version.qformCode(h))) {
      return checked(qform(), "quatern, qoffset, pixdim");
    }
    double[] rows = new double[12];
    for (int axis = 0; axis < 3; axis++) {
      double zoom = axis < version.dim(h, 0) ? zoom(axis) : 1;
      double towards = axis == 0 ? -zoom : zoom;
      rows[5 * axis] = towards;
      rows[4 * axis + 3] = -towards * (shape.along(axis) - 1) / 2;
    }
    return checked(Affine.of(rows), "pixdim");
  }

  /** Other codes than the standard's say nothing that could be relied on. */
  private static boolean isKnown(int formCode) {
    return formCode >= 1 && formCode <= LAST_FORM_CODE;
  }

  /** Rotation from a unit quaternion, as nifti1.h says under method 2. */
  private Affine qform() {
    double b = version.quaternion(h, 0);
    double c = version.quaternion(h, 1);
    double d = version.quaternion(h, 2);
    double square = 1 - (b * b + c * c + d * d);
    double rounding = 3 * (version == NiftiVersion.ONE ? FLOAT32_EPSILON : FLOAT64_EPSILON);
    if (!(square > -rounding)) {
      throw bad(
          "quatern_b, quatern_c, quatern_d",
          "part of a quaternion of length 1",
          b + ", " + c + ", " + d);
    }
    double a = square < rounding ? 0 : Math.sqrt(square);
    double s = 2 / (a * a + b * b + c * c + d * d);
    double x = zoom(0);
    double y = zoom(1);
    double z = version.pixdim(h, 0) == -1 ? -zoom(2) : zoom(2);
    return Affine.of(
        (1 - s * (c * c + d * d)) * x,
        s * (b * c - a * d) * y,
        s * (b * d + a * c) * z,
        version.quaternion(h, 3),
        s * (b * c + a * d) * x,
        (1 - s * (b * b + d * d)) * y,
        s * (c * d - a * b) * z,
        version.quaternion(h, 4),
        s * (b * d - a * c) * x,
        s * (c * d + a * b) * y,
        (1 - s * (b * b + c * c)) * z,
        version.quaternion(h, 5));
  }

  /** Voxel size along an axis; its sign means nothing, and an axis the image lacks may have 0. */
  private double zoom(int axis) {
    double zoom = Math.abs(version.pixdim(h, axis + 1));
    if (zoom == 0 && axis >= version.dim(h, 0)) {
      return 1;
    }
    if (!(zoom > 0)) {
      throw bad("pixdim[" + (axis + 1) + "]", "a voxel size above 0 mm", zoom);
    }
    return zoom;
  }

  private Affine checked(Affine affine, String fields) {
    for (int r = 0; r < 3; r++) {
      for (int c = 0; c < 4; c++) {
        if (!Double.isFinite(affine.get(r, c))) {
          throw bad(fields, "finite numbers", affine);
        }
      }
    }
    double[] s = affine.spacing();
    for (double spacing : s) {
      if (!(spacing >= LEAST_SPACING && spacing <= MOST_SPACING)) {
        throw bad(
            fields, "voxel sizes of " + LEAST_SPACING + " to " + MOST_SPACING + " mm", affine);
      }
    }
    if (Math.abs(affine.determinant()) < FLATTEST * s[0] * s[1] * s[2]) {
      throw bad(fields, "three axes that span space", affine);
    }
    return affine;
  }

  private CovidException bad(String field, String expected, Object found) {
    return new CovidException(
        file, field + ": " + expected + " expected, " + found + " found", CONVERT);
  }

  private static String printable(String magic) {
    StringBuilder text = new StringBuilder("\"");
    for (int i = 0; i < magic.length(); i++) {
      char c = magic.charAt(i);
      text.append(c >= ' ' && c < 127 ? String.valueOf(c) : "\\x%02x".formatted((int) c));
    }
    return text.append('"').toString();
  }
}
