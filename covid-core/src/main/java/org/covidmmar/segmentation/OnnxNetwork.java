package org.covidmmar.segmentation;

import ai.onnxruntime.NodeInfo;
import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OnnxValue;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.TensorInfo;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import org.covidmmar.CovidException;

/** A network in an ONNX file; the only class that knows onnxruntime, which is optional. */
final class OnnxNetwork implements AutoCloseable {
  /** The version that the project is built and tested with. */
  static final String VERSION = "1.22.0";

  private static final int RANK = 5;
  private static final int MOST_CHANNELS = 16;
  private static final String FORM =
      "export a network with one input of float32 and shape (1, 1, x, y, z) and one output (1,"
          + " channels, x, y, z)";

  private final OrtSession session;
  private final String input;
  private final long[] shape;

  private OnnxNetwork(OrtSession session, String input, long[] shape) {
    this.session = session;
    this.input = input;
    this.shape = shape;
  }

  static OnnxNetwork open(Path file) {
    if (!Files.isRegularFile(file)) {
      throw new CovidException(
          "covid.segment.model", "there is no file " + file, "give the path of an .onnx file");
    }
    OrtSession session = null;
    try (OrtSession.SessionOptions options = new OrtSession.SessionOptions()) {
      // Sums are then made in one order on any number of cores; cases run side by side.
      options.setIntraOpNumThreads(1);
      options.setInterOpNumThreads(1);
      session = OrtEnvironment.getEnvironment().createSession(file.toString(), options);
      String name = checked(file, session);
      TensorInfo info = (TensorInfo) session.getInputInfo().get(name).getInfo();
      return new OnnxNetwork(session, name, info.getShape());
    } catch (OrtException e) {
      throw new CovidException(
          file.toString(),
          "is no network that onnxruntime can read: " + firstLine(e),
          "give an .onnx file; TorchScript and Keras files are not read, export them to ONNX",
          e);
    } catch (CovidException e) {
      close(session);
      throw e;
    }
  }

  private static String checked(Path file, OrtSession session) throws OrtException {
    Map<String, NodeInfo> inputs = session.getInputInfo();
    Map<String, NodeInfo> outputs = session.getOutputInfo();
    if (inputs.size() != 1 || outputs.size() != 1) {
      throw new CovidException(
          file,
          "one input and one output expected, found inputs "
              + inputs.keySet()
              + ", outputs "
              + outputs.keySet(),
          FORM);
    }
    NodeInfo in = inputs.values().iterator().next();
    NodeInfo out = outputs.values().iterator().next();
    check(file, "input", in, 1);
    check(file, "output", out, MOST_CHANNELS);
    return in.getName();
  }

  private static void check(Path file, String what, NodeInfo node, int mostChannels) {
    if (!(node.getInfo() instanceof TensorInfo info) || info.type != OnnxJavaType.FLOAT) {
      throw new CovidException(
          file, "its " + what + " is " + node.getInfo() + ", a tensor of float32 expected", FORM);
    }
    long[] dims = info.getShape();
    boolean fits = dims.length == RANK && dims[0] <= 1 && dims[1] <= mostChannels;
    for (long d : dims) {
      fits &= d != 0;
    }
    if (!fits) {
      throw new CovidException(
          file,
          "its "
              + what
              + " has shape "
              + Arrays.toString(dims)
              + ", expected (1, "
              + (mostChannels == 1 ? "1" : "1 to " + mostChannels)
              + ", x, y, z); -1 is any size",
          FORM);
    }
  }

  /** The fixed size of the input along x, y or z; -1 where any will do. */
  int size(int axis) {
    return (int) Math.min(Integer.MAX_VALUE, shape[2 + axis]);
  }

  /**
   * What the network makes of a window: an array for each channel, in the order of the input.
   *
   * @param file for messages
   */
  float[][] run(Path file, float[] window, int[] size) {
    long[] dims = {1, 1, size[0], size[1], size[2]};
    try (OnnxTensor tensor =
            OnnxTensor.createTensor(
                OrtEnvironment.getEnvironment(), FloatBuffer.wrap(window), dims);
        OrtSession.Result result = session.run(Map.of(input, tensor))) {
      OnnxValue value = result.get(0);
      long[] made = ((TensorInfo) value.getInfo()).getShape();
      boolean fits =
          made.length == RANK && made[0] == 1 && made[1] >= 1 && made[1] <= MOST_CHANNELS;
      for (int axis = 2; axis < RANK && fits; axis++) {
        fits = made[axis] == dims[axis];
      }
      if (!fits) {
        throw new CovidException(
            file,
            "makes an output of shape "
                + Arrays.toString(made)
                + " of an input of "
                + Arrays.toString(dims),
            FORM);
      }
      FloatBuffer all = ((OnnxTensor) value).getFloatBuffer();
      float[][] channels = new float[(int) made[1]][window.length];
      for (float[] channel : channels) {
        all.get(channel);
      }
      return channels;
    } catch (OrtException e) {
      throw new CovidException(
          file.toString(),
          "onnxruntime fails on a window of " + Arrays.toString(dims) + ": " + firstLine(e),
          FORM,
          e);
    }
  }

  private static String firstLine(OrtException e) {
    return String.valueOf(e.getMessage()).lines().findFirst().orElse("");
  }

  @Override
  public void close() {
    close(session);
  }

  private static void close(OrtSession session) {
    try {
      if (session != null) {
        session.close();
      }
    } catch (OrtException e) {
      throw new IllegalStateException("a session can always be closed", e);
    }
  }
}
