package org.covidmmar.transform;

import org.covidmmar.volume.Affine;
import org.covidmmar.volume.Shape;
import org.covidmmar.volume.Volume;

/** Affine maps about the centre of a volume whose shape stays. */
final class Warp {
  private Warp() {}

  /** Rx Ry Rz. */
  static Affine rotation(PerAxis angles) {
    double cx = StrictMath.cos(angles.x());
    double sx = StrictMath.sin(angles.x());
    double cy = StrictMath.cos(angles.y());
    double sy = StrictMath.sin(angles.y());
    double cz = StrictMath.cos(angles.z());
    double sz = StrictMath.sin(angles.z());
    Affine x = Affine.of(1, 0, 0, 0, 0, cx, -sx, 0, 0, sx, cx, 0);
    Affine y = Affine.of(cy, 0, sy, 0, 0, 1, 0, 0, -sy, 0, cy, 0);
    Affine z = Affine.of(cz, -sz, 0, 0, sz, cz, 0, 0, 0, 0, 1, 0);
    return x.times(y).times(z);
  }

  /**
   * @param toSource takes a place of the result to one of the source, both counted in voxels from
   *     the volume's centre
   */
  static Sample apply(Sample sample, Affine toSource, AffineSampler.Padding padding) {
    Volume mask = sample.mask();
    Volume image = sample.image();
    return new Sample(
        sample.id(),
        new AffineSampler(image, padding)
            .linear(image.shape(), fromCorner(toSource, image.shape())),
        mask == null
            ? null
            : new AffineSampler(mask, padding)
                .nearest(mask.shape(), fromCorner(toSource, mask.shape())));
  }

  /** The same map, counted from voxel (0,0,0). */
  private static Affine fromCorner(Affine map, Shape shape) {
    double x = (shape.x() - 1) / 2.0;
    double y = (shape.y() - 1) / 2.0;
    double z = (shape.z() - 1) / 2.0;
    return Affine.identity()
        .startingAt(x, y, z)
        .times(map)
        .times(Affine.identity().startingAt(-x, -y, -z));
  }
}
