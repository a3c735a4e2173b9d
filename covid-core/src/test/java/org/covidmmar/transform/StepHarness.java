package org.covidmmar.transform;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.List;
import org.covidmmar.Seeds;
import org.covidmmar.volume.Volume;

/** What holds for every step, whatever it does. */
final class StepHarness {
  private static final ObjectMapper PLAIN = new ObjectMapper();

  private StepHarness() {}

  static void check(Step step) {
    survivesJson(step);
    if (step instanceof RandomTransform random) {
      drawsTheSame(random);
    }
    Transform transform = drawn(step);
    givesTheSame(transform);
    leavesItsInput(transform);
    agreesOnInt16AndFloat(transform);
    takesTheMaskAlong(transform);
  }

  private static Transform drawn(Step step) {
    return step instanceof RandomTransform r ? r.draw(new Seeds(1)) : (Transform) step;
  }

  private static void survivesJson(Step step) {
    Pipeline pipeline = new Pipeline(List.of(step));
    assertEquals(pipeline, Pipeline.fromJson(pipeline.toJson()));
    try {
      String json = PLAIN.writerFor(Step.class).writeValueAsString(step);
      assertEquals(pipeline.toJson(), "[" + json + "]");
      assertEquals(step, PLAIN.readValue(json, Step.class));
      assertEquals(step, PLAIN.readValue(json, step.getClass()));
    } catch (JsonProcessingException e) {
      throw new AssertionError(e);
    }
  }

  private static void drawsTheSame(RandomTransform random) {
    boolean different = false;
    for (int seed = 0; seed < 50; seed++) {
      Transform first = random.draw(new Seeds(seed));
      assertEquals(first, random.draw(new Seeds(seed)));
      StepHarness.survivesJson(first);
      different |= !first.equals(random.draw(new Seeds(seed + 1)));
    }
    assertEquals(true, different, "fifty seeds draw the same from " + random);
  }

  private static void givesTheSame(Transform transform) {
    assertSame(transform.apply(Samples.small()), transform.apply(Samples.small()));
  }

  private static void leavesItsInput(Transform transform) {
    for (boolean int16 : new boolean[] {true, false}) {
      Sample given = Samples.of(Samples.SMALL, Samples.LPS, int16);
      transform.apply(given);
      assertSame(Samples.of(Samples.SMALL, Samples.LPS, int16), given);
    }
  }

  private static void agreesOnInt16AndFloat(Transform transform) {
    assertSame(
        transform.apply(Samples.of(Samples.SMALL, Samples.LPS, false)),
        transform.apply(Samples.of(Samples.SMALL, Samples.LPS, true)));
  }

  private static void takesTheMaskAlong(Transform transform) {
    Sample result = transform.apply(Samples.small());
    assertNotNull(result.mask());
    assertEquals(result.image().shape(), result.mask().shape());
    assertEquals(result.image().affine(), result.mask().affine());
    for (float v : result.mask().floats()) {
      assertEquals(true, v == 0 || v == 1, "mask of " + v);
    }
    if (!transform.needsMask()) {
      Sample bare = new Sample("small", Samples.small().image(), null);
      assertNull(transform.apply(bare).mask());
      assertSame(result.image(), transform.apply(bare).image());
    }
  }

  /** Equal to the bit, int16 and float32 alike. */
  static void assertSame(Sample expected, Sample actual) {
    assertEquals(expected.id(), actual.id());
    assertSame(expected.image(), actual.image());
    if (expected.mask() == null) {
      assertNull(actual.mask());
    } else {
      assertSame(expected.mask(), actual.mask());
    }
  }

  static void assertSame(Volume expected, Volume actual) {
    assertEquals(expected.shape(), actual.shape());
    assertEquals(expected.affine(), actual.affine());
    assertArrayEquals(expected.floats(), actual.floats());
  }
}
