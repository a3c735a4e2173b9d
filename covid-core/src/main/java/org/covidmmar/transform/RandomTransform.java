package org.covidmmar.transform;

import org.covidmmar.Seeds;

/**
 * A random transform: a record whose components are its distribution. It draws a deterministic
 * {@link Transform}, which can be recorded, compared and applied again.
 */
public non-sealed interface RandomTransform extends Step {
  /** The transform for one case in one epoch; the same node gives the same transform. */
  Transform draw(Seeds seeds);
}
