package org.covidmmar.mmar;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.zip.ZipEntry;
import org.apache.commons.compress.archivers.zip.ZipArchiveEntry;
import org.apache.commons.compress.archivers.zip.ZipFile;
import org.covidmmar.AtomicFiles;
import org.covidmmar.CovidException;
import org.covidmmar.Fingerprint;

/**
 * Reads an archive that may come from anywhere. Nothing that it says of itself is believed: names
 * are checked, bytes are counted as they come, and each entry must have its checksum.
 */
final class ArchiveReader {
  private static final int BUFFER = 1 << 16;

  /** Of an entry that is taken into memory as a whole. */
  private static final int MAX_TEXT = 1 << 22;

  private static final int SHOWN = 10;
  private static final String CHECKSUM_LINE = "[0-9a-f]{64} [ *].+";

  private final Path archive;
  private final Limits limits;
  private long total;

  ArchiveReader(Path archive, Limits limits) {
    this.archive = archive;
    this.limits = limits;
  }

  /**
   * What an archive may hold at most.
   *
   * @param entries their number
   * @param entryBytes of one entry, unpacked
   * @param totalBytes of all entries, unpacked
   */
  record Limits(int entries, long entryBytes, long totalBytes) {
    /** Some six times what the largest network needs. */
    static final Limits USUAL = new Limits(10_000, 1L << 30, 1L << 31);
  }

  /**
   * Checks all of the archive and writes some of its entries, under the last part of their names.
   *
   * @param wanted names of entries that must be there
   * @param folder an empty folder
   */
  void extract(Collection<String> wanted, Path folder) {
    ByteArrayOutputStream checksums = new ByteArrayOutputStream();
    SortedMap<String, String> found =
        walk(
            folder,
            name -> {
              if (wanted.contains(name)) {
                return new Target(
                    Files.newOutputStream(folder.resolve(Path.of(name).getFileName())),
                    name.equals(MmarArchive.MODEL_CONFIG) ? MAX_TEXT : limits.entryBytes());
              }
              return name.equals(MmarArchive.CHECKSUMS)
                  ? new Target(checksums, MAX_TEXT)
                  : checkedOnly();
            });
    compare(expected(checksums), found);
    for (String name : wanted) {
      if (!found.containsKey(name)) {
        throw refused("entry " + name + " is missing");
      }
    }
  }

  /**
   * Writes the JSON files of a folder that the archive has at some depth, whoever made it: without
   * checksums, for others have none.
   *
   * @param name the folder's
   * @param target an empty folder
   */
  void extractJson(String name, Path target) {
    Set<Path> written = new HashSet<>();
    walk(
        target,
        entry -> {
          Path path = Path.of(entry);
          boolean wanted =
              path.getNameCount() > 1
                  && path.getName(path.getNameCount() - 2).toString().equals(name)
                  && entry.endsWith(".json");
          if (!wanted) {
            return checkedOnly();
          }
          if (!written.add(path.getFileName())) {
            throw refused("it has two folders " + name + " with a " + path.getFileName());
          }
          return new Target(Files.newOutputStream(target.resolve(path.getFileName())), MAX_TEXT);
        });
  }

  /**
   * Where an entry's bytes go.
   *
   * @param most bytes of it
   */
  private record Target(OutputStream out, long most) {}

  private interface Sink {
    Target of(String name) throws IOException;
  }

  private Target checkedOnly() {
    return new Target(OutputStream.nullOutputStream(), limits.entryBytes());
  }

