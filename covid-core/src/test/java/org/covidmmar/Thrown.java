package org.covidmmar;

import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.function.Executable;

/** What a refusal says. */
public final class Thrown {
  private Thrown() {}

  /** The message of a refusal, which holds each of the parts. */
  public static String by(Executable code, String... parts) {
    String message = assertThrows(CovidException.class, code).getMessage();
    for (String part : parts) {
      assertTrue(message.contains(part), () -> "no \"" + part + "\" in: " + message);
    }
    return message;
  }
}
