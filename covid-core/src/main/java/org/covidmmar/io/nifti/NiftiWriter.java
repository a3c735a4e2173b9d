package org.covidmmar.io.nifti;

import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import org.apache.commons.compress.compressors.gzip.GzipCompressorOutputStream;
import org.apache.commons.compress.compressors.gzip.GzipParameters;
import org.covidmmar.AtomicFiles;
import org.covidmmar.CovidException;
import org.covidmmar.volume.Affine;
import org.covidmmar.volume.Shape;
import org.covidmmar.volume.Volume;

/**
 * Writes NIfTI files, little endian, with the affine as sform: NIfTI-1, or NIfTI-2 where an axis is
 * longer than 32767. The name decides: .nii, or .hdr or .img for a pair; with .gz compressed at
 * level 1, which takes a quarter of the usual level's time for a few per cent more bytes.
 */
public final class NiftiWriter {
  private static final int BUFFER = 1 << 16;
  static final int GZIP_LEVEL = 1;
  private static final int SCANNER = 1;

  private NiftiWriter() {}

  /** How voxels are stored. */
  public enum Type {
    UINT8(NiftiType.UINT8, 0, 255),
    INT16(NiftiType.INT16, Short.MIN_VALUE, Short.MAX_VALUE),
    FLOAT32(NiftiType.FLOAT32, Float.NEGATIVE_INFINITY, Float.POSITIVE_INFINITY);

    private final NiftiType stored;
    private final float least;
    private final float most;

    Type(NiftiType stored, float least, float most) {
      this.stored = stored;
      this.least = least;
      this.most = most;
    }

    int bytes() {
      return stored.bytes();
    }
  }

  /** Writes a volume in the type its voxels are held in. */
  public static void write(Path file, Volume volume) {
    write(file, volume, volume.isInt16() ? Type.INT16 : Type.FLOAT32);
  }

  /**
   * Writes a volume without scaling: what is read back is equal.
   *
   * @throws CovidException where the name has no extension of NIfTI or the file can't be written
   * @throws IllegalArgumentException where a voxel is not one of the type's values
   */
  public static void write(Path file, Volume volume, Type type) {
    NiftiFiles name = NiftiFiles.of(file);
    if (name == null) {
      throw new CovidException(
          file,
          "a name that ends in .nii, .hdr or .img, or one of these and .gz, expected",
          "add .nii.gz to the name");
    }
    boolean pair = !name.is("nii");
    byte[] header = header(volume.shape(), volume.affine(), type, pair);
    if (!pair) {
      AtomicFiles.write(
          file,
          raw -> {
            try (OutputStream out = encoded(raw, name.gzip())) {
              out.write(header);
              writeVoxels(out, volume, type);
            }
          });
      return;
    }
    // The header last: who finds it finds the voxels too.
    AtomicFiles.write(
        name.beside("img", name.gzip()),
        raw -> {
          try (OutputStream out = encoded(raw, name.gzip())) {
            writeVoxels(out, volume, type);
          }
        });
    AtomicFiles.write(
        name.beside("hdr", name.gzip()),
        raw -> {
          try (OutputStream out = encoded(raw, name.gzip())) {
            out.write(header);
          }
        });
  }

  static byte[] header(Shape shape, Affine affine, Type type, boolean pair) {
    boolean fits = Math.max(shape.x(), Math.max(shape.y(), shape.z())) <= Short.MAX_VALUE;
    NiftiVersion version = fits ? NiftiVersion.ONE : NiftiVersion.TWO;
    ByteBuffer h = ByteBuffer.allocate(version.leastOffset()).order(ByteOrder.LITTLE_ENDIAN);
    h.putInt(0, version.size());
    version.putMagic(h, pair);
    version.putDim(h, 0, 3);
    version.putPixdim(h, 0, 1);
    double[] spacing = affine.spacing();
    for (int n = 1; n <= 7; n++) {
      version.putDim(h, n, n <= 3 ? shape.along(n - 1) : 1);
      version.putPixdim(h, n, n <= 3 ? spacing[n - 1] : 1);
    }
    version.putType(h, type.stored);
    version.putVoxOffset(h, pair ? 0 : version.leastOffset());
    version.putScaling(h, 1, 0);
    version.putUnitsMm(h);
    version.putSformCode(h, SCANNER);
    for (int n = 0; n < 12; n++) {
      version.putSrow(h, n, affine.get(n / 4, n % 4));
    }
    return h.array();
  }

  /** Closing what this gives finishes the gzip data and leaves the channel to AtomicFiles. */
  private static OutputStream encoded(OutputStream raw, boolean gzip) throws IOException {
    OutputStream open = new UnclosedStream(raw);
    if (!gzip) {
      return open;
    }
    GzipParameters parameters = new GzipParameters();
    parameters.setCompressionLevel(GZIP_LEVEL);
    parameters.setBufferSize(BUFFER);
    return new GzipCompressorOutputStream(open, parameters);
  }

  private static void writeVoxels(OutputStream out, Volume volume, Type type) throws IOException {
    ByteBuffer chunk = ByteBuffer.allocate(BUFFER).order(ByteOrder.LITTLE_ENDIAN);
    int total = Math.toIntExact(volume.shape().voxels());
    int step = BUFFER / type.bytes();
    for (int at = 0; at < total; at += step) {
      chunk.clear();
      int end = (int) Math.min(total, (long) at + step);
      if (volume.isInt16() && type == Type.INT16) {
        chunk.asShortBuffer().put(volume.shorts(), at, end - at);
        chunk.position(2 * (end - at));
      } else {
        encode(chunk, volume, type, at, end);
      }
      out.write(chunk.array(), 0, chunk.position());
    }
  }

  private static void encode(ByteBuffer chunk, Volume volume, Type type, int from, int to) {
    for (int i = from; i < to; i++) {
      float v = volume.at(i);
      if (type == Type.FLOAT32) {
        chunk.putFloat(v);
        continue;
      }
      if (!(v >= type.least && v <= type.most) || v != (int) v) {
        throw new IllegalArgumentException("voxel " + i + " is " + v + ", which is no " + type);
      }
      if (type == Type.UINT8) {
        chunk.put((byte) v);
      } else {
        chunk.putShort((short) v);
      }
    }
  }

  private static final class UnclosedStream extends FilterOutputStream {
    UnclosedStream(OutputStream out) {
      super(out);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
      out.write(bytes, offset, length);
    }

    @Override
    public void close() throws IOException {
      flush();
    }
  }
}
