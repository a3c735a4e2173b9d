package org.covidmmar.training;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.Device;
import ai.djl.ndarray.NDManager;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.Stream;
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
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class ReplicasTest {
  private static final Shape SHAPE = new Shape(64, 32, 32);
  private static final UpdateRule ADAM = new UpdateRule.Adam(0.9, 0.999, 1e-8, 1e-5);
  private static final String CONVOLUTION = "features.conv0.weight";
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
      return network.get(CONVOLUTION);
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
      float[] before = network.get(CONVOLUTION);
      replicas.accumulate(List.of(bad, IMAGES.get(1)), LABELS, 2, SEEDS);
      CovidException e = assertThrows(CovidException.class, () -> replicas.step(1e-3));
      assertTrue(e.problem().contains("update 1 the gradient is not finite"), e.problem());
      assertArrayEquals(before, network.get(CONVOLUTION));
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

  /** Shards of three batches, by number of replicas; the first two batches make one update. */
  private static Stream<Arguments> shards() {
    return Stream.of(
        Arguments.of(2, new int[][] {{2, 2}, {2, 1}, {1}}),
        Arguments.of(3, new int[][] {{2, 1, 1}, {1, 1, 1}, {1}}));
  }

  /** What replicas compute side by side, one network computes shard by shard. */
  @ParameterizedTest
  @MethodSource("shards")
  void equalsAccumulationOfTheShards(int count, int[][] batches) {
    UpdateRule sgd = new UpdateRule.Sgd(0.9, 1e-5);
    CrossEntropy loss = new CrossEntropy(1, 2.5);
    try (DenseNet3d alone = withDropout();
        DenseNet3d network = withDropout();
        Replicas one = new Replicas(alone, sgd, loss);
        Replicas several = new Replicas(network, cpus(count - 1), sgd, loss)) {
      float[] before = network.get(CONVOLUTION);
      int first = 0;
      for (int round = 0; round < 2; round++) {
        for (int b = 0; b < batches.length; b++) {
          double weight = b < 2 ? 12 : 1;
          double expected = 0;
          int from = first;
          for (int size : batches[b]) {
            expected += pass(one, first, size, weight).loss();
            first += size;
          }
          assertEquals(expected, pass(several, from, first - from, weight).loss(), 1e-6);
          if (b > 0) {
            one.step(1e-4);
            several.step(1e-4);
            assertSpread(several);
          }
        }
      }
      assertTrue(one.optimizer().steps() == 4 && several.optimizer().steps() == 4);
      assertEquals(alone.batchesTracked(), network.batchesTracked());
      for (Architecture.Parameter p : network.state()) {
        float[] expected = alone.get(p.name());
        // Weights to the byte; a further rounding is in the statistics.
        double tolerance = p.name().contains("running") ? 1e-6 : 0;
        double difference = Formula.relative(expected, network.get(p.name()));
        assertTrue(difference <= tolerance, () -> p.name() + " differs by " + difference);
      }
      double moved = Formula.relative(before, network.get(CONVOLUTION));
      assertTrue(moved > 1e-3, "nothing was trained: " + moved);
    }
  }

  private static void assertSpread(Replicas replicas) {
    float[] weights = replicas.network().parameters().toFloatArray();
    for (DenseNet3d other : replicas.others()) {
      assertArrayEquals(weights, other.parameters().toFloatArray());
      assertArrayEquals(new float[64], other.gradient("features.norm0.weight"));
    }
  }

  /** A pass of the cases from this one on, every second of which is positive. */
  private static Replicas.Pass pass(Replicas replicas, int first, int cases, double weight) {
    List<Volume> images = new ArrayList<>();
    List<Seeds> seeds = new ArrayList<>();
    int[] labels = new int[cases];
    for (int i = 0; i < cases; i++) {
      images.addAll(Formula.images("case" + (first + i) + "-", 1, SHAPE));
      seeds.add(new Seeds(first + i));
      labels[i] = (first + i) % 2;
    }
    return replicas.accumulate(images, labels, weight, seeds);
  }

  @Test
  void twoReplicasGiveTheSameBytesAgain() {
    float[] first = trainTwo();
    assertArrayEquals(first, trainTwo());
  }

  private static float[] trainTwo() {
    try (DenseNet3d network = withDropout();
        Replicas replicas = new Replicas(network, cpus(1), ADAM, CrossEntropy.UNWEIGHTED)) {
      for (int step = 0; step < 3; step++) {
        pass(replicas, 3 * step, 3, 3);
        replicas.step(1e-3);
      }
      return network.parameters().toFloatArray();
    }
  }

  /** Whichever of them fails: it is said, the weights stay, and nothing is left running. */
  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2})
  void aReplicaThatFailsEndsAll(int failing) {
    List<Volume> images = new ArrayList<>(Formula.images("image", 3, SHAPE));
    images.set(failing, Formula.images("small", 1, new Shape(31, 32, 32)).get(0));
    List<Seeds> seeds = Collections.nCopies(3, new Seeds(0));
    try (DenseNet3d network = network()) {
      List<DenseNet3d> others;
      try (Replicas replicas = new Replicas(network, cpus(2), ADAM, CrossEntropy.UNWEIGHTED)) {
        others = replicas.others();
        CovidException e =
            assertThrows(
                CovidException.class,
                () -> replicas.accumulate(images, new int[] {0, 1, 0}, 3, seeds));
        assertTrue(e.problem().contains("31,32,32"), e.problem());
      }
      assertEquals(2, others.size());
      others.forEach(o -> assertFalse(o.parameters().getManager().isOpen()));
      assertTrue(
          Thread.getAllStackTraces().keySet().stream()
              .noneMatch(thread -> thread.getName().equals("covid-replica")));
    }
  }

  @Test
  void aGradientThatIsNotFiniteOnOneReplicaChangesNone() {
    float[] voxels = IMAGES.get(1).floats().clone();
    voxels[100] = Float.NaN;
    Volume bad = Volume.of(SHAPE, Affine.identity(), voxels);
    try (DenseNet3d network = network();
        Replicas replicas = new Replicas(network, cpus(1), ADAM, CrossEntropy.UNWEIGHTED)) {
      float[] before = network.parameters().toFloatArray();
      replicas.accumulate(List.of(IMAGES.get(0), bad), LABELS, 2, SEEDS);
      assertThrows(CovidException.class, () -> replicas.step(1e-3));
      assertArrayEquals(before, network.parameters().toFloatArray());
      assertArrayEquals(before, replicas.others().get(0).parameters().toFloatArray());
      assertFalse(replicas.isFinite(), "the statistics have seen it");
    }
  }

  @Test
  void replicasLeaveNothingBehind() {
    try (DenseNet3d network = network();
        Replicas replicas = new Replicas(network, cpus(1), ADAM, CrossEntropy.UNWEIGHTED)) {
      NDManager other = replicas.others().get(0).parameters().getManager();
      cycle(network, replicas);
      int arrays = owned(network.parameters().getManager());
      int ofOther = owned(other);
      cycle(network, replicas);
      cycle(network, replicas);
      assertEquals(arrays, owned(network.parameters().getManager()));
      assertEquals(ofOther, owned(other));
    }
  }

  private static List<Device> cpus(int count) {
    return Collections.nCopies(count, Device.cpu());
  }

  private static DenseNet3d withDropout() {
    return DenseNet3d.initialised(
        Architecture.DENSENET121, 0.2, MemoryFormat.CHANNELS_LAST, Device.cpu(), new Seeds(7));
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
