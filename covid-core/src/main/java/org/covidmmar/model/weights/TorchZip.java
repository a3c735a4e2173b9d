package org.covidmmar.model.weights;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Function;
import java.util.zip.CRC32;
import org.covidmmar.CovidException;

/**
 * The entries of a zip as PyTorch writes it: stored as they are, so that a part of one can be read
 * from its place in the file. The directory is bounded and checked as a whole before any entry is
 * read, which libraries for zip files in general do not offer.
 */
final class TorchZip {
  private static final int END = 22;
  private static final int END_SIGNATURE = 0x06054b50;
  private static final int LOCATOR = 20;
  private static final int LOCATOR_SIGNATURE = 0x07064b50;
  private static final int END64 = 56;
  private static final int END64_SIGNATURE = 0x06064b50;
  private static final int DIRECTORY_ENTRY = 46;
  private static final int DIRECTORY_SIGNATURE = 0x02014b50;
  private static final int LOCAL = 30;
  private static final int LOCAL_SIGNATURE = 0x04034b50;
  private static final int ZIP64_FIELD = 1;
  private static final long SATURATED = 0xffffffffL;

  /** Some ten times what the largest network with its optimizer needs. */
  private static final int MAX_DIRECTORY = 1 << 22;

  private static final int CHUNK = 1 << 16;

  private final FileChannel channel;
  private final Function<String, CovidException> broken;
  private final Map<String, Entry> entries = new LinkedHashMap<>();

  /**
   * An entry.
   *
   * @param position of its first byte in the file
   * @param size in bytes, as they are in the file
   * @param crc CRC-32 of its bytes
   * @param stored whether its bytes are in the file as they are
   */
  record Entry(String name, long position, long size, long crc, boolean stored) {}

  /** Where the directory lies. */
  private record Directory(long count, long size, long position) {}

  /**
   * @param broken makes the exception that says what is wrong
   */
  TorchZip(FileChannel channel, Function<String, CovidException> broken) throws IOException {
    this.channel = channel;
    this.broken = broken;
    Directory directory = directory();
    ByteBuffer bytes = FileBytes.read(channel, directory.position, (int) directory.size);
    long left = directory.position;
    for (long n = 0; n < directory.count; n++) {
      Entry entry = entry(bytes, directory.position);
      left -= entry.size;
      if (left < 0) {
        throw broken.apply("its entries are larger than the file: they overlap");
      }
      if (entries.put(entry.name, entry) != null) {
        throw broken.apply("entry " + entry.name + " is there twice");
      }
    }
    if (bytes.hasRemaining()) {
      throw broken.apply("its directory has more than the " + directory.count + " entries it says");
    }
  }

  /** All entries by name, in the order of the directory. */
  Map<String, Entry> entries() {
    return Collections.unmodifiableMap(entries);
  }

  /** Refuses entries that cannot be read from their places. */
  void requireStored() {
    for (Entry entry : entries.values()) {
      if (!entry.stored) {
        throw broken.apply("entry " + entry.name + " is compressed, which torch.save never does");
      }
    }
  }

  private Directory directory() throws IOException {
    long end = channel.size() - END;
    ByteBuffer tail = end < 0 ? null : FileBytes.read(channel, end, END);
    if (tail == null || tail.getInt() != END_SIGNATURE) {
      throw broken.apply("it does not end with a zip directory: it was cut off");
    }
    tail.position(8);
    int disk = tail.getInt(4);
    int countHere = Short.toUnsignedInt(tail.getShort());
    Directory found =
        new Directory(
            Short.toUnsignedInt(tail.getShort()),
            Integer.toUnsignedLong(tail.getInt()),
            Integer.toUnsignedLong(tail.getInt()));
    if (disk != 0 || countHere != found.count || tail.getShort() != 0) {
      throw broken.apply("its zip directory has parts in other files or a comment");
    }
    long behind = end;
    long locator = end - LOCATOR;
    if (locator >= 0) {
      ByteBuffer bytes = FileBytes.read(channel, locator, LOCATOR);
      if (bytes.getInt() == LOCATOR_SIGNATURE) {
        behind = bytes.getLong(8);
        found = directory64(behind, locator, found);
      }
    }
    if (found.position < 0
        || found.size < 0
        || found.size > MAX_DIRECTORY
        || found.count < 0
        || found.count > found.size / DIRECTORY_ENTRY
        || found.position != behind - found.size) {
      throw broken.apply(
          "its zip directory of "
              + Long.toUnsignedString(found.count)
              + " entries in "
              + Long.toUnsignedString(found.size)
              + " bytes does not fit a file of "
              + channel.size()
              + " bytes");
    }
    return found;
  }

  /** The wider directory's end, which must not contradict the narrow one. */
  private Directory directory64(long position, long locator, Directory narrow) throws IOException {
    if (position < 0 || position != locator - END64) {
      throw broken.apply("its zip64 directory is not where it says");
    }
    ByteBuffer bytes = FileBytes.read(channel, position, END64);
    if (bytes.getInt() != END64_SIGNATURE || bytes.getLong(24) != bytes.getLong(32)) {
      throw broken.apply("its zip64 directory is not where it says");
    }
    Directory wide = new Directory(bytes.getLong(32), bytes.getLong(40), bytes.getLong(48));
    if ((narrow.count != 0xffff && narrow.count != wide.count)
        || (narrow.size != SATURATED && narrow.size != wide.size)
        || (narrow.position != SATURATED && narrow.position != wide.position)) {
      throw broken.apply("its zip and zip64 directories contradict each other");
    }
    return wide;
  }

