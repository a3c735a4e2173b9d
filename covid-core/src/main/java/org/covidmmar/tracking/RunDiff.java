package org.covidmmar.tracking;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.covidmmar.evaluation.EvaluationFiles;
import org.covidmmar.evaluation.ScoredCase;
import org.covidmmar.model.weights.SafeTensors;
import org.covidmmar.model.weights.TensorType;

/** How near what came of two runs is: metrics, weights, predictions. */
public final class RunDiff {
  /**
   * The largest difference of metrics, weights and probabilities that counts as rounding. Runs that
   * differ in the order of additions (threads, instruction set, GPU) stay within it for a few
   * epochs; over many they part further, and are then called different.
   */
  public static final double TOLERANCE = 1e-3;

  /** A metric that is no result but follows from them: it is the same or it is not. */
  private static final String RATE = "learning_rate";

  /** Metrics that are no result but tell how busy the machine was. */
  private static final String SYSTEM = "system/";

  private static final String NONE = "–";
  private static final int DIGITS = 12;

  private RunDiff() {}

  /** How near an item is. */
  public enum Verdict {
    IDENTICAL,
    WITHIN_TOLERANCE,
    DIFFERENT;

    /** In words: {@code within tolerance}. */
    public String text() {
      return name().toLowerCase(Locale.ROOT).replace('_', ' ');
    }
  }

  /**
   * One item of two runs.
   *
   * @param first what the first run has, where they differ most; a dash where it has none
   * @param second likewise
   */
  public record Item(String name, Verdict verdict, String first, String second) {}

  /**
   * Compares two runs as far as both go.
   *
   * @param epochs that are compared, from the first on
   */
  public static List<Item> between(RunFolder first, RunFolder second, int epochs) {
    List<Item> items = new ArrayList<>(metrics(first, second, epochs));
    Verdict ofMetrics =
        items.stream().map(Item::verdict).max(Verdict::compareTo).orElse(Verdict.IDENTICAL);
    weightsByEpoch(first, second, epochs, ofMetrics, items);
    boolean whole = Files.exists(first.model()) || Files.exists(second.model());
    if (whole && epochs >= lastEpoch(first) && epochs >= lastEpoch(second)) {
      if (shouldHaveModel(first) && shouldHaveModel(second)) {
        items.add(model(first.model(), second.model()));
      }
      predictions(first, second, items);
    }
    return items;
  }

  /** A run that was killed after its last epoch, and before its model, is no different one. */
  private static boolean shouldHaveModel(RunFolder run) {
    return Files.exists(run.model()) || run.meta().status() == RunJournal.Status.FINISHED;
  }

  /** The last epoch of which a run says something; 0 where there is none. */
  private static int lastEpoch(RunFolder run) {
    return run.metrics().values().stream()
        .flatMap(m -> m.keySet().stream())
        .mapToInt(epoch -> epoch)
        .max()
        .orElse(0);
  }

  private static List<Item> metrics(RunFolder first, RunFolder second, int epochs) {
    SortedMap<String, SortedMap<Integer, Double>> a = first.metrics();
    SortedMap<String, SortedMap<Integer, Double>> b = second.metrics();
    SortedSet<String> names = new TreeSet<>(a.keySet());
    names.addAll(b.keySet());
    names.removeIf(name -> name.startsWith(SYSTEM));
    return names.stream()
        .flatMap(name -> metric(name, upTo(epochs, a.get(name)), upTo(epochs, b.get(name))))
        .toList();
  }

  private static SortedMap<Integer, Double> upTo(int epochs, SortedMap<Integer, Double> values) {
    if (values == null) {
      return new TreeMap<>();
    }
    return epochs == Integer.MAX_VALUE ? values : values.headMap(epochs + 1);
  }

  /** Nothing where neither run has a value so far. */
  private static Stream<Item> metric(
      String name, SortedMap<Integer, Double> a, SortedMap<Integer, Double> b) {
    if (a.equals(b)) {
      if (a.isEmpty()) {
        return Stream.empty();
      }
      String last = at(a.lastKey(), a.get(a.lastKey()));
      return Stream.of(new Item(name, Verdict.IDENTICAL, last, last));
    }
    SortedSet<Integer> epochs = new TreeSet<>(a.keySet());
    epochs.addAll(b.keySet());
    int furthest = epochs.first();
    double most = -1;
    for (int epoch : epochs) {
      double difference = difference(a.get(epoch), b.get(epoch));
      if (difference > most) {
        most = difference;
        furthest = epoch;
      }
    }
    Verdict verdict = verdict(most);
    if (name.equals(RATE) && verdict == Verdict.WITHIN_TOLERANCE) {
      verdict = Verdict.DIFFERENT;
    }
    return Stream.of(
        new Item(name, verdict, at(furthest, a.get(furthest)), at(furthest, b.get(furthest))));
  }

