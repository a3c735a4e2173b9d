package org.covidmmar.transform;

import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Locale;

/** How {@link Resize} makes a voxel of the new grid. */
public enum ResizeMode {
  /** The mean of the voxels it covers, in part or whole (adaptive average pooling). */
  AREA,
  /** Linear between the eight nearest, voxel edges aligned; skips voxels where it shrinks much. */
  TRILINEAR;

  /** As users write it: {@code area}. */
  @JsonValue
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
