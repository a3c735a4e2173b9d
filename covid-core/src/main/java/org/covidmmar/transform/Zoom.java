package org.covidmmar.transform;

import org.covidmmar.volume.Affine;
import org.covidmmar.volume.Shape;
import org.covidmmar.volume.Volume;

/**
 * Resamples to floor(n * factor) voxels along each axis, the image by area, the mask by the nearest
 * voxel; then crops the middle or repeats the edge, so that the shape stays. Of an odd number of
 * voxels to add, the greater half goes after the volume.
 *
 * @param factors above 0; above 1 enlarges
 */
public record Zoom(PerAxis factors) implements ViewTransform {
  public Zoom {
    Check.positive("factors", factors);
    Check.that(
        factors.x() <= 16 && factors.y() <= 16 && factors.z() <= 16,
        "factors",
        "at most 16 along each axis",
        factors);
  }

  @Override
  public Views on(Views views) {
    Shape zoomed = zoomed(views.image().shape());
    Resampling.checkSize(views.id(), zoomed);
    return views.with(
        image -> View.of(fitted(Resampling.area(image, zoomed), image.shape())),
        mask -> View.of(fitted(Resampling.nearest(mask, zoomed), mask.shape())));
  }

  private Shape zoomed(Shape shape) {
    int[] size = new int[3];
    for (int axis = 0; axis < 3; axis++) {
      size[axis] = Math.max(1, (int) Math.floor(shape.along(axis) * factors.along(axis)));
    }
    return new Shape(size[0], size[1], size[2]);
  }

  private static Volume fitted(Volume volume, Shape to) {
    Shape from = volume.shape();
    if (from.equals(to)) {
      return volume;
    }
    int[] first = new int[3];
    for (int axis = 0; axis < 3; axis++) {
      int in = from.along(axis);
      int out = to.along(axis);
      first[axis] = in > out ? in / 2 - out / 2 : -((out - in) / 2);
    }
    float[] source = volume.floats();
    float[] voxels = new float[Math.toIntExact(to.voxels())];
    int at = 0;
    for (int k = 0; k < to.z(); k++) {
      for (int j = 0; j < to.y(); j++) {
        int row =
            from.x()
                * (clamped(j + first[1], from.y()) + from.y() * clamped(k + first[2], from.z()));
        for (int i = 0; i < to.x(); i++) {
          voxels[at++] = source[row + clamped(i + first[0], from.x())];
        }
      }
    }
    Affine affine = volume.affine().startingAt(first[0], first[1], first[2]);
    return Volume.of(to, affine, voxels);
  }

  private static int clamped(int index, int size) {
    return Math.min(Math.max(index, 0), size - 1);
  }
}
