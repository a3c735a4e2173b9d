package org.covidmmar.io.nifti;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.UnaryOperator;
import org.apache.commons.compress.compressors.gzip.GzipCompressorInputStream;
import org.covidmmar.CovidException;
import org.covidmmar.volume.Volume;

/**
 * Reads NIfTI-1 and NIfTI-2: .nii files and .hdr/.img pairs, gzipped or not (the content decides),
 * of either byte order.
 */
public final class NiftiReader {
  static final String COPY_AGAIN = "copy the file again from its source, or convert the scan anew";

  private static final int BUFFER = 1 << 16;
  private static final int FIRST_ROOM = 1 << 22;
  private static final int LEAST_GZIP = 18;
  // The most that deflate reaches: 258 bytes out of two bits.
  private static final long MOST_DEFLATED = 1032;
  private static final long MOST_EXTRA = 1L << 26;
  // CT shrinks to a half or a third, a mask to a hundredth.
  private static final long LIKELY_DEFLATED = 16;

  private NiftiReader() {}

  /** Takes the voxels of an image in the order of the file. */
  @FunctionalInterface
  public interface Voxels {
    /** Takes the first {@code n} values, scaled; the array is used again. */
    void take(double[] values, int n);
  }

  /**
   * The header, without reading voxels.
   *
   * @param file a .nii or .hdr file, or the .img of a pair
   * @throws CovidException where the file is no NIfTI file, or holds no 3-D image of real numbers
   */
  public static NiftiHeader readHeader(Path file) {
    Path headerFile = headerFile(file);
    try (InputStream in = open(headerFile, isGzip(headerFile))) {
      return HeaderParser.parse(headerFile, in.readNBytes(HeaderParser.LONGEST));
    } catch (IOException e) {
      throw unreadable(headerFile, e);
    }
  }

  /**
   * The files an image is made of: one, or header and image of a pair. Those of a pair exist, a
   * single one may not.
   *
   * @param file a .nii or .hdr file, or the .img of a pair
   * @throws CovidException where a file of a pair is missing
   */
  public static List<Path> files(Path file) {
    NiftiFiles name = NiftiFiles.of(file);
    if (name == null || name.is("nii")) {
      return List.of(file);
    }
    Path header = headerFile(file);
    return List.of(header, imageFile(header));
  }

  /**
   * The volume, whole. Trailing axes of size 1 are dropped. A voxel is stored value x scl_slope +
   * scl_inter in float64, rounded to float32: what nibabel's {@code get_fdata(dtype=float32)}
   * gives. Where every voxel of an integer type is a whole number of int16 the volume is of int16,
   * of the same values.
   *
   * @param file a .nii or .hdr file, or the .img of a pair
   * @throws CovidException as {@link #readHeader}, and where voxels are missing, gzip's checksum is
   *     wrong or the volume does not fit into memory
   */
  public static Volume read(Path file) {
    NiftiHeader header = readHeader(file);
    Path voxelFile = voxelFile(file, header);
    try {
      boolean gzip = isGzip(voxelFile);
      requireBytes(voxelFile, header, gzip);
      requireHeap(voxelFile, header);
      VoxelSink sink =
          new VoxelSink(
              Math.toIntExact(header.shape().voxels()),
              firstRoom(voxelFile, header, gzip),
              header.keepsIntegers());
      try (InputStream in = Files.newInputStream(voxelFile)) {
        pass(voxelFile, in, gzip, header, sink);
      }
      return sink.volume(header.shape(), header.affine());
    } catch (IOException e) {
      throw unreadable(voxelFile, e);
    }
  }

  /**
   * Reads as {@link #read} does and refuses what it refuses, but keeps no voxel: the memory that it
   * takes does not depend on the image, which may be larger than the heap.
   *
   * @param bytes gives the stream to read in place of the one of {@link #voxelFile}, of which every
   *     byte is read
   * @param to takes the voxels
   * @throws CovidException as {@link #read}
   */
  public static void scan(Path file, UnaryOperator<InputStream> bytes, Voxels to) {
    NiftiHeader header = readHeader(file);
    Path voxelFile = voxelFile(file, header);
    try {
      boolean gzip = isGzip(voxelFile);
      requireBytes(voxelFile, header, gzip);
      try (InputStream in = bytes.apply(Files.newInputStream(voxelFile))) {
        pass(voxelFile, in, gzip, header, to);
        if (!gzip) {
          in.transferTo(OutputStream.nullOutputStream());
        }
      }
    } catch (IOException e) {
      throw unreadable(voxelFile, e);
    }
  }

