package org.covidmmar.segmentation;

import org.covidmmar.volume.Volume;

/** Finds the lungs in a CT. */
public interface Segmenter extends AutoCloseable {
  /**
   * Safe for use by many threads at once.
   *
   * @param subject what to call the CT in messages, such as its file
   * @param ct in HU
   * @throws org.covidmmar.CovidException where it shows no chest, or cannot be segmented
   */
  LungMask segment(String subject, Volume ct);

  /** What makes the masks, in a few words that change where the masks would. */
  String method();

  /** Bytes of memory that segmenting a CT of so many voxels takes beside the CT. */
  long memory(long voxels);

  @Override
  default void close() {}
}
