package org.covidmmar.training;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.jni.JniUtils;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.covidmmar.model.Torch;

/**
 * Applies an {@link UpdateRule} to one flat float32 array, step by step as torch.optim does. Its
 * state is a step count and at most two arrays of the parameters' size. Owns native memory until
 * closed.
 */
public final class Optimizer implements AutoCloseable {
  /** Values treated at once: all arrays of one piece together stay in a core's cache. */
  private static final int PIECE = 1 << 16;

  private final UpdateRule rule;
  private final boolean portable;
  private final NDManager manager;
  private final Map<String, PtNDArray> state = new LinkedHashMap<>();
  private final List<Piece> pieces = new ArrayList<>();
  private final int size;
  private long steps;

  /** Views of one stretch of the parameters and of each state array. */
  private record Piece(PtNDArray parameters, PtNDArray first, PtNDArray second) {}

  /**
   * @param parameters float32, of one axis; changed in place by each step
   */
  public Optimizer(NDArray parameters, UpdateRule rule) {
    this(parameters, rule, Torch.isPinned());
  }

  /**
   * @param portable whether every processor is to give the same bytes
   */
  Optimizer(NDArray parameters, UpdateRule rule, boolean portable) {
    this.rule = rule;
    this.portable = portable;
    this.size = Math.toIntExact(parameters.size());
    this.manager = parameters.getManager().newSubManager();
    for (String name : stateNames(rule)) {
      state.put(name, (PtNDArray) manager.zeros(new Shape(size)));
    }
    List<PtNDArray> arrays = new ArrayList<>(state.values());
    Torch.recording(
        false,
        () -> {
          for (int from = 0; from < size; from += PIECE) {
            pieces.add(
                new Piece(
                    piece((PtNDArray) parameters, from),
                    arrays.isEmpty() ? null : piece(arrays.get(0), from),
                    arrays.size() < 2 ? null : piece(arrays.get(1), from)));
          }
          return null;
        });
  }

  private static List<String> stateNames(UpdateRule rule) {
    if (rule instanceof UpdateRule.Sgd sgd) {
      return sgd.momentum() == 0 ? List.of() : List.of("momentum_buffer");
    }
    return List.of("exp_avg", "exp_avg_sq");
  }

  private PtNDArray piece(PtNDArray flat, int from) {
    PtNDArray view = JniUtils.slice(flat, 0, from, Math.min(size, from + PIECE), 1);
    view.attach(manager);
    return view;
  }

  /**
   * One update.
   *
   * @param gradient of the parameters; its values are used up
   * @param learningRate of this step
   */
  public void step(NDArray gradient, double learningRate) {
    steps++;
    Torch.recording(
        false,
        () -> {
          for (int i = 0; i < pieces.size(); i++) {
            try (PtNDArray g = piece((PtNDArray) gradient, i * PIECE)) {
              update(pieces.get(i), g, learningRate);
            }
          }
          return null;
        });
  }

  private void update(Piece p, PtNDArray gradient, double learningRate) {
    if (rule instanceof UpdateRule.Adam a) {
      addDecay(p.parameters, gradient, a.weightDecay());
      adam(p, gradient, learningRate, a.beta1(), a.beta2(), a.epsilon());
    } else if (rule instanceof UpdateRule.AdamW a) {
      if (a.weightDecay() != 0) {
        p.parameters.muli(1 - learningRate * a.weightDecay());
      }
      adam(p, gradient, learningRate, a.beta1(), a.beta2(), a.epsilon());
    } else if (rule instanceof UpdateRule.Sgd s) {
      addDecay(p.parameters, gradient, s.weightDecay());
      if (s.momentum() == 0) {
        addProduct(p.parameters, gradient, -learningRate, null);
        return;
      }
      p.first.muli(s.momentum());
      p.first.addi(gradient);
      addProduct(p.parameters, p.first, -learningRate, null);
    }
  }

  private static void addDecay(PtNDArray parameters, PtNDArray gradient, double weightDecay) {
    if (weightDecay != 0) {
      addProduct(gradient, parameters, weightDecay, null);
    }
  }

  private void adam(
      Piece p, PtNDArray gradient, double learningRate, double beta1, double beta2, double eps) {
    try (PtNDArray difference = gradient.sub(p.first)) {
      addProduct(p.first, difference, 1 - beta1, null);
    }
    p.second.muli(beta2);
    try (PtNDArray scaled = gradient.mul(1 - beta2)) {
      addProduct(p.second, scaled, 1, gradient);
    }
    double correction1 = 1 - StrictMath.pow(beta1, (double) steps);
    double correction2 = Math.sqrt(1 - StrictMath.pow(beta2, (double) steps));
    try (NDArray denominator = root(p.second)) {
      denominator.divi(correction2);
      denominator.addi(eps);
      try (NDArray change = p.first.mul(-learningRate / correction1)) {
        change.divi(denominator);
        p.parameters.addi(change);
      }
    }
  }

  /**
   * Square roots: libtorch's, as torch.optim takes them; or, where processors of different kinds
   * are to give the same bytes, the slower ones that all round alike.
   */
  private NDArray root(PtNDArray values) {
    return portable ? Torch.squareRoots(values) : JniUtils.sqrt(values);
  }

  /**
   * target += values * factor * other, rounded once as by the fused operations that torch.optim is
   * compiled to: a product of two float32 is exact in float64.
   *
   * @param factor taken as float32
   * @param other null for none
   */
  private static void addProduct(
      PtNDArray target, PtNDArray values, double factor, PtNDArray other) {
    try (NDArray product = values.toType(DataType.FLOAT64, true)) {
      if (factor != 1) {
        product.muli((double) (float) factor);
      }
      if (other != null) {
        product.muli(other);
      }
      target.addi(product);
    }
  }

  /** Number of steps so far. */
  public long steps() {
    return steps;
  }

  /** Whether no value of the state is NaN or infinite. */
  boolean isFinite() {
    return state.values().stream().allMatch(Torch::isFinite);
  }

  /** Copies of the state arrays by torch.optim's names, in the order of the parameters' storage. */
  public Map<String, float[]> state() {
    Map<String, float[]> copies = new LinkedHashMap<>();
    state.forEach((name, array) -> copies.put(name, Torch.floats(array)));
    return copies;
  }

  /**
   * Takes up where another optimizer of the same rule and size stood.
   *
   * @param steps its number of steps
   * @param arrays its {@link #state}
   * @throws IllegalArgumentException where an array is missing, of another size or unknown
   */
  public void restore(long steps, Map<String, float[]> arrays) {
    if (!arrays.keySet().equals(state.keySet())) {
      throw new IllegalArgumentException(
          "state of " + rule + ": expected " + state.keySet() + ", found " + arrays.keySet());
    }
    arrays.forEach(
        (name, values) -> {
          if (values.length != size) {
            throw new IllegalArgumentException(
                name + ": expected " + size + " values, found " + values.length);
          }
          Torch.write(state.get(name), 0, values);
        });
    this.steps = steps;
  }

  @Override
  public void close() {
    manager.close();
  }
}
