package org.covidmmar.inference;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;

/** A black picture to draw on. Text is in letters of its own: see {@link Png} for the reason. */
final class Canvas {
  private static final int SCALE = 2;
  private static final int ROWS = 7;
  private static final int COLUMNS = 5;

  /** From one letter to the next. */
  private static final int ADVANCE = (COLUMNS + 1) * SCALE;

  /** Height of a letter. */
  static final int TEXT = ROWS * SCALE;

  private static final Map<Character, Long> GLYPHS = glyphs();

  private final int width;
  private final int[] pixels;

  Canvas(int width, int height) {
    this.width = width;
    pixels = new int[Math.multiplyExact(width, height)];
  }

  private static Map<Character, Long> glyphs() {
    try (InputStream in = Canvas.class.getResourceAsStream("glyphs.txt")) {
      Map<Character, Long> glyphs = new HashMap<>();
      new String(in.readAllBytes(), StandardCharsets.UTF_8)
          .lines()
          .filter(line -> !line.startsWith("#"))
          .forEach(line -> glyphs.put(line.charAt(0), Long.parseLong(line.substring(2), 16)));
      return Map.copyOf(glyphs);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static int widthOf(String text) {
    return text.length() * ADVANCE;
  }

  /**
   * @param colour red, green, blue from bit 23 down
   */
  void set(int x, int y, int colour) {
    pixels[x + width * y] = colour;
  }

  /**
   * Writes from the place of the first letter's upper left corner, as far as there is room; a
   * letter without a picture leaves a gap.
   */
  void text(int x, int y, String text, int colour) {
    for (int n = 0; n < text.length() && x + (n + 1) * ADVANCE <= width; n++) {
      long glyph = GLYPHS.getOrDefault(text.charAt(n), 0L);
      for (int v = 0; v < TEXT; v++) {
        long row = glyph >> (8 * (ROWS - 1 - v / SCALE));
        for (int u = 0; u < COLUMNS * SCALE; u++) {
          if (((row >> (COLUMNS - 1 - u / SCALE)) & 1) != 0) {
            set(x + n * ADVANCE + u, y + v, colour);
          }
        }
      }
    }
  }

  byte[] png() {
    return Png.rgb(width, pixels);
  }
}
