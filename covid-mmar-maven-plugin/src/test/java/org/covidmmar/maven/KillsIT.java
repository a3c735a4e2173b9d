package org.covidmmar.maven;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.SortedMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.apache.commons.rng.UniformRandomProvider;
import org.covidmmar.Seeds;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/**
 * Kills a real {@code mvn covid:train}, starts it again with the same command, and finds what an
 * undisturbed one leaves: the bytes of the weights, the journal, the predictions of {@code
 * covid:validate}. Writes a table of the kills to {@code target/kills.md}.
 */
@EnabledOnOs(OS.LINUX)
class KillsIT {
  private static final Path TABLE = Path.of("target/kills.md");

  /** A write may be met at its begin, or some time later. */
  private static final long MOST_NANOS_LATER = TimeUnit.MILLISECONDS.toNanos(60);

  /** Epochs that certainly come, however early the training ends. */
  private static final int EPOCHS = 3;

  @TempDir Path folder;

  /** Who gets which signal. */
  private enum How {
    ALL("SIGKILL to Maven and its child"),
    CHILD("SIGKILL to the child"),
    MAVEN("SIGKILL to Maven"),
    INTERRUPT("SIGINT to both, as Ctrl-C sends"),
    TERMINATE("SIGTERM to Maven");

    private final String text;

    How(String text) {
      this.text = text;
    }
  }

  /** When. */
  private enum When {
    ANY,
    PREPARING,
    VALIDATION,
    JOURNAL,
    BEST,
    CHECKPOINT
  }

  private record Kill(How how, When when) {}

  @Test
  void threeKills() throws Exception {
    kill(
        List.of(
            new Kill(How.CHILD, When.CHECKPOINT),
            new Kill(How.ALL, When.VALIDATION),
            new Kill(How.MAVEN, When.JOURNAL)),
        new Seeds(1));
  }

  @Test
  @Tag("long")
  void twentyKills() throws Exception {
    List<Kill> kills = new ArrayList<>();
    for (How how : How.values()) {
      kills.add(new Kill(how, When.ANY));
      kills.add(new Kill(how, When.ANY));
      kills.add(new Kill(how, When.CHECKPOINT));
    }
    kills.add(new Kill(How.CHILD, When.JOURNAL));
    kills.add(new Kill(How.CHILD, When.JOURNAL));
    kills.add(new Kill(How.ALL, When.BEST));
    kills.add(new Kill(How.CHILD, When.PREPARING));
    kills.add(new Kill(How.ALL, When.VALIDATION));
    kill(kills, new Seeds(20));
  }

  private void kill(List<Kill> kills, Seeds seeds) throws IOException, InterruptedException {
    KilledStudy undisturbed = KilledStudy.create(folder.resolve("undisturbed"));
    long start = System.nanoTime();
    undisturbed.run("covid:train");
    long nanos = System.nanoTime() - start;
    undisturbed.run("covid:validate");
    SortedMap<String, String> expected = RunFiles.ofResumed(undisturbed.run());

    UniformRandomProvider random = seeds.generator();
    List<String> different = new ArrayList<>();
    List<String> table = new ArrayList<>();
    table.add(
        "| | signal | second of " + seconds(nanos) + " | killed in | went on from | the same |");
    table.add("|---|---|---|---|---|---|");
    for (int n = 1; n <= kills.size(); n++) {
      Kill kill = kills.get(n - 1);
      KilledStudy study = undisturbed.copy(folder.resolve("killed-" + n));
      String killed = kill(study, kill, random, nanos);
      study.run("covid:train");
      String from = study.resumedFrom();
      study.run("covid:validate");
      SortedMap<String, String> found = RunFiles.ofResumed(study.run());
      boolean same = found.equals(expected);
      table.add(
          String.format(
              Locale.ROOT,
              "| %d | %s | %s | %s | %s |",
              n,
              kill.how().text,
              killed,
              from,
              same ? "yes" : "**no**"));
      Files.write(TABLE, table);
      if (!same) {
        different.add("kill " + n + ": " + differences(expected, found));
      }
    }
    assertEquals(List.of(), different);
  }

