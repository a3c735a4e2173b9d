package org.covidmmar.experiment;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** A long training takes no more memory than a short one. */
@EnabledOnOs(OS.LINUX)
class MemoryTest {
  private static final int EPOCHS = 200;
  private static final double TOLERANCE = 0.02;
  private static final Pattern EPOCH_DONE = Pattern.compile(".*\"epoch \\d+/\\d+  train/.*");
  private static final Path TABLE = Path.of("target/memory.csv");

  @TempDir Path folder;

  /** With validation and checkpoints in every epoch. The heap is resident from the beginning. */
  @Test
  @Tag("long")
  void residentMemoryOfTheLastEpochsIsThatOfTheMiddle() throws Exception {
    TinyStudy study =
        new TinyStudy(folder)
            .set("covid.epochs", Integer.toString(EPOCHS))
            .set("covid.dropout", "0.2");
    Path config = folder.resolve("config.json");
    Files.writeString(config, study.config().toJson());
    ProcessBuilder builder =
        new ProcessBuilder(
                ComputingJvm.thisJava().toString(),
                "-Xms256m",
                "-Xmx256m",
                "-XX:+AlwaysPreTouch",
                "-cp",
                System.getProperty("java.class.path"),
                Main.class.getName(),
                "train",
                config.toString())
            .directory(folder.toFile())
            .redirectError(folder.resolve("errors.txt").toFile());
    ComputingJvm.applyEnvironment(study.config().compute(), builder.environment());
    List<Long> kilobytes = new ArrayList<>();
    Process process = builder.start();
    try (var lines = process.inputReader()) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        if (EPOCH_DONE.matcher(line).matches()) {
          kilobytes.add(resident(process));
        }
      }
    } finally {
      process.destroyForcibly();
    }
    assertTrue(process.waitFor(1, TimeUnit.MINUTES));
    Files.write(TABLE, kilobytes.stream().map(String::valueOf).toList());
    assertEquals(EPOCHS, kilobytes.size(), () -> said());
    long middle = median(kilobytes.subList(EPOCHS / 4 - 1, EPOCHS / 2));
    long last = median(kilobytes.subList(EPOCHS - EPOCHS / 4, EPOCHS));
    assertEquals(1.0, (double) last / middle, TOLERANCE, middle + " kB -> " + last + " kB");
  }

  private static long resident(Process process) throws IOException {
    return Files.readAllLines(Path.of("/proc/" + process.pid() + "/status")).stream()
        .filter(line -> line.startsWith("VmRSS:"))
        .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
        .findFirst()
        .orElseThrow();
  }

  private static long median(List<Long> values) {
    return values.stream().sorted().toList().get(values.size() / 2);
  }

  private String said() {
    try {
      return Files.readString(folder.resolve("errors.txt"));
    } catch (IOException e) {
      return e.toString();
    }
  }
}
