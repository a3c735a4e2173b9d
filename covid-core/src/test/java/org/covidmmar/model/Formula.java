package org.covidmmar.model;

import ai.djl.Device;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.CRC32;
import org.covidmmar.volume.Affine;
import org.covidmmar.volume.Shape;
import org.covidmmar.volume.Volume;

/** Weights and images by the formula of model_goldens.py, and what it computed from them. */
public final class Formula {
  private static final int THREADS = 2;

  private Formula() {}

  /** Numbers in [-1, 1) that follow from a name. */
  public static double[] numbers(String name, int size) {
    CRC32 crc = new CRC32();
    crc.update(name.getBytes(StandardCharsets.UTF_8));
    double[] numbers = new double[size];
    for (int i = 0; i < size; i++) {
      long z = (i + 1 + (crc.getValue() << 32)) * 0x9E3779B97F4A7C15L;
      z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
      z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
      z ^= z >>> 31;
      numbers[i] = (double) (z >>> 40) / (1 << 23) - 1;
    }
    return numbers;
  }

  /** As {@link #numbers}, in float32. */
  public static float[] floats(String name, int size) {
    double[] numbers = numbers(name, size);
    float[] floats = new float[size];
    for (int i = 0; i < size; i++) {
      floats[i] = (float) numbers[i];
    }
    return floats;
  }

  /** A network with the formula's weights, on the CPU. */
  public static DenseNet3d network(Architecture architecture, MemoryFormat format) {
    Torch.start(THREADS);
    DenseNet3d network = new DenseNet3d(architecture, 0, format, Device.cpu());
    for (Architecture.Parameter p : network.state()) {
      double[] u = numbers(p.name(), p.size());
      double center = 0;
      double width = 0.1;
      if (p.isConvolution()) {
        width = Math.sqrt(6.0 * p.shape().get(0) / p.size());
      } else if (p.shape().size() == 2) {
        width = 1 / Math.sqrt(p.shape().get(1));
      } else if (p.name().endsWith("running_var") || p.name().endsWith("weight")) {
        center = 1;
        width = 0.2;
      }
      float[] values = new float[u.length];
      for (int i = 0; i < u.length; i++) {
        values[i] = (float) (center + width * u[i]);
      }
      network.set(p.name(), values);
    }
    return network;
  }

  /** Volumes of the formula's numbers. */
  public static List<Volume> images(String name, int cases, Shape shape) {
    List<Volume> images = new ArrayList<>();
    for (int c = 0; c < cases; c++) {
      images.add(
          Volume.of(shape, Affine.identity(), floats(name + c, Math.toIntExact(shape.voxels()))));
    }
    return images;
  }

  /**
   * As {@link #images}, three quarters of each value shared by its cube of 8 voxels: cases differ
   * in more than noise.
   */
  public static List<Volume> scenes(String name, int cases, Shape shape) {
    List<Volume> scenes = new ArrayList<>();
    int x = shape.x() / 8;
    int y = shape.y() / 8;
    for (int c = 0; c < cases; c++) {
      double[] coarse = numbers(name + c + " coarse", x * y * (shape.z() / 8));
      double[] fine = numbers(name + c, Math.toIntExact(shape.voxels()));
      float[] values = new float[fine.length];
      for (int at = 0; at < values.length; at++) {
        int i = at % shape.x();
        int j = at / shape.x() % shape.y();
        int k = at / shape.x() / shape.y();
        values[at] = (float) (0.75 * coarse[i / 8 + x * (j / 8 + y * (k / 8))] + 0.25 * fine[at]);
      }
      scenes.add(Volume.of(shape, Affine.identity(), values));
    }
    return scenes;
  }

  /** 0, 1, 0, 1, ... */
  public static int[] labels(int cases) {
    int[] labels = new int[cases];
    for (int c = 0; c < cases; c++) {
      labels[c] = c % 2;
    }
    return labels;
  }

  /** The goldens that the script made. */
  public static JsonNode goldens() {
    try (InputStream in = Formula.class.getResourceAsStream("/model_goldens.json")) {
      return new JsonMapper().readTree(in);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A JSON array of numbers. */
  public static double[] array(JsonNode node) {
    double[] values = new double[node.size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = node.get(i).doubleValue();
    }
    return values;
  }

  /** The largest difference of two arrays of one length. */
  public static double distance(double[] expected, float[] actual) {
    if (expected.length != actual.length) {
      throw new AssertionError(expected.length + " values expected, found " + actual.length);
    }
    double most = 0;
    for (int i = 0; i < expected.length; i++) {
      double difference = Math.abs(expected[i] - actual[i]);
      if (!(difference <= most)) {
        most = difference;
      }
    }
    return most;
  }

  /** Euclidean length of the difference over that of what is expected. */
  public static double relative(float[] expected, float[] actual) {
    if (expected.length != actual.length) {
      throw new AssertionError(expected.length + " values expected, found " + actual.length);
    }
    double difference = 0;
    double norm = 0;
    for (int i = 0; i < expected.length; i++) {
      difference += ((double) actual[i] - expected[i]) * ((double) actual[i] - expected[i]);
      norm += (double) expected[i] * expected[i];
    }
    return difference == 0 ? 0 : Math.sqrt(difference / norm);
  }
}
