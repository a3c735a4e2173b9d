package org.covidmmar.experiment;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.covidmmar.CovidException;
import org.covidmmar.config.ExperimentConfig;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

class ChildEnvironmentTest {
  private static final Map<String, String> CHOICE =
      Map.of("PYTORCH_VERSION", "2.7.1+cu128", "PYTORCH_FLAVOR", "cu128", "PYTORCH_PRECXX11", "1");

  @TempDir Path folder;

  private static Map<String, String> cleaned(Map<String, String> given, String jvmArgs) {
    Map<String, String> environment = new HashMap<>(given);
    ChildEnvironment.clean(environment, jvmArgs);
    return environment;
  }

  @Test
  void libtorchIsTheClassPathsUnlessAnotherIsGiven() {
    assertEquals(Map.of(), cleaned(CHOICE, ""));
    Map<String, String> deliberate = new HashMap<>(CHOICE);
    deliberate.put("PYTORCH_LIBRARY_PATH", "/opt/torch/lib");
    assertEquals(deliberate, cleaned(deliberate, ""));
    assertEquals(CHOICE, cleaned(CHOICE, "-DPYTORCH_LIBRARY_PATH=/opt/torch/lib"));
  }

  @Test
  void versionIsRefusedWhereItCannotBeRemoved() {
    CovidException e =
        assertThrows(CovidException.class, () -> ChildEnvironment.requireOneLibtorch(CHOICE));
    assertEquals("PYTORCH_VERSION", e.subject());
    assertTrue(e.remedy().contains("unset it"), e.getMessage());
    ChildEnvironment.requireOneLibtorch(Map.of("PYTORCH_FLAVOR", "cpu"));
  }

  @Test
  void variablesOfNativeLibrariesAreRemovedByTheirBeginning() {
    Map<String, String> given = new HashMap<>();
    for (String name :
        List.of(
            "KMP_AFFINITY",
            "KMP_DETERMINISTIC_REDUCTION",
            "OMP_SCHEDULE",
            "GOMP_CPU_AFFINITY",
            "MKL_THREADING_LAYER",
            "ONEDNN_JIT_PROFILE",
            "DNNL_VERBOSE",
            "TORCH_ALLOW_TF32_CUBLAS_OVERRIDE")) {
      given.put(name, "1");
    }
    Map<String, String> kept =
        Map.of("OMP_WAIT_POLICY", "PASSIVE", "GOMP_SPINCOUNT", "0", "PATH", "/bin");
    given.putAll(kept);
    assertEquals(kept, cleaned(given, ""));
  }

  @Test
  void optionsOfTheJvmDoNotWinOverOurs() {
    assertEquals(
        Map.of("JAVA_TOOL_OPTIONS", "-Da=1 -Xmx64m"),
        cleaned(Map.of("JAVA_TOOL_OPTIONS", "-Da=1", "_JAVA_OPTIONS", "-Xmx64m"), ""));
    assertEquals(
        Map.of("JAVA_TOOL_OPTIONS", "-Xmx64m"), cleaned(Map.of("_JAVA_OPTIONS", "-Xmx64m"), ""));
  }

  private Optional<Path> cache(String home, Map<String, String> environment, String jvmArgs)
      throws IOException {
    Path mine = folder.resolve("mine");
    return ChildEnvironment.cache(
        home, Files.exists(mine) ? mine : Files.createFile(mine), environment, jvmArgs);
  }

  @Test
  @DisabledOnOs(OS.WINDOWS)
  void userWithoutAHomeUnpacksWhereNobodyElseWrites() throws IOException {
    for (String home : List.of("?", "", folder.resolve("none").toString())) {
      Path made = cache(home, Map.of(), "").orElseThrow();
      assertEquals(folder, made.getParent());
      assertEquals("rwx------", PosixFilePermissions.toString(Files.getPosixFilePermissions(made)));
    }
  }

  @Test
  void givenCacheAndWritableHomeStay() throws IOException {
    assertEquals(Optional.empty(), cache(folder.toString(), Map.of(), ""));
    assertEquals(Optional.empty(), cache("?", Map.of("DJL_CACHE_DIR", "/x"), ""));
    assertEquals(Optional.empty(), cache("?", Map.of("ENGINE_CACHE_DIR", "/x"), ""));
    assertEquals(Optional.empty(), cache("?", Map.of(), "-DDJL_CACHE_DIR=/x"));
  }

  @Test
  @DisabledOnOs(OS.WINDOWS)
  void folderThatOthersCanWriteIsRefused() throws IOException {
    Path made = cache("?", Map.of(), "").orElseThrow();
    Files.setPosixFilePermissions(made, PosixFilePermissions.fromString("rwxrwxrwx"));
    CovidException e = assertThrows(CovidException.class, () -> cache("?", Map.of(), ""));
    assertEquals("DJL_CACHE_DIR", e.subject());
    assertTrue(e.problem().contains(made.toString()), e.getMessage());
    Files.delete(made);
    Files.createSymbolicLink(made, Files.createDirectory(folder.resolve("elsewhere")));
    assertThrows(CovidException.class, () -> cache("?", Map.of(), ""));
  }

