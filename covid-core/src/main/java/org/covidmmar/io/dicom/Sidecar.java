package org.covidmmar.io.dicom;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import org.covidmmar.AtomicFiles;
import org.covidmmar.io.dicom.codec.PixelCodecs;
import org.covidmmar.volume.Shape;

/** The JSON file beside a volume: what it was made of, and what was done to it. */
final class Sidecar {
  private static final JsonMapper JSON =
      JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();
  private static final String MADE_BY = "madeBy";
  private static final String GOAL = "covid:convert";
  private static final String FINGERPRINT = "fingerprint";
  private static final String BYTES = "bytes";

  private Sidecar() {}

  /** The sidecar's file of a volume's. */
  static Path beside(Path volume) {
    String name = volume.getFileName().toString().replaceFirst("\\.nii(\\.gz)?$", ".json");
    return volume.resolveSibling(name);
  }

  /** What a converter wrote; empty where there is no such file, or it is of another make. */
  static Optional<JsonNode> read(Path file) {
    try {
      JsonNode content = JSON.readTree(Files.readAllBytes(file));
      boolean ours = content != null && GOAL.equals(content.path(MADE_BY).asText());
      return ours ? Optional.of(content) : Optional.empty();
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  /** Whether a volume was made of what the fingerprint stands for, and is there whole. */
  static boolean isOf(JsonNode content, String fingerprint, Path volume) {
    try {
      return fingerprint.equals(content.path(FINGERPRINT).asText())
          && Files.size(volume) == content.path(BYTES).asLong();
    } catch (IOException e) {
      return false;
    }
  }

  /** Deletes a volume and its sidecar, where a converter wrote them. */
  static void discard(Path volume) {
    Path sidecar = beside(volume);
    if (read(sidecar).isPresent()) {
      delete(volume);
      delete(sidecar);
    }
  }

  private static void delete(Path file) {
    try {
      Files.deleteIfExists(file);
    } catch (IOException e) {
      throw AtomicFiles.unwritable(file, e);
    }
  }

  /** Claims the volume's name, before it is written. */
  static void begin(Path file) {
    write(file, new LinkedHashMap<>(Map.of(MADE_BY, GOAL)));
  }

  /** Describes a volume that has been written. */
  static void end(
      Path file, Path volume, Grid grid, DicomToNifti.Options options, String fingerprint) {
    CtSlice first = grid.stack().first();
    Map<String, Object> content = new LinkedHashMap<>();
    content.put(MADE_BY, GOAL);
    content.put("seriesNumber", first.series().number());
    content.put("series", NamePattern.hashed(first.series().series()));
    String patient = options.patientHash(first.series());
    if (!patient.isEmpty()) {
      content.put("patientHash", patient);
    }
    content.put("imageType", first.imageType());
    content.put("transferSyntaxes", syntaxes(grid.stack()));
    content.put("images", grid.stack().size());
    content.put("shape", shape(grid.shape()));
    content.put("spacingMm", spacing(grid));
    content.put("sliceThicknessMm", first.thickness());
    content.put("tiltDegrees", grid.isSheared() ? rounded(grid.stack().tilt()) : 0);
    if (grid.stack().isUneven()) {
      content.put("sourceDistancesMm", distances(grid.stack()));
    }
    if (!grid.stack().missing().isEmpty()) {
      content.put("missing", missing(grid.stack()));
    }
    if (!grid.stack().dropped().isEmpty()) {
      content.put("dropped", dropped(grid.stack()));
    }
    content.put("notes", notes(grid));
    if (options.identifying()) {
      content.put("identifying", first.identifying());
    }
    content.put(FINGERPRINT, fingerprint);
    try {
      content.put(BYTES, Files.size(volume));
    } catch (IOException e) {
      throw AtomicFiles.unwritable(volume, e);
    }
    write(file, content);
  }

  private static void write(Path file, Map<String, Object> content) {
    try {
      AtomicFiles.writeString(file, JSON.writeValueAsString(content) + "\n");
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("numbers and texts are always writable", e);
    }
  }

  /** What was done to the slices beyond putting them together. */
  static List<String> notes(Grid grid) {
    Stack stack = grid.stack();
    List<String> notes = new ArrayList<>();
    if (stack.size() == 1) {
      notes.add("a single slice");
    }
    if (stack.slices().stream().anyMatch(s -> !s.rescale().given())) {
      notes.add("no rescale, stored values taken for HU");
    }
    if (grid.isSheared()) {
      notes.add(text("tilt of %.1f degrees corrected", stack.tilt()));
    }
    if (stack.isUneven()) {
      double[] distances = stack.intervals();
      Arrays.sort(distances);
      notes.add(
          text(
              "slices %.2f to %.2f mm apart interpolated",
              distances[0], distances[distances.length - 1]));
    }
    int missing = stack.missing().values().stream().mapToInt(n -> n).sum();
    if (missing > 0) {
      notes.add(missing + (missing == 1 ? " slice" : " slices") + " missing");
    }
    if (!stack.dropped().isEmpty()) {
      notes.add(stack.dropped().size() + " copies dropped");
    }
    return notes;
  }

  private static List<String> syntaxes(Stack stack) {
    TreeSet<String> names = new TreeSet<>();
    for (CtSlice slice : stack.slices()) {
      names.add(PixelCodecs.name(slice.stored().layout().transferSyntax()));
    }
    return List.copyOf(names);
  }

  private static List<Integer> shape(Shape shape) {
    return List.of(shape.x(), shape.y(), shape.z());
  }

  private static List<Double> spacing(Grid grid) {
    return Arrays.stream(grid.affine().spacing()).mapToObj(Sidecar::rounded).toList();
  }

  private static Map<String, Double> distances(Stack stack) {
    double[] sorted = stack.intervals();
    Arrays.sort(sorted);
    Map<String, Double> distances = new LinkedHashMap<>();
    distances.put("least", rounded(sorted[0]));
    distances.put("median", rounded(sorted[(sorted.length - 1) / 2]));
    distances.put("most", rounded(sorted[sorted.length - 1]));
    return distances;
  }

  private static List<Map<String, Object>> missing(Stack stack) {
    List<Map<String, Object>> gaps = new ArrayList<>();
    stack
        .missing()
        .forEach(
            (place, slices) -> {
              Map<String, Object> gap = new LinkedHashMap<>();
              gap.put("slices", slices);
              gap.put("afterMm", rounded(place));
              gaps.add(gap);
            });
    return gaps;
  }

  private static List<Map<String, Object>> dropped(Stack stack) {
    List<Map<String, Object>> all = new ArrayList<>();
    for (CtSlice slice : stack.dropped()) {
      Map<String, Object> one = new LinkedHashMap<>();
      one.put("instanceNumber", slice.instance());
      one.put("reason", "a copy of another image of the series");
      all.add(one);
    }
    return all;
  }

  private static double rounded(double value) {
    return Math.rint(value * 1e5) / 1e5;
  }

  private static String text(String format, Object... values) {
    return String.format(Locale.ROOT, format, values);
  }
}
