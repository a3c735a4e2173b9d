package org.covidmmar.experiment;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.covidmmar.AtomicFiles;
import org.covidmmar.CovidException;
import org.covidmmar.FileNames;
import org.covidmmar.FileTree;
import org.covidmmar.config.ExperimentConfig;
import org.covidmmar.provenance.ByteTravel;

/**
 * Runs a goal in a JVM of its own: allocator, threads, instruction set and heap must be set before
 * the native library loads, and its crash must not take the caller along. The child's standard
 * input is a pipe that stays open, so that the child ends when the caller does.
 *
 * @param java the java executable
 * @param classPath of {@link Main} and all it needs
 * @param jvmArgs further arguments in the syntax of java's argument files; they win over the heap
 *     set here; may be empty
 */
public record ComputingJvm(Path java, List<Path> classPath, String jvmArgs) {
  private static final JsonMapper JSON = new JsonMapper();
  private static final int LAST_LINES = 20;
  private static final int OUT_OF_HEAP = 3;
  private static final int SIGNALLED = 128;
  private static final int SIGKILL = 9;

  /**
   * How often a waiting thread of libgomp looks before it sleeps. Its own 300000 costs a training
   * nothing alone, but beside other work the waiting thread keeps the core that the working one
   * needs: docs/reference/performance.md.
   */
  private static final String SPINS = "1000";

  public ComputingJvm {
    classPath = List.copyOf(classPath);
  }

  /** The java executable of this JVM. */
  public static Path thisJava() {
    boolean windows = System.getProperty("os.name").startsWith("Windows");
    return Path.of(System.getProperty("java.home"), "bin", windows ? "java.exe" : "java");
  }

  /**
   * Runs the goal to its end, whether it is up to date or not.
   *
   * @param listener takes the goal's messages, in this thread
   * @param otherOutput takes the lines that are no messages (libraries' warnings, a crash report),
   *     in another thread
   * @throws CovidException with the failure that the goal reported, or with what is known of its
   *     death
   */
  public void run(
      Main.Goal goal, Request request, Message.Listener listener, Consumer<String> otherOutput) {
    try {
      Path files = Files.createTempDirectory("covid-" + goal.lowerCase());
      try {
        run(goal, request, files, listener, otherOutput);
      } finally {
        FileTree.delete(files);
      }
    } catch (IOException e) {
      throw new CovidException(
          "covid:" + goal.lowerCase(),
          "cannot start a JVM with " + java + ": " + e.getMessage(),
          "check that this is an executable java, or set covid.fork=false",
          e);
    }
  }

  private void run(
      Main.Goal goal,
      Request request,
      Path files,
      Message.Listener listener,
      Consumer<String> otherOutput)
      throws IOException {
    Path configFile = files.resolve("config.json");
    Path argFile = files.resolve("java.args");
    ExperimentConfig.Compute compute = goal.compute(request);
    AtomicFiles.writeString(configFile, request.config().toJson());
    Map<String, String> given = System.getenv();
    Optional<Path> cache =
        ChildEnvironment.cache(System.getProperty("user.home", ""), files, given, jvmArgs);
    Files.write(argFile, encoded(arguments(goal, compute, cache), FileNames.ofArguments()));
    List<String> command = new ArrayList<>();
    command.addAll(List.of(java.toString(), "@" + argFile, Main.class.getName()));
    command.addAll(List.of(goal.lowerCase(), configFile.toString(), Main.FORCE));
    if (request.project() != null) {
      Path projectFile = files.resolve("project.json");
      AtomicFiles.writeString(projectFile, JSON.writeValueAsString(request.project()));
      command.add(Main.PROJECT + projectFile);
    }
    request.models().forEach((coordinates, file) -> command.add(coordinates + "=" + file));
    ProcessBuilder builder = new ProcessBuilder(command).directory(request.basedir().toFile());
    applyEnvironment(compute, builder.environment(), jvmArgs);
    cache.ifPresent(folder -> ChildEnvironment.useCache(folder, builder.environment()));
    if (request.tracking() != null) {
      // Passwords among them: arguments and files could be read by others.
      builder.environment().putAll(request.tracking().environment());
    }

    Output output = new Output(listener, otherOutput, goal, request.config());
    Process process = builder.start();
    Thread destroyer = new Thread(() -> end(process), "end-" + goal.lowerCase());
    Runtime.getRuntime().addShutdownHook(destroyer);
    try {
      Thread errors = new Thread(() -> output.readOther(process.getErrorStream()), "child-stderr");
      errors.setDaemon(true);
      errors.start();
      output.readMessages(process.getInputStream());
      int exit = process.waitFor();
      errors.join();
      output.end(exit);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new CovidException(
          "covid:" + goal.lowerCase(), "was interrupted", "run the goal again to the end", e);
    } finally {
      process.destroy();
      removeHook(destroyer);
    }
  }

