package org.covidmmar.experiment;

import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.SortedMap;
import org.covidmmar.AtomicFiles;

/**
 * What a goal made its product from, kept with the product.
 *
 * @param values settings and versions
 * @param files what was read, by path; relative to the experiment's folder where it is below it
 */
record Stamp(SortedMap<String, String> values, SortedMap<String, FileState> files) {
  private static final JsonMapper JSON =
      JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();

  /**
   * A file as it was read.
   *
   * @param size in bytes
   * @param modified as ISO 8601; with the size it saves reading the file again
   * @param sha256 of its content; empty where not looked at
   */
  record FileState(long size, String modified, String sha256) {
    @JsonIgnore
    boolean sameTime(FileState other) {
      return size == other.size && modified.equals(other.modified);
    }

    FileState withSha256(String hex) {
      return new FileState(size, modified, hex);
    }
  }

  /** The stamp in a file; empty where there is none that can be read. */
  static Optional<Stamp> read(Path file) {
    try {
      Stamp stamp = JSON.readValue(Files.readAllBytes(file), Stamp.class);
      return stamp == null || stamp.values == null || stamp.files == null
          ? Optional.empty()
          : Optional.of(stamp);
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  /** Makes sure that there is none: what it stands for is about to change. */
  static void remove(Path file) {
    try {
      Files.deleteIfExists(file);
    } catch (IOException e) {
      throw AtomicFiles.unwritable(file, e);
    }
  }

  void write(Path file) {
    try {
      AtomicFiles.writeString(file, JSON.writeValueAsString(this) + "\n");
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a stamp is always writable", e);
    }
  }
}
