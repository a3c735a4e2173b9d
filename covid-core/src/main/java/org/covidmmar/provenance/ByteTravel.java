package org.covidmmar.provenance;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Whether what was computed in one place has the same bytes in another, as far as is known.
 *
 * <p>An instruction set that is pinned makes processors alike that have the same architecture. One
 * that is not leaves libtorch and its libraries to choose by the processor's maker, model and
 * instruction sets. Java computes what goes into the network, with intrinsics that differ from one
 * feature version to the next.
 */
public final class ByteTravel {
  /** The environment of a process whose instruction set is pinned: {@code covid.isa=avx2}. */
  public static final Map<String, String> PINNED =
      Map.of(
          "ONEDNN_MAX_CPU_ISA",
          "AVX2",
          "ATEN_CPU_CAPABILITY",
          "avx2",
          // MKL goes by the processor's maker too; this is its one path that all have.
          "MKL_CBWR",
          "COMPATIBLE");

  /** Compared as the configuration's number of threads. */
  private static final String THREADS = "OMP_NUM_THREADS";

  private static final String UNKNOWN = "unknown";

  private ByteTravel() {}

  /**
   * Why the bytes may differ.
   *
   * @param what differs, such as processor
   * @param recorded what it was
   * @param here what it is
   * @param remedy what to do for the same bytes
   */
  public record Reason(String what, String recorded, String here, String remedy) {
    /** In words: {@code Java (recorded 17, here 21)}. */
    public String text() {
      return what + " (recorded " + recorded + ", here " + here + ")";
    }

    /** All in words. */
    public static String texts(List<Reason> reasons) {
      return reasons.stream().map(Reason::text).collect(Collectors.joining("; "));
    }

    /** What to do about all. */
    public static String remedies(List<Reason> reasons) {
      return reasons.stream().map(Reason::remedy).collect(Collectors.joining(", and "));
    }
  }

  /** Whether both machines give the same bytes with the same software. */
  static boolean alike(Provenance.Hardware a, Provenance.Hardware b) {
    return a.threads() == b.threads()
        && a.device().equals(b.device())
        && Objects.equals(a.gpus(), b.gpus())
        && environment(a, b).isEmpty()
        && (isPinned(a) || sameProcessor(a, b));
  }

  /**
   * Why the bytes of what {@code then} tells may not come again where {@code now} was recorded,
   * with the same configuration, data and threads; empty where they should. Of a run that was
   * computed on several machines each counts.
   */
  static List<Reason> reasons(Provenance then, Provenance now) {
    List<Reason> all = new ArrayList<>();
    Provenance.Hardware here = now.hardware();
    List<Provenance.Hardware> machines = machines(then);
    String isaThen = then.software().getOrDefault(Provenance.ISA, "");
    String isaHere = now.software().getOrDefault(Provenance.ISA, "");
    machines.stream()
        .filter(h -> !isPinned(h))
        .filter(h -> !sameProcessor(h, here) || differ(isaThen, isaHere))
        .findFirst()
        .ifPresent(
            h ->
                all.add(
                    new Reason(
                        "processor",
                        shown(h, isaThen),
                        shown(here, isaHere),
                        "train with covid.isa=avx2, whose bytes travel")));
    String archThen = architecture(then);
    String archHere = architecture(now);
    if (differ(archThen, archHere)) {
      all.add(
          new Reason(
              "architecture", archThen, archHere, "compute on a machine of the same architecture"));
    }
    machines.stream()
        .filter(h -> !device(h).equals(device(here)))
        .findFirst()
        .ifPresent(
            h ->
                all.add(
                    new Reason(
                        "device", device(h), device(here), "train on a CPU: covid.device=cpu")));
    machines.stream()
        .filter(h -> !environment(h, here).isEmpty())
        .findFirst()
        .ifPresent(
            h ->
                all.add(
                    new Reason(
                        "environment",
                        values(h, environment(h, here)),
                        values(here, environment(h, here)),
                        "leave covid.fork at true")));
    List<String> javaThen = features(then);
    List<String> javaHere = features(now);
    if (!javaThen.isEmpty() && !javaHere.isEmpty() && !javaThen.equals(javaHere)) {
      all.add(
          new Reason(
              "Java",
              String.join(", then ", javaThen),
              javaHere.get(0),
              javaThen.size() == 1 ? "use Java " + javaThen.get(0) : "train with one Java"));
    }
    return all;
  }

  private static List<Provenance.Hardware> machines(Provenance p) {
    Stream<Provenance.Hardware> later =
        p.laterHardware() == null ? Stream.empty() : p.laterHardware().stream();
    return Stream.concat(Stream.of(p.hardware()), later).toList();
  }

  private static boolean isPinned(Provenance.Hardware h) {
    return h.environment().entrySet().containsAll(PINNED.entrySet());
  }

  /** By all that both records tell. */
  private static boolean sameProcessor(Provenance.Hardware a, Provenance.Hardware b) {
    return a.cpu().equals(b.cpu())
        && !differ(a.cpuMaker(), b.cpuMaker())
        && !differ(a.cpuModel(), b.cpuModel());
  }

  private static boolean differ(String a, String b) {
    return !a.isEmpty() && !b.isEmpty() && !a.equals(b);
  }

  private static String shown(Provenance.Hardware h, String isa) {
    String numbers =
        Stream.of(h.cpuMaker(), h.cpuModel(), isa)
            .filter(part -> !part.isEmpty())
            .collect(Collectors.joining(", "));
    String name = h.cpu().isEmpty() ? UNKNOWN : h.cpu();
    return numbers.isEmpty() ? name : name + ": " + numbers;
  }

  private static String device(Provenance.Hardware h) {
    return h.gpus() == null || h.gpus().isEmpty()
        ? h.device()
        : h.device() + " " + String.join("; ", h.gpus());
  }

  /** Variables that decide bytes and have another value. */
  private static SortedSet<String> environment(Provenance.Hardware a, Provenance.Hardware b) {
    return Stream.of(a, b)
        .flatMap(h -> h.environment().keySet().stream())
        .filter(name -> Provenance.isOfLibraries(name) && !name.equals(THREADS))
        .filter(name -> !Objects.equals(a.environment().get(name), b.environment().get(name)))
        .collect(Collectors.toCollection(TreeSet::new));
  }

  private static String values(Provenance.Hardware h, SortedSet<String> names) {
    return names.stream()
        .map(name -> name + "=" + h.environment().getOrDefault(name, ""))
        .collect(Collectors.joining(" "));
  }

  /** The last word of the system's name, version and architecture. */
  private static String architecture(Provenance p) {
    String os = p.software().getOrDefault("os", "");
    String arch = os.substring(os.lastIndexOf(' ') + 1);
    return arch.equals("x86_64") ? "amd64" : arch;
  }

  /** Feature versions of Java, in order: 17 of {@code 17.0.8+7, then 17.0.9+9}. */
  private static List<String> features(Provenance p) {
    return Stream.of(p.software().getOrDefault("java", "").split(Provenance.THEN))
        .map(version -> version.replaceFirst("\\D.*", ""))
        .filter(version -> !version.isEmpty())
        .distinct()
        .toList();
  }
}
