package org.covidmmar.io.dicom;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A long series fits into a small heap: a volume of it alone would take 367 MB. */
class DicomMemoryTest {
  private static final int SLICES = 700;

  @TempDir private Path folder;

  /** Converts in a JVM of its own: {@code IN OUT}. */
  public static void main(String[] args) {
    Conversions.one(Conversions.convert(Path.of(args[0]), Path.of(args[1])));
  }

  @Test
  @Tag("long")
  void sevenHundredSlices() throws IOException, InterruptedException {
    SyntheticCt ct = new SyntheticCt();
    ct.rows = 512;
    ct.columns = 512;
    ct.stored = 16;
    ct.signed = true;
    for (int i = 0; i < SLICES; i++) {
      ct.positions.add(new Vector(-20, -30, 0.6 * i));
    }
    ct.write(folder.resolve("in"));
    Process process =
        new ProcessBuilder(
                List.of(
                    Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                    "-Xmx128m",
                    "-cp",
                    System.getProperty("java.class.path"),
                    DicomMemoryTest.class.getName(),
                    folder.resolve("in").toString(),
                    folder.resolve("out").toString()))
            .redirectErrorStream(true)
            .redirectOutput(folder.resolve("log").toFile())
            .start();
    process.waitFor(10, TimeUnit.MINUTES);
    assertEquals(0, process.exitValue(), Files.readString(folder.resolve("log")));
  }
}
