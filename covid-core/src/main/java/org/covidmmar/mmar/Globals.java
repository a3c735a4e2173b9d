package org.covidmmar.mmar;

import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.covidmmar.config.Setting;

/** The keys at the top of every configuration of an MMAR. */
final class Globals {
  private Globals() {}

  static void read(Document document, Fields root) {
    Optional<Boolean> several = root.flag("multi_gpu");
    if (several.isPresent() && !several.get()) {
      document.set(Setting.REPLICAS, "1", "multi_gpu");
    } else if (several.isPresent()) {
      document.setNone(Setting.REPLICAS, "multi_gpu");
      document.note(
          "multi_gpu: a batch is divided among the devices; in Clara each process has one of its"
              + " own, so set covid.batchSize to theirs together where the numbers shall be the same");
    }
    root.only("dynamic_input_shape", false, "the network has one input shape");
    root.only(
        "infer_in_training_mode", false, "batch norm takes its running statistics at inference");
    if (root.flag("use_amp").orElse(false)) {
      document.note("use_amp: computed in float32 all the same");
    }
    root.object("determinism").ifPresent(seeds -> determinism(document, seeds));
  }

  private static void determinism(Document document, Fields seeds) {
    Map<String, String> found = new TreeMap<>();
    for (String key : new String[] {"python_seed", "random_seed", "numpy_seed", "tf_seed"}) {
      seeds.text(key).ifPresent(text -> found.put(key, text.strip()));
    }
    Set<String> different = new TreeSet<>(found.values());
    if (different.size() > 1) {
      document.problem(
          "determinism",
          "expected the same seed for all, found " + found,
          "give all of them one number: every draw here comes from one");
    } else if (!different.isEmpty()) {
      document.set(Setting.SEED, different.iterator().next(), "determinism");
    }
  }
}
