package org.covidmmar.io.dicom.codec;

import java.nio.ByteBuffer;
import jj2000.j2k.io.EndianType;
import jj2000.j2k.io.RandomAccessIO;

/**
 * A frame's bytes as JJ2000 reads them. Reading beyond the end is no IOException: those it prints,
 * and goes on.
 */
final class Jpeg2000Input implements RandomAccessIO {
  private final ByteBuffer bytes;
  private int afterFf = -1;

  Jpeg2000Input(byte[] stream) {
    bytes = ByteBuffer.wrap(stream);
  }

  private void need(int count) {
    if (count < 0 || count > bytes.remaining()) {
      throw new IllegalStateException("it ends at byte " + bytes.limit());
    }
  }

  @Override
  public int getPos() {
    return bytes.position();
  }

  @Override
  public int length() {
    return bytes.limit();
  }

  @Override
  public void seek(int position) {
    if (position < 0 || position > bytes.limit()) {
      throw new IllegalStateException("byte " + position + " of " + bytes.limit());
    }
    bytes.position(position);
  }

  @Override
  public int read() {
    // Packet headers are read so, bit by bit: after two bytes ff JJ2000 would see ones for ever.
    int value = readUnsignedByte();
    if (value == 0xff && afterFf == getPos() - 1) {
      throw new IllegalStateException("two bytes ff at byte " + getPos());
    }
    afterFf = value == 0xff ? getPos() : -1;
    return value;
  }

  @Override
  public void readFully(byte[] target, int offset, int count) {
    need(count);
    bytes.get(target, offset, count);
  }

  @Override
  public int getByteOrdering() {
    return EndianType.BIG_ENDIAN;
  }

  @Override
  public byte readByte() {
    need(1);
    return bytes.get();
  }

  @Override
  public int readUnsignedByte() {
    return readByte() & 0xff;
  }

  @Override
  public short readShort() {
    need(Short.BYTES);
    return bytes.getShort();
  }

  @Override
  public int readUnsignedShort() {
    return readShort() & 0xffff;
  }

  @Override
  public int readInt() {
    need(Integer.BYTES);
    return bytes.getInt();
  }

  @Override
  public long readUnsignedInt() {
    return Integer.toUnsignedLong(readInt());
  }

  @Override
  public long readLong() {
    need(Long.BYTES);
    return bytes.getLong();
  }

  @Override
  public float readFloat() {
    return Float.intBitsToFloat(readInt());
  }

  @Override
  public double readDouble() {
    return Double.longBitsToDouble(readLong());
  }

  @Override
  public int skipBytes(int count) {
    need(count);
    bytes.position(bytes.position() + count);
    return count;
  }

  @Override
  public void close() {}

  @Override
  public void flush() {}

  @Override
  public void write(int b) {
    throw new UnsupportedOperationException();
  }

  @Override
  public void writeByte(int value) {
    throw new UnsupportedOperationException();
  }

  @Override
  public void writeShort(int value) {
    throw new UnsupportedOperationException();
  }

  @Override
  public void writeInt(int value) {
    throw new UnsupportedOperationException();
  }

  @Override
  public void writeLong(long value) {
    throw new UnsupportedOperationException();
  }

  @Override
  public void writeFloat(float value) {
    throw new UnsupportedOperationException();
  }

  @Override
  public void writeDouble(double value) {
    throw new UnsupportedOperationException();
  }
}
