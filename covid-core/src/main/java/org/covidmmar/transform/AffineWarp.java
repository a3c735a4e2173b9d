package org.covidmmar.transform;

import java.util.List;
import org.covidmmar.volume.Affine;

/**
 * An affine map about the volume's centre, which takes places of the result to places of the
 * source, in voxels: rotation, then shear, translation and scale, multiplied in that order (R H T
 * S). The shape stays. The image is interpolated linearly, the mask by the nearest voxel; beyond
 * the edge the volume is mirrored.
 *
 * @param rotate angles about the axes x, y and z, in radians
 * @param shear six off-diagonal values of the shear matrix, row by row
 * @param translate in voxels
 * @param scale above 0; above 1 shrinks what is seen
 */
public record AffineWarp(PerAxis rotate, List<Double> shear, PerAxis translate, PerAxis scale)
    implements Transform {
  public AffineWarp {
    Check.finite("rotate", rotate);
    shear = Check.shear("shear", shear);
    Check.finite("translate", translate);
    Check.positive("scale", scale);
  }

  @Override
  public Sample apply(Sample sample) {
    Affine h =
        Affine.of(
            1,
            shear.get(0),
            shear.get(1),
            0, //
            shear.get(2),
            1,
            shear.get(3),
            0, //
            shear.get(4),
            shear.get(5),
            1,
            0);
    Affine t = Affine.identity().startingAt(translate.x(), translate.y(), translate.z());
    Affine s = Affine.of(scale.x(), 0, 0, 0, 0, scale.y(), 0, 0, 0, 0, scale.z(), 0);
    Affine map = Warp.rotation(rotate).times(h).times(t).times(s);
    return Warp.apply(sample, map, AffineSampler.Padding.REFLECTION);
  }
}
