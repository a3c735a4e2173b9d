package org.covidmmar.transform;

import java.util.List;

/**
 * Turns image and mask by multiples of 90 degrees in the plane of two axes, from the first towards
 * the second; a shape that is not square there is turned along.
 *
 * @param k how many times, 1 to 3
 * @param axes two different ones out of 0, 1, 2
 */
public record Rotate90(int k, List<Integer> axes) implements ViewTransform {
  public Rotate90 {
    Check.that(k >= 1 && k <= 3, "k", "a number from 1 to 3", k);
    axes = Check.axes("axes", axes, 2, 2);
  }

  @Override
  public Views on(Views views) {
    return views.both(this::turned);
  }

  private View turned(View view) {
    int a = axes.get(0);
    int b = axes.get(1);
    if (k == 2) {
      return view.flipped(a).flipped(b);
    }
    int[] order = {0, 1, 2};
    order[a] = b;
    order[b] = a;
    return k == 1
        ? view.flipped(b).permuted(order[0], order[1], order[2])
        : view.permuted(order[0], order[1], order[2]).flipped(b);
  }
}
