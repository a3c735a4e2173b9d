package org.covidmmar.provenance;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.covidmmar.config.ExperimentConfig;
import org.covidmmar.config.Settings;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ByteTravelTest {
  private static final String AVX2_TRAVELS = "train with covid.isa=avx2, whose bytes travel";

  /** A machine in short: maker, name, model, instruction set, a star where that is pinned, Java. */
  private static Provenance machine(String text) {
    String[] parts = text.split("/", -1);
    boolean pinned = parts[3].endsWith("*");
    return provenance(
        new Provenance.Hardware(
            parts[1],
            parts[0],
            parts[2],
            8,
            2,
            "cpu",
            null,
            new TreeMap<>(pinned ? ByteTravel.PINNED : Map.of())),
        Map.of("isa", parts[3].replace("*", ""), "java", parts[4], "os", "Linux 6.1 amd64"));
  }

  private static Provenance provenance(Provenance.Hardware h, Map<String, String> software) {
    return new Provenance(
        ExperimentConfig.of(Settings.of(Map.of()), "x", null),
        null,
        List.of(),
        new TreeMap<>(),
        new TreeMap<>(software),
        h,
        null,
        null,
        null,
        null);
  }

  private static List<String> what(Provenance then, Provenance now) {
    return then.mayDiffer(now).stream().map(ByteTravel.Reason::what).toList();
  }

  @ParameterizedTest
  @CsvSource({
    // recorded, here, what may change the bytes
    "AMD/EPYC/1/avx512/17.0.8, AMD/EPYC/1/avx512/17.0.9+9,  ''",
    "AMD/EPYC/1/avx512/17.0.8, Intel/EPYC/1/avx512/17.0.8,  processor",
    "AMD/EPYC/1/avx512/17.0.8, AMD/EPYC 2/1/avx512/17.0.8,  processor",
    "AMD/EPYC/1/avx512/17.0.8, AMD/EPYC/17/avx512/17.0.8,   processor",
    "AMD/EPYC/1/avx512/17.0.8, AMD/EPYC/1/avx2/17.0.8,      processor",
    "AMD/EPYC/1/avx2/17.0.8,   Intel/Xeon/6/avx2/17.0.8,    processor",
    "AMD/EPYC/1/avx2*/17.0.8,  Intel/Xeon/6/avx2*/17.0.8,   ''",
    "AMD/EPYC/1/avx2*/17.0.8,  Intel/Xeon/6/avx2*/21+35,    Java",
    "AMD/EPYC/1/avx512/17.0.8, Intel/Xeon/6/avx512/21+35,   processor Java",
    "AMD/EPYC/1/avx2*/17.0.8,  AMD/EPYC/1/avx512/17.0.8,    environment",
    "AMD/EPYC/1/avx2*/17.0.8,  Intel/Xeon/6/avx2/17.0.8,    environment",
    // Records from before maker and model were recorded.
    "/EPYC//avx512/17.0.8,     AMD/EPYC/1/avx512/17.0.8,    ''",
    "/EPYC//avx512/17.0.8,     AMD/Ryzen/1/avx512/17.0.8,   processor",
    "AMD/EPYC/1/avx512/,       AMD/EPYC/1/avx512/21,        ''",
  })
  void whatMayChangeTheBytesIsNamed(String then, String here, String expected) {
    assertEquals(expected, String.join(" ", what(machine(then), machine(here))));
    // The machine alone, as where a run is taken up: Java and an instruction set are no part of it.
    boolean alike = machine(then).hardware().computesAs(machine(here).hardware());
    boolean isaAlone =
        machine(then).hardware().equals(machine(here).hardware()) && expected.equals("processor");
    assertEquals(expected.isEmpty() || expected.equals("Java") || isaAlone, alike);
  }

  @Test
  void whatWasRecordedWhatIsHereAndWhatToDoAreSaid() {
    assertEquals(
        List.of(
            new ByteTravel.Reason(
                "processor",
                "AMD EPYC: AuthenticAMD, family 25, model 1, avx512",
                "unknown: avx2",
                AVX2_TRAVELS),
            new ByteTravel.Reason("Java", "17", "21", "use Java 17")),
        machine("AuthenticAMD/AMD EPYC/family 25, model 1/avx512/17.0.8+7")
            .mayDiffer(machine("///avx2/21.0.2+13")));
  }

  @Test
  void anotherArchitectureIsNamedWhateverIsPinned() {
    Provenance pinned = machine("AMD/EPYC/1/avx2*/17");
    Provenance arm =
        provenance(pinned.hardware(), Map.of("isa", "avx2", "os", "Mac OS X 14.1 aarch64"));
    assertEquals(List.of("architecture"), what(pinned, arm));
  }

  @Test
  void aGpuIsNamed() {
    Provenance cpu = machine("AMD/EPYC/1/avx512/17");
    Provenance.Hardware h = cpu.hardware();
    Provenance.Hardware gpu =
        new Provenance.Hardware(
            h.cpu(), h.cpuMaker(), h.cpuModel(), 8, 2, "gpu", List.of("H200"), h.environment());
    assertEquals(
        List.of(
            new ByteTravel.Reason("device", "gpu H200", "cpu", "train on a CPU: covid.device=cpu")),
        provenance(gpu, cpu.software()).mayDiffer(cpu));
  }

  @Test
  void ofARunThatMovedEachMachineCounts() {
    Provenance first = machine("AMD/EPYC/1/avx512/17");
    Provenance second = machine("Intel/Xeon/6/avx512/21");
    Provenance moved = second.goingOn(first);
    assertEquals(List.of(second.hardware()), moved.laterHardware());
    assertEquals(List.of("processor", "Java"), what(moved, first));
    assertEquals(List.of("processor", "Java"), what(moved, second));
    assertEquals("train with one Java", moved.mayDiffer(second).get(1).remedy());
    assertEquals(List.of(), what(moved.last(), second));
    assertEquals(List.of("processor", "Java"), what(moved.last(), first));
  }

  @Test
  void aPinnedRunMayMoveAmongProcessors() {
    Provenance first = machine("AMD/EPYC/1/avx2*/17");
    assertEquals(first, machine("Intel/Xeon/6/avx2*/17").goingOn(first));
  }
}
