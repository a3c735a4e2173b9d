package org.covidmmar;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AtomicFilesTest {
  @TempDir Path folder;

  @Test
  void makesFoldersAndReplacesWhatWasThere() throws IOException {
    Path file = folder.resolve("a/b/c.txt");
    AtomicFiles.writeString(file, "one");
    AtomicFiles.writeString(file, "two");
    assertEquals("two", Files.readString(file));
  }

  @Test
  void aFailureLeavesTheOldContentAndNothingBeside() throws IOException {
    Path file = folder.resolve("kept.txt");
    AtomicFiles.writeString(file, "old");
    CovidException e =
        assertThrows(
            CovidException.class,
            () ->
                AtomicFiles.write(
                    file,
                    out -> {
                      out.write(1);
                      throw new IOException("No space left on device");
                    }));
    assertEquals("old", Files.readString(file));
    assertTrue(e.getMessage().contains("free space on that disk"), e.getMessage());
    try (Stream<Path> left = Files.list(folder)) {
      assertEquals(1, left.count());
    }
  }

  @Test
  void aFileMayBeReadByWhoeverMayReadAnyOther() throws IOException {
    Path usual = Files.createFile(folder.resolve("usual"));
    Path file = folder.resolve("written");
    AtomicFiles.writeString(file, "text");
    assumeTrue(folder.getFileSystem().supportedFileAttributeViews().contains("posix"));
    assertEquals(Files.getPosixFilePermissions(usual), Files.getPosixFilePermissions(file));
  }

  @Test
  void writersOfOneFileDoNotDisturbEachOther() throws Exception {
    Path file = folder.resolve("shared");
    int writers = 4;
    ExecutorService pool = Executors.newFixedThreadPool(writers);
    try {
      Callable<Void> write =
          () -> {
            for (int i = 0; i < 200; i++) {
              AtomicFiles.writeString(file, "whole");
            }
            return null;
          };
      for (Future<Void> f : pool.invokeAll(Collections.nCopies(writers, write))) {
        f.get();
      }
    } finally {
      pool.shutdownNow();
    }
    assertEquals("whole", Files.readString(file));
  }

  @Test
  void aPartThatAKilledWriterLeftIsNoObstacle() throws IOException {
    Path left = Files.writeString(folder.resolve(".file.0.part"), "half");
    AtomicFiles.writeString(folder.resolve("file"), "whole");
    assertEquals("whole", Files.readString(folder.resolve("file")));
    assertEquals("half", Files.readString(left));
  }

  @Test
  void aFileInPlaceOfAFolderIsNamed() throws IOException {
    Path notFolder = Files.writeString(folder.resolve("file"), "");
    CovidException e =
        assertThrows(
            CovidException.class, () -> AtomicFiles.writeString(notFolder.resolve("x"), "text"));
    assertTrue(e.subject().startsWith(notFolder.toString()), e.getMessage());
    assertFalse(e.remedy().isBlank());
  }
}