  private static final String NOEXEC =
      """
      set -e
      mkdir "$1/disk"
      mount -t tmpfs -o noexec,size=1g tmpfs "$1/disk"
      set +e
      DJL_CACHE_DIR="$1/disk" sh -c "$2" > "$1/output" 2>&1
      echo $? > "$1/exit"
      """;

  @Test
  @EnabledOnOs(OS.LINUX)
  void libtorchOnANoexecDiskIsRefusedWithTheFolder() throws Exception {
    List<String> prefix = Mounts.prefix(folder);
    TinyStudy study = new TinyStudy(folder.resolve("study"));
    String train = Mounts.quoted(StudyProcess.command(study));
    StudyProcess.run(
        StudyProcess.builder(study, Mounts.command(prefix, NOEXEC, folder.toString(), train)));
    String said = Files.readString(folder.resolve("output"));
    assertEquals(1, Mounts.exit(folder.resolve("exit")), said);
    assertTrue(said.contains("\"subject\":\"" + folder.resolve("disk")), said);
    assertTrue(said.contains("noexec"), said);
    assertTrue(said.contains("DJL_CACHE_DIR"), said);
  }

  @Test
  @EnabledOnOs(OS.LINUX)
  void versionInTheEnvironmentOfTheEntryPointIsRefused() throws Exception {
    TinyStudy study = new TinyStudy(folder.resolve("study"));
    ProcessBuilder builder = StudyProcess.builder(study);
    builder.environment().put("PYTORCH_VERSION", "2.7.1+cu128");
    StudyProcess.Ended ended = StudyProcess.run(builder);
    assertEquals(1, ended.exit(), ended.output());
    assertTrue(ended.output().contains("\"subject\":\"PYTORCH_VERSION\""), ended.output());
  }

  @Test
  @EnabledOnOs(OS.LINUX)
  void trainsInTheEnvironmentOfAnImageOfPyTorchAndOfAUserWithoutAHome() throws Exception {
    TinyStudy study = new TinyStudy(folder.resolve("study"));
    StudyProcess.command(study);
    Path temporary = Files.createDirectory(folder.resolve("tmp"));
    ProcessBuilder builder =
        StudyProcess.builder(
            study,
            List.of(
                ComputingJvm.thisJava().toString(),
                "-Duser.home=?",
                "-Djava.io.tmpdir=" + temporary,
                "-cp",
                System.getProperty("java.class.path"),
                ChildEnvironmentTest.class.getName()));
    builder.environment().putAll(CHOICE);
    builder.environment().put("_JAVA_OPTIONS", "-Dai.djl.pytorch.num_interop_threads=7");
    StudyProcess.Ended ended = StudyProcess.run(builder);
    assertEquals(0, ended.exit(), ended.output());
    StudyProcess.runFolder(study);
    assertUnpacked(temporary);
    assertFalse(Files.exists(study.basedir.resolve("?")));
  }

  private static void assertUnpacked(Path temporary) throws IOException {
    try (Stream<Path> left = Files.list(temporary)) {
      List<Path> caches =
          left.filter(f -> f.getFileName().toString().startsWith("covid-mmar-")).toList();
      assertEquals(1, caches.size(), caches::toString);
      assertTrue(Files.isDirectory(caches.get(0).resolve("pytorch")), caches::toString);
    }
  }

  @Test
  @EnabledOnOs(OS.LINUX)
  void entryPointUnpacksThereToo() throws Exception {
    TinyStudy study = new TinyStudy(folder.resolve("study"));
    Path temporary = Files.createDirectory(folder.resolve("tmp"));
    StudyProcess.Ended ended =
        StudyProcess.run(
            StudyProcess.builder(study, "-Duser.home=?", "-Djava.io.tmpdir=" + temporary));
    assertEquals(0, ended.exit(), ended.output());
    assertUnpacked(temporary);
    assertFalse(Files.exists(study.basedir.resolve("?")));
  }

  /** Trains the study in this folder as a goal does. */
  public static void main(String[] args) throws IOException {
    Path basedir = Path.of("").toAbsolutePath();
    String config = Files.readString(basedir.resolve("config.json"));
    new ComputingJvm(ComputingJvm.thisJava(), ComputingJvmTest.classPath(), "")
        .run(
            Main.Goal.TRAIN,
            new Request(ExperimentConfig.fromJson("config.json", config), basedir, Map.of()),
            message -> {},
            System.out::println);
  }

  @Test
  @EnabledOnOs(OS.LINUX)
  void pathsThatTheLocaleLacksAreSaidOnce() throws Exception {
    TinyStudy study = new TinyStudy(folder.resolve("study"));
    Path dataset = study.data().resolve("dataset.json");
    Files.writeString(dataset, Files.readString(dataset).replace(".nii", "\u00e4.nii"));
    ProcessBuilder builder = StudyProcess.builder(study);
    builder.environment().put("LC_ALL", "POSIX");
    StudyProcess.Ended ended = StudyProcess.run(builder);
    assertEquals(1, ended.exit(), ended.output());
    assertTrue(ended.output().contains("LC_ALL=C.UTF-8"), ended.output());
    assertEquals(1, ended.output().split("expected characters", -1).length - 1, ended.output());
  }
}
