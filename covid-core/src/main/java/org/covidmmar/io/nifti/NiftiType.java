package org.covidmmar.io.nifti;

import java.nio.ByteBuffer;

/** How a NIfTI file stores a voxel: the datatypes of one real number. */
public enum NiftiType {
  UINT8(2, 1, true),
  INT8(256, 1, true),
  INT16(4, 2, true),
  UINT16(512, 2, true),
  INT32(8, 4, true),
  UINT32(768, 4, true),
  INT64(1024, 8, true),
  UINT64(1280, 8, true),
  FLOAT32(16, 4, false),
  FLOAT64(64, 8, false);

  private final int code;
  private final int bytes;
  private final boolean integer;

  NiftiType(int code, int bytes, boolean integer) {
    this.code = code;
    this.bytes = bytes;
    this.integer = integer;
  }

  /** The header's datatype. */
  public int code() {
    return code;
  }

  /** Bytes of one voxel; the header's bitpix is eight times that. */
  public int bytes() {
    return bytes;
  }

  /** Whether voxels are whole numbers. */
  public boolean isInteger() {
    return integer;
  }

  /** The type of a datatype code, or null where it stands for none of these. */
  static NiftiType ofCode(int code) {
    for (NiftiType type : values()) {
      if (type.code == code) {
        return type;
      }
    }
    return null;
  }

  /** What the standard calls a datatype that no volume can hold. */
  static String nameOfOther(int code) {
    return switch (code) {
      case 1 -> "1 (one bit a voxel)";
      case 32, 1792, 2048 -> code + " (complex numbers)";
      case 128, 2304 -> code + " (colours)";
      case 1536 -> "1536 (float128)";
      default -> Integer.toString(code);
    };
  }

  /** Takes the next {@code n} voxels of a buffer, which has the file's byte order, as float64. */
  void decode(ByteBuffer in, double[] out, int n) {
    switch (this) {
      case UINT8 -> {
        for (int i = 0; i < n; i++) {
          out[i] = in.get() & 0xff;
        }
      }
      case INT8 -> {
        for (int i = 0; i < n; i++) {
          out[i] = in.get();
        }
      }
      case INT16 -> {
        for (int i = 0; i < n; i++) {
          out[i] = in.getShort();
        }
      }
      case UINT16 -> {
        for (int i = 0; i < n; i++) {
          out[i] = in.getShort() & 0xffff;
        }
      }
      case INT32 -> {
        for (int i = 0; i < n; i++) {
          out[i] = in.getInt();
        }
      }
      case UINT32 -> {
        for (int i = 0; i < n; i++) {
          out[i] = in.getInt() & 0xffffffffL;
        }
      }
      case INT64 -> {
        for (int i = 0; i < n; i++) {
          out[i] = in.getLong();
        }
      }
      case UINT64 -> {
        for (int i = 0; i < n; i++) {
          out[i] = unsigned(in.getLong());
        }
      }
      case FLOAT32 -> {
        for (int i = 0; i < n; i++) {
          out[i] = in.getFloat();
        }
      }
      case FLOAT64 -> {
        for (int i = 0; i < n; i++) {
          out[i] = in.getDouble();
        }
      }
    }
  }

  private static double unsigned(long bits) {
    // Halved to fit a signed long, the last bit kept as a sticky one so that rounding is right.
    return bits >= 0 ? bits : 2.0 * ((bits >>> 1) | (bits & 1));
  }
}
