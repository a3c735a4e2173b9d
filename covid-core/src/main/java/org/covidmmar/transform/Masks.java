package org.covidmmar.transform;

import org.covidmmar.CovidException;

/** The mask of a sample, where a step can't do without it. */
final class Masks {
  private Masks() {}

  /**
   * @throws CovidException where there is none, or one of another shape than the image
   */
  static View of(Views views) {
    if (views.mask() == null) {
      throw new CovidException(
          views.id(), "has no lung mask", "give it one, or leave out the step that needs it");
    }
    if (!views.mask().shape().equals(views.image().shape())) {
      throw new CovidException(
          views.id(),
          "the mask's shape differs from the image's: expected "
              + views.image().shape()
              + ", found "
              + views.mask().shape(),
          "make the mask from this very image, on its grid");
    }
    return views.mask();
  }
}
