package org.covidmmar.transform;

import java.util.function.UnaryOperator;

/**
 * A sample on its way through a pipeline.
 *
 * @param id the case's name
 * @param image what the steps so far made of the image
 * @param mask the same of the mask; null where there is none
 */
record Views(String id, View image, View mask) {
  static Views of(Sample sample) {
    return new Views(
        sample.id(),
        View.of(sample.image()),
        sample.mask() == null ? null : View.of(sample.mask()));
  }

  Sample toSample() {
    return new Sample(id, image.toVolume(), mask == null ? null : mask.toVolume());
  }

  Views withoutMask() {
    return new Views(id, image, null);
  }

  /** One change of the image, another of the mask where there is one. */
  Views with(UnaryOperator<View> toImage, UnaryOperator<View> toMask) {
    return new Views(id, toImage.apply(image), mask == null ? null : toMask.apply(mask));
  }

  /** The same change of place for both. */
  Views both(UnaryOperator<View> change) {
    return with(change, change);
  }

  /** A change of the image's voxels alone. */
  Views mapped(Pointwise map) {
    return new Views(id, image.mapped(map), mask);
  }
}
