package org.covidmmar.segmentation;

import java.util.List;
import org.covidmmar.volume.Volume;

/**
 * Lungs found in a CT.
 *
 * @param mask of the CT's shape and affine, int16: 1 lung, 0 background
 * @param rightMl volume of the patient's right lung; 0 where it was not found
 * @param leftMl of the left one
 * @param confidence 0..1: how much what was found looks like two whole lungs, see {@link
 *     Confidence}; no probability that the mask is right
 * @param findings what lowered it, in words for the user; empty where nothing did
 */
public record LungMask(
    Volume mask, double rightMl, double leftMl, double confidence, List<String> findings) {
  /** Below this the mask should be looked at. */
  public static final double LOW = 0.6;

  public LungMask {
    findings = List.copyOf(findings);
  }
}
