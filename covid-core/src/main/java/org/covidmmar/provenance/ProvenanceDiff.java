package org.covidmmar.provenance;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.covidmmar.config.ExperimentConfig;

/** In what two runs were made from or with something else. */
public final class ProvenanceDiff {
  private static final String NONE = "–";
  private static final int DIGITS = 12;

  /** Parts of a configuration that decide what a training does. */
  private static final List<String> DECISIVE =
      List.of("preprocessing", "network", "optimization", "training", "compute");

  /** Compared by what they stand for: the file's content, the threads and replicas there were. */
  private static final List<String> ELSEWHERE =
      List.of("network.pretrained", "compute.threads", "compute.replicas");

  private ProvenanceDiff() {}

  /** What a difference is about. */
  public enum Kind {
    /** What the user sets; decides the numbers. */
    CONFIGURATION,
    /** What the files hold; decides the numbers. */
    DATA,
    /** Versions of what computes: may decide digits. */
    SOFTWARE,
    /** What it computes on: may decide digits. */
    MACHINE,
    /** The state of the experiment's checkout; decides nothing by itself. */
    SOURCE;

    /** Whether with such a difference it is another experiment. */
    public boolean isDecisive() {
      return this == CONFIGURATION || this == DATA;
    }
  }

  /**
   * One item that is not the same.
   *
   * @param name of a setting, a case, a library
   * @param first what the first run has; a dash where it has no such item
   * @param second likewise
   */
  public record Difference(Kind kind, String name, String first, String second) {}

  /** All differences, in the order of their kinds and then by name. */
  public static List<Difference> between(Provenance first, Provenance second) {
    List<Difference> all = new ArrayList<>();
    compare(all, Kind.CONFIGURATION, configuration(first), configuration(second));
    compare(all, Kind.DATA, data(first), data(second));
    order(all, first, second);
    compare(all, Kind.SOFTWARE, first.software(), second.software());
    compare(all, Kind.MACHINE, machine(first), machine(second));
    compare(all, Kind.SOURCE, source(first), source(second));
    return all;
  }

  private static void compare(
      List<Difference> all,
      Kind kind,
      SortedMap<String, String> first,
      SortedMap<String, String> second) {
    SortedSet<String> names = new TreeSet<>(first.keySet());
    names.addAll(second.keySet());
    for (String name : names) {
      String a = first.getOrDefault(name, NONE);
      String b = second.getOrDefault(name, NONE);
      if (!a.equals(b)) {
        all.add(new Difference(kind, name, shown(a), shown(b)));
      }
    }
  }

  /** By the names that users know: {@code learningRate}. */
  private static SortedMap<String, String> configuration(Provenance p) {
    SortedMap<String, String> values = new TreeMap<>();
    ExperimentConfig config = p.config();
    config
        .flat()
        .forEach(
            (path, value) -> {
              int dot = path.indexOf('.');
              if (dot > 0
                  && DECISIVE.contains(path.substring(0, dot))
                  && !ELSEWHERE.contains(path)) {
                values.put(path.substring(dot + 1), value);
              }
            });
    values.put("threads", Integer.toString(p.hardware().threads()));
    values.put("replicas", Integer.toString(p.replicaCount()));
    return values;
  }

  private static SortedMap<String, String> data(Provenance p) {
    SortedMap<String, String> values = new TreeMap<>();
    for (Provenance.CaseFingerprint c : p.data()) {
      String name = c.list() + " " + c.id();
      values.put(name + " image", c.image());
      values.put(name + " mask", Objects.toString(c.mask(), NONE));
      values.put(name + " label", Objects.toString(c.label(), NONE));
    }
    if (p.files().containsKey(Provenance.PRETRAINED)) {
      values.put("pretrained weights", p.files().get(Provenance.PRETRAINED));
    }
    return values;
  }

  /** The order of the cases that both have: batches are drawn by it. */
  private static void order(List<Difference> all, Provenance first, Provenance second) {
    for (String list : lists(first)) {
      List<String> a = new ArrayList<>(ids(first, list));
      List<String> b = new ArrayList<>(ids(second, list));
      a.retainAll(Set.copyOf(b));
      b.retainAll(Set.copyOf(a));
      int at = 0;
      while (at < Math.min(a.size(), b.size()) && a.get(at).equals(b.get(at))) {
        at++;
      }
      if (at < Math.min(a.size(), b.size())) {
        all.add(new Difference(Kind.DATA, list + " order, case " + (at + 1), a.get(at), b.get(at)));
      }
    }
  }

  private static SortedSet<String> lists(Provenance p) {
    return p.data().stream()
        .map(Provenance.CaseFingerprint::list)
        .collect(Collectors.toCollection(TreeSet::new));
  }

  private static List<String> ids(Provenance p, String list) {
    return p.data().stream()
        .filter(c -> c.list().equals(list))
        .map(Provenance.CaseFingerprint::id)
        .toList();
  }

  private static SortedMap<String, String> machine(Provenance p) {
    SortedMap<String, String> values = new TreeMap<>();
    List<Provenance.Hardware> all = new ArrayList<>(List.of(p.hardware()));
    all.addAll(p.laterHardware() == null ? List.of() : p.laterHardware());
    for (int i = 0; i < all.size(); i++) {
      Provenance.Hardware h = all.get(i);
      String where = i == 0 ? "" : " (machine " + (i + 1) + " of the run)";
      values.put("processor" + where, h.cpu());
      putKnown(values, "processor's maker" + where, h.cpuMaker());
      putKnown(values, "processor's model" + where, h.cpuModel());
      values.put("device" + where, h.device());
      values.put("GPU" + where, h.gpus() == null ? NONE : String.join("; ", h.gpus()));
      h.environment().forEach((name, value) -> values.put(name + where, value));
    }
    return values;
  }

  private static void putKnown(SortedMap<String, String> values, String name, String value) {
    if (!value.isEmpty()) {
      values.put(name, value);
    }
  }

  private static SortedMap<String, String> source(Provenance p) {
    SortedMap<String, String> values = new TreeMap<>();
    if (p.source() != null) {
      values.put("commit", p.source().commit());
      values.put("changed since the commit", String.join(", ", p.source().dirty()));
    }
    return values;
  }

  /** Enough of a hash to tell it from another. */
  private static String shown(String value) {
    return value.matches("[0-9a-f]{40,64}") ? value.substring(0, DIGITS) : value;
  }
}