  private static List<String> differences(
      SortedMap<String, String> expected, SortedMap<String, String> found) {
    List<String> names = new ArrayList<>(expected.keySet());
    found.keySet().stream().filter(name -> !expected.containsKey(name)).forEach(names::add);
    return names.stream()
        .filter(name -> !Objects.equals(expected.get(name), found.get(name)))
        .map(name -> name + ": " + expected.get(name) + " -> " + found.get(name))
        .toList();
  }

  /** Starts a training and kills it; tells when, and where it was. */
  private static String kill(KilledStudy study, Kill kill, UniformRandomProvider random, long nanos)
      throws IOException, InterruptedException {
    int epoch = 1 + random.nextInt(EPOCHS);
    long later = kill.when() == When.JOURNAL ? 0 : random.nextLong(MOST_NANOS_LATER);
    long moment = random.nextLong(nanos);
    long start = System.nanoTime();
    Process maven = study.start("covid:train");
    // The child is found before the moment that it is to be killed in: that one may be short.
    boolean alive =
        kill.when() == When.ANY
            ? !maven.waitFor(moment, TimeUnit.NANOSECONDS)
                && (kill.how() != How.CHILD || await(maven, study, s -> s.child().isPresent()))
            : await(maven, study, s -> s.child().isPresent());
    Optional<ProcessHandle> child = study.child();
    if (kill.when() != When.ANY) {
      alive =
          alive
              && await(maven, study, moment(kill.when(), epoch))
              && !maven.waitFor(later, TimeUnit.NANOSECONDS);
    }
    double second = (System.nanoTime() - start) / 1e9;
    if (!alive) {
      return "over | over";
    }
    switch (kill.how()) {
      case ALL -> signal("KILL", -maven.pid());
      case CHILD -> child.ifPresent(ProcessHandle::destroyForcibly);
      case MAVEN -> signal("KILL", maven.pid());
      case INTERRUPT -> signal("INT", -maven.pid());
      case TERMINATE -> signal("TERM", maven.pid());
    }
    maven.waitFor();
    String phase = study.phase();
    if (kill.how() != How.MAVEN) {
      // Without its Maven, the child is still at its last step when the next one starts.
      study.awaitProcesses();
    }
    return String.format(Locale.ROOT, "%.1f | %s", second, phase);
  }

  private static Predicate<KilledStudy> moment(When when, int epoch) {
    return switch (when) {
      case ANY -> study -> true;
      case PREPARING -> KilledStudy::isPreparing;
      case VALIDATION -> study -> study.phase().equals("epoch " + epoch + ", validation");
      case JOURNAL -> study -> study.epochsBegunToBeTold() >= epoch;
      // The first epoch's is always the best so far.
      case BEST -> study -> study.isWriting("best");
      case CHECKPOINT -> study -> study.epochsBegunToBeTold() >= epoch && study.isWriting("next");
    };
  }

  /** Waits for a moment of the training; false where it ends before. */
  private static boolean await(Process maven, KilledStudy study, Predicate<KilledStudy> moment)
      throws InterruptedException {
    while (!moment.test(study)) {
      if (maven.waitFor(1, TimeUnit.MILLISECONDS)) {
        return false;
      }
    }
    return true;
  }

  /**
   * Sends a signal.
   *
   * @param process its number; that of a process group with a minus sign
   */
  private static void signal(String name, long process) throws IOException, InterruptedException {
    ProcessBuilder kill = new ProcessBuilder("sh", "-c", "kill -s " + name + " -- " + process);
    assertEquals(0, kill.inheritIO().start().waitFor());
  }

  private static String seconds(long nanos) {
    return String.format(Locale.ROOT, "%.1f", nanos / 1e9);
  }
}
