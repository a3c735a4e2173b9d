package org.covidmmar.model.weights;

import java.nio.ByteBuffer;

/** Types of values that a file of tensors may have; float32 and int64 are written. */
public enum TensorType {
  F64(8),
  I64(8),
  F32(4),
  I32(4),
  F16(2),
  BF16(2),
  I16(2),
  I8(1),
  U8(1),
  BOOL(1);

  private final int bytes;

  TensorType(int bytes) {
    this.bytes = bytes;
  }

  /** Of one value. */
  int bytes() {
    return bytes;
  }

  /** Whether its values become float32: F64 rounded to the nearest, the others exactly. */
  boolean isFloating() {
    return this == F64 || this == F32 || this == F16 || this == BF16;
  }

  /**
   * All values of a buffer, in its byte order, as float32.
   *
   * @throws IllegalStateException where the type is not floating
   */
  float[] floats(ByteBuffer buffer) {
    float[] values = new float[buffer.remaining() / bytes];
    switch (this) {
      case F32 -> buffer.asFloatBuffer().get(values);
      case F64 -> {
        for (int i = 0; i < values.length; i++) {
          values[i] = (float) buffer.getDouble();
        }
      }
      case BF16 -> {
        for (int i = 0; i < values.length; i++) {
          values[i] = Float.intBitsToFloat(buffer.getShort() << 16);
        }
      }
      case F16 -> {
        for (int i = 0; i < values.length; i++) {
          values[i] = fromHalf(buffer.getShort());
        }
      }
      default -> throw new IllegalStateException(this + " has no floating values");
    }
    return values;
  }

  /** IEEE 754 binary16 to binary32, exactly. */
  private static float fromHalf(short half) {
    int sign = (half & 0x8000) << 16;
    int exponent = (half >> 10) & 0x1f;
    int fraction = half & 0x3ff;
    if (exponent == 0) {
      float subnormal = fraction * 0x1p-24f;
      return sign == 0 ? subnormal : -subnormal;
    }
    int bits = exponent == 0x1f ? 0x7f800000 : (exponent + 112) << 23;
    return Float.intBitsToFloat(sign | bits | (fraction << 13));
  }
}
