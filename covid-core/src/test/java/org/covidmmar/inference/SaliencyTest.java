package org.covidmmar.inference;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.covidmmar.model.Architecture;
import org.covidmmar.model.DenseNet3d;
import org.covidmmar.model.Formula;
import org.covidmmar.model.MemoryFormat;
import org.covidmmar.volume.Affine;
import org.covidmmar.volume.Shape;
import org.covidmmar.volume.Volume;
import org.junit.jupiter.api.Test;

class SaliencyTest {
  @Test
  void featuresAveragedAndWeightedAreTheLogits() {
    Volume image = Formula.images("image", 1, new Shape(64, 32, 96)).get(0);
    try (DenseNet3d network =
        Formula.network(Architecture.DENSENET121, MemoryFormat.CHANNELS_LAST)) {
      List<Volume> features = network.features(image);
      assertEquals(1024, features.size());
      assertEquals(new Shape(2, 1, 3), features.get(0).shape());
      float[] weights = network.get("class_layers.out.weight");
      double logit = network.get("class_layers.out.bias")[1];
      for (int c = 0; c < features.size(); c++) {
        for (float v : features.get(c).floats()) {
          assertTrue(v >= 0);
          logit += weights[1024 + c] * v / 6.0;
        }
      }
      assertEquals(network.logits(List.of(image))[1], logit, 1e-4);
    }
  }

  /** The map changes where the image does: its axes are the image's. */
  @Test
  void theMapStandsWhereTheImageDoes() {
    Shape shape = new Shape(32, 64, 160);
    float[] voxels = Formula.images("image", 1, shape).get(0).floats();
    Affine affine = Affine.of(2, 0, 0, 5, 0, 3, 0, 6, 0, 0, 4, 7);
    float[] changed = voxels.clone();
    // The far end of the last axis.
    for (int n = changed.length - 32 * 64 * 8; n < changed.length; n++) {
      changed[n] = 3;
    }
    try (DenseNet3d network =
        Formula.network(Architecture.DENSENET121, MemoryFormat.CHANNELS_LAST)) {
      Volume before = Saliency.of(network, Volume.of(shape, affine, voxels), 1);
      Volume after = Saliency.of(network, Volume.of(shape, affine, changed), 1);
      assertEquals(affine, after.affine());
      assertEquals(shape, after.shape());
      double near = 0;
      double far = 0;
      for (int k = 0; k < 32; k++) {
        near += Math.abs(after.at(16, 32, k) - before.at(16, 32, k));
        far += Math.abs(after.at(16, 32, 159 - k) - before.at(16, 32, 159 - k));
      }
      assertTrue(far > 5 * near, "near " + near + ", far " + far);
    }
  }

  @Test
  void theWindowGoesOverTheInputInSevenSteps() {
    Shape input = new Shape(192, 192, 64);
    assertEquals(new Occlusion(new Shape(48, 48, 16), 0.5), Occlusion.of(input));
    assertEquals(343, Occlusion.of(input).places(input));
    assertEquals(343, Occlusion.of(new Shape(32, 64, 96)).places(new Shape(32, 64, 96)));
    assertEquals(1, new Occlusion(input, 0.5).places(input));
  }

  @Test
  void aMapIsScaledFromItsLeastToItsGreatest() {
    Shape shape = new Shape(4, 1, 1);
    Volume map = Volume.of(shape, Affine.identity(), new float[] {3, 1, 5, 2});
    assertArrayEquals(new float[] {.5f, 0, 1, .25f}, Saliency.normalised(map).floats());
    Volume flat = Volume.of(shape, Affine.identity(), new float[] {7, 7, 7, 7});
    assertArrayEquals(new float[4], Saliency.normalised(flat).floats());
  }
}