  /** The next entry of the directory. */
  private Entry entry(ByteBuffer bytes, long dataEnd) throws IOException {
    if (bytes.remaining() < DIRECTORY_ENTRY || bytes.getInt() != DIRECTORY_SIGNATURE) {
      throw broken.apply("its zip directory is damaged");
    }
    int start = bytes.position() - Integer.BYTES;
    int flags = bytes.getShort(start + 8);
    int method = bytes.getShort(start + 10);
    long crc = Integer.toUnsignedLong(bytes.getInt(start + 16));
    long packed = Integer.toUnsignedLong(bytes.getInt(start + 20));
    long size = Integer.toUnsignedLong(bytes.getInt(start + 24));
    int nameLength = Short.toUnsignedInt(bytes.getShort(start + 28));
    int extraLength = Short.toUnsignedInt(bytes.getShort(start + 30));
    int commentLength = Short.toUnsignedInt(bytes.getShort(start + 32));
    long position = Integer.toUnsignedLong(bytes.getInt(start + 42));
    bytes.position(start + DIRECTORY_ENTRY);
    if (bytes.remaining() < nameLength + extraLength + commentLength) {
      throw broken.apply("its zip directory is damaged");
    }
    byte[] name = new byte[nameLength];
    bytes.get(name);
    ByteBuffer wide = zip64(bytes.slice(bytes.position(), extraLength));
    bytes.position(bytes.position() + extraLength + commentLength);
    String text = checkedName(name);
    size = size == SATURATED ? next(wide) : size;
    packed = packed == SATURATED ? next(wide) : packed;
    position = position == SATURATED ? next(wide) : position;
    if ((flags & 1) != 0) {
      throw broken.apply("entry " + text + " is encrypted");
    }
    long begin = begin(text, name, position, dataEnd);
    if (packed < 0 || packed > dataEnd - begin) {
      throw broken.apply(
          "entry "
              + text
              + " of "
              + Long.toUnsignedString(packed)
              + " bytes does not fit the file");
    }
    return new Entry(text, begin, packed, crc, method == 0 && packed == size);
  }

  private String checkedName(byte[] bytes) {
    String name = new String(bytes, StandardCharsets.UTF_8);
    boolean plain = name.chars().noneMatch(TorchZip::isOdd);
    for (String part : name.split("/", -1)) {
      plain = plain && !part.isEmpty() && !part.equals(".") && !part.equals("..");
    }
    if (!plain) {
      throw broken.apply("entry \"" + TorchPickle.shown(name) + "\" is no path inside the file");
    }
    return name;
  }

  /** A backslash, or what does not show. */
  private static boolean isOdd(int c) {
    return c == '\\' || Character.isISOControl(c) || Character.getType(c) == Character.FORMAT;
  }

  /** The values of the zip64 field; empty where there is none. */
  private static ByteBuffer zip64(ByteBuffer extra) {
    extra.order(ByteOrder.LITTLE_ENDIAN);
    while (extra.remaining() >= 4) {
      int id = Short.toUnsignedInt(extra.getShort());
      int length = Math.min(Short.toUnsignedInt(extra.getShort()), extra.remaining());
      if (id == ZIP64_FIELD) {
        return extra.slice(extra.position(), length).order(ByteOrder.LITTLE_ENDIAN);
      }
      extra.position(extra.position() + length);
    }
    return ByteBuffer.allocate(0);
  }

  private long next(ByteBuffer wide) {
    if (wide.remaining() < Long.BYTES) {
      throw broken.apply("its zip64 fields are damaged");
    }
    return wide.getLong();
  }

  /** Where an entry's bytes begin, behind its own header. */
  private long begin(String name, byte[] nameBytes, long position, long dataEnd)
      throws IOException {
    if (position < 0 || position > dataEnd - LOCAL - nameBytes.length) {
      throw broken.apply("entry " + name + " is said to lie outside the file");
    }
    ByteBuffer header = FileBytes.read(channel, position, LOCAL + nameBytes.length);
    int nameLength = Short.toUnsignedInt(header.getShort(26));
    boolean same = header.getInt(0) == LOCAL_SIGNATURE && nameLength == nameBytes.length;
    if (!same || !header.slice(LOCAL, nameLength).equals(ByteBuffer.wrap(nameBytes))) {
      throw broken.apply("entry " + name + " is not where the directory says");
    }
    return position + LOCAL + nameLength + Short.toUnsignedInt(header.getShort(28));
  }

  /** An entry as a whole, with its checksum compared. */
  ByteBuffer read(Entry entry, int atMost) throws IOException {
    if (entry.size > atMost) {
      throw broken.apply(
          "entry " + entry.name + " has " + entry.size + " bytes, at most " + atMost);
    }
    requireIntact(entry);
    return read(entry, 0, (int) entry.size);
  }

  /** A part of an entry. */
  ByteBuffer read(Entry entry, long from, int length) throws IOException {
    return FileBytes.read(channel, entry.position + from, length);
  }

  /** Compares an entry's bytes with its checksum. */
  void requireIntact(Entry entry) throws IOException {
    CRC32 crc = new CRC32();
    for (long done = 0; done < entry.size; done += CHUNK) {
      crc.update(read(entry, done, (int) Math.min(CHUNK, entry.size - done)));
    }
    // 0: torch.save was told to compute none.
    if (entry.crc != 0 && crc.getValue() != entry.crc) {
      throw broken.apply("entry " + entry.name + " does not have its checksum: it is damaged");
    }
  }
}
