package org.covidmmar.inference;

import java.util.Arrays;
import java.util.List;
import org.covidmmar.model.Architecture;
import org.covidmmar.model.DenseNet3d;
import org.covidmmar.transform.Resize;
import org.covidmmar.transform.ResizeMode;
import org.covidmmar.transform.Sample;
import org.covidmmar.volume.Shape;
import org.covidmmar.volume.Volume;

/**
 * What speaks for a class in the model's eyes: Grad-CAM (Selvaraju et al., ICCV 2017) of the
 * class's logit at the last block's feature maps after norm and relu, as MONAI's {@code GradCAM}
 * with the target layer {@code class_layers.relu} and no postprocessing.
 *
 * <p>Behind that layer come an average over space and a linear layer alone, so the gradient of the
 * logit is known: {@code w/N} at each of the N places of a map whose weight is w. The map is {@code
 * relu(sum(w/N * feature))}, resampled to the input's shape by trilinear interpolation.
 */
public final class Saliency {
  private static final String WEIGHT = "class_layers.out.weight";

  private Saliency() {}

  /**
   * The map of one case.
   *
   * @param network in evaluation mode; stays the caller's
   * @param image as the network takes it
   * @param label the class: 0 non-COVID, 1 COVID
   * @return 0 or more, on the image's grid; comparable within a case, not between cases
   */
  public static Volume of(DenseNet3d network, Volume image, int label) {
    List<Volume> features = network.features(image);
    float[] weights = network.get(WEIGHT);
    int channels = weights.length / Architecture.CLASSES;
    float[] row = Arrays.copyOfRange(weights, label * channels, (label + 1) * channels);
    Shape shape = features.get(0).shape();
    double[] sum = new double[Math.toIntExact(shape.voxels())];
    for (int c = 0; c < channels; c++) {
      float[] feature = features.get(c).floats();
      for (int n = 0; n < sum.length; n++) {
        sum[n] += (double) row[c] * feature[n];
      }
    }
    float[] map = new float[sum.length];
    for (int n = 0; n < map.length; n++) {
      map[n] = (float) Math.max(0, sum[n] / map.length);
    }
    Volume coarse = Volume.of(shape, image.affine(), map);
    Volume fine =
        new Resize(image.shape(), ResizeMode.TRILINEAR).apply(new Sample("", coarse, null)).image();
    return Volume.of(image.shape(), image.affine(), fine.floats());
  }

  /**
   * A map scaled from its least value, which becomes 0, to its greatest, which becomes 1: one minus
   * what MONAI's {@code default_normalizer} makes of it, which turns maps round. One of equal
   * values becomes 0.
   */
  public static Volume normalised(Volume map) {
    float[] values = map.floats().clone();
    float least = Float.POSITIVE_INFINITY;
    float most = Float.NEGATIVE_INFINITY;
    for (float v : values) {
      least = Math.min(least, v);
      most = Math.max(most, v);
    }
    for (int n = 0; n < values.length; n++) {
      values[n] = most > least ? (values[n] - least) / (most - least) : 0;
    }
    return Volume.of(map.shape(), map.affine(), values);
  }
}
