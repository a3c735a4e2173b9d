package org.covidmmar;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.nio.file.InvalidPathException;
import org.junit.jupiter.api.Test;

class FileNamesTest {
  @Test
  void nameThatTheLocaleLacksIsRefusedWithTheLocaleToSet() {
    CovidException e =
        assertThrows(
            CovidException.class,
            () -> FileNames.requireEncodable("d.json", "l\u00e4sion", StandardCharsets.US_ASCII));
    assertEquals("d.json", e.subject());
    assertTrue(e.problem().contains("US-ASCII"), e.getMessage());
    assertTrue(e.problem().contains("l\u00e4sion"), e.getMessage());
    assertTrue(e.remedy().contains("LC_ALL=C.UTF-8"), e.getMessage());
    FileNames.requireEncodable("d.json", "l\u00e4sion", StandardCharsets.ISO_8859_1);
  }

  @Test
  void pathThatNoLocaleHasIsNotBlamedOnIt() {
    CovidException e = FileNames.refused(new InvalidPathException("a\u0000b", "Nul character"));
    assertTrue(e.problem().contains("is not a path: Nul character"), e.getMessage());
  }
}
