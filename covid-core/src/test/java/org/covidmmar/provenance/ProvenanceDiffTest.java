package org.covidmmar.provenance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.covidmmar.CovidException;
import org.covidmmar.config.ExperimentConfig;
import org.covidmmar.config.Settings;
import org.covidmmar.provenance.Provenance.CaseFingerprint;
import org.covidmmar.provenance.ProvenanceDiff.Difference;
import org.covidmmar.provenance.ProvenanceDiff.Kind;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ProvenanceDiffTest {
  private static final String HASH = "0123456789abcdef".repeat(4);

  @TempDir Path folder;

  private static CaseFingerprint scan(String id, String image) {
    return new CaseFingerprint("training", id, image, HASH, 1);
  }

  private static Provenance provenance(
      Map<String, String> settings, List<CaseFingerprint> data, String cpu, String java) {
    return new Provenance(
        ExperimentConfig.of(Settings.of(settings), "x", null),
        new Provenance.Project("g:a:1", new TreeMap<>()),
        data,
        new TreeMap<>(Map.of(Provenance.DATASET, HASH)),
        new TreeMap<>(Map.of("java", java)),
        new Provenance.Hardware(
            cpu, "AuthenticAMD", "family 25, model 1", 8, 2, "cpu", null, new TreeMap<>()),
        null,
        null,
        new Provenance.Source(HASH.substring(0, 40), "main", null, List.of()),
        null);
  }

  private static Provenance plain() {
    return provenance(Map.of(), List.of(scan("a", HASH), scan("b", HASH)), "one cpu", "17");
  }

  private static List<Difference> from(Provenance other) {
    return ProvenanceDiff.between(plain(), other);
  }

  @Test
  void nothingDiffersFromItself() {
    assertEquals(List.of(), from(plain()));
  }

  @Test
  void aSettingByTheNameThatUsersKnow() {
    Provenance other =
        provenance(Map.of("covid.learningRate", "1e-5"), plain().data(), "one cpu", "17");
    assertEquals(
        List.of(new Difference(Kind.CONFIGURATION, "learningRate", "5.0E-6", "1.0E-5")),
        from(other));
  }

  @Test
  void whatDecidesNothingIsLeftOut() {
    Provenance other =
        provenance(
            Map.of(
                "covid.dataRoot", "/elsewhere", "covid.gate.auc", "0.9", "covid.resume", "never"),
            plain().data(),
            "one cpu",
            "17");
    assertEquals(List.of(), from(other));
  }

  @Test
  void aChangedFileANewCaseAndAnotherOrder() {
    Provenance other =
        provenance(
            Map.of(),
            List.of(scan("b", HASH), scan("a", HASH.replace('0', 'f')), scan("c", HASH)),
            "one cpu",
            "17");
    assertEquals(
        List.of(
            "training a image",
            "training c image",
            "training c label",
            "training c mask",
            "training order, case 1"),
        from(other).stream().map(Difference::name).toList());
    assertEquals("f123456789ab", from(other).get(0).second());
  }

  @Test
  void versionsAndMachineDifferWithoutDeciding() {
    List<Difference> all = from(provenance(Map.of(), plain().data(), "another cpu", "21"));
    assertEquals(
        List.of(
            new Difference(Kind.SOFTWARE, "java", "17", "21"),
            new Difference(Kind.MACHINE, "processor", "one cpu", "another cpu")),
        all);
    assertTrue(all.stream().noneMatch(d -> d.kind().isDecisive()));
  }

  @Test
  void aRunThatGoesOnElsewhereSaysSo() {
    Provenance moved = provenance(Map.of(), plain().data(), "another cpu", "17");
    Provenance all = moved.goingOn(plain());
    assertEquals("one cpu", all.hardware().cpu());
    assertEquals(List.of(moved.hardware()), all.laterHardware());
    assertEquals(List.of(moved.hardware()), moved.goingOn(all).laterHardware());
    assertEquals(plain(), plain().goingOn(plain()));
  }

  @Test
  void aProcessorsMakerAndModelAreNamedWhereTheRecordHasThem() {
    Provenance.Hardware h = plain().hardware();
    Provenance other =
        with(
            new Provenance.Hardware(
                h.cpu(), "GenuineIntel", "", 8, 2, "cpu", null, h.environment()));
    assertEquals(
        List.of(
            new Difference(Kind.MACHINE, "processor's maker", "AuthenticAMD", "GenuineIntel"),
            new Difference(Kind.MACHINE, "processor's model", "family 25, model 1", "–")),
        from(other));
  }

  private static Provenance with(Provenance.Hardware hardware) {
    Provenance p = plain();
    return new Provenance(
        p.config(),
        p.project(),
        p.data(),
        p.files(),
        p.software(),
        hardware,
        null,
        null,
        p.source(),
        null);
  }

  @Test
  void aRecordFromBeforeTheMakerWasRecordedIsRead() throws IOException {
    Path file = folder.resolve("provenance.json");
    plain().write(file);
    String json = Files.readString(file);
    String old = json.replaceAll(" *\"cpu(Maker|Model)\".*\n", "");
    assertTrue(old.length() < json.length());
    Files.writeString(file, old);
    Provenance read = Provenance.read(file);
    assertEquals("one cpu", read.hardware().cpu());
    assertEquals("", read.hardware().cpuMaker());
    assertEquals("", read.hardware().cpuModel());
    assertEquals(List.of(), read.mayDiffer(plain()));
  }

  @Test
  void replicasAreThoseThatTrained() {
    Provenance asked = provenance(Map.of("covid.replicas", "1"), plain().data(), "one cpu", "17");
    assertEquals(List.of(), from(asked));
    assertEquals(
        List.of(new Difference(Kind.CONFIGURATION, "replicas", "1", "2")), from(withReplicas(2)));
    assertEquals(withReplicas(2), plain().goingOn(withReplicas(2)));
  }

  private static Provenance withReplicas(int count) {
    Provenance p = plain();
    return new Provenance(
        p.config(),
        p.project(),
        p.data(),
        p.files(),
        p.software(),
        p.hardware(),
        null,
        count,
        p.source(),
        null);
  }

  @Test
  void coresThatDoNotComputeMakeNoOtherMachine() {
    Provenance plain = plain();
    Provenance.Hardware h = plain.hardware();
    Provenance fewer =
        new Provenance(
            plain.config(),
            plain.project(),
            plain.data(),
            plain.files(),
            plain.software(),
            new Provenance.Hardware(
                h.cpu(),
                h.cpuMaker(),
                h.cpuModel(),
                4,
                h.threads(),
                h.device(),
                null,
                h.environment()),
            null,
            null,
            plain.source(),
            null);
    assertEquals(plain, fewer.goingOn(plain));
  }

  @Test
  void aRunThatGoesOnWithOtherVersionsNamesBoth() {
    Provenance other = provenance(Map.of(), plain().data(), "one cpu", "21");
    Provenance all = other.goingOn(plain());
    assertEquals(Map.of("java", "17, then 21"), all.software());
    assertEquals(Map.of("java", "17, then 21"), other.goingOn(all).software());
  }

  @Test
  void whatAnotherVersionWroteIsSaidToBeSo() throws IOException {
    Path file = folder.resolve("provenance.json");
    Files.writeString(file, "{\"software\": {\"covid-mmar\": \"99.1\"}, \"new\": 1}");
    CovidException e = assertThrows(CovidException.class, () -> Provenance.read(file));
    assertTrue(e.problem().contains("found one of 99.1"), e.problem());
    assertEquals("use covid-mmar 99.1", e.remedy());
    Files.delete(file);
    e = assertThrows(CovidException.class, () -> Provenance.read(file));
    assertEquals("is no provenance: there is no such file", e.problem());
  }

  @Test
  void isReadAsItWasWritten() throws IOException {
    Path file = folder.resolve("provenance.json");
    Provenance written = plain().with(new Provenance.Outcome(3, 2, "val/auc 1.0", HASH));
    written.write(file);
    assertEquals(written, Provenance.read(file));
    Files.writeString(file, "{\"data\": []}");
    assertTrue(
        assertThrows(CovidException.class, () -> Provenance.read(file))
            .problem()
            .contains("missing"));
  }
}
