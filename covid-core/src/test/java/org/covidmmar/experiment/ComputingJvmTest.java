package org.covidmmar.experiment;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.covidmmar.CovidException;
import org.covidmmar.FileNames;
import org.covidmmar.config.ExperimentConfig;
import org.covidmmar.config.Settings;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

class ComputingJvmTest {
  /** Halts the JVM before its main class, and says so on its output. */
  private static final String HALT =
      "-agentlib:jdwp=transport=dt_socket,server=y,suspend=y,address=127.0.0.1:0";

  @TempDir Path folder;

  private final List<Message> messages = new ArrayList<>();
  private final List<String> other = Collections.synchronizedList(new ArrayList<>());

  @Test
  void messagesOfTheGoalComeToTheListener() throws IOException {
    run(
        Main.Goal.PHANTOM,
        config("covid.phantom.cases", "2,2,2", "covid.phantom.shape", "32,32,32"),
        "");
    assertTrue(
        messages.get(messages.size() - 1) instanceof Message.Line line
            && line.text().startsWith("wrote: "),
        () -> messages + " " + other);
    assertTrue(Files.exists(folder.resolve("data/dataset.json")));
  }

  @Test
  void failureOfTheGoalIsThrownAsItWas() {
    CovidException e = assertThrows(CovidException.class, () -> run(Main.Goal.TRAIN, config(), ""));
    assertTrue(e.subject().contains("dataset.json"), e.getMessage());
  }

  @Test
  void pathsWithSpacesAndQuotesAreTakenAsTheyAre() throws IOException {
    Path odd = Files.createDirectories(folder.resolve("a \"b\" #c"));
    List<Path> classPath = new ArrayList<>(classPath());
    classPath.add(odd);
    new ComputingJvm(ComputingJvm.thisJava(), classPath, "-XshowSettings:properties \"-Dodd=x  y\"")
        .run(Main.Goal.PHANTOM, request(smallPhantom()), messages::add, other::add);
    assertTrue(other.stream().anyMatch(l -> l.contains(odd.toString())), other::toString);
    assertTrue(other.stream().anyMatch(l -> l.contains("odd = x  y")), other::toString);
  }

  @Test
  void argumentsThatTheLocaleLacksAreRefused() {
    assumeTrue(
        FileNames.encoding().newEncoder().canEncode('\u00e4'),
        "this JVM's locale has the name of the file");
    Path odd = folder.resolve("l\u00e4sion.jar");
    ComputingJvm jvm = new ComputingJvm(ComputingJvm.thisJava(), List.of(odd), "");
    CovidException e =
        assertThrows(
            CovidException.class, () -> jvm.encoded("-cp " + odd, StandardCharsets.US_ASCII));
    assertEquals("class path", e.subject());
    assertTrue(e.problem().contains(odd.toString()), e.getMessage());
    assertTrue(e.remedy().contains("LC_ALL=C.UTF-8"), e.getMessage());
    assertArrayEquals(
        odd.toString().getBytes(StandardCharsets.ISO_8859_1),
        jvm.encoded(odd.toString(), StandardCharsets.ISO_8859_1));
  }

  @Test
  @EnabledOnOs(OS.LINUX)
  void argumentsAreInTheLaunchersEncodingWhateverTheFilesIs() throws Exception {
    List<String> command = new ArrayList<>(List.of(ComputingJvm.thisJava().toString()));
    command.addAll(
        List.of("-Dfile.encoding=ISO-8859-1", "-cp", System.getProperty("java.class.path")));
    command.addAll(List.of(ComputingJvmTest.class.getName(), folder.toString()));
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.environment().put("LC_ALL", "C.UTF-8");
    StudyProcess.Ended ended = StudyProcess.run(builder);
    assertEquals(0, ended.exit(), ended.output());
    assertTrue(Files.exists(folder.resolve("data/dataset.json")), ended.output());
  }

  /** Makes a phantom in a JVM whose class path is not ASCII. */
  public static void main(String[] args) {
    List<Path> classPath = new ArrayList<>(classPath());
    classPath.add(Path.of(args[0], "l\u00e4sion.jar"));
    List<String> said = Collections.synchronizedList(new ArrayList<>());
    new ComputingJvm(ComputingJvm.thisJava(), classPath, "-XshowSettings:properties")
        .run(
            Main.Goal.PHANTOM,
            new Request(smallPhantom(), Path.of(args[0]), Map.of()),
            m -> {},
            said::add);
    if (said.stream().noneMatch(line -> line.contains("l\u00e4sion.jar"))) {
      throw new IllegalStateException(said.toString());
    }
  }

  @Test
  void heapIsFixedUnlessGiven() {
    assertEquals(512L << 20, maxHeap(""));
    assertEquals(300L << 20, maxHeap("-Xmx300m"));
  }

  private long maxHeap(String jvmArgs) {
    other.clear();
    run(Main.Goal.PHANTOM, smallPhantom(), jvmArgs + " -XX:+PrintFlagsFinal");
    Pattern flag = Pattern.compile("\\s*size_t MaxHeapSize\\s*=\\s*(\\d+).*");
    return other.stream()
        .map(flag::matcher)
        .filter(m -> m.matches())
        .mapToLong(m -> Long.parseLong(m.group(1)))
        .findFirst()
        .orElseThrow();
  }

  @Test
  @DisabledOnOs(OS.WINDOWS)
  void killedChildSaysSoAndWhatToDo() {
    CovidException e =
        assertThrows(CovidException.class, () -> runHaltedAnd("KILL", Main.Goal.PHANTOM));
    assertTrue(e.problem().contains("killed (signal 9)"), e.getMessage());
    assertTrue(e.remedy().contains("covid.batchSize"), e.getMessage());
    e = assertThrows(CovidException.class, () -> runHaltedAnd("KILL", Main.Goal.TRAIN));
    assertTrue(e.problem().contains("killed (signal 9)"), e.getMessage());
    assertTrue(e.remedy().contains("training with covid.batchSize="), e.getMessage());
  }

