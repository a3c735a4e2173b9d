package org.covidmmar.transform;

import java.util.ArrayList;
import java.util.List;
import org.covidmmar.volume.Shape;

/**
 * The pipelines of the model card: CT and lung mask to the network's input, and the augmentations
 * of its training.
 *
 * <p>What the card's own augmentations mean here: ScaleIntensityOscillation of magnitude m is
 * {@link RandScaleIntensity} by x (1 + U(-m, m)), always; AddGaussianNoise of variance v is {@link
 * RandGaussianNoise} with a standard deviation from U(0, v); RandomZoom is {@link RandZoom} for
 * each axis on its own; CropForegroundObject is {@link CropForeground}, ending at the volume's
 * edge, then {@link Resize}.
 */
public final class Recipes {
  private static final int MARGIN = 5;

  private Recipes() {}

  /**
   * Orient, scale [aMin, aMax] to [0, 1] and clip, crop to the lungs and 5 voxels around, resize.
   *
   * @param inputShape the network's input
   * @param aMin HU that becomes 0
   * @param aMax HU that becomes 1
   */
  public static Pipeline mmar(
      Shape inputShape, ResizeMode resize, double aMin, double aMax, Augmentation augmentation) {
    return pipeline(
        augmentation,
        new Orient(),
        range(aMin, aMax),
        new CropForeground(MARGIN, true, 1),
        new Resize(inputShape, resize));
  }

  /**
   * As {@link #mmar}, in the order of Harmon et al. (Nat Commun 11, 4080, 2020): the intensities
   * are scaled and clipped after cropping and resizing.
   */
  public static Pipeline naturecomm(
      Shape inputShape, ResizeMode resize, double aMin, double aMax, Augmentation augmentation) {
    return pipeline(
        augmentation,
        new Orient(),
        new CropForeground(MARGIN, true, 1),
        new Resize(inputShape, resize),
        range(aMin, aMax));
  }

  /** The random steps at the end of both recipes. */
  public static List<Step> augmentations(Augmentation augmentation) {
    return switch (augmentation) {
      case NONE -> List.of();
      case FLIP ->
          List.of(
              new RandFlip(0.5, List.of(0)),
              new RandFlip(0.5, List.of(1)),
              new RandFlip(0.5, List.of(2)));
      case RECIPE ->
          List.of(
              new RandScaleIntensity(1, 0.1),
              new RandAdjustContrast(0.5, 0.5, 4.5),
              new RandGaussianNoise(0.75, 0, 0.1),
              new RandZoom(0.25, PerAxis.all(0.8), PerAxis.all(1.2)));
    };
  }

  private static Step range(double aMin, double aMax) {
    return new ScaleIntensityRange(aMin, aMax, 0, 1, true);
  }

  private static Pipeline pipeline(Augmentation augmentation, Step... fixed) {
    List<Step> steps = new ArrayList<>(List.of(fixed));
    steps.addAll(augmentations(augmentation));
    return new Pipeline(steps);
  }
}
