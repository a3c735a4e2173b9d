package org.covidmmar.model.weights;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.covidmmar.CovidException;
import org.covidmmar.model.Architecture;

/** Whether the tensors of a file are those of a network. */
final class Fit {
  /** How many tensors a message names. */
  private static final int SHOWN = 20;

  private final TensorFile file;
  private final Architecture architecture;
  private final List<String> wrong = new ArrayList<>();

  /** Names of tensors that do not fit. */
  private final Set<String> names = new LinkedHashSet<>();

  Fit(TensorFile file, Architecture architecture, Weights.Head head) {
    this.file = file;
    this.architecture = architecture;
    Map<String, List<Long>> expected = new LinkedHashMap<>();
    architecture.state().forEach(p -> expected.put(p.name(), p.shape()));
    architecture.norms().forEach(n -> expected.put(n.name() + Weights.TRACKED, List.of()));
    boolean isNew = head == Weights.Head.NEW;
    expected.forEach(
        (name, shape) -> {
          if (!(isNew && name.startsWith(Weights.HEAD))) {
            compare(name, isNew && name.equals(Weights.FIRST) ? withChannels(shape) : shape);
          }
        });
    for (String name : file.entries().keySet()) {
      boolean own = name.startsWith(Weights.OPTIMIZER);
      if (!expected.containsKey(name) && !own && !(isNew && name.startsWith(Weights.HEAD))) {
        add(name, "unknown " + TorchPickle.shown(name));
      }
    }
  }

  /** The shape with as many input channels as the file's tensor has. */
  private List<Long> withChannels(List<Long> shape) {
    TensorFile.Info found = file.entries().get(Weights.FIRST);
    if (found == null || found.shape().size() != shape.size()) {
      return shape;
    }
    List<Long> other = new ArrayList<>(shape);
    other.set(1, found.shape().get(1));
    return other;
  }

  private void compare(String name, List<Long> shape) {
    TensorFile.Info found = file.entries().get(name);
    if (found == null) {
      add(name, "missing " + name);
    } else if (!found.shape().equals(shape)) {
      add(name, name + ": expected shape " + shape + ", found " + found.shape());
    } else if (name.endsWith(Weights.TRACKED)
        ? found.type() != TensorType.I64
        : !found.type().isFloating()) {
      add(name, name + ": is of type " + found.type());
    }
  }

  private void add(String name, String problem) {
    names.add(name);
    wrong.add(problem);
  }

  /** Throws what is wrong, all at once. */
  void require() {
    if (wrong.isEmpty()) {
      return;
    }
    String written = Weights.architecture(file).orElse(architecture.toString());
    if (!written.equals(architecture.toString())) {
      throw new CovidException(
          file.file(),
          "expected weights of " + architecture + ", found weights of " + written,
          "set covid.architecture to " + written + ", or give other weights");
    }
    throw new CovidException(
        file.file(),
        wrong.size()
            + (wrong.size() == 1 ? " tensor does not fit " : " tensors do not fit ")
            + architecture
            + ": "
            + String.join("; ", wrong.subList(0, Math.min(SHOWN, wrong.size())))
            + (wrong.size() > SHOWN ? "; and so on" : ""),
        remedy());
  }

  private String remedy() {
    boolean newHeadFits =
        names.stream().allMatch(n -> n.startsWith(Weights.HEAD) || n.equals(Weights.FIRST))
            && new Fit(file, architecture, Weights.Head.NEW).wrong.isEmpty();
    return newHeadFits
        ? "train from them with covid.pretrained.head=new, which draws these tensors anew"
        : "give weights of MONAI's " + architecture + " with 1 channel and 2 classes";
  }
}
