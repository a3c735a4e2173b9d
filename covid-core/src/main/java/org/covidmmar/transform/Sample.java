package org.covidmmar.transform;

import org.covidmmar.volume.Volume;

/**
 * What goes through a pipeline: a case's image and its lung mask.
 *
 * @param id the case's name, for messages
 * @param image CT in HU, or what earlier transforms made of it
 * @param mask 1 lung, 0 background, of the image's shape; null once no later transform needs it
 */
public record Sample(String id, Volume image, Volume mask) {
  /** This sample with another image. */
  public Sample withImage(Volume other) {
    return new Sample(id, other, mask);
  }
}
