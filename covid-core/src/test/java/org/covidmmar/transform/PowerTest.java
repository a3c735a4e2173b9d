package org.covidmmar.transform;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.apache.commons.rng.UniformRandomProvider;
import org.covidmmar.Seeds;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PowerTest {
  @ParameterizedTest
  @ValueSource(doubles = {1e-3, 0.5, 1, 1.7, 4.5, 20})
  void isStrictMaths(double exponent) {
    UniformRandomProvider random = new Seeds(1).generator();
    for (int i = 0; i < 100_000; i++) {
      // Of all sizes that floats have.
      float base = random.nextFloat() * (float) StrictMath.pow(2, -random.nextInt(20));
      double expected = StrictMath.pow(base, exponent);
      assertEquals(expected, Power.of(base, exponent), 1e-13 * expected, base + "^" + exponent);
    }
  }

  @Test
  void endsAreExact() {
    for (double exponent : new double[] {0.5, 1, 4.5}) {
      assertEquals(0, Power.of(0, exponent));
      assertEquals(1, Power.of(1, exponent));
    }
    assertEquals(1, Power.of(Float.MIN_VALUE, 1) / Float.MIN_VALUE, 1e-13);
    assertEquals(0, Power.of(1e-30, 20));
  }
}