  /**
   * The file of an image that holds its voxels.
   *
   * @throws CovidException as {@link #readHeader}
   */
  public static Path voxelFile(Path file) {
    return voxelFile(file, readHeader(file));
  }

  private static Path voxelFile(Path file, NiftiHeader header) {
    Path headerFile = headerFile(file);
    return header.pair() ? imageFile(headerFile) : headerFile;
  }

  /** Refuses a header that the file's length contradicts, before anything is allocated for it. */
  private static void requireBytes(Path file, NiftiHeader header, boolean gzip) throws IOException {
    double needed = (double) header.voxOffset() + header.voxelBytes();
    long size = Files.size(file);
    double most = gzip ? (double) size * MOST_DEFLATED : size;
    if (needed > most) {
      throw truncated(
          file, header, (gzip ? "gzip data that hold at most " : "a file of ") + (long) most);
    }
  }

  private static void requireHeap(Path file, NiftiHeader header) {
    long memory = header.shape().voxels() * (header.keepsIntegers() ? Short.BYTES : Float.BYTES);
    long heap = Runtime.getRuntime().maxMemory();
    if (memory > heap) {
      throw new CovidException(
          file,
          "dim: %s voxels need %d MB of memory, %d MB are there"
              .formatted(header.shape(), memory >> 20, heap >> 20),
          "give Java more memory (covid.jvmArgs, -Xmx), or resample the image");
    }
  }

  /**
   * Voxels to make room for at once: all of them, but of a gzip file only as many as its length
   * makes likely, and few where its trailer does not confirm the header; room grows as data come.
   */
  private static int firstRoom(Path file, NiftiHeader header, boolean gzip) throws IOException {
    long voxels = header.shape().voxels();
    if (!gzip) {
      return Math.toIntExact(voxels);
    }
    long size = Files.size(file);
    long needed = header.voxOffset() + header.voxelBytes();
    long likely =
        lastWord(file, size) == (needed & 0xffffffffL)
            ? size * LIKELY_DEFLATED / header.type().bytes()
            : 0;
    return (int) Math.min(voxels, Math.max(FIRST_ROOM, likely));
  }

  /** Gzip's trailer: length of the data modulo 2^32. */
  private static long lastWord(Path file, long size) throws IOException {
    ByteBuffer word = ByteBuffer.allocate(Integer.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    try (SeekableByteChannel channel = Files.newByteChannel(file)) {
      channel.position(size - Integer.BYTES);
      while (word.hasRemaining() && channel.read(word) >= 0) {
        // Reads until the word is whole.
      }
    }
    return word.getInt(0) & 0xffffffffL;
  }

  /** Reads the file's content from its beginning, of gzip to the end, where the checksum stands. */
  private static void pass(
      Path file, InputStream bytes, boolean gzip, NiftiHeader header, Voxels to)
      throws IOException {
    if (!gzip) {
      voxels(file, bytes, header, to);
      return;
    }
    try (InputStream in = unzipped(bytes)) {
      voxels(file, in, header, to);
      drain(file, in, header);
    }
  }

  private static void voxels(Path file, InputStream in, NiftiHeader header, Voxels to)
      throws IOException {
    skip(file, in, header);
    NiftiType type = header.type();
    int total = Math.toIntExact(header.shape().voxels());
    ByteBuffer chunk = ByteBuffer.allocate(BUFFER).order(header.order());
    double[] values = new double[Math.min(total, BUFFER / type.bytes())];
    for (int done = 0; done < total; ) {
      int n = Math.min(values.length, total - done);
      int read = in.readNBytes(chunk.array(), 0, n * type.bytes());
      if (read < n * type.bytes()) {
        throw truncated(file, header, (long) done * type.bytes() + read + " bytes of voxels");
      }
      type.decode(chunk.clear(), values, n);
      scale(values, n, header.slope(), header.inter());
      to.take(values, n);
      done += n;
    }
  }

  /** Reads up to the voxels: a stream's own skipping would pass some bytes by. */
  private static void skip(Path file, InputStream in, NiftiHeader header) throws IOException {
    long left = header.voxOffset();
    byte[] buffer = new byte[(int) Math.min(BUFFER, left)];
    while (left > 0) {
      int read = in.read(buffer, 0, (int) Math.min(buffer.length, left));
      if (read < 0) {
        throw truncated(file, header, "fewer bytes than vox_offset");
      }
      left -= read;
    }
  }

  private static void scale(double[] values, int n, double slope, double inter) {
    if (slope == 1 && inter == 0) {
      return;
    }
    for (int i = 0; i < n; i++) {
      values[i] = values[i] * slope + inter;
    }
  }

  private static void drain(Path file, InputStream in, NiftiHeader header) throws IOException {
    byte[] buffer = new byte[BUFFER];
    long extra = 0;
    for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
      extra += n;
      if (extra > MOST_EXTRA) {
        throw new CovidException(
            file,
            "dim: %s voxels expected, more than %d MB found after them"
                .formatted(header.shape(), MOST_EXTRA >> 20),
            COPY_AGAIN);
      }
    }
  }

