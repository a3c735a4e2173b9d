package org.covidmmar.transform;

import java.util.List;
import org.covidmmar.Seeds;

/**
 * An {@link AffineWarp} whose parameters are drawn uniformly from [-range, range], the scale from 1
 * + [-range, range].
 *
 * @param prob its probability
 * @param rotate ranges about the axes x, y and z, in radians
 * @param shear six ranges, of the off-diagonal values row by row
 * @param translate ranges in voxels
 * @param scale ranges, at least 0 and below 1
 */
public record RandAffine(
    double prob, PerAxis rotate, List<Double> shear, PerAxis translate, PerAxis scale)
    implements RandomTransform {
  public RandAffine {
    Check.probability("prob", prob);
    Check.notNegative("rotate", rotate);
    shear = Check.shear("shear", shear);
    Check.notNegative("translate", translate);
    Check.notNegative("scale", scale);
    Check.that(scale.x() < 1 && scale.y() < 1 && scale.z() < 1, "scale", "ranges below 1", scale);
  }

  @Override
  public Transform draw(Seeds seeds) {
    Draw draw = new Draw(seeds);
    if (!draw.chance(prob)) {
      return new Identity();
    }
    PerAxis angles = draw.within(rotate);
    List<Double> sheared = shear.stream().map(draw::within).toList();
    PerAxis moved = draw.within(translate);
    PerAxis scaled = draw.within(scale);
    return new AffineWarp(
        angles, sheared, moved, new PerAxis(1 + scaled.x(), 1 + scaled.y(), 1 + scaled.z()));
  }
}
