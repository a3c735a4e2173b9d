package org.covidmmar.segmentation;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.covidmmar.CovidException;
import org.covidmmar.transform.PerAxis;
import org.covidmmar.transform.Sample;
import org.covidmmar.transform.Spacing;
import org.covidmmar.volume.Orientation;
import org.covidmmar.volume.Shape;
import org.covidmmar.volume.Volume;

/**
 * A user's own segmentation network, an ONNX file, with the preprocessing of the model card's lung
 * segmentation: axes towards right, front and head, voxels of 0.8 x 0.8 x 5 mm (linear), -1500..500
 * HU to 0..1, clipped; then the network, the channel of the greatest value, and the nearest of
 * these voxels for each of the CT's own.
 *
 * <p>The network has one input of float32 and shape (1, 1, x, y, z), and one output (1, channels,
 * x, y, z): two channels or more, of which the first is background and every other lung, or one
 * channel, which is lung above 0 (logits) or, where all of a CT's values lie from 0 to 1, above one
 * half (probabilities). Where the input's x, y, z are fixed, windows of that shape are laid over
 * the volume with half of it shared, and what they say is averaged; else the volume goes in whole,
 * with air added up to a multiple of 32 voxels along each axis.
 */
public final class NetworkSegmenter implements Segmenter {
  static final PerAxis VOXEL = new PerAxis(0.8, 0.8, 5);

  private static final double LOWEST = -1500;
  private static final double HIGHEST = 500;
  private static final int MULTIPLE = 32;
  private static final double MOST_WINDOW = 512.0 * 512 * 512;
  private static final float AIR = 0.25f;

  private final Path file;
  private final OnnxNetwork network;
  private final String method;

  private NetworkSegmenter(Path file, OnnxNetwork network, String method) {
    this.file = file;
    this.network = network;
    this.method = method;
  }

  /**
   * Opens a network.
   *
   * @param method what to call it in sidecars: a text that changes with the file's content
   * @throws CovidException where the file holds no such network, or onnxruntime is not on the class
   *     path
   */
  public static NetworkSegmenter open(Path file, String method) {
    try {
      return new NetworkSegmenter(file, OnnxNetwork.open(file), method);
    } catch (UnsatisfiedLinkError | ExceptionInInitializerError e) {
      throw new CovidException(
          "covid.segment.model",
          "the native library of onnxruntime cannot be loaded here: " + e,
          "see which platforms onnxruntime supports, or leave the property out",
          e);
    } catch (NoClassDefFoundError e) {
      throw new CovidException(
          "covid.segment.model",
          "a network of ONNX needs onnxruntime, which is not on the class path",
          """
          add it to the plugin's dependencies in the pom:
               <plugin>
                 <groupId>org.covidmmar</groupId>
                 <artifactId>covid-mmar-maven-plugin</artifactId>
                 <dependencies>
                   <dependency>
                     <groupId>com.microsoft.onnxruntime</groupId>
                     <artifactId>onnxruntime</artifactId>
                     <version>%s</version>
                   </dependency>
                 </dependencies>
               </plugin>\
          """
              .formatted(OnnxNetwork.VERSION),
          e);
    }
  }

  @Override
  public String method() {
    return method;
  }

  @Override
  public long memory(long voxels) {
    // The CT as float32, resampled, and what the network makes of it.
    return 16 * voxels;
  }

  @Override
  public void close() {
    network.close();
  }

  @Override
  public LungMask segment(String subject, Volume ct) {
    requireFinite(subject, ct);
    Volume input = prepared(subject, ct);
    byte[] lung = lung(input);
    return Sides.mask(subject, ct, lung, input);
  }

  private static void requireFinite(String subject, Volume ct) {
    if (!ct.isInt16()) {
      float[] voxels = ct.floats();
      for (int n = 0; n < voxels.length; n++) {
        if (!Float.isFinite(voxels[n])) {
          throw Refusals.notFinite(subject, n, voxels[n]);
        }
      }
    }
  }

  static Volume prepared(String subject, Volume ct) {
    Volume turned;
    try {
      turned = Orientation.toRas(ct);
    } catch (ArithmeticException e) {
      throw Refusals.noInverse(subject, ct.affine(), e);
    }
    Volume even = new Spacing(VOXEL).apply(new Sample(subject, turned, null)).image();
    float[] scaled = even.floats();
    for (int n = 0; n < scaled.length; n++) {
      double v = (scaled[n] - LOWEST) / (HIGHEST - LOWEST);
      scaled[n] = (float) Math.max(0, Math.min(1, v));
    }
    return Volume.of(even.shape(), even.affine(), scaled);
  }

