package org.covidmmar.transform;

import java.util.Locale;

/** The random steps at the end of a recipe. */
public enum Augmentation {
  /** Those of the model card: intensity, contrast, noise and zoom. */
  RECIPE,
  /** A flip along each axis with probability 0.5. */
  FLIP,
  /** None. */
  NONE;

  /** As users write it: {@code recipe}. */
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
