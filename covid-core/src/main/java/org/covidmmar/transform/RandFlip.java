package org.covidmmar.transform;

import java.util.List;
import org.covidmmar.Seeds;

/**
 * A {@link Flip} along all the axes at once.
 *
 * @param prob its probability
 * @param axes one to three different ones out of 0, 1, 2
 */
public record RandFlip(double prob, List<Integer> axes) implements RandomTransform {
  public RandFlip {
    Check.probability("prob", prob);
    axes = Check.axes("axes", axes, 1, 3);
  }

  @Override
  public Transform draw(Seeds seeds) {
    return new Draw(seeds).chance(prob) ? new Flip(axes) : new Identity();
  }
}
