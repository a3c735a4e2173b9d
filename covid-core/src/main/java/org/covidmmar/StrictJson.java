package org.covidmmar;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.exc.StreamConstraintsException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Reads JSON that someone wrote by hand or elsewhere: bounded in size and depth, no name twice in
 * an object, nothing after its end.
 */
public final class StrictJson {
  private static final int MAX_DEPTH = 32;
  private static final int MAX_STRING = 1 << 16;

  /** Reads and writes such JSON. */
  public static final ObjectMapper MAPPER =
      new ObjectMapper(
              JsonFactory.builder()
                  .streamReadConstraints(
                      StreamReadConstraints.builder()
                          .maxNestingDepth(MAX_DEPTH)
                          .maxStringLength(MAX_STRING)
                          .build())
                  .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                  .build())
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);

  private StrictJson() {}

  /**
   * What a file is expected to be.
   *
   * @param name with its article, such as {@code a dataset.json}
   * @param maxBytes what is larger is none
   * @param remedy what to do where it is none
   */
  public record Kind(String name, long maxBytes, String remedy) {}

  /**
   * The tree of a file.
   *
   * @throws CovidException where there is no such file, it is too large or too deep, or no JSON:
   *     then with line and column
   */
  public static JsonNode read(Path file, Kind kind) {
    try {
      return parse(file, kind, bytes(file, kind));
    } catch (IOException e) {
      throw new CovidException(
          file.toString(), "cannot be read: " + e.getMessage(), "make it readable", e);
    }
  }

  /** The tree of a file whose bytes are known. */
  public static JsonNode parse(Path file, Kind kind, byte[] bytes) {
    try {
      JsonNode root = MAPPER.readTree(bytes);
      if (root == null || root.isMissingNode()) {
        throw new CovidException(file, "is empty", kind.remedy());
      }
      return root;
    } catch (StreamConstraintsException e) {
      throw new CovidException(
          file.toString(),
          "is too deep or too large for " + kind.name() + ": " + e.getOriginalMessage(),
          kind.remedy(),
          e);
    } catch (JsonProcessingException e) {
      JsonLocation at = e.getLocation();
      throw new CovidException(
          file.toString(),
          "is not valid JSON at line %d, column %d: %s"
              .formatted(at.getLineNr(), at.getColumnNr(), e.getOriginalMessage().strip()),
          "correct it there, as a JSON checker would have it",
          e);
    } catch (IOException e) {
      throw new CovidException(
          file.toString(), "cannot be read: " + e.getMessage(), "make it readable", e);
    }
  }

  private static byte[] bytes(Path file, Kind kind) throws IOException {
    if (!Files.isRegularFile(file)) {
      throw new CovidException(
          file, Files.exists(file) ? "is not a file" : "does not exist", kind.remedy());
    }
    long size = Files.size(file);
    if (size > kind.maxBytes()) {
      throw new CovidException(
          file,
          "has " + size + " bytes; " + kind.name() + " has at most " + kind.maxBytes(),
          kind.remedy());
    }
    return Files.readAllBytes(file);
  }

  /** A value in words, short enough for a message. */
  public static String shown(JsonNode node) {
    return switch (node.getNodeType()) {
      case ARRAY -> "a list";
      case OBJECT -> "an object";
      default -> shortened(node.toString());
    };
  }

  /** A text of which no more is shown than a message has room for. */
  public static String shortened(String text) {
    int most = 40;
    return text.length() <= most ? text : text.substring(0, most) + "…";
  }
}
