package org.covidmmar.model;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.engine.PtNDManager;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.covidmmar.CovidException;
import org.covidmmar.Seeds;
import org.covidmmar.volume.Affine;
import org.covidmmar.volume.Shape;
import org.covidmmar.volume.Volume;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DenseNet3dTest {
  private static final Shape SMALL = new Shape(32, 40, 48);

  @BeforeAll
  static void startTorch() {
    Torch.start(2);
  }

  @ParameterizedTest
  @CsvSource({
    "densenet121,11244674,364,727",
    "densenet169,18546050,508,1015",
    "densenet201,25334658,604,1207",
    "densenet264,40251266,796,1591",
  })
  void sizesAreThoseOfMonai(String name, int values, int tensors, int entries) {
    Architecture architecture = Architecture.of(name);
    assertEquals(name, architecture.toString());
    assertEquals(values, architecture.parameterCount());
    assertEquals(tensors, architecture.parameters().size());
    assertEquals(entries, tensors + 3 * architecture.norms().size());
  }

  @Test
  void unknownArchitectureGetsASuggestion() {
    CovidException e = assertThrows(CovidException.class, () -> Architecture.of("densnet121"));
    assertEquals("covid.architecture", e.subject());
    assertTrue(e.remedy().contains("did you mean densenet121"), e.remedy());
  }

  @Test
  void firstWeightsFollowTheSeedAndTheirDistribution() {
    try (DenseNet3d network = initialised(0, 1, MemoryFormat.CHANNELS_LAST);
        DenseNet3d again = initialised(0, 1, MemoryFormat.PLAIN);
        DenseNet3d other = initialised(0, 2, MemoryFormat.PLAIN)) {
      String conv = "features.denseblock4.denselayer16.layers.conv2.weight";
      assertArrayEquals(network.get(conv), again.get(conv));
      assertNotEquals(network.get(conv)[0], other.get(conv)[0]);
      assertEquals(0, mean(network.get(conv)), 5e-4);
      assertEquals(2.0 / (128 * 27), meanSquare(network.get(conv)), 1e-5);
      float[] linear = network.get("class_layers.out.weight");
      assertEquals(1.0 / 1024 / 3, meanSquare(linear), 2e-5);
      for (float v : linear) {
        assertTrue(Math.abs(v) <= 1f / 32);
      }
      assertEquals(0, meanSquare(network.get("class_layers.out.bias")));
      assertEquals(1, mean(network.get("features.norm5.weight")));
      assertEquals(0, meanSquare(network.get("features.norm5.bias")));
      assertEquals(0, meanSquare(network.get("features.norm5.running_mean")));
      assertEquals(1, mean(network.get("features.norm5.running_var")));
    }
  }

  @Test
  void axesOfTheVolumeAreTheAxesOfTheNetwork() {
    Volume image = Formula.images("axes", 1, SMALL).get(0);
    float[] turned = new float[image.floats().length];
    int at = 0;
    for (int i = 0; i < SMALL.x(); i++) {
      for (int j = 0; j < SMALL.y(); j++) {
        for (int k = 0; k < SMALL.z(); k++) {
          turned[at++] = image.at(i, j, k);
        }
      }
    }
    Volume transposed =
        Volume.of(new Shape(SMALL.z(), SMALL.y(), SMALL.x()), Affine.identity(), turned);
    try (DenseNet3d network = Formula.network(Architecture.DENSENET121, MemoryFormat.PLAIN);
        DenseNet3d mirrored = Formula.network(Architecture.DENSENET121, MemoryFormat.PLAIN)) {
      // Turning kernels and image alike changes nothing.
      for (Architecture.Parameter p : network.architecture().parameters()) {
        if (p.isConvolution()) {
          mirrored.set(p.name(), turnKernels(p, network.get(p.name())));
        }
      }
      assertArrayEquals(
          network.logits(List.of(image)), mirrored.logits(List.of(transposed)), 1e-5f);
    }
  }

  private static float[] turnKernels(Architecture.Parameter p, float[] values) {
    int n = Math.toIntExact(p.shape().get(2));
    int kernel = n * n * n;
    float[] turned = new float[values.length];
    for (int at = 0; at < values.length; at++) {
      int in = at % kernel;
      int x = in / (n * n);
      int y = in / n % n;
      int z = in % n;
      turned[at - in + (z * n + y) * n + x] = values[at];
    }
    return turned;
  }

  @Test
  void probabilitiesAreTheSoftmaxOfTheLogits() {
    try (DenseNet3d network = Formula.network(Architecture.DENSENET121, MemoryFormat.PLAIN)) {
      List<Volume> images = Formula.images("p", 2, SMALL);
      float[] logits = network.logits(images);
      float[] p = network.probabilities(images);
      for (int i = 0; i < 4; i += 2) {
        double e0 = Math.exp(logits[i]);
        double e1 = Math.exp(logits[i + 1]);
        assertEquals(e1 / (e0 + e1), p[i + 1], 1e-7);
        assertEquals(1, p[i] + p[i + 1], 1e-7);
      }
    }
  }

  @Test
  void everyThreadGetsTheSameResultAndItsGradientModeBack() {
    try (DenseNet3d network = Formula.network(Architecture.DENSENET121, MemoryFormat.PLAIN)) {
      List<Volume> images = Formula.images("t", 1, SMALL);
      float[] here = network.logits(images);
      float[] there = CompletableFuture.supplyAsync(() -> network.logits(images)).join();
      assertArrayEquals(here, there);
    }
  }

  @Test
  void dropoutFollowsItsSeedAndActsInTrainingOnly() {
    List<Volume> images = Formula.images("d", 2, SMALL);
    try (DenseNet3d network = initialised(0.3, 1, MemoryFormat.CHANNELS_LAST);
        DenseNet3d without = initialised(0, 1, MemoryFormat.CHANNELS_LAST)) {
      assertArrayEquals(without.logits(images), network.logits(images));
      float[] first = trainingLogits(network, images, 5);
      assertArrayEquals(first, trainingLogits(network, images, 5));
      float[] other = trainingLogits(network, images, 6);
      assertTrue(Math.abs(first[0] - other[0]) > 1e-3, Arrays.toString(other));
      float[] none = trainingLogits(without, images, 5);
      assertTrue(Math.abs(first[0] - none[0]) > 1e-3, Arrays.toString(none));
    }
  }

  @Test
  void dropoutMasksAreTheSameInEitherMemoryFormat() {
    try (PtNDManager manager = (PtNDManager) NDManager.newBaseManager(Device.cpu())) {
      PtNDArray plain = (PtNDArray) manager.ones(new ai.djl.ndarray.types.Shape(2, 32, 5, 6, 7));
      NDArray channelsLast =
          manager.ones(new ai.djl.ndarray.types.Shape(2, 5, 6, 7, 32)).transpose(0, 4, 1, 2, 3);
      List<Seeds> seeds = List.of(new Seeds(1), new Seeds(2));
      float[] first = new Dropout(0.3, seeds).apply(manager, plain).toFloatArray();
      float[] second =
          new Dropout(0.3, seeds).apply(manager, (PtNDArray) channelsLast).toFloatArray();
      assertArrayEquals(first, second);
      assertEquals(1, mean(first), 0.03);
      for (float v : first) {
        assertTrue(v == 0 || v == (float) (1 / 0.7));
      }
    }
  }

  @Test
  void dropoutOfACaseDoesNotDependOnThoseBesideIt() {
    try (PtNDManager manager = (PtNDManager) NDManager.newBaseManager(Device.cpu())) {
      var shape = new ai.djl.ndarray.types.Shape(1, 32, 5, 6, 7);
      List<Seeds> seeds = List.of(new Seeds(1), new Seeds(2));
      Dropout ofBoth = new Dropout(0.3, seeds);
      Dropout ofSecond = new Dropout(0.3, seeds.subList(1, 2));
      for (int layer = 0; layer < 2; layer++) {
        PtNDArray two = (PtNDArray) manager.ones(shape).repeat(0, 2);
        float[] both = ofBoth.apply(manager, two).toFloatArray();
        float[] alone = ofSecond.apply(manager, (PtNDArray) manager.ones(shape)).toFloatArray();
        assertArrayEquals(alone, Arrays.copyOfRange(both, alone.length, both.length));
        assertFalse(Arrays.equals(alone, Arrays.copyOf(both, alone.length)));
      }
    }
  }

  private static float[] trainingLogits(DenseNet3d network, List<Volume> images, long seed) {
    try (TrainingPass pass =
        network.train(images, Collections.nCopies(images.size(), new Seeds(seed)))) {
      return pass.logProbabilities();
    }
  }

  @Test
  void inputThatTheNetworkCannotTakeIsRefusedBeforeTraining() {
    assertRefused(new Shape(31, 64, 64), 0, "at least 32");
    assertRefused(new Shape(64, 64, 16), 2, "at least 32");
    assertRefused(new Shape(32, 32, 32), 1, "single value");
    assertRefused(new Shape(60, 32, 32), 1, "single value");
    assertDoesNotThrow(() -> DenseNet3d.checkInput(new Shape(32, 32, 32), 0));
    assertDoesNotThrow(() -> DenseNet3d.checkInput(new Shape(32, 32, 32), 2));
    assertDoesNotThrow(() -> DenseNet3d.checkInput(new Shape(64, 32, 32), 1));
  }

  /** What the check says is what happens: libtorch itself trains at the smallest sizes allowed. */
  @Test
  void smallestInputsTrain() {
    try (DenseNet3d network = initialised(0, 1, MemoryFormat.CHANNELS_LAST)) {
      for (Shape shape : List.of(new Shape(61, 32, 32), new Shape(32, 32, 63))) {
        trainingLogits(network, Formula.images("s", 1, shape), 0);
      }
      trainingLogits(network, Formula.images("s", 2, new Shape(32, 32, 32)), 0);
    }
  }

  @Test
  void imagesOfABatchAreOfOneShape() {
    try (DenseNet3d network = initialised(0, 1, MemoryFormat.CHANNELS_LAST)) {
      Volume small = Formula.images("a", 1, new Shape(32, 32, 32)).get(0);
      Volume large = Formula.images("b", 1, SMALL).get(0);
      assertThrows(IllegalArgumentException.class, () -> network.logits(List.of(small, large)));
    }
  }

  private static void assertRefused(Shape shape, int batch, String problem) {
    CovidException e =
        assertThrows(CovidException.class, () -> DenseNet3d.checkInput(shape, batch));
    assertEquals("covid.inputShape", e.subject());
    assertTrue(e.problem().contains(problem), e.problem());
  }

  private static DenseNet3d initialised(double dropout, long seed, MemoryFormat format) {
    return DenseNet3d.initialised(
        Architecture.DENSENET121, dropout, format, Device.cpu(), new Seeds(seed));
  }

  private static double mean(float[] values) {
    double sum = 0;
    for (float v : values) {
      sum += v;
    }
    return sum / values.length;
  }

  private static double meanSquare(float[] values) {
    double sum = 0;
    for (float v : values) {
      sum += (double) v * v;
    }
    return sum / values.length;
  }
}
