package org.covidmmar.inference;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.covidmmar.CovidException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PicturesTest {
  private static final Montage MONTAGE = new Montage(3, 2, new byte[1], null, new byte[2]);

  @TempDir Path folder;

  @Test
  void whatIsWrittenIsReadWhateverTheIds() {
    Pictures.Writer writer = new Pictures.Writer(folder);
    writer.add("../a/b \"c\"", MONTAGE);
    writer.add("ü", MONTAGE);
    writer.end();
    assertEquals(
        List.of(
            new Pictures.OfCase("../a/b \"c\"", 3, 2, "01-scan.png", null, "01-saliency.png"),
            new Pictures.OfCase("ü", 3, 2, "02-scan.png", null, "02-saliency.png")),
        Pictures.in(folder).orElseThrow().cases());
  }

  @Test
  void aWriterThatWasKilledLeavesNoPicturesOfBefore() {
    Pictures.Writer first = new Pictures.Writer(folder);
    first.add("a", MONTAGE);
    first.end();
    new Pictures.Writer(folder).add("b", MONTAGE);
    assertEquals(Optional.empty(), Pictures.in(folder));
    assertEquals(Optional.empty(), Pictures.in(folder.resolve("none")));
  }

  @Test
  void aDamagedIndexIsTold() throws IOException {
    Files.writeString(folder.resolve("pictures.json"), "{\"cases\": [{\"id\"");
    CovidException e = assertThrows(CovidException.class, () -> Pictures.in(folder));
    assertTrue(e.getMessage().contains("covid:validate"), e.getMessage());
    Files.writeString(folder.resolve("pictures.json"), "{}");
    assertThrows(CovidException.class, () -> Pictures.in(folder));
  }
}
