package org.covidmmar.report;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.HashMap;
import java.util.Map;
import java.util.stream.Stream;
import org.covidmmar.CovidException;
import org.covidmmar.inference.Pictures;
import org.covidmmar.tracking.RunFolder;

/**
 * Pictures of a case in the page itself, to be laid one over the other.
 *
 * @param id the case's
 * @param width in pixels
 * @param height in pixels
 * @param scan PNG in base64
 * @param lungs likewise; null where there is none
 * @param saliency likewise; null where there is none
 */
record Layers(String id, int width, int height, String scan, String lungs, String saliency) {
  /** What the pictures of a page may add to it, in bytes. */
  static final int MOST_BYTES = 3_000_000;

  /**
   * The pictures of a run by case, as many as there is room for.
   *
   * @return empty where the run has none
   */
  static Map<String, Layers> of(RunFolder run) {
    Path folder = RunFolder.pictures(run.evaluation());
    Map<String, Layers> layers = new HashMap<>();
    long bytes = 0;
    for (Pictures.OfCase c : Pictures.in(folder).map(Pictures::cases).orElse(java.util.List.of())) {
      Layers next =
          new Layers(
              c.id(),
              c.width(),
              c.height(),
              base64(folder, c.scan()),
              base64(folder, c.lungs()),
              base64(folder, c.saliency()));
      bytes += next.bytes();
      if (bytes > MOST_BYTES) {
        break;
      }
      layers.put(c.id(), next);
    }
    return layers;
  }

  private long bytes() {
    return Stream.of(scan, lungs, saliency).mapToLong(s -> s == null ? 0 : s.length()).sum();
  }

  private static String base64(Path folder, String name) {
    if (name == null) {
      return null;
    }
    Path file = folder.resolve(name);
    try {
      return Base64.getEncoder().encodeToString(Files.readAllBytes(file));
    } catch (IOException e) {
      throw new CovidException(
          file.toString(), "cannot be read: " + e, "run covid:validate again", e);
    }
  }
}
