package org.covidmmar.provenance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.covidmmar.Processor;
import org.covidmmar.config.ExperimentConfig;
import org.covidmmar.config.Settings;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ProvenanceRecorderTest {
  private static final ExperimentConfig CONFIG =
      ExperimentConfig.of(Settings.of(Map.of("covid.threads", "2")), "x", null);

  @TempDir Path folder;

  private Provenance record() {
    return ProvenanceRecorder.record(
        folder,
        CONFIG,
        null,
        List.of(),
        new TreeMap<>(),
        new TreeMap<>(Map.of("libtorch", "2.7.1")),
        "cpu",
        1);
  }

  @Test
  void versionsAndMachineAreRecorded() {
    Provenance p = record();
    assertTrue(p.software().get("covid-mmar").matches("\\d+\\..*"), p.software().toString());
    assertEquals("2.7.1", p.software().get("libtorch"));
    assertEquals(System.getProperty("java.runtime.version"), p.software().get("java"));
    assertEquals(2, p.hardware().threads());
    assertEquals(Processor.here().maker(), p.hardware().cpuMaker());
    assertEquals(Processor.here().model(), p.hardware().cpuModel());
    assertEquals(Processor.here().name(), p.hardware().cpu());
  }

  @Test
  void secretsOfTheEnvironmentAreLeftOut() {
    assertEquals(
        Map.of("OMP_NUM_THREADS", "2"),
        Provenance.relevant(Map.of("OMP_NUM_THREADS", "2", "MLFLOW_TRACKING_PASSWORD", "secret")));
  }

  @Test
  void whatReachesNativeLibrariesAndTheJvmIsRecorded() {
    assertEquals(
        Map.of("KMP_AFFINITY", "x", "LD_PRELOAD", "/a.so", "JAVA_TOOL_OPTIONS", "(set)"),
        Provenance.relevant(
            Map.of(
                "KMP_AFFINITY",
                "x",
                "LD_PRELOAD",
                "/a.so",
                "JAVA_TOOL_OPTIONS",
                "-Dpassword=secret",
                "HOME",
                "/root")));
  }

  @Test
  void withoutACheckoutThereIsNoSource() {
    assertNull(record().source());
  }

  @Test
  void theCommitAndWhatDiffersFromItAreRecorded() throws IOException, InterruptedException {
    git("init", "-q");
    Files.writeString(folder.resolve("pom.xml"), "<project/>");
    git("add", "pom.xml");
    git("-c", "user.name=t", "-c", "user.email=t@example.org", "commit", "-qm", "first");
    Files.writeString(folder.resolve("pom.xml"), "<project> </project>");
    Provenance.Source source = record().source();
    assertTrue(source.commit().matches("[0-9a-f]{40}"), source.commit());
    assertEquals(List.of(" M pom.xml"), source.dirty());

    ProvenanceRecorder.keepSources(folder, folder.resolve("kept"));
    assertEquals("<project> </project>", Files.readString(folder.resolve("kept/pom.xml")));
    String diff = Files.readString(folder.resolve("kept/uncommitted.diff"));
    assertTrue(diff.contains("-<project/>") && diff.contains("+<project> </project>"), diff);
  }

  private void git(String... arguments) throws IOException, InterruptedException {
    List<String> command = new java.util.ArrayList<>(List.of("git"));
    command.addAll(List.of(arguments));
    int exit = new ProcessBuilder(command).directory(folder.toFile()).start().waitFor();
    assertEquals(0, exit, command.toString());
  }
}