  /** Reads every entry; gives the SHA-256 of each by its name. */
  private SortedMap<String, String> walk(Path folder, Sink sink) {
    SortedMap<String, String> found = new TreeMap<>();
    try (ZipFile zip = ZipFile.builder().setPath(archive).get()) {
      List<ZipArchiveEntry> entries = Collections.list(zip.getEntries());
      if (entries.size() > limits.entries()) {
        throw refused("it has " + entries.size() + " entries, at most " + limits.entries());
      }
      for (ZipArchiveEntry entry : entries) {
        String name = checkedName(entry);
        if (entry.isDirectory()) {
          continue;
        }
        if (found.containsKey(name)) {
          throw refused("entry " + name + " is there twice");
        }
        boolean usual =
            entry.getMethod() == ZipEntry.STORED || entry.getMethod() == ZipEntry.DEFLATED;
        if (!usual || !zip.canReadEntryData(entry)) {
          throw refused("entry " + name + " is encrypted or packed in an unknown way");
        }
        Target target = sink.of(name);
        try (InputStream in = zip.getInputStream(entry);
            OutputStream out = target.out()) {
          found.put(name, copy(name, in, out, target.most(), folder));
        }
      }
    } catch (IOException | IllegalArgumentException e) {
      throw unreadable(archive, e);
    }
    return found;
  }

  private String checkedName(ZipArchiveEntry entry) {
    String name = entry.getName();
    String shown = name.replaceAll("\\p{Cntrl}", "?");
    String path = name.endsWith("/") ? name.substring(0, name.length() - 1) : name;
    boolean plain =
        !path.isEmpty()
            && path.chars().noneMatch(c -> c == '\\' || c == ':' || Character.isISOControl(c));
    for (String part : path.split("/", -1)) {
      plain = plain && !part.isEmpty() && !part.equals(".") && !part.equals("..");
    }
    if (!plain) {
      throw refused("entry \"" + shown + "\" is no path inside the archive");
    }
    if (entry.isUnixSymlink()) {
      throw refused("entry " + name + " is a link");
    }
    return name;
  }

  /** Copies an entry and gives its SHA-256. */
  private String copy(String name, InputStream in, OutputStream out, long most, Path folder)
      throws IOException {
    MessageDigest sha = Fingerprint.sha256();
    byte[] buffer = new byte[BUFFER];
    long size = 0;
    for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
      size += n;
      total += n;
      if (size > most || total > limits.totalBytes()) {
        throw refused(
            "entry "
                + name
                + " unpacks to more than "
                + (size > most ? most + " bytes" : "is left of " + limits.totalBytes() + " bytes"));
      }
      sha.update(buffer, 0, n);
      try {
        out.write(buffer, 0, n);
      } catch (IOException e) {
        throw AtomicFiles.unwritable(folder.resolve(name), e);
      }
    }
    return HexFormat.of().formatHex(sha.digest());
  }

  private SortedMap<String, String> expected(ByteArrayOutputStream checksums) {
    SortedMap<String, String> expected = new TreeMap<>();
    for (String line : checksums.toString(StandardCharsets.UTF_8).lines().toList()) {
      if (!line.matches(CHECKSUM_LINE)) {
        throw refused("entry " + MmarArchive.CHECKSUMS + " has a line that is no checksum");
      }
      expected.put(line.substring(66), line.substring(0, 64));
    }
    return expected;
  }

  private void compare(SortedMap<String, String> expected, SortedMap<String, String> found) {
    List<String> wrong = new ArrayList<>();
    found.forEach(
        (name, sha256) -> {
          if (name.equals(MmarArchive.CHECKSUMS)) {
            return;
          }
          if (!expected.containsKey(name)) {
            wrong.add("entry " + name + " has no checksum in " + MmarArchive.CHECKSUMS);
          } else if (!sha256.equals(expected.get(name))) {
            wrong.add("entry " + name + " does not have its checksum");
          }
        });
    expected.keySet().stream()
        .filter(name -> !found.containsKey(name))
        .forEach(name -> wrong.add("entry " + name + " is missing"));
    if (!wrong.isEmpty()) {
      throw refused(String.join("; ", wrong.subList(0, Math.min(SHOWN, wrong.size()))));
    }
  }

  private CovidException refused(String problem) {
    return new CovidException(
        archive,
        "is not taken as a model archive: " + problem,
        "get the file again from where it was published, or make it anew with covid:package");
  }

  static CovidException unreadable(Path archive, Exception e) {
    return new CovidException(
        archive.toString(),
        "is no whole archive: " + e.getMessage(),
        "get the file again from where it was published, or make it anew with covid:package",
        e);
  }
}