  /** 1 where the network says lung. */
  private byte[] lung(Volume input) {
    Shape s = input.shape();
    int[] window = new int[3];
    int[] step = new int[3];
    for (int axis = 0; axis < 3; axis++) {
      int size = s.along(axis);
      int fixed = network.size(axis);
      window[axis] = fixed > 0 ? fixed : (size + MULTIPLE - 1) / MULTIPLE * MULTIPLE;
      step[axis] = Math.max(1, window[axis] / 2);
    }
    double most = (double) window[0] * window[1] * window[2];
    if (most > MOST_WINDOW) {
      throw new CovidException(
          file,
          "its windows of %d, %d, %d voxels are too large"
              .formatted(window[0], window[1], window[2]),
          "export a network whose input has at most 512, 512, 512 voxels");
    }
    int voxels = Math.toIntExact(s.voxels());
    float[][] sums = null;
    short[] counts = new short[voxels];
    float[] tile = new float[Math.toIntExact((long) window[0] * window[1] * window[2])];
    for (int z : starts(s.z(), window[2], step[2])) {
      for (int y : starts(s.y(), window[1], step[1])) {
        for (int x : starts(s.x(), window[0], step[0])) {
          cut(input, x, y, z, window, tile);
          float[][] channels = network.run(file, tile, window);
          if (sums == null) {
            sums = new float[channels.length][voxels];
          }
          add(channels, s, x, y, z, window, sums, counts);
        }
      }
    }
    return chosen(file, sums);
  }

  /** Where windows begin; the last one ends with the volume, or beyond it where that is smaller. */
  static List<Integer> starts(int size, int window, int step) {
    List<Integer> starts = new ArrayList<>();
    int last = Math.max(0, size - window);
    for (int at = 0; at < last; at += step) {
      starts.add(at);
    }
    starts.add(last);
    return starts;
  }

  /** Copies a window, in the order of the network: the last axis runs fastest; air outside. */
  private static void cut(Volume input, int x, int y, int z, int[] window, float[] tile) {
    Shape s = input.shape();
    float[] voxels = input.floats();
    int at = 0;
    for (int i = x; i < x + window[0]; i++) {
      for (int j = y; j < y + window[1]; j++) {
        for (int k = z; k < z + window[2]; k++) {
          boolean inside = i < s.x() && j < s.y() && k < s.z();
          tile[at++] = inside ? voxels[i + s.x() * (j + s.y() * k)] : AIR;
        }
      }
    }
  }

  private static void add(
      float[][] channels,
      Shape s,
      int x,
      int y,
      int z,
      int[] window,
      float[][] sums,
      short[] counts) {
    int at = 0;
    for (int i = x; i < x + window[0]; i++) {
      for (int j = y; j < y + window[1]; j++) {
        for (int k = z; k < z + window[2]; k++, at++) {
          if (i < s.x() && j < s.y() && k < s.z()) {
            int to = i + s.x() * (j + s.y() * k);
            counts[to]++;
            for (int c = 0; c < channels.length; c++) {
              // A running mean: counts differ near the edges.
              sums[c][to] += (channels[c][at] - sums[c][to]) / counts[to];
            }
          }
        }
      }
    }
  }

  static byte[] chosen(Path file, float[][] means) {
    float min = Float.POSITIVE_INFINITY;
    float max = Float.NEGATIVE_INFINITY;
    for (float[] channel : means) {
      for (float mean : channel) {
        if (!Float.isFinite(mean)) {
          throw new CovidException(
              file,
              "says " + mean + " of a voxel, a finite number expected",
              "export the network in float32, and try it on this CT where it was trained");
        }
        min = Math.min(min, mean);
        max = Math.max(max, mean);
      }
    }
    double above = min >= 0 && max <= 1 ? 0.5 : 0;
    byte[] lung = new byte[means[0].length];
    for (int n = 0; n < lung.length; n++) {
      if (means.length == 1) {
        lung[n] = (byte) (means[0][n] > above ? 1 : 0);
        continue;
      }
      int best = 0;
      for (int c = 1; c < means.length; c++) {
        best = means[c][n] > means[best][n] ? c : best;
      }
      lung[n] = (byte) (best > 0 ? 1 : 0);
    }
    return lung;
  }
}
