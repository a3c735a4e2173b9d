package org.covidmmar.model;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class TorchTest {
  @BeforeAll
  static void startTorch() {
    Torch.start(2);
  }

  /** As DJL makes one of what is on a GPU, so it does of what is not stored in order. */
  @Test
  void readingLeavesNoCopyBehind() {
    try (NDManager manager = NDManager.newBaseManager("PyTorch")) {
      NDArray stored = manager.create(new float[] {1, 2, 3, 4, 5, 6}, new Shape(2, 3));
      NDArray turned = stored.transpose();
      int before = manager.getManagedArrays().size();
      assertArrayEquals(new float[] {1, 4, 2, 5, 3, 6}, Torch.floats(turned));
      assertArrayEquals(new float[] {1, 2, 3, 4, 5, 6}, Torch.floats(stored));
      assertTrue(Torch.isFinite(stored.flatten()));
      assertFalse(Torch.isFinite(manager.create(new float[] {1, Float.NaN})));
      // The flat one and that with the NaN.
      assertEquals(before + 2, manager.getManagedArrays().size());
      turned.toFloatArray();
      assertEquals(before + 3, manager.getManagedArrays().size(), "what is avoided");
    }
  }
}
