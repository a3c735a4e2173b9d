package org.covidmmar.tracking;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FolderLockTest {
  private static final int TAKEN = 10;
  private static final int REFUSED = 11;

  @TempDir Path folder;

  /** Another process that tries to take a folder. */
  static final class Taker {
    public static void main(String[] args) {
      System.exit(FolderLock.tryTake(Path.of(args[0])).isPresent() ? TAKEN : REFUSED);
    }
  }

  private int otherProcess() throws Exception {
    return new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-cp",
            System.getProperty("java.class.path"),
            Taker.class.getName(),
            folder.toString())
        .inheritIO()
        .start()
        .waitFor();
  }

  @Test
  void aSecondTryInThisProcessDoesNotLoseTheLock() throws Exception {
    try (FolderLock held = FolderLock.tryTake(folder).orElseThrow()) {
      assertEquals(Optional.empty(), FolderLock.tryTake(folder));
      assertEquals(
          Optional.empty(), FolderLock.tryTake(folder.resolve("../" + folder.getFileName())));
      assertEquals(REFUSED, otherProcess());
      held.markEnding();
    }
    assertEquals(TAKEN, otherProcess());
    FolderLock.tryTake(folder).orElseThrow().close();
  }

  @Test
  void closingTwiceDoesNotReleaseWhatAnotherHolds() throws Exception {
    FolderLock first = FolderLock.tryTake(folder).orElseThrow();
    first.close();
    try (FolderLock second = FolderLock.tryTake(folder).orElseThrow()) {
      first.close();
      assertEquals(Optional.empty(), FolderLock.tryTake(folder));
      assertEquals(REFUSED, otherProcess());
      second.markEnding();
    }
  }

  @Test
  void whoIsAboutToEndSaysSoUntilItHas() throws Exception {
    FolderLock held = FolderLock.tryTake(folder).orElseThrow();
    assertFalse(FolderLock.isEnding(folder));
    held.markEnding();
    assertTrue(FolderLock.isEnding(folder));
    assertEquals(REFUSED, otherProcess());
    assertTrue(FolderLock.isEnding(folder));
    held.close();
    assertFalse(FolderLock.isEnding(folder));
    held.markEnding();
    assertFalse(FolderLock.isEnding(folder), "marked after it was released");
    // As a killed one leaves it.
    Files.writeString(folder.resolve(".ending"), "");
    FolderLock next = FolderLock.tryTake(folder).orElseThrow();
    assertFalse(FolderLock.isEnding(folder));
    next.close();
  }
}
