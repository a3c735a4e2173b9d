package org.covidmmar.benchmarks;

import java.util.Arrays;
import org.covidmmar.volume.Shape;

/** Times a piece of work after its warm-up. */
final class Timing {
  private static final double NANOSECONDS = 1e9;

  private Timing() {}

  /** Seconds of each repetition, as a JSON array. */
  static String seconds(int warmup, int repeats, Runnable work) {
    double[] seconds = new double[repeats];
    for (int i = -warmup; i < repeats; i++) {
      long start = System.nanoTime();
      work.run();
      if (i >= 0) {
        seconds[i] = (System.nanoTime() - start) / NANOSECONDS;
      }
    }
    return Arrays.toString(seconds);
  }

  /** The shape in X,Y,Z. */
  static Shape shape(String text) {
    int[] n = Arrays.stream(text.split(",")).mapToInt(Integer::parseInt).toArray();
    return new Shape(n[0], n[1], n[2]);
  }
}
