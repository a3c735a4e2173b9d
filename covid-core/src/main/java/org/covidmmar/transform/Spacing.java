package org.covidmmar.transform;

import org.covidmmar.CovidException;
import org.covidmmar.volume.Affine;
import org.covidmmar.volume.Shape;
import org.covidmmar.volume.Volume;

/**
 * Resamples to another voxel size; the centre of voxel (0,0,0) stays in place. The image is
 * interpolated linearly in double precision, the mask by the nearest voxel; beyond the edge the
 * edge's voxel counts. The new size along an axis is round((n - 1) * old / new + 1), half to even.
 *
 * @param mm edge lengths of the new voxel
 */
public record Spacing(PerAxis mm) implements Transform {
  private static final double ORTHOGONAL = 1e-3;

  public Spacing {
    Check.positive("mm", mm);
  }

  @Override
  public Sample apply(Sample sample) {
    Volume mask = sample.mask();
    return new Sample(
        sample.id(),
        resampled(sample.id(), sample.image(), true),
        mask == null ? null : resampled(sample.id(), mask, false));
  }

  private Volume resampled(String id, Volume volume, boolean linear) {
    checkOrthogonal(id, volume.affine());
    double[] old = volume.affine().spacing();
    int[] size = new int[3];
    double[] m = new double[12];
    for (int axis = 0; axis < 3; axis++) {
      double count = Math.rint((volume.shape().along(axis) - 1) * old[axis] / mm.along(axis) + 1);
      size[axis] = (int) Math.min(count, Integer.MAX_VALUE);
      m[5 * axis] = mm.along(axis) / old[axis];
    }
    Shape to = new Shape(size[0], size[1], size[2]);
    Resampling.checkSize(id, to);
    AffineSampler sampler = new AffineSampler(volume, AffineSampler.Padding.BORDER);
    return linear ? sampler.linear(to, Affine.of(m)) : sampler.nearest(to, Affine.of(m));
  }

  /** A sheared grid (gantry tilt) has no voxel size to change along its axes alone. */
  private static void checkOrthogonal(String id, Affine affine) {
    double[] s = affine.spacing();
    for (int a = 0; a < 3; a++) {
      int b = (a + 1) % 3;
      double cosine = 0;
      for (int row = 0; row < 3; row++) {
        cosine += affine.get(row, a) * affine.get(row, b) / (s[a] * s[b]);
      }
      // Negated, so that an affine of NaN or 0 is refused too.
      if (!(Math.abs(cosine) <= ORTHOGONAL)) {
        throw new CovidException(
            id,
            "expected an affine with orthogonal voxel axes, found " + affine,
            "convert the scan again with its gantry tilt corrected");
      }
    }
  }
}
