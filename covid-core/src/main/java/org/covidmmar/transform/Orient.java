package org.covidmmar.transform;

import org.covidmmar.volume.Orientation;

/**
 * Turns image and mask so that their axes run towards the patient's right, front and head (RAS+),
 * by the axes closest to those; flips and swaps axes, interpolates nothing.
 */
public record Orient() implements ViewTransform {
  @Override
  public Views on(Views views) {
    return views.both(v -> v.oriented(Orientation.RAS));
  }
}