  @Test
  @DisabledOnOs(OS.WINDOWS)
  void crashedChildShowsItsLastWords() {
    CovidException e =
        assertThrows(CovidException.class, () -> runHaltedAnd("SEGV", Main.Goal.PHANTOM));
    assertTrue(e.problem().contains("SIGSEGV"), e.getMessage());
  }

  @Test
  void childOutOfHeapSaysHowToGiveMore() {
    CovidException e =
        assertThrows(CovidException.class, () -> run(Main.Goal.PHANTOM, largePhantom(), "-Xmx24m"));
    assertTrue(e.problem().contains("ran out of heap"), e.getMessage());
    assertTrue(e.remedy().contains("covid.jvmArgs=-Xmx"), e.getMessage());
  }

  @Test
  void jvmThatCannotStartShowsWhy() {
    CovidException e =
        assertThrows(
            CovidException.class, () -> run(Main.Goal.PHANTOM, smallPhantom(), "-XX:NoSuchFlag"));
    assertTrue(e.problem().contains("NoSuchFlag"), e.getMessage());
  }

  @Test
  void missingJavaIsNamed() {
    ComputingJvm jvm = new ComputingJvm(folder.resolve("no-java"), classPath(), "");
    CovidException e =
        assertThrows(
            CovidException.class,
            () -> jvm.run(Main.Goal.PHANTOM, request(smallPhantom()), messages::add, other::add));
    assertTrue(e.problem().contains("no-java"), e.getMessage());
  }

  @Test
  void environmentIsTheConfigurations() {
    Map<String, String> environment = new HashMap<>();
    environment.put("ATEN_CPU_CAPABILITY", "default");
    environment.put("DNNL_MAX_CPU_ISA", "SSE41");
    environment.put("MKL_NUM_THREADS", "1");
    environment.put("OMP_NUM_THREADS", "64");
    environment.put("MALLOC_ARENA_MAX", "4");
    ComputingJvm.applyEnvironment(config("covid.threads", "3").compute(), environment);
    assertEquals(
        Map.of(
            "OMP_NUM_THREADS", "3",
            "MALLOC_ARENA_MAX", "4",
            "MALLOC_MMAP_THRESHOLD_", "4294967296",
            "MALLOC_TRIM_THRESHOLD_", "8589934592",
            "GOMP_SPINCOUNT", "1000",
            "CUDA_DEVICE_ORDER", "PCI_BUS_ID",
            "OPT_OUT_TRACKING", "true"),
        environment);
    environment.put("CUDA_DEVICE_ORDER", "FASTEST_FIRST");
    ComputingJvm.applyEnvironment(config("covid.isa", "avx2").compute(), environment);
    assertEquals("FASTEST_FIRST", environment.get("CUDA_DEVICE_ORDER"));
    assertEquals("AVX2", environment.get("ONEDNN_MAX_CPU_ISA"));
    assertEquals("avx2", environment.get("ATEN_CPU_CAPABILITY"));
    assertEquals("COMPATIBLE", environment.get("MKL_CBWR"));
  }

  @Test
  void waitingIsTheCallersWhereItIsGiven() {
    for (Map<String, String> given :
        List.of(Map.of("OMP_WAIT_POLICY", "ACTIVE"), Map.of("GOMP_SPINCOUNT", "7"))) {
      Map<String, String> environment = new HashMap<>(given);
      ComputingJvm.applyEnvironment(config().compute(), environment);
      environment.keySet().retainAll(List.of("OMP_WAIT_POLICY", "GOMP_SPINCOUNT"));
      assertEquals(given, environment);
    }
  }

  private void runHaltedAnd(String signal, Main.Goal goal) {
    new ComputingJvm(ComputingJvm.thisJava(), classPath(), HALT + " -XX:-CreateCoredumpOnCrash")
        .run(
            goal,
            request(smallPhantom()),
            messages::add,
            line -> {
              other.add(line);
              if (line.startsWith("Listening")) {
                signalChild(signal);
              }
            });
  }

  private static void signalChild(String signal) {
    ProcessHandle child =
        ProcessHandle.current()
            .children()
            .filter(p -> p.info().command().orElse("").endsWith("java"))
            .findFirst()
            .orElseThrow();
    try {
      new ProcessBuilder("kill", "-" + signal, Long.toString(child.pid())).start().waitFor();
    } catch (IOException | InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private void run(Main.Goal goal, ExperimentConfig config, String jvmArgs) {
    new ComputingJvm(ComputingJvm.thisJava(), classPath(), jvmArgs)
        .run(goal, request(config), messages::add, other::add);
  }

  private Request request(ExperimentConfig config) {
    return new Request(config, folder, Map.of());
  }

  static List<Path> classPath() {
    return Pattern.compile(Pattern.quote(File.pathSeparator))
        .splitAsStream(System.getProperty("java.class.path"))
        .map(Path::of)
        .toList();
  }

  private static ExperimentConfig smallPhantom() {
    return config("covid.phantom.cases", "2,2,2", "covid.phantom.shape", "32,32,32");
  }

  private static ExperimentConfig largePhantom() {
    return config("covid.phantom.cases", "2,2,2", "covid.phantom.shape", "512,512,512");
  }

  private static ExperimentConfig config(String... properties) {
    Map<String, String> given = new HashMap<>();
    for (int i = 0; i < properties.length; i += 2) {
      given.put(properties[i], properties[i + 1]);
    }
    return ExperimentConfig.of(Settings.of(given), "test", null);
  }
}
