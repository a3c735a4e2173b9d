package org.covidmmar.experiment;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.covidmmar.config.ExperimentConfig;
import org.covidmmar.config.Settings;
import org.covidmmar.provenance.ByteTravel;
import org.covidmmar.provenance.Provenance;
import org.junit.jupiter.api.Test;

/** What is said where a run goes on, or is made again, on another machine. */
class RunRecordTest {
  private static Provenance machine(String maker, int threads, String java, boolean pinned) {
    return new Provenance(
        ExperimentConfig.of(Settings.of(Map.of()), "x", null),
        null,
        List.of(),
        new TreeMap<>(),
        new TreeMap<>(Map.of("isa", "avx2", "java", java)),
        new Provenance.Hardware(
            "cpu",
            maker,
            "",
            8,
            threads,
            "cpu",
            null,
            new TreeMap<>(pinned ? ByteTravel.PINNED : Map.of())),
        null,
        null,
        null,
        null);
  }

  @Test
  void aRunThatGoesOnWithAnotherJavaAndThreadsSaysSo() {
    assertEquals(
        Optional.of(
            "the run goes on otherwise than it went until now: Java (recorded 17, here 21); threads"
                + " (recorded 2, here 4); its weights may differ in their last digits from those of"
                + " a run that stays on one machine; for the same bytes use Java 17, and set"
                + " covid.threads=2"),
        RunRecord.moved(machine("AMD", 2, "17.0.8", true), machine("Intel", 4, "21", true)));
  }

  @Test
  void aRunThatGoesOnAsItWentSaysNothing() {
    Provenance begun = machine("AMD", 2, "17.0.8", true);
    assertEquals(Optional.empty(), RunRecord.moved(begun, machine("Intel", 2, "17.0.9", true)));
  }

  @Test
  void aRunMadeAgainElsewhereSaysWhatIsComparedInstead() {
    Provenance recorded = machine("AMD", 2, "17.0.8", false);
    Provenance now = machine("Intel", 2, "17.0.8", false);
    assertEquals(
        Optional.of(
            "the bytes may differ: processor (recorded cpu: AMD, avx2, here cpu: Intel, avx2);"
                + " metrics, weights and predictions are compared, and may differ by 0.001; for the"
                + " same bytes train with covid.isa=avx2, whose bytes travel"),
        ReproduceWorkflow.mayDiffer(recorded, now, true));
    assertEquals(Optional.empty(), ReproduceWorkflow.mayDiffer(recorded, recorded, true));
    // Other threads are no matter of the machine: they are set as recorded.
    assertEquals(
        Optional.empty(),
        ReproduceWorkflow.mayDiffer(recorded, machine("AMD", 4, "17.0.8", false), true));
  }

  @Test
  void ofAProvenanceAloneOnlyTheChecksumIsCompared() {
    String said =
        ReproduceWorkflow.mayDiffer(
                machine("AMD", 2, "17", false), machine("AMD", 2, "21", false), false)
            .orElseThrow();
    assertEquals(
        "the bytes may differ: Java (recorded 17, here 21); a provenance alone tells the model's"
            + " SHA-256 and nothing that could be near it: give the run's folder, whose metrics,"
            + " weights and predictions may differ by 0.001; for the same bytes use Java 17",
        said);
  }
}
