package org.covidmmar.io.dicom.codec;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import jj2000.j2k.io.EndianType;
import jj2000.j2k.io.RandomAccessIO;

/** A frame's bytes as JJ2000 reads them. */
final class Jpeg2000Input implements RandomAccessIO {
  private final ByteBuffer bytes;

  Jpeg2000Input(byte[] stream) {
    bytes = ByteBuffer.wrap(stream);
  }

  private void need(int count) throws EOFException {
    if (count < 0 || count > bytes.remaining()) {
      throw new EOFException("the stream ends at byte " + bytes.limit());
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
  public void seek(int position) throws IOException {
    if (position < 0 || position > bytes.limit()) {
      throw new EOFException("byte " + position + " of " + bytes.limit());
    }
    bytes.position(position);
  }

  @Override
  public int read() throws IOException {
    return readUnsignedByte();
  }

  @Override
  public void readFully(byte[] target, int offset, int count) throws IOException {
    need(count);
    bytes.get(target, offset, count);
  }

  @Override
  public int getByteOrdering() {
    return EndianType.BIG_ENDIAN;
  }

  @Override
  public byte readByte() throws IOException {
    need(1);
    return bytes.get();
  }

  @Override
  public int readUnsignedByte() throws IOException {
    return readByte() & 0xff;
  }

  @Override
  public short readShort() throws IOException {
    need(Short.BYTES);
    return bytes.getShort();
  }

  @Override
  public int readUnsignedShort() throws IOException {
    return readShort() & 0xffff;
  }

  @Override
  public int readInt() throws IOException {
    need(Integer.BYTES);
    return bytes.getInt();
  }

  @Override
  public long readUnsignedInt() throws IOException {
    return Integer.toUnsignedLong(readInt());
  }

  @Override
  public long readLong() throws IOException {
    need(Long.BYTES);
    return bytes.getLong();
  }

  @Override
  public float readFloat() throws IOException {
    return Float.intBitsToFloat(readInt());
  }

  @Override
  public double readDouble() throws IOException {
    return Double.longBitsToDouble(readLong());
  }

  @Override
  public int skipBytes(int count) throws IOException {
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
