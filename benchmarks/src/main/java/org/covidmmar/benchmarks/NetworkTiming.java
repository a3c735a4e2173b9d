package org.covidmmar.benchmarks;

import ai.djl.Device;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.apache.commons.rng.UniformRandomProvider;
import org.covidmmar.Seeds;
import org.covidmmar.model.Architecture;
import org.covidmmar.model.DenseNet3d;
import org.covidmmar.model.MemoryFormat;
import org.covidmmar.model.Torch;
import org.covidmmar.training.CrossEntropy;
import org.covidmmar.training.Replicas;
import org.covidmmar.training.UpdateRule;
import org.covidmmar.volume.Affine;
import org.covidmmar.volume.Shape;
import org.covidmmar.volume.Volume;

/**
 * Times a training step or a forward pass: {@code step|forward X,Y,Z BATCH WARMUP REPEATS THREADS}.
 * Prints the seconds of every timed repetition, and what computed, as JSON.
 */
public final class NetworkTiming {
  private static final double LEARNING_RATE = 1e-4;
  private static final UpdateRule ADAM = new UpdateRule.Adam(0.9, 0.999, 1e-8, 1e-5);

  private NetworkTiming() {}

  public static void main(String[] args) {
    int batch = Integer.parseInt(args[2]);
    int warmup = Integer.parseInt(args[3]);
    int repeats = Integer.parseInt(args[4]);
    Torch.start(Integer.parseInt(args[5]));
    Seeds seeds = new Seeds(0);
    List<Volume> images = new ArrayList<>();
    int[] labels = new int[batch];
    for (int i = 0; i < batch; i++) {
      images.add(noise(Timing.shape(args[1]), seeds.child("image").child(i)));
      labels[i] = i % 2;
    }
    try (DenseNet3d network =
        DenseNet3d.initialised(
            Architecture.DENSENET121, 0, MemoryFormat.CHANNELS_LAST, Device.cpu(), seeds)) {
      String seconds =
          args[0].equals("forward")
              ? Timing.seconds(warmup, repeats, () -> network.probabilities(images))
              : steps(network, images, labels, warmup, repeats);
      Torch.Versions v = Torch.versions();
      System.out.printf(
          "{\"seconds\": %s, \"versions\": {\"libtorch\": \"%s\", \"djl\": \"%s\", \"isa\": \"%s\"}}%n",
          seconds, v.libtorch(), v.djl(), v.isa());
    }
  }

  private static String steps(
      DenseNet3d network, List<Volume> images, int[] labels, int warmup, int repeats) {
    CrossEntropy loss = CrossEntropy.UNWEIGHTED;
    try (Replicas replicas = new Replicas(network, ADAM, loss)) {
      List<Seeds> seeds = Collections.nCopies(labels.length, new Seeds(1));
      return Timing.seconds(
          warmup,
          repeats,
          () -> {
            replicas.accumulate(images, labels, loss.weight(labels), seeds);
            replicas.step(LEARNING_RATE);
          });
    }
  }

  private static Volume noise(Shape shape, Seeds seeds) {
    UniformRandomProvider random = seeds.generator();
    float[] voxels = new float[Math.toIntExact(shape.voxels())];
    for (int i = 0; i < voxels.length; i++) {
      voxels[i] = random.nextFloat();
    }
    return Volume.of(shape, Affine.identity(), voxels);
  }
}
