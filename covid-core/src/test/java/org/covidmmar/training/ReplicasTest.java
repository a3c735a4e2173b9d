package org.covidmmar.training;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDManager;
import java.util.Collections;
import java.util.List;
import org.covidmmar.CovidException;
import org.covidmmar.Seeds;
import org.covidmmar.model.Architecture;
import org.covidmmar.model.DenseNet3d;
import org.covidmmar.model.Formula;
import org.covidmmar.model.MemoryFormat;
import org.covidmmar.volume.Affine;
import org.covidmmar.volume.Shape;
import org.covidmmar.volume.Volume;
import org.junit.jupiter.api.Test;

class ReplicasTest {
  private static final Shape SHAPE = new Shape(64, 32, 32);
  private static final UpdateRule ADAM = new UpdateRule.Adam(0.9, 0.999, 1e-8, 1e-5);
  private static final int[] LABELS = {0, 1};
  private static final List<Seeds> SEEDS = Collections.nCopies(2, new Seeds(0));
  private static final List<Volume> IMAGES = Formula.images("image", 2, SHAPE);

  @Test
  void lossFallsOnTheSameCasesAndRunsAreTheSameBytes() {
    float[] first = train(4);
    assertArrayEquals(first, train(4));
  }

  private static float[] train(int steps) {
    try (DenseNet3d network = network();
        Replicas replicas = new Replicas(network, ADAM, CrossEntropy.UNWEIGHTED)) {
      double before = pass(replicas, 2);
      replicas.step(1e-3);
      for (int step = 1; step < steps; step++) {
        pass(replicas, 2);
        replicas.step(1e-3);
      }
      assertTrue(pass(replicas, 2) < before);
      return network.get("features.conv0.weight");
    }
  }

  @Test
  void gradientsOfBatchesAddUpAndAStepClearsThem() {
    String name = "class_layers.out.weight";
    try (DenseNet3d network = network();
        Replicas replicas = new Replicas(network, ADAM, CrossEntropy.UNWEIGHTED)) {
      double share = pass(replicas, 4);
      float[] once = network.gradient(name);
      assertEquals(share, pass(replicas, 4), 1e-6);
      float[] twice = network.gradient(name);
      for (int i = 0; i < once.length; i++) {
        assertEquals(2 * once[i], twice[i], 1e-5 * Math.abs(once[i]) + 1e-9);
      }
      replicas.step(1e-3);
      assertArrayEquals(new float[once.length], network.gradient(name));
    }
  }

  @Test
  void aGradientThatIsNotFiniteChangesNothing() {
    float[] voxels = IMAGES.get(0).floats().clone();
    voxels[100] = Float.NaN;
    Volume bad = Volume.of(SHAPE, Affine.identity(), voxels);
    try (DenseNet3d network = network();
        Replicas replicas = new Replicas(network, ADAM, CrossEntropy.UNWEIGHTED)) {
      float[] before = network.get("features.conv0.weight");
      replicas.accumulate(List.of(bad, IMAGES.get(1)), LABELS, 2, SEEDS);
      CovidException e = assertThrows(CovidException.class, () -> replicas.step(1e-3));
      assertTrue(e.problem().contains("update 1 the gradient is not finite"), e.problem());
      assertArrayEquals(before, network.get("features.conv0.weight"));
      assertEquals(0, replicas.optimizer().steps());
    }
  }

  /** Every array that a step, a forward pass or a copy makes is closed by it. */
  @Test
  void nothingIsLeftBehind() {
    try (DenseNet3d network = network();
        Replicas replicas = new Replicas(network, ADAM, CrossEntropy.UNWEIGHTED)) {
      cycle(network, replicas);
      int arrays = owned(network.parameters().getManager());
      for (int i = 0; i < 3; i++) {
        cycle(network, replicas);
      }
      assertEquals(arrays, owned(network.parameters().getManager()));
      assertTrue(arrays > 200, "statistics have their views: " + arrays);
    }
  }

  private static int owned(NDManager manager) {
    return manager.getManagedArrays().size();
  }

  private static void cycle(DenseNet3d network, Replicas replicas) {
    pass(replicas, 2);
    replicas.step(1e-3);
    network.logits(IMAGES);
    network.set("features.norm5.bias", network.get("features.norm5.bias"));
  }

  private static double pass(Replicas replicas, double groupWeight) {
    return replicas.accumulate(IMAGES, LABELS, groupWeight, SEEDS).loss();
  }

  private static DenseNet3d network() {
    return Formula.network(Architecture.DENSENET121, MemoryFormat.CHANNELS_LAST);
  }
}
