package org.covidmmar.model.weights;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import org.apache.commons.rng.UniformRandomProvider;
import org.covidmmar.CovidException;
import org.covidmmar.Seeds;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whatever a file's bytes are, it gives tensors or a CovidException. */
class TorchFuzzTest {
  private static final int[] OPERATIONS = "(}]).0NXJKMGQRcqrhjsuaetb".chars().toArray();

  @TempDir Path folder;

  @Test
  void mutated() throws IOException {
    mutate(1, 2_000);
  }

  @Test
  @Tag("long")
  void mutatedManyTimes() throws IOException {
    mutate(2, 200_000);
  }

  private void mutate(long seed, int times) throws IOException {
    List<Map<String, byte[]>> goldens = List.of(entries("strided.pt"), entries("trained.pt"));
    int read = 0;
    for (int n = 0; n < times; n++) {
      UniformRandomProvider random = new Seeds(seed).child(n).generator();
      Map<String, byte[]> entries =
          new LinkedHashMap<>(goldens.get(random.nextInt(goldens.size())));
      // A changed pickle in a whole zip has its checksum; in a changed zip nothing has.
      boolean inside = random.nextInt(4) > 0;
      if (inside) {
        entries.replaceAll((e, b) -> e.endsWith("data.pkl") ? mutated(b, random) : b);
      }
      byte[] zip = TorchBytes.zip(entries);
      byte[] content = inside ? zip : mutated(zip, random);
      try {
        readAll(Files.write(folder.resolve("fuzz.pt"), content));
        read++;
      } catch (CovidException e) {
        assertFalse(e.problem().isBlank());
      } catch (RuntimeException | Error e) {
        fail("mutation " + n + " of seed " + seed, e);
      }
    }
    // Neither outcome may be the only one, or the mutations show nothing.
    assertTrue(read > times / 50 && read < times, read + " of " + times + " read");
  }

  private static void readAll(Path path) {
    try (TensorFile file = TensorFile.open(path)) {
      file.entries()
          .forEach(
              (name, info) -> {
                if (info.type().isFloating()) {
                  file.floats(name);
                }
              });
    }
  }

  private static Map<String, byte[]> entries(String golden) throws IOException {
    Map<String, byte[]> entries = new LinkedHashMap<>();
    try (ZipFile zip = new ZipFile(TorchFileTest.GOLDENS.resolve(golden).toFile())) {
      for (ZipEntry entry : zip.stream().toList()) {
        entries.put(entry.getName(), zip.getInputStream(entry).readAllBytes());
      }
    }
    return entries;
  }

  private static byte[] mutated(byte[] source, UniformRandomProvider random) {
    byte[] content = source.clone();
    int changes = 1 + random.nextInt(4);
    for (int c = 0; c < changes; c++) {
      int at = random.nextInt(content.length);
      switch (random.nextInt(4)) {
        case 0 -> content[at] = (byte) random.nextInt(256);
        case 1 -> content[at] = (byte) OPERATIONS[random.nextInt(OPERATIONS.length)];
        case 2 -> content[at] ^= (byte) (1 << random.nextInt(8));
        default -> {
          // A piece of it again, elsewhere.
          int length = Math.min(1 + random.nextInt(40), content.length - at);
          System.arraycopy(
              source, at, content, random.nextInt(content.length - length + 1), length);
        }
      }
    }
    return random.nextInt(10) == 0
        ? Arrays.copyOf(content, random.nextInt(content.length))
        : content;
  }
}
