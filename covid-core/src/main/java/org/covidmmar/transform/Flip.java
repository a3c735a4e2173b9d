package org.covidmmar.transform;

import java.util.List;

/**
 * Reverses image and mask along axes.
 *
 * @param axes one to three different ones out of 0, 1, 2
 */
public record Flip(List<Integer> axes) implements ViewTransform {
  public Flip {
    axes = Check.axes("axes", axes, 1, 3);
  }

  @Override
  public Views on(Views views) {
    Views flipped = views;
    for (int axis : axes) {
      flipped = flipped.both(v -> v.flipped(axis));
    }
    return flipped;
  }
}
