package org.covidmmar.dataset;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.covidmmar.CovidException;
import org.covidmmar.Fingerprint;
import org.covidmmar.io.nifti.NiftiReader;

/**
 * Fingerprints of the contents of NIfTI files. Each file is read once in the life of this object;
 * later calls only look whether its size and time are as they were. Safe for use by many threads.
 */
public final class DataFingerprints {
  private final Map<Path, Known> known = new ConcurrentHashMap<>();

  private record State(long size, FileTime modified) {}

  private record Known(State state, Fingerprint fingerprint) {}

  /**
   * The fingerprint of an image's content: of its file, or of both files of a .hdr/.img pair.
   *
   * @throws CovidException where a file can't be read, or holds something else than when it was
   *     first asked for
   */
  public Fingerprint of(Path image) {
    List<Path> files = NiftiReader.files(image);
    if (files.size() == 1) {
      return ofFile(files.get(0));
    }
    StringBuilder all = new StringBuilder();
    files.forEach(file -> all.append(ofFile(file)).append('\n'));
    return Fingerprint.of(all.toString());
  }

  /**
   * The fingerprint of a file's content.
   *
   * @throws CovidException as {@link #of}
   */
  public Fingerprint ofFile(Path file) {
    try {
      State now = state(file);
      Known before = known.get(file);
      if (before != null && before.state().equals(now)) {
        return before.fingerprint();
      }
      Fingerprint fingerprint = Fingerprint.of(file);
      if (before != null && !before.fingerprint().equals(fingerprint)) {
        throw new CovidException(
            file,
            "changed while the run was using it: had "
                + shown(before.state())
                + ", has "
                + shown(now),
            "leave the data alone during a run, then start the run again");
      }
      known.put(file, new Known(now, fingerprint));
      return fingerprint;
    } catch (NoSuchFileException e) {
      throw new CovidException(
          file.toString(),
          known.containsKey(file) ? "vanished while the run was using it" : "does not exist",
          "put the file back, or correct its path in dataset.json",
          e);
    } catch (IOException e) {
      throw unreadable(file, e);
    }
  }

  /**
   * Reads an image to its end, and so knows the fingerprint of the file that holds its voxels
   * without reading it again.
   *
   * @throws CovidException as {@link NiftiReader#scan}
   */
  void scan(Path image, NiftiReader.Voxels to) {
    Path file = NiftiReader.voxelFile(image);
    MessageDigest sha = Fingerprint.sha256();
    try {
      State before = state(file);
      NiftiReader.scan(image, in -> new DigestInputStream(in, sha), to);
      if (before.equals(state(file))) {
        known.putIfAbsent(file, new Known(before, Fingerprint.of(sha)));
      }
    } catch (IOException e) {
      throw unreadable(file, e);
    }
  }

  private static CovidException unreadable(Path file, IOException e) {
    return new CovidException(
        file.toString(), "cannot be read: " + e.getMessage(), "make it readable", e);
  }

  private static State state(Path file) throws IOException {
    BasicFileAttributes attributes = Files.readAttributes(file, BasicFileAttributes.class);
    return new State(attributes.size(), attributes.lastModifiedTime());
  }

  private static String shown(State state) {
    return state.size() + " bytes of " + state.modified();
  }
}
