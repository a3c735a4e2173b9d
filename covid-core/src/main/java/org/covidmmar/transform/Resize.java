package org.covidmmar.transform;

import org.covidmmar.volume.Shape;

/**
 * Resamples the whole volume to another shape, its edges kept in place; the mask by the nearest
 * voxel. No smoothing goes before it.
 *
 * @param shape of the result
 * @param mode how a voxel of the image is made
 */
public record Resize(Shape shape, ResizeMode mode) implements ViewTransform {
  public Resize {
    Check.given("shape", shape);
    Check.given("mode", mode);
  }

  @Override
  public Views on(Views views) {
    Resampling.checkSize(views.id(), shape);
    return views.with(
        image ->
            View.of(
                mode == ResizeMode.AREA
                    ? Resampling.area(image, shape)
                    : Resampling.trilinear(image, shape)),
        mask -> View.of(Resampling.nearest(mask, shape)));
  }
}
