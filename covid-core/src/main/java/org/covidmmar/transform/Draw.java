package org.covidmmar.transform;

import org.apache.commons.rng.UniformRandomProvider;
import org.covidmmar.Seeds;

/** The draws of one random transform. */
final class Draw {
  private final UniformRandomProvider random;

  Draw(Seeds seeds) {
    this.random = seeds.generator();
  }

  boolean chance(double prob) {
    return random.nextDouble() < prob;
  }

  double between(double low, double high) {
    return low + (high - low) * random.nextDouble();
  }

  double within(double range) {
    return between(-range, range);
  }

  PerAxis within(PerAxis range) {
    return new PerAxis(within(range.x()), within(range.y()), within(range.z()));
  }

  int upTo(int most) {
    return 1 + random.nextInt(most);
  }

  long seed() {
    return random.nextLong();
  }
}
