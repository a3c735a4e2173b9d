package org.covidmmar.experiment;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import org.covidmmar.CovidException;
import org.covidmmar.Fingerprint;
import org.covidmmar.dataset.DataFingerprints;
import org.covidmmar.io.nifti.NiftiReader;

/**
 * What a goal is made from: values and files, as they were when this was made. Tells what has
 * changed since a {@link Stamp} was left, and leaves a new one.
 */
final class Stage {
  private static final int SHOWN = 3;

  private final Path basedir;
  private final SortedMap<String, String> values;
  private final SortedMap<String, Stamp.FileState> files = new TreeMap<>();

  /**
   * @param basedir files below it are named relative to it
   * @param values by the names that users know them by
   * @param files that are read; those that do not exist are left out
   */
  Stage(Path basedir, SortedMap<String, String> values, Collection<Path> files) {
    this.basedir = basedir;
    this.values = values;
    for (Path file : files) {
      for (Path part : parts(file)) {
        state(part).ifPresent(state -> this.files.put(name(part), state));
      }
    }
  }

  /** The files of an image; half a pair is itself, for the goal to say that among other things. */
  private static List<Path> parts(Path file) {
    try {
      return NiftiReader.files(file);
    } catch (CovidException e) {
      return List.of(file);
    }
  }

  /**
   * Why the stage must run again: what differs from the stamp, or what it made and is gone.
   *
   * @return a few words; empty where all is as it was
   */
  Optional<String> reason(Path stampFile, Path... products) {
    Optional<Stamp> read = Stamp.read(stampFile);
    if (read.isEmpty()) {
      return Optional.of("not done yet");
    }
    List<String> differences = new ArrayList<>(differences(read.get()));
    for (Path product : products) {
      if (!Files.exists(product)) {
        differences.add(name(product) + " is missing");
      }
    }
    if (differences.isEmpty()) {
      return Optional.empty();
    }
    int more = differences.size() - SHOWN;
    return Optional.of(
        String.join(", ", differences.subList(0, Math.min(SHOWN, differences.size())))
            + (more > 0 ? " and " + more + " more" : ""));
  }

  /** Whether all is as it was; where settings differ, without reading any file. */
  boolean isUnchanged(Path stampFile, Path... products) {
    return Stamp.read(stampFile).filter(stamp -> stamp.values().equals(values)).isPresent()
        && reason(stampFile, products).isEmpty();
  }

  private List<String> differences(Stamp earlier) {
    List<String> differences = new ArrayList<>();
    for (String name : union(values, earlier.values())) {
      String before = earlier.values().get(name);
      String now = values.get(name);
      if (before == null) {
        differences.add(name + " set to " + now);
      } else if (now == null) {
        differences.add(name + " no longer set, was " + before);
      } else if (!before.equals(now)) {
        differences.add(name + " changed " + before + " -> " + now);
      }
    }
    for (String name : union(files, earlier.files())) {
      Stamp.FileState before = earlier.files().get(name);
      Stamp.FileState now = files.get(name);
      if (before == null) {
        differences.add(name + " is new");
      } else if (now == null) {
        differences.add(name + " is gone");
      } else if (!now.sameTime(before) && !sha256(basedir.resolve(name)).equals(before.sha256())) {
        differences.add(name + " changed");
      }
    }
    return differences;
  }

  /** Leaves a stamp: the files' contents now, unless they changed since this was made. */
  void stamp(Path stampFile, DataFingerprints fingerprints) {
    SortedMap<String, Stamp.FileState> hashed = new TreeMap<>();
    files.forEach(
        (name, state) -> {
          Path file = basedir.resolve(name);
          boolean same = state(file).filter(state::sameTime).isPresent();
          hashed.put(
              name,
              state.withSha256(
                  same ? fingerprints.ofFile(file).hex() : "changed while it was used"));
        });
    new Stamp(values, hashed).write(stampFile);
  }

  private static <T> SortedSet<String> union(SortedMap<String, T> a, SortedMap<String, T> b) {
    SortedSet<String> names = new TreeSet<>(a.keySet());
    names.addAll(b.keySet());
    return names;
  }

  private String name(Path file) {
    Path absolute = file.toAbsolutePath().normalize();
    Path shown = absolute.startsWith(basedir) ? basedir.relativize(absolute) : absolute;
    return shown.toString().replace('\\', '/');
  }

  private static Optional<Stamp.FileState> state(Path file) {
    try {
      BasicFileAttributes attributes = Files.readAttributes(file, BasicFileAttributes.class);
      return Optional.of(
          new Stamp.FileState(
              attributes.size(), attributes.lastModifiedTime().toInstant().toString(), ""));
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  private static String sha256(Path file) {
    try {
      return Fingerprint.of(file).hex();
    } catch (IOException e) {
      throw new CovidException(
          file.toString(), "cannot be read: " + e.getMessage(), "make it readable", e);
    }
  }
}
