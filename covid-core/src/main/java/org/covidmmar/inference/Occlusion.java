package org.covidmmar.inference;

import java.util.ArrayList;
import java.util.List;
import java.util.function.IntConsumer;
import org.apache.commons.statistics.distribution.NormalDistribution;
import org.covidmmar.model.Architecture;
import org.covidmmar.model.DenseNet3d;
import org.covidmmar.volume.Shape;
import org.covidmmar.volume.Volume;

/**
 * Occlusion sensitivity (Zeiler and Fergus, ECCV 2014) as MONAI's {@code OcclusionSensitivity} with
 * the mode {@code gaussian} computes it: a window is moved over the input, the voxels in it are
 * multiplied by 1 minus a Gaussian (0 in the window's middle, 1 at its corner; the input's 0 is
 * air), and each voxel's value is the mean of the class's probability over the windows that hold
 * it, weighted by how close to their middle it is.
 *
 * @param window its size in voxels; at most the input's
 * @param overlap part of the window by which the next one overlaps it, 0 to below 1
 */
public record Occlusion(Shape window, double overlap) {
  /** Windows of a quarter of the input's edges. */
  private static final int PARTS = 4;

  private static final double OVERLAP = 0.5;

  /** Deviation of the Gaussian that hides, in window edges. */
  private static final double HIDING = 0.25;

  /** Deviation of the Gaussian that weighs, in window edges, and its least value. */
  private static final double WEIGHING = 0.125;

  private static final double LEAST_WEIGHT = 1e-3;

  /** Voxels that go through the network at once: one case of the default shape. */
  private static final long BATCH_VOXELS = 192L * 192 * 64;

  /** Windows of a quarter of the input's edges, half of each shared with the next: 7 a side. */
  public static Occlusion of(Shape input) {
    return new Occlusion(
        new Shape(input.x() / PARTS, input.y() / PARTS, input.z() / PARTS), OVERLAP);
  }

  /** How many places the window is put at: that many inputs go through the network. */
  public int places(Shape input) {
    return starts(input, 0).length * starts(input, 1).length * starts(input, 2).length;
  }

  /**
   * By how much the class's probability falls where the input is hidden: {@code unoccluded} minus
   * MONAI's map.
   *
   * @param network in evaluation mode; stays the caller's
   * @param image as the network takes it
   * @param label the class: 0 non-COVID, 1 COVID
   * @param unoccluded the class's probability for the whole image
   * @param places told how many places were done, after some more
   * @return -1 to 1 on the image's grid; above 0 where the image speaks for the class
   */
  public Volume of(
      DenseNet3d network, Volume image, int label, double unoccluded, IntConsumer places) {
    Shape input = image.shape();
    int batch = Math.toIntExact(Math.max(1, BATCH_VOXELS / input.voxels()));
    float[] factors = factors();
    double[] weights = weights();
    double[] sums = new double[Math.toIntExact(input.voxels())];
    double[] counts = new double[sums.length];
    List<int[]> all = all(input);
    for (int from = 0; from < all.size(); from += batch) {
      List<int[]> some = all.subList(from, Math.min(all.size(), from + batch));
      List<Volume> occluded = new ArrayList<>();
      some.forEach(start -> occluded.add(occluded(image, start, factors)));
      float[] p = network.probabilities(occluded);
      for (int n = 0; n < some.size(); n++) {
        add(input, some.get(n), weights, p[n * Architecture.CLASSES + label], sums, counts);
      }
      places.accept(from + some.size());
    }
    float[] falls = new float[sums.length];
    for (int n = 0; n < falls.length; n++) {
      falls[n] = (float) (unoccluded - sums[n] / counts[n]);
    }
    return Volume.of(input, image.affine(), falls);
  }

  /** First voxels of the windows along an axis; the last window ends where the input does. */
  private int[] starts(Shape input, int axis) {
    int size = window.along(axis);
    int last = input.along(axis) - size;
    int step = Math.max(1, (int) (size * (1 - overlap)));
    int[] starts = new int[(last + step - 1) / step + 1];
    for (int n = 0; n < starts.length; n++) {
      starts[n] = Math.min(n * step, last);
    }
    return starts;
  }

  private List<int[]> all(Shape input) {
    List<int[]> all = new ArrayList<>();
    for (int x : starts(input, 0)) {
      for (int y : starts(input, 1)) {
        for (int z : starts(input, 2)) {
          all.add(new int[] {x, y, z});
        }
      }
    }
    return all;
  }

  private Volume occluded(Volume image, int[] start, float[] factors) {
    float[] voxels = image.floats().clone();
    int at = 0;
    for (int k = 0; k < window.z(); k++) {
      for (int j = 0; j < window.y(); j++) {
        int row = row(image.shape(), start, j, k);
        for (int i = 0; i < window.x(); i++) {
          voxels[row + i] *= factors[at++];
        }
      }
    }
    return Volume.of(image.shape(), image.affine(), voxels);
  }

  private void add(
      Shape input, int[] start, double[] weights, double p, double[] sums, double[] counts) {
    int at = 0;
    for (int k = 0; k < window.z(); k++) {
      for (int j = 0; j < window.y(); j++) {
        int row = row(input, start, j, k);
        for (int i = 0; i < window.x(); i++) {
          sums[row + i] += weights[at] * p;
          counts[row + i] += weights[at++];
        }
      }
    }
  }

  private static int row(Shape input, int[] start, int j, int k) {
    return start[0] + input.x() * (start[1] + j + input.y() * (start[2] + k));
  }

  /** 1 minus a Gaussian about voxel size/2, scaled to 0..1; x fastest. */
  private float[] factors() {
    double[] gaussian =
        product(
            (axis, i) -> {
              int size = window.along(axis);
              NormalDistribution normal = NormalDistribution.of(0, HIDING * size);
              double from = i - size / 2;
              return normal.probability(from - 0.5, from + 0.5);
            });
    double least = Double.POSITIVE_INFINITY;
    double most = 0;
    for (double g : gaussian) {
      least = Math.min(least, g);
      most = Math.max(most, g);
    }
    float[] factors = new float[gaussian.length];
    for (int n = 0; n < factors.length; n++) {
      factors[n] = (float) ((most - gaussian[n]) / (most - least));
    }
    return factors;
  }

  /** Those of MONAI's {@code compute_importance_map}; x fastest. */
  private double[] weights() {
    double[] weights =
        product(
            (axis, i) -> {
              int size = window.along(axis);
              double deviations = (i - (size - 1) / 2.0) / (WEIGHING * size);
              return StrictMath.exp(-deviations * deviations / 2);
            });
    double least = Double.POSITIVE_INFINITY;
    for (double w : weights) {
      least = Math.min(least, w);
    }
    for (int n = 0; n < weights.length; n++) {
      weights[n] = Math.max(weights[n], Math.max(least, LEAST_WEIGHT));
    }
    return weights;
  }

  @FunctionalInterface
  private interface Profile {
    double at(int axis, int i);
  }

  private double[] product(Profile profile) {
    double[] product = new double[Math.toIntExact(window.voxels())];
    int at = 0;
    for (int k = 0; k < window.z(); k++) {
      for (int j = 0; j < window.y(); j++) {
        double yz = profile.at(1, j) * profile.at(2, k);
        for (int i = 0; i < window.x(); i++) {
          product[at++] = profile.at(0, i) * yz;
        }
      }
    }
    return product;
  }
}