  /** The content of the argument file: everything before the main class. */
  private String arguments(Main.Goal goal, ExperimentConfig.Compute compute, Optional<Path> cache) {
    List<String> lines = new ArrayList<>();
    lines.add("-Xmx" + heapMegabytes(goal) + "m");
    lines.add("-XX:+ExitOnOutOfMemoryError");
    lines.add("-XX:+DisplayVMOutputToStderr");
    lines.add("-D" + Main.ENDS_WITH_INPUT + "=true");
    lines.add("-Dai.djl.offline=true");
    lines.add("-Dorg.slf4j.simpleLogger.defaultLogLevel=warn");
    lines.add("-Dfile.encoding=UTF-8");
    cache.ifPresent(folder -> lines.add(quoted("-D" + ChildEnvironment.JNA + "=" + folder)));
    lines.add(jvmArgs);
    lines.add("-Dai.djl.pytorch.num_threads=" + compute.threadCount());
    lines.add("-cp");
    lines.add(
        quoted(
            classPath.stream()
                .map(Path::toString)
                .collect(Collectors.joining(File.pathSeparator))));
    return String.join("\n", lines) + "\n";
  }

  /** The argument file's bytes; a character that they cannot hold would become another. */
  byte[] encoded(String arguments, Charset encoding) {
    classPath.forEach(path -> FileNames.requireEncodable("class path", path.toString(), encoding));
    FileNames.requireEncodable("covid.jvmArgs", jvmArgs, encoding);
    FileNames.requireEncodable("arguments of java", arguments, encoding);
    return arguments.getBytes(encoding);
  }

  /**
   * A fixed heap: with the JVM's default, garbage would be left lying beside the network's memory,
   * which is not on the heap. It holds the scans being prepared; a CT of 512 x 512 x 500 voxels
   * takes 500 MB.
   */
  private static int heapMegabytes(Main.Goal goal) {
    return goal == Main.Goal.PHANTOM || goal == Main.Goal.CHECK ? 512 : 2048;
  }

  /**
   * Sets what must be set before the native library loads. Threads and instruction set are those of
   * the configuration, whatever the caller's environment says, for they decide the bytes of the
   * result; the allocator's settings (glibc keeps freed blocks instead of asking the kernel for
   * them again) and how threads wait only decide its speed, so that what is given stays, as does
   * the order of GPUs.
   *
   * @param environment the child's, changed
   */
  static void applyEnvironment(ExperimentConfig.Compute compute, Map<String, String> environment) {
    applyEnvironment(compute, environment, "");
  }

  private static void applyEnvironment(
      ExperimentConfig.Compute compute, Map<String, String> environment, String jvmArgs) {
    ChildEnvironment.clean(environment, jvmArgs);
    environment.putIfAbsent("MALLOC_ARENA_MAX", "1");
    environment.putIfAbsent("MALLOC_MMAP_THRESHOLD_", "4294967296");
    environment.putIfAbsent("MALLOC_TRIM_THRESHOLD_", "8589934592");
    if (!environment.containsKey("OMP_WAIT_POLICY")) {
      environment.putIfAbsent("GOMP_SPINCOUNT", SPINS);
    }
    // GPUs have the numbers that nvidia-smi gives them; CUDA's own order puts the fastest first.
    environment.putIfAbsent("CUDA_DEVICE_ORDER", "PCI_BUS_ID");
    environment.put("OPT_OUT_TRACKING", "true");
    environment.put("OMP_NUM_THREADS", Integer.toString(compute.threadCount()));
    if (compute.isa().equals("avx2")) {
      environment.putAll(ByteTravel.PINNED);
    }
  }

