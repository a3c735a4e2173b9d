package org.covidmmar.inference;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;
import org.covidmmar.AtomicFiles;
import org.covidmmar.CovidException;

/**
 * The content of {@code pictures.json}: which files beside it are pictures of which case.
 *
 * @param cases in the order in which they were made
 */
public record Pictures(List<OfCase> cases) {
  private static final String INDEX = "pictures.json";
  private static final JsonMapper JSON =
      JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();

  /**
   * Files of a case, the layers of a {@link Montage}.
   *
   * @param id the case's
   * @param width in pixels
   * @param height in pixels
   * @param lungs null where there is none
   * @param saliency null where there is none
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record OfCase(
      String id, int width, int height, String scan, String lungs, String saliency) {}

  /** Writes pictures into a folder that holds nothing else; the index is the last file. */
  public static final class Writer {
    private final Path folder;
    private final List<OfCase> cases = new ArrayList<>();

    /** Removes what an earlier writer left. */
    public Writer(Path folder) {
      this.folder = folder;
      try {
        Files.createDirectories(folder);
        Files.deleteIfExists(folder.resolve(INDEX));
        try (Stream<Path> files = Files.list(folder)) {
          for (Path file : files.filter(f -> f.toString().endsWith(".png")).toList()) {
            Files.delete(file);
          }
        }
      } catch (IOException e) {
        throw AtomicFiles.unwritable(folder, e);
      }
    }

    /** Adds a case; files are numbered, for ids may be no file names. */
    public void add(String id, Montage montage) {
      String number = String.format(Locale.ROOT, "%02d-", cases.size() + 1);
      cases.add(
          new OfCase(
              id,
              montage.width(),
              montage.height(),
              file(number + "scan.png", montage.scan()),
              file(number + "lungs.png", montage.lungs()),
              file(number + "saliency.png", montage.saliency())));
    }

    private String file(String name, byte[] content) {
      if (content == null) {
        return null;
      }
      AtomicFiles.write(folder.resolve(name), out -> out.write(content));
      return name;
    }

    /** Writes the index. */
    public void end() {
      try {
        AtomicFiles.writeString(
            folder.resolve(INDEX), JSON.writeValueAsString(new Pictures(cases)) + "\n");
      } catch (JsonProcessingException e) {
        throw new IllegalStateException("an index is always writable", e);
      }
    }
  }

  /**
   * What a {@link Writer} left in a folder; empty where none ended its work there.
   *
   * @throws CovidException where the index can't be read
   */
  public static Optional<Pictures> in(Path folder) {
    Path index = folder.resolve(INDEX);
    try {
      Pictures read = JSON.readValue(Files.readString(index), Pictures.class);
      if (read == null || read.cases == null) {
        throw new IOException("the list of cases is missing");
      }
      return Optional.of(read);
    } catch (NoSuchFileException e) {
      return Optional.empty();
    } catch (IOException e) {
      throw new CovidException(
          index.toString(),
          "is no index of pictures: " + e.getMessage(),
          "run covid:validate again",
          e);
    }
  }
}
