package org.covidmmar.model;

import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.engine.PtNDManager;
import ai.djl.pytorch.jni.JniUtils;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.List;
import org.covidmmar.volume.Volume;

/** Memory through which volumes reach the device; kept, as its size is always the same. */
final class InputBuffer {
  private ByteBuffer buffer = ByteBuffer.allocateDirect(0);

  /**
   * Volumes as one array (case, 1, x, y, z), z fastest, owned by {@code owner}.
   *
   * @throws IllegalArgumentException where they differ in shape
   */
  PtNDArray fill(PtNDManager owner, List<Volume> images) {
    org.covidmmar.volume.Shape shape = images.get(0).shape();
    int bytes = Math.toIntExact(images.size() * shape.voxels() * Float.BYTES);
    if (buffer.capacity() < bytes) {
      buffer = ByteBuffer.allocateDirect(bytes).order(ByteOrder.nativeOrder());
    }
    FloatBuffer floats = buffer.clear().limit(bytes).asFloatBuffer();
    for (Volume image : images) {
      if (!image.shape().equals(shape)) {
        throw new IllegalArgumentException(
            "shapes differ within a batch: " + shape + " and " + image.shape());
      }
      floats.put(image.floats());
    }
    Shape stored = new Shape(images.size(), 1, shape.z(), shape.y(), shape.x());
    try (PtNDArray given =
            JniUtils.createNdFromByteBuffer(
                owner,
                buffer.limit(bytes),
                stored,
                DataType.FLOAT32,
                ai.djl.ndarray.types.SparseFormat.DENSE,
                owner.getDevice());
        PtNDArray turned = JniUtils.permute(given, new long[] {0, 1, 4, 3, 2});
        // Flattening a permuted array copies it in the order of its new axes.
        PtNDArray copied = JniUtils.reshape(turned, new long[] {-1})) {
      return JniUtils.reshape(
          copied, new long[] {images.size(), 1, shape.x(), shape.y(), shape.z()});
    }
  }
}
