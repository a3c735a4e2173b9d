package org.covidmmar.io.nifti;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.zip.GZIPOutputStream;

/**
 * Synthetic files, right and wrong ones, made from the standard's byte offsets and apart from the
 * code under test.
 */
final class NiftiBytes {
  final int version;
  final ByteBuffer header;
  private byte[] extension = new byte[4];
  private byte[] voxels;

  /** A 3-D image of the given type code, filled with the bytes 1, 2, 3, ... */
  NiftiBytes(int version, ByteOrder order, int datatype, int bits, int... dims) {
    this.version = version;
    header = ByteBuffer.allocate(version == 1 ? 348 : 540).order(order);
    header.putInt(0, header.capacity());
    magic(version == 1 ? "n+1" : "n+2");
    if (version == 2) {
      header.put(8, new byte[] {0x0d, 0x0a, 0x1a, 0x0a});
    }
    dim(0, dims.length);
    int count = bits / 8;
    for (int n = 0; n < 7; n++) {
      dim(n + 1, n < dims.length ? dims[n] : 1);
      count *= n < dims.length ? dims[n] : 1;
      pixdim(n + 1, 1);
    }
    pixdim(0, 1);
    type(datatype, bits);
    offset(header.capacity() + 4);
    voxels = new byte[Math.max(count, 0)];
    for (int i = 0; i < voxels.length; i++) {
      voxels[i] = (byte) (i + 1);
    }
  }

  static NiftiBytes int16(int... dims) {
    return new NiftiBytes(1, ByteOrder.LITTLE_ENDIAN, 4, 16, dims);
  }

  NiftiBytes magic(String magic) {
    header.put(version == 1 ? 344 : 4, Arrays.copyOf(magic.getBytes(StandardCharsets.US_ASCII), 4));
    return this;
  }

  NiftiBytes dim(int n, long value) {
    if (version == 1) {
      header.putShort(40 + 2 * n, (short) value);
    } else {
      header.putLong(16 + 8 * n, value);
    }
    return this;
  }

  NiftiBytes type(int code, int bits) {
    header.putShort(version == 1 ? 70 : 12, (short) code);
    header.putShort(version == 1 ? 72 : 14, (short) bits);
    return this;
  }

  NiftiBytes pixdim(int n, double value) {
    return real(version == 1 ? 76 + 4 * n : 104 + 8 * n, value);
  }

  NiftiBytes offset(double value) {
    if (version == 1) {
      header.putFloat(108, (float) value);
    } else {
      header.putLong(168, (long) value);
    }
    return this;
  }

  NiftiBytes scaling(double slope, double inter) {
    return version == 1 ? real(112, slope).real(116, inter) : real(176, slope).real(184, inter);
  }

  NiftiBytes qform(int code, double... bcdAndOffset) {
    formCode(0, code);
    for (int n = 0; n < bcdAndOffset.length; n++) {
      real(version == 1 ? 256 + 4 * n : 352 + 8 * n, bcdAndOffset[n]);
    }
    return this;
  }

  NiftiBytes sform(int code, double... rows) {
    formCode(1, code);
    for (int n = 0; n < rows.length; n++) {
      real(version == 1 ? 280 + 4 * n : 400 + 8 * n, rows[n]);
    }
    return this;
  }

  private void formCode(int n, int code) {
    if (version == 1) {
      header.putShort(252 + 2 * n, (short) code);
    } else {
      header.putInt(344 + 4 * n, code);
    }
  }

  private NiftiBytes real(int at, double value) {
    if (version == 1) {
      header.putFloat(at, (float) value);
    } else {
      header.putDouble(at, value);
    }
    return this;
  }

  /** An extension of {@code size} bytes, a multiple of 16, between header and voxels. */
  NiftiBytes extension(int size) {
    ByteBuffer e = ByteBuffer.allocate(4 + size).order(header.order());
    e.put(0, (byte) 1).putInt(4, size).putInt(8, 6);
    extension = e.array();
    return offset(header.capacity() + extension.length);
  }

  /** Room for voxels in the file's byte order; fill it by position. */
  ByteBuffer voxels(int bytes) {
    voxels = new byte[bytes];
    return ByteBuffer.wrap(voxels).order(header.order());
  }

  byte[] single() {
    return join(header.array(), extension, voxels);
  }

  byte[] headerAlone() {
    return header.array().clone();
  }

  byte[] voxelsAlone() {
    return voxels.clone();
  }

  Path writeTo(Path folder) {
    return write(folder.resolve("a.nii"), single());
  }

  static Path write(Path file, byte[] content) {
    try {
      return Files.write(file, content);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static byte[] join(byte[]... parts) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    for (byte[] part : parts) {
      out.writeBytes(part);
    }
    return out.toByteArray();
  }

  static byte[] gzip(byte[] content) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (GZIPOutputStream gzip = new GZIPOutputStream(out)) {
      gzip.write(content);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return out.toByteArray();
  }
}
