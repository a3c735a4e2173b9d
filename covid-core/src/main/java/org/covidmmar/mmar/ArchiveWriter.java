package org.covidmmar.mmar;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.time.LocalDateTime;
import java.util.HexFormat;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.zip.CRC32;
import java.util.zip.CheckedOutputStream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.covidmmar.AtomicFiles;
import org.covidmmar.CovidException;
import org.covidmmar.Fingerprint;

/** Writes entries to a zip that is the same wherever and whenever it is written. */
final class ArchiveWriter {
  // Not the first of January: there Java adds the time in the machine's time zone.
  private static final LocalDateTime TIME = LocalDateTime.of(1980, 2, 1, 0, 0);

  private ArchiveWriter() {}

  private record Sums(long size, long crc, String sha256) {}

  /** Writes the entries by name, and the checksums of all of them. */
  static void write(Path target, SortedMap<String, AtomicFiles.Content> entries) {
    SortedMap<String, AtomicFiles.Content> all = new TreeMap<>(entries);
    SortedMap<String, Sums> sums = new TreeMap<>();
    StringBuilder checksums = new StringBuilder();
    entries.forEach(
        (name, content) -> {
          Sums of = sums(name, content);
          sums.put(name, of);
          checksums.append(of.sha256()).append("  ").append(name).append('\n');
        });
    byte[] list = checksums.toString().getBytes(StandardCharsets.UTF_8);
    all.put(MmarArchive.CHECKSUMS, out -> out.write(list));
    sums.put(MmarArchive.CHECKSUMS, sums(MmarArchive.CHECKSUMS, all.get(MmarArchive.CHECKSUMS)));
    AtomicFiles.write(
        target,
        out -> {
          ZipOutputStream zip = new ZipOutputStream(out, StandardCharsets.UTF_8);
          for (var entry : all.entrySet()) {
            zip.putNextEntry(entry(entry.getKey(), sums.get(entry.getKey())));
            entry.getValue().writeTo(zip);
            zip.closeEntry();
          }
          zip.finish();
        });
  }

  /** Stored: what deflate makes of the same bytes differs from one zlib to the next. */
  private static ZipEntry entry(String name, Sums sums) {
    ZipEntry entry = new ZipEntry(name);
    entry.setMethod(ZipEntry.STORED);
    entry.setSize(sums.size());
    entry.setCrc(sums.crc());
    entry.setTimeLocal(TIME);
    return entry;
  }

  private static Sums sums(String name, AtomicFiles.Content content) {
    CRC32 crc = new CRC32();
    MessageDigest sha = Fingerprint.sha256();
    Counter counter = new Counter();
    try (OutputStream out = new CheckedOutputStream(new DigestOutputStream(counter, sha), crc)) {
      content.writeTo(out);
    } catch (IOException e) {
      throw new CovidException(
          name, "cannot be read: " + e.getMessage(), "make the files of the run readable", e);
    }
    return new Sums(counter.size, crc.getValue(), HexFormat.of().formatHex(sha.digest()));
  }

  /** Takes bytes and counts them. */
  private static final class Counter extends OutputStream {
    private long size;

    @Override
    public void write(int b) {
      size++;
    }

    @Override
    public void write(byte[] bytes, int offset, int length) {
      size += length;
    }
  }
}
