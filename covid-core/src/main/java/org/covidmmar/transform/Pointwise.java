package org.covidmmar.transform;

/** What is done to each voxel alone, whatever its place. */
interface Pointwise {
  /** Changes the first {@code count} values in place. */
  void apply(float[] values, int count);
}
