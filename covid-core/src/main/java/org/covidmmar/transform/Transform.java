package org.covidmmar.transform;

/**
 * A deterministic transform: a record whose components are its arguments. The same sample gives the
 * same result, bit for bit.
 */
public non-sealed interface Transform extends Step {
  /** The transformed sample; the given one is left as it was. */
  Sample apply(Sample sample);
}