  private static CovidException truncated(Path file, NiftiHeader header, String found) {
    return new CovidException(
        file,
        "truncated, or dim is wrong: %d bytes from vox_offset %d expected for %s voxels of %s, %s found"
            .formatted(
                header.voxelBytes(), header.voxOffset(), header.shape(), header.type(), found),
        COPY_AGAIN);
  }

  private static Path headerFile(Path file) {
    NiftiFiles name = NiftiFiles.of(file);
    Path header = file;
    if (name != null && name.is("img")) {
      header = partner(name, "hdr");
    }
    if (!Files.exists(header)) {
      throw new CovidException(header, "no such file", "give the path of a NIfTI file");
    }
    if (Files.isDirectory(header)) {
      throw new CovidException(
          header, "a NIfTI file expected, a folder found", "give the path of a file in it");
    }
    if (!Files.isRegularFile(header)) {
      throw new CovidException(
          header, "a file expected, a pipe or device found", "copy its content into a file");
    }
    return header;
  }

  private static Path imageFile(Path header) {
    NiftiFiles name = NiftiFiles.of(header);
    if (name == null || !name.is("hdr")) {
      throw new CovidException(
          header,
          "magic says that voxels are in an .img file, but the name does not end in .hdr",
          "give the .hdr file of the pair");
    }
    return partner(name, "img");
  }

  /** The other file of a pair; where only one of the two is gzipped it is found as well. */
  private static Path partner(NiftiFiles name, String extension) {
    Path same = name.beside(extension, name.gzip());
    Path other = name.beside(extension, !name.gzip());
    if (Files.isRegularFile(same)) {
      return same;
    }
    if (Files.isRegularFile(other)) {
      return other;
    }
    throw new CovidException(
        name.path(),
        "half of a pair: " + same.getFileName() + " expected beside it, none found",
        "put the ." + extension + " file into the same folder");
  }

  private static InputStream open(Path file, boolean gzip) throws IOException {
    InputStream in = Files.newInputStream(file);
    if (!gzip) {
      return in;
    }
    try {
      return unzipped(in);
    } catch (IOException | RuntimeException e) {
      in.close();
      throw e;
    }
  }

  private static InputStream unzipped(InputStream in) throws IOException {
    return new GzipCompressorInputStream(new BufferedInputStream(in, BUFFER), true);
  }

  private static boolean isGzip(Path file) throws IOException {
    try (InputStream in = Files.newInputStream(file)) {
      byte[] magic = in.readNBytes(LEAST_GZIP);
      return magic.length == LEAST_GZIP && magic[0] == 0x1f && magic[1] == (byte) 0x8b;
    }
  }

  private static CovidException unreadable(Path file, IOException e) {
    if (e instanceof AccessDeniedException) {
      return new CovidException(
          file.toString(), "permission denied", "make the file readable for this user", e);
    }
    String what = e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
    return new CovidException(file.toString(), "cannot be read: " + what, COPY_AGAIN, e);
  }
}
