package org.covidmmar.model;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.covidmmar.volume.Shape;
import org.covidmmar.volume.Volume;

/** An ONNX file in ONNX Runtime. */
public final class OnnxSession implements AutoCloseable {
  private final OrtSession session;

  /** Loads a file, which ONNX Runtime checks as a whole. */
  public OnnxSession(Path file) throws OrtException {
    session = OrtEnvironment.getEnvironment().createSession(file.toString());
  }

  /** What was written into the file beside the network. */
  public Map<String, String> metadata() throws OrtException {
    return session.getMetadata().getCustomMetadata();
  }

  /** Two values a case, of the output of this name. */
  public float[] run(List<Volume> images, String output) throws OrtException {
    Shape s = images.get(0).shape();
    FloatBuffer input = FloatBuffer.allocate(Math.toIntExact(images.size() * s.voxels()));
    for (Volume image : images) {
      for (int i = 0; i < s.x(); i++) {
        for (int j = 0; j < s.y(); j++) {
          for (int k = 0; k < s.z(); k++) {
            input.put(image.at(i, j, k));
          }
        }
      }
    }
    long[] shape = {images.size(), 1, s.x(), s.y(), s.z()};
    try (OnnxTensor tensor =
            OnnxTensor.createTensor(OrtEnvironment.getEnvironment(), input.flip(), shape);
        OrtSession.Result result = session.run(Map.of("image", tensor))) {
      FloatBuffer values = ((OnnxTensor) result.get(output).orElseThrow()).getFloatBuffer();
      float[] floats = new float[values.remaining()];
      values.get(floats);
      return floats;
    }
  }

  @Override
  public void close() throws OrtException {
    session.close();
  }
}
