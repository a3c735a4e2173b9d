package org.covidmmar.model;

/**
 * How convolution weights, and with them all activations, lie in memory. Results of the two differ
 * by rounding.
 */
public enum MemoryFormat {
  /** (out, x, y, z, in) for weights, channels fastest for activations: faster on every device. */
  CHANNELS_LAST,
  /** (out, in, x, y, z): PyTorch's default, for comparisons with it. */
  PLAIN
}
