package org.covidmmar.tracking;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.covidmmar.AtomicFiles;
import org.covidmmar.CovidException;

/**
 * MLflow as it is installed on this machine.
 *
 * @param command that runs it: a name on the PATH, or a file
 */
record MlflowInstallation(String command) {
  /** The version that is installed where there is none, and that runs are known to be shown by. */
  static final String VERSION = "3.17.2";

  /** Versions that read the journal alike. */
  private static final Pattern FIT = Pattern.compile("version 3\\.17\\.\\d+\\b");

  private static final Pattern PYTHON = Pattern.compile("Python 3\\.(\\d+)");
  private static final int LEAST_MINOR = 10;
  private static final boolean WINDOWS = System.getProperty("os.name").startsWith("Windows");

  /**
   * The one on the PATH where it is fit, else one of our own, which is installed if need be.
   *
   * @param says told what takes long
   * @throws CovidException where there is no Python, or the installation fails
   */
  static MlflowInstallation find(Consumer<String> says) {
    if (answer("mlflow", "--version").filter(said -> FIT.matcher(said).find()).isPresent()) {
      return new MlflowInstallation("mlflow");
    }
    return own(cache().resolve("mlflow-" + VERSION), says);
  }

  private static Path cache() {
    String given = System.getenv("XDG_CACHE_HOME");
    Path base =
        given != null && !given.isBlank()
            ? Path.of(given)
            : Path.of(System.getProperty("user.home"), ".cache");
    return base.resolve("covid-mmar");
  }

  @SuppressWarnings("try") // the lock is held, not used
  private static MlflowInstallation own(Path folder, Consumer<String> says) {
    MlflowInstallation own = new MlflowInstallation(tool(folder, "mlflow").toString());
    Path complete = folder.resolve("complete");
    if (Files.exists(complete)) {
      return own;
    }
    String python = python();
    try {
      Files.createDirectories(folder);
    } catch (IOException e) {
      throw AtomicFiles.unwritable(folder, e);
    }
    try (FolderLock lock =
        FolderLock.tryTake(folder)
            .orElseThrow(
                () ->
                    new CovidException(
                        folder,
                        "is being installed by another process",
                        "wait until it is done"))) {
      says.accept(
          "installing MLflow " + VERSION + " into " + folder + ", once: some 700 MB, minutes");
      run(
          folder,
          python,
          "-m",
          "venv",
          "--clear",
          "--upgrade-deps",
          folder.resolve("venv").toString());
      run(
          folder,
          tool(folder, "python").toString(),
          "-m",
          "pip",
          "install",
          "--quiet",
          "--no-input",
          "--disable-pip-version-check",
          "mlflow==" + VERSION);
      AtomicFiles.writeString(complete, VERSION + "\n");
    }
    return own;
  }

  private static Path tool(Path folder, String name) {
    return WINDOWS
        ? folder.resolve("venv/Scripts").resolve(name + ".exe")
        : folder.resolve("venv/bin").resolve(name);
  }

  private static String python() {
    for (String name : List.of("python3", "python")) {
      Matcher version = PYTHON.matcher(answer(name, "--version").orElse(""));
      if (version.find() && Integer.parseInt(version.group(1)) >= LEAST_MINOR) {
        return name;
      }
    }
    throw new CovidException(
        "covid:ui",
        "neither MLflow 3.17 nor Python 3." + LEAST_MINOR + " or later is on the PATH",
        "install Python with its module venv (Debian, Ubuntu: apt-get install python3-venv), or look"
            + " at a run's report.html, which needs neither: mvn covid:report");
  }

  /** What a command says; empty where there is no such command or it fails. */
  private static Optional<String> answer(String... command) {
    try {
      Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
      process.getOutputStream().close();
      String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      return process.waitFor() == 0 ? Optional.of(said) : Optional.empty();
    } catch (IOException e) {
      return Optional.empty();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return Optional.empty();
    }
  }

  private static void run(Path folder, String... command) {
    Path log = folder.resolve("install.log");
    try {
      Process process =
          new ProcessBuilder(new ArrayList<>(List.of(command)))
              .redirectErrorStream(true)
              .redirectOutput(log.toFile())
              .start();
      process.getOutputStream().close();
      int exit = process.waitFor();
      if (exit != 0) {
        throw new CovidException(
            folder,
            "MLflow cannot be installed there (" + command[0] + " ended with " + exit + ")",
            "see "
                + log
                + "; or install mlflow=="
                + VERSION
                + " yourself, so that it is on the PATH");
      }
    } catch (IOException e) {
      throw new CovidException(
          folder.toString(),
          "MLflow cannot be installed there: " + e.getMessage(),
          "install mlflow==" + VERSION + " yourself, so that it is on the PATH",
          e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new CovidException(
          folder.toString(), "the installation was interrupted", "run it again", e);
    }
  }
}