  /** Infinite where only one is there, or one is NaN. */
  private static double difference(Double a, Double b) {
    if (a == null || b == null) {
      return Double.POSITIVE_INFINITY;
    }
    double difference = a.equals(b) ? 0 : Math.abs(a - b);
    return Double.isNaN(difference) ? Double.POSITIVE_INFINITY : difference;
  }

  private static Verdict verdict(double difference) {
    return difference == 0
        ? Verdict.IDENTICAL
        : difference <= TOLERANCE ? Verdict.WITHIN_TOLERANCE : Verdict.DIFFERENT;
  }

  private static String at(int epoch, Double value) {
    return (value == null ? NONE : value.toString()) + " (epoch " + epoch + ")";
  }

  /** Bits say only whether they are equal; how far apart they are, the metrics tell. */
  private static void weightsByEpoch(
      RunFolder first, RunFolder second, int epochs, Verdict ofMetrics, List<Item> items) {
    SortedMap<Integer, String> a = first.weightsByEpoch();
    SortedMap<Integer, String> b = second.weightsByEpoch();
    List<Integer> both =
        a.keySet().stream().filter(epoch -> epoch <= epochs && b.containsKey(epoch)).toList();
    if (both.isEmpty()) {
      return;
    }
    String name = "weights after each of " + both.size() + " epochs";
    for (int epoch : both) {
      if (!a.get(epoch).equals(b.get(epoch))) {
        Verdict verdict = ofMetrics == Verdict.DIFFERENT ? ofMetrics : Verdict.WITHIN_TOLERANCE;
        items.add(new Item(name, verdict, bits(a.get(epoch), epoch), bits(b.get(epoch), epoch)));
        return;
      }
    }
    int last = both.get(both.size() - 1);
    items.add(new Item(name, Verdict.IDENTICAL, bits(a.get(last), last), bits(b.get(last), last)));
  }

  private static String bits(String sha256, int epoch) {
    return sha256.substring(0, DIGITS) + " (epoch " + epoch + ")";
  }

  private static Item model(Path first, Path second) {
    String name = "model.safetensors";
    if (!Files.exists(first) || !Files.exists(second)) {
      return new Item(name, Verdict.DIFFERENT, there(first), there(second));
    }
    try {
      if (Files.mismatch(first, second) < 0) {
        return new Item(name, Verdict.IDENTICAL, "same bytes", "same bytes");
      }
    } catch (IOException e) {
      throw RunJournal.unreadable(first, e);
    }
    try (SafeTensors a = SafeTensors.open(first);
        SafeTensors b = SafeTensors.open(second)) {
      double most = 0;
      String furthest = NONE;
      if (!a.entries().equals(b.entries())) {
        return new Item(name, Verdict.DIFFERENT, "its tensors", "other tensors");
      }
      for (Map.Entry<String, SafeTensors.Entry> tensor : a.entries().entrySet()) {
        if (tensor.getValue().type() == TensorType.F32) {
          double difference = difference(a.floats(tensor.getKey()), b.floats(tensor.getKey()));
          if (difference > most) {
            most = difference;
            furthest = tensor.getKey();
          }
        }
      }
      String far = most == 0 ? "same weights, other epoch or record" : furthest;
      return new Item(name, verdict(most), far, "differs by at most " + (float) most);
    }
  }

  private static double difference(float[] a, float[] b) {
    double most = 0;
    for (int i = 0; i < a.length; i++) {
      double difference = Math.abs((double) a[i] - b[i]);
      if (!(difference <= most)) {
        most = Double.isNaN(difference) ? Double.POSITIVE_INFINITY : difference;
      }
    }
    return most;
  }

  private static String there(Path file) {
    return Files.exists(file) ? "there" : NONE;
  }

  private static void predictions(RunFolder first, RunFolder second, List<Item> items) {
    Path a = first.evaluation().resolve("predictions.csv");
    Path b = second.evaluation().resolve("predictions.csv");
    if (!Files.exists(a) || !Files.exists(b)) {
      return;
    }
    List<ScoredCase> ofFirst = EvaluationFiles.readPredictions(a);
    Map<String, ScoredCase> ofSecond = new HashMap<>();
    EvaluationFiles.readPredictions(b).forEach(c -> ofSecond.put(c.id(), c));
    String name = "predictions of " + ofFirst.size() + " cases";
    if (!ofFirst.stream().allMatch(c -> ofSecond.containsKey(c.id()))
        || ofFirst.size() != ofSecond.size()) {
      items.add(
          new Item(name, Verdict.DIFFERENT, "its cases", ofSecond.size() + " cases, other ones"));
      return;
    }
    double most = -1;
    ScoredCase furthest = null;
    for (ScoredCase c : ofFirst) {
      double difference = difference((double) c.pCovid(), (double) ofSecond.get(c.id()).pCovid());
      if (difference > most) {
        most = difference;
        furthest = c;
      }
    }
    if (furthest != null) {
      items.add(
          new Item(
              name,
              verdict(most),
              furthest.id() + ": " + furthest.pCovid(),
              furthest.id() + ": " + ofSecond.get(furthest.id()).pCovid()));
    }
  }
}
