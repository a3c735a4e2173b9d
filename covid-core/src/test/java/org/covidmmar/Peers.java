package org.covidmmar;

import static org.junit.jupiter.api.Assertions.fail;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Runs the Python tools that tests tagged {@code peers} compare with. */
public final class Peers {
  private static final String PROPERTY = "covid.peers.python";
  private static final String MLFLOW_PROPERTY = "covid.mlflow.python";
  private static final Path SCRIPTS = Path.of("src", "test", "python");
  private static final int MINUTES = 10;

  private Peers() {}

  /**
   * The interpreter of the environment that has MONAI, torch, nibabel and scikit-learn; the test
   * fails where none is given, so that a comparison is never passed by leaving it out.
   */
  public static Path python() {
    return python(PROPERTY);
  }

  /** The interpreter of the environment that has MLflow; the test fails where none is given. */
  public static Path pythonOfMlflow() {
    return python(MLFLOW_PROPERTY);
  }

  /**
   * Runs dcm2niix with its output thrown away; the test fails where it does not end with exit
   * status 0.
   */
  public static void runDcm2niix(String... args) {
    Path tool = python("covid.dcm2niix.python").resolveSibling("dcm2niix");
    List<String> command = new ArrayList<>(List.of(tool.toString()));
    command.addAll(List.of(args));
    run(command, Path.of(""));
  }

  /** As {@link #run}, with the interpreter that has MLflow and ONNX Runtime. */
  public static String runWithMlflow(String script, String... args) {
    List<String> command =
        new ArrayList<>(List.of(pythonOfMlflow().toString(), SCRIPTS.resolve(script).toString()));
    command.addAll(List.of(args));
    return run(command, Path.of(""));
  }

  private static Path python(String property) {
    String python = System.getProperty(property, "");
    if (python.isBlank()) {
      return fail(
          "system property " + property + " is not set: run the tests with the profile peers");
    }
    if (!Files.isExecutable(Path.of(python))) {
      return fail(property + " is " + python + ", which is no executable file");
    }
    return Path.of(python);
  }

  /**
   * Runs a script of src/test/python with standard input closed; the test fails where the script
   * does not end with exit status 0 within ten minutes.
   *
   * @return what the script wrote to its standard output
   */
  public static String run(String script, String... args) {
    List<String> all = new ArrayList<>(List.of(SCRIPTS.resolve(script).toString()));
    all.addAll(List.of(args));
    return runIn(Path.of(""), all.toArray(String[]::new));
  }

  /** As {@link #run}, for anything that the interpreter takes, in a folder. */
  public static String runIn(Path folder, String... args) {
    List<String> command = new ArrayList<>(List.of(python().toString()));
    command.addAll(List.of(args));
    return run(command, folder);
  }

  private static String run(List<String> command, Path folder) {
    try {
      Path out = Files.createTempFile("peer", ".out");
      Path err = Files.createTempFile("peer", ".err");
      try {
        return run(command, folder.toAbsolutePath(), out, err);
      } finally {
        Files.delete(out);
        Files.delete(err);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String run(List<String> command, Path folder, Path out, Path err)
      throws IOException {
    Process process =
        new ProcessBuilder(command)
            .directory(folder.toFile())
            .redirectOutput(out.toFile())
            .redirectError(err.toFile())
            .start();
    boolean ended = false;
    try {
      process.getOutputStream().close();
      ended = process.waitFor(MINUTES, TimeUnit.MINUTES);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      process.destroyForcibly();
    }
    String written = Files.readString(out);
    if (!ended || process.exitValue() != 0) {
      String end = ended ? "exit status " + process.exitValue() : "did not end";
      return fail(String.join(" ", command) + ": " + end + "\n" + written + Files.readString(err));
    }
    return written;
  }
}
