package org.covidmmar.experiment;

import java.util.Optional;

/** A goal's work on an experiment. Only {@link #run} may load the native library. */
interface Workflow {
  /**
   * Why the goal has something to do, such as {@code learningRate changed 5.0E-6 -> 1.0E-5}; empty
   * where what an earlier run of it made is up to date.
   */
  Optional<String> reason();

  /** What is said where there is none. */
  default String upToDate() {
    return "up to date";
  }

  /** Does the work. */
  void run();

  /**
   * What is said at the end, whether the goal ran or was up to date. The last line is {@code run:
   * …} or {@code wrote: …}.
   */
  void conclude();
}
