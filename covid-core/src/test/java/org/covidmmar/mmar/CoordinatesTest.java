package org.covidmmar.mmar;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.covidmmar.CovidException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CoordinatesTest {
  private static Coordinates parse(String text) {
    return Coordinates.parse("covid.model", text);
  }

  @Test
  void areReadAsMavenWritesThem() {
    assertEquals(new Coordinates("org.e", "base", "", "1.2"), parse("org.e:base:mmar:1.2"));
    assertEquals(
        new Coordinates("org.e", "base", "fold0", "1-SNAPSHOT"),
        parse("org.e:base:mmar:fold0:1-SNAPSHOT"));
    assertEquals(new Coordinates("org.e", "base", "", null), parse("org.e:base"));
    assertEquals(new Coordinates("org.e", "base", "", null), parse("org.e:base:mmar"));
    assertEquals("org.e:base:mmar:fold0:1", parse("org.e:base:mmar:fold0:1").toString());
    assertEquals("org.e:base:mmar", parse("org.e:base").toString());
    assertEquals(parse("org.e:base:mmar:1"), parse(" org.e:base:mmar:1\n"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "org.e:base:1.2",
        "org.e:base:jar:1.2",
        "org.e:base:mmar:a:b:c",
        "org.e::mmar:1",
        "org.e:base:mmar:[1,2)",
        "org.e:base:mmar:${v}",
        "org.e:a/x:mmar:1"
      })
  void areRefusedWhereTheyAreNone(String text) {
    CovidException e = assertThrows(CovidException.class, () -> parse(text));
    assertEquals("covid.model", e.subject());
    assertTrue(e.problem().contains(text), e.getMessage());
    assertTrue(e.remedy().contains("org.example:lung-base:mmar:1.2"), e.getMessage());
  }

  @Test
  void aVersionThatMovesIsRefused() {
    CovidException e = assertThrows(CovidException.class, () -> parse("org.e:base:mmar:LATEST"));
    assertTrue(e.problem().startsWith("LATEST is another model"), e.getMessage());
  }

  @Test
  void areToldFromPathsAndRunIds() {
    assertTrue(Coordinates.isMeantSo("org.e:base"));
    assertFalse(Coordinates.isMeantSo("C:\\models\\base.mmar"));
    assertFalse(Coordinates.isMeantSo("c:base.mmar"));
    assertFalse(Coordinates.isMeantSo("models/base.mmar"));
    assertFalse(Coordinates.isMeantSo("0123456789abcdef0123456789abcdef"));
  }
}
