package org.covidmmar.transform;

import com.fasterxml.jackson.databind.annotation.JsonDeserialize;
import com.fasterxml.jackson.databind.annotation.JsonSerialize;

/**
 * One entry of a {@link Pipeline}: a fixed transform, or one that is drawn anew for each case.
 *
 * <p>In JSON an object of the record's name and all of its components, as in {@code {"name":
 * "Flip", "axes": [0]}}. Axes are 0 (x), 1 (y) and 2 (z); angles are in radians. Every step refuses
 * arguments out of range with a {@link org.covidmmar.CovidException} that names the argument.
 */
@JsonSerialize(using = StepJson.Serializer.class)
@JsonDeserialize(using = StepJson.Deserializer.class)
public sealed interface Step permits Transform, RandomTransform {
  /** Whether it reads the mask; one that only takes the mask along does not. */
  default boolean needsMask() {
    return false;
  }
}
