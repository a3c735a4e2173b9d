package org.covidmmar.io.nifti;

import java.nio.ByteBuffer;

/**
 * Where the fields of a header stand, after nifti1.h and nifti2.h. Reals are float32 in NIfTI-1 and
 * float64 in NIfTI-2.
 */
enum NiftiVersion {
  ONE(348, 344, 40, 70, 76, 108, 112, 252, 256, 280, 123),
  TWO(540, 4, 16, 12, 104, 168, 176, 344, 352, 400, 500);

  private final int size;
  private final int magic;
  private final int dim;
  private final int datatype;
  private final int pixdim;
  private final int voxOffset;
  private final int scaling;
  private final int formCodes;
  private final int quaternion;
  private final int srow;
  private final int units;

  NiftiVersion(
      int size,
      int magic,
      int dim,
      int datatype,
      int pixdim,
      int voxOffset,
      int scaling,
      int formCodes,
      int quaternion,
      int srow,
      int units) {
    this.size = size;
    this.magic = magic;
    this.dim = dim;
    this.datatype = datatype;
    this.pixdim = pixdim;
    this.voxOffset = voxOffset;
    this.scaling = scaling;
    this.formCodes = formCodes;
    this.quaternion = quaternion;
    this.srow = srow;
    this.units = units;
  }

  /** The header's length in bytes, which is also the value of its first field. */
  int size() {
    return size;
  }

  /** The least offset of voxels in a single file: header and the four bytes of extensions. */
  int leastOffset() {
    return size + 4;
  }

  /** The magic of a single file or of a pair. */
  String magic(boolean pair) {
    return (pair ? "ni" : "n+") + (this == ONE ? "1" : "2");
  }

  String magic(ByteBuffer h) {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < 3; i++) {
      text.append((char) (h.get(magic + i) & 0xff));
    }
    return text.toString();
  }

  /** A byte of the four that NIfTI-2 has after its magic, or 0 of NIfTI-1's fourth byte. */
  byte magicTail(ByteBuffer h, int n) {
    return h.get(magic + 3 + n);
  }

  void putMagic(ByteBuffer h, boolean pair) {
    String text = magic(pair);
    for (int i = 0; i < 3; i++) {
      h.put(magic + i, (byte) text.charAt(i));
    }
    if (this == TWO) {
      // Shows when a transfer in text mode has changed the file.
      h.put(magic + 4, new byte[] {0x0d, 0x0a, 0x1a, 0x0a});
    }
  }

  long dim(ByteBuffer h, int n) {
    return this == ONE ? h.getShort(dim + 2 * n) : h.getLong(dim + 8 * n);
  }

  void putDim(ByteBuffer h, int n, long value) {
    if (this == ONE) {
      h.putShort(dim + 2 * n, (short) value);
    } else {
      h.putLong(dim + 8 * n, value);
    }
  }

  short datatype(ByteBuffer h) {
    return h.getShort(datatype);
  }

  short bitpix(ByteBuffer h) {
    return h.getShort(datatype + 2);
  }

  void putType(ByteBuffer h, NiftiType type) {
    h.putShort(datatype, (short) type.code());
    h.putShort(datatype + 2, (short) (8 * type.bytes()));
  }

  double pixdim(ByteBuffer h, int n) {
    return real(h, pixdim, n);
  }

  void putPixdim(ByteBuffer h, int n, double value) {
    putReal(h, pixdim, n, value);
  }

  /** A float32 in NIfTI-1, hence possibly not a whole number; NIfTI-2 has an int64. */
  double voxOffset(ByteBuffer h) {
    return this == ONE ? h.getFloat(voxOffset) : h.getLong(voxOffset);
  }

  void putVoxOffset(ByteBuffer h, int value) {
    if (this == ONE) {
      h.putFloat(voxOffset, value);
    } else {
      h.putLong(voxOffset, value);
    }
  }

  double slope(ByteBuffer h) {
    return real(h, scaling, 0);
  }

  double inter(ByteBuffer h) {
    return real(h, scaling, 1);
  }

  void putScaling(ByteBuffer h, double slope, double inter) {
    putReal(h, scaling, 0, slope);
    putReal(h, scaling, 1, inter);
  }

  int qformCode(ByteBuffer h) {
    return this == ONE ? h.getShort(formCodes) : h.getInt(formCodes);
  }

  int sformCode(ByteBuffer h) {
    return this == ONE ? h.getShort(formCodes + 2) : h.getInt(formCodes + 4);
  }

  void putSformCode(ByteBuffer h, int code) {
    if (this == ONE) {
      h.putShort(formCodes + 2, (short) code);
    } else {
      h.putInt(formCodes + 4, code);
    }
  }

  /** quatern_b, c, d, then qoffset_x, y, z. */
  double quaternion(ByteBuffer h, int n) {
    return real(h, quaternion, n);
  }

  double srow(ByteBuffer h, int n) {
    return real(h, srow, n);
  }

  void putSrow(ByteBuffer h, int n, double value) {
    putReal(h, srow, n, value);
  }

  void putUnitsMm(ByteBuffer h) {
    if (this == ONE) {
      h.put(units, (byte) 2);
    } else {
      h.putInt(units, 2);
    }
  }

  private double real(ByteBuffer h, int at, int n) {
    return this == ONE ? h.getFloat(at + 4 * n) : h.getDouble(at + 8 * n);
  }

  private void putReal(ByteBuffer h, int at, int n, double value) {
    if (this == ONE) {
      h.putFloat(at + 4 * n, (float) value);
    } else {
      h.putDouble(at + 8 * n, value);
    }
  }
}