  private static String quoted(String argument) {
    return '"' + argument.replace("\\", "\\\\").replace("\"", "\\\"") + '"';
  }

  /** Asks the child to end, and waits until it has: a training leaves a checkpoint first. */
  private static void end(Process process) {
    process.destroy();
    try {
      process.waitFor(Main.GRACE_SECONDS, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static void removeHook(Thread destroyer) {
    try {
      Runtime.getRuntime().removeShutdownHook(destroyer);
    } catch (IllegalStateException e) {
      // The caller is shutting down: the hook has run or is about to.
    }
  }

  /** What the child writes, and what it means once the child has ended. */
  private static final class Output {
    private final Message.Listener listener;
    private final Consumer<String> otherOutput;
    private final Deque<String> lastLines = new ArrayDeque<>();
    private final Main.Goal goal;
    private final ExperimentConfig config;
    private Message.Failure failure;

    Output(
        Message.Listener listener,
        Consumer<String> otherOutput,
        Main.Goal goal,
        ExperimentConfig config) {
      this.goal = goal;
      this.config = config;
      this.listener = listener;
      this.otherOutput = otherOutput;
    }

    void readMessages(InputStream stdout) throws IOException {
      BufferedReader reader =
          new BufferedReader(new InputStreamReader(stdout, StandardCharsets.UTF_8));
      for (String line = reader.readLine(); line != null; line = reader.readLine()) {
        Message message = parse(line);
        if (message instanceof Message.Failure f) {
          failure = f;
        } else if (message != null) {
          listener.on(message);
        } else {
          other(line);
        }
      }
    }

    /** The message in a line; null for a line that native code wrote past Java. */
    private static Message parse(String line) {
      try {
        return JSON.readValue(line, Message.class);
      } catch (JsonProcessingException e) {
        return null;
      }
    }

    void readOther(InputStream stderr) {
      try (BufferedReader reader =
          new BufferedReader(new InputStreamReader(stderr, StandardCharsets.UTF_8))) {
        for (String line = reader.readLine(); line != null; line = reader.readLine()) {
          other(line);
        }
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    private void other(String line) {
      synchronized (lastLines) {
        lastLines.add(line);
        if (lastLines.size() > LAST_LINES) {
          lastLines.remove();
        }
      }
      otherOutput.accept(line);
    }

    void end(int exit) {
      if (failure != null) {
        throw new CovidException(failure.subject(), failure.problem(), failure.remedy());
      }
      if (exit != 0) {
        throw death("covid:" + goal.lowerCase(), exit);
      }
    }

    private CovidException death(String name, int exit) {
      if (exit == OUT_OF_HEAP) {
        return new CovidException(
            name,
            "its JVM ran out of heap",
            "give it more, as in -Dcovid.jvmArgs=-Xmx4g, or set a smaller covid.batchSize or"
                + " covid.inputShape");
      }
      if (exit == SIGNALLED + SIGKILL) {
        return new CovidException(
            name,
            "its JVM was killed (signal 9), which the system does to the largest process when"
                + " memory runs out",
            goal == Main.Goal.TRAIN
                ? OutOfMemory.remedy(config, OutOfMemory.available(false))
                : "set a smaller covid.batchSize or covid.inputShape, or give the machine or"
                    + " container more memory");
      }
      String how =
          exit > SIGNALLED
              ? "its JVM died of signal " + (exit - SIGNALLED)
              : "its JVM ended with exit code " + exit + " and no message";
      return new CovidException(
          name,
          how + lastWords(),
          "run it again; if it happens again, report these lines, and try without the latest change"
              + " of covid.device, covid.isa or covid.jvmArgs");
    }

    private String lastWords() {
      String separator = System.lineSeparator() + "  | ";
      synchronized (lastLines) {
        return lastLines.isEmpty()
            ? ""
            : "; the last that it wrote:" + separator + String.join(separator, lastLines);
      }
    }
  }
}
