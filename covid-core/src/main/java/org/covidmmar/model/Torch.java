package org.covidmmar.model;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.jni.JniUtils;
import java.util.Set;
import java.util.function.Supplier;
import org.covidmmar.CovidException;
import org.covidmmar.Processor;

/**
 * The engine: libtorch through DJL. Started once a process, before anything else uses it, because
 * libtorch takes its number of threads when it is loaded.
 */
public final class Torch {
  private static final String THREADS = "ai.djl.pytorch.num_threads";
  private static final String INTEROP_THREADS = "ai.djl.pytorch.num_interop_threads";

  /** Environment variable: the instruction set that ATen is kept on. */
  private static final String PINNED = "ATEN_CPU_CAPABILITY";

  private static int started;

  private Torch() {}

  /**
   * What computes; part of a run's provenance.
   *
   * @param libtorch version of the native library
   * @param djl version of the binding
   * @param isa instruction set it computes with on a CPU: the pinned one, else the best that the
   *     processor offers (avx512, avx2), else the architecture's name
   * @param threads that a CPU computes with
   */
  public record Versions(String libtorch, String djl, String isa, int threads) {}

  /**
   * Loads libtorch with a number of threads; nothing is downloaded and nothing reported to anyone.
   * A later call with the same number does nothing.
   *
   * @throws CovidException where it already runs with another number: results depend on it
   */
  public static synchronized void start(int threads) {
    if (threads < 1) {
      throw new IllegalArgumentException("at least one thread: " + threads);
    }
    if (started == threads) {
      return;
    }
    if (started != 0) {
      throw new CovidException(
          "covid.threads",
          "libtorch already runs with " + started + " threads in this JVM, not with " + threads,
          "let the goal have a JVM of its own (covid.fork), or give the same covid.threads");
    }
    System.setProperty(THREADS, Integer.toString(threads));
    System.setProperty(INTEROP_THREADS, "1");
    setUnlessGiven("ai.djl.offline", "true");
    setUnlessGiven("OPT_OUT_TRACKING", "true");
    setUnlessGiven("ai.djl.default_engine", "PyTorch");
    // DJL's advice about a graph optimizer concerns TorchScript, which is not used here.
    setUnlessGiven("ai.djl.pytorch.graph_optimizer", "false");
    Engine.getEngine("PyTorch");
    if (JniUtils.getNumThreads() != threads) {
      throw new IllegalStateException(
          "libtorch was loaded before with " + JniUtils.getNumThreads() + " threads");
    }
    started = threads;
  }

  private static void setUnlessGiven(String property, String value) {
    if (System.getProperty(property) == null) {
      System.setProperty(property, value);
    }
  }

  /** What computes; starts the engine with its default number of threads if nobody has. */
  public static Versions versions() {
    Engine engine = Engine.getEngine("PyTorch");
    return new Versions(
        engine.getVersion(), Engine.getDjlVersion(), isa(), JniUtils.getNumThreads());
  }

  /**
   * Whether this process was started with the instruction set pinned, so that processors of
   * different kinds give the same bytes.
   */
  public static boolean isPinned() {
    return System.getenv(PINNED) != null;
  }

  private static String isa() {
    String pinned = System.getenv(PINNED);
    if (pinned != null) {
      return pinned;
    }
    Set<String> flags = Processor.here().flags();
    if (flags.containsAll(Set.of("avx512vl", "avx512bw"))) {
      return "avx512";
    }
    if (flags.contains("avx2")) {
      return "avx2";
    }
    return System.getProperty("os.arch");
  }

  /**
   * Runs an action with the recording of gradients on or off. The mode belongs to the thread, and
   * on a new thread it is on.
   */
  public static <T> T recording(boolean on, Supplier<T> action) {
    boolean before = JniUtils.isGradMode();
    JniUtils.setGradMode(on);
    try {
      return action.get();
    } finally {
      JniUtils.setGradMode(before);
    }
  }

  /** Whether no value is NaN or infinite: adding up carries either to the sum. */
  public static boolean isFinite(NDArray flat) {
    return recording(
        false,
        () -> {
          try (NDArray sum = flat.sum()) {
            return Float.isFinite(floats(sum)[0]);
          }
        });
  }

  /**
   * Square roots of float32, rounded as IEEE 754 has it, on every processor. Those that libtorch
   * takes of float32 are MKL's, which differ between processors in the last digit; of float64 they
   * are near enough, for no root of a float32 lies within four units of float64's last place of the
   * middle between two float32.
   */
  public static PtNDArray squareRoots(PtNDArray values) {
    try (PtNDArray wide = values.toType(DataType.FLOAT64, true);
        PtNDArray root = JniUtils.sqrt(wide)) {
      return root.toType(DataType.FLOAT32, true);
    }
  }

  /**
   * A copy of an array's values, the last axis fastest. (DJL's {@code toFloatArray} leaves an array
   * that is on a GPU a second time in the machine's memory, for as long as its manager lives.)
   */
  public static float[] floats(NDArray array) {
    return recording(
        false,
        () -> {
          try (NDManager brief = array.getManager().newSubManager(array.getDevice())) {
            PtNDArray view = JniUtils.reshape((PtNDArray) array, new long[] {-1});
            view.attach(brief);
            return view.toFloatArray();
          }
        });
  }

  /** Writes a flat array's values into another's own memory; each may be on another device. */
  public static void copy(NDArray from, NDArray to) {
    recording(
        false,
        () -> {
          JniUtils.indexSet(
              (PtNDArray) to,
              (PtNDArray) from,
              new long[] {0},
              new long[] {to.size()},
              new long[] {1});
          return null;
        });
  }

  /** Adds a flat array's values to another's; each may be on another device. */
  public static void add(NDArray values, NDArray to) {
    recording(
        false,
        () -> {
          try (NDArray there = to.getManager().create(to.getShape())) {
            copy(values, there);
            return to.addi(there);
          }
        });
  }

  /**
   * Writes values into a flat array's own memory, where views of it see them. (DJL's {@code set}
   * gives the array other memory instead.)
   *
   * @param flat float32, of one axis
   * @param offset of the first value to be written
   */
  public static void write(NDArray flat, int offset, float[] values) {
    recording(
        false,
        () -> {
          try (NDArray source = flat.getManager().create(values)) {
            JniUtils.indexSet(
                (PtNDArray) flat,
                (PtNDArray) source,
                new long[] {offset},
                new long[] {offset + values.length},
                new long[] {1});
          }
          return null;
        });
  }
}
