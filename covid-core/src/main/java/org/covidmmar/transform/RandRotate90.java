package org.covidmmar.transform;

import java.util.List;
import org.covidmmar.Seeds;

/**
 * A {@link Rotate90} by 1 to maxK times 90 degrees, each as likely.
 *
 * @param prob its probability
 * @param maxK 1 to 3
 * @param axes two different ones out of 0, 1, 2
 */
public record RandRotate90(double prob, int maxK, List<Integer> axes) implements RandomTransform {
  public RandRotate90 {
    Check.probability("prob", prob);
    Check.that(maxK >= 1 && maxK <= 3, "maxK", "a number from 1 to 3", maxK);
    axes = Check.axes("axes", axes, 2, 2);
  }

  @Override
  public Transform draw(Seeds seeds) {
    Draw draw = new Draw(seeds);
    return draw.chance(prob) ? new Rotate90(draw.upTo(maxK), axes) : new Identity();
  }
}
