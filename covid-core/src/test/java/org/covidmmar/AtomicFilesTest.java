package org.covidmmar;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
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
    assertTrue(AtomicFiles.isFull(e));
    assertTrue(
        AtomicFiles.isFull(AtomicFiles.unwritable(file, new IOException("Disk quota exceeded"))));
    assertFalse(
        AtomicFiles.isFull(AtomicFiles.unwritable(file, new IOException("File too large"))));
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

  /** A process that halts while it writes, or waits there until its input ends. */
  static final class Writer {
    public static void main(String[] args) {
      AtomicFiles.write(
          Path.of(args[0]),
          out -> {
            out.write(args[1].getBytes(StandardCharsets.UTF_8));
            if (args[1].equals("halt")) {
              Runtime.getRuntime().halt(9);
            }
            System.out.println("writing");
            System.in.read();
          });
    }
  }

  private static Process writer(Path target, String what) throws IOException {
    return new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-cp",
            System.getProperty("java.class.path"),
            Writer.class.getName(),
            target.toString(),
            what)
        .redirectError(ProcessBuilder.Redirect.INHERIT)
        .start();
  }

  private List<String> names() throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.map(f -> f.getFileName().toString()).sorted().toList();
    }
  }

  @Test
  @DisabledOnOs(OS.WINDOWS)
  void whatAKilledWriterLeftTheNextOneTakesOver() throws Exception {
    Path file = folder.resolve("file");
    assertEquals(9, writer(file, "halt").waitFor());
    assertEquals(List.of(".file.0.part"), names());
    Files.writeString(folder.resolve(".file.1.part"), "a second one's");
    AtomicFiles.writeString(file, "w");
    assertEquals("w", Files.readString(file));
    assertEquals(List.of("file"), names());

    assertEquals(9, writer(file, "halt").waitFor());
    AtomicFiles.sweep(folder);
    assertEquals(List.of("file"), names());
    assertEquals("w", Files.readString(file));
  }

  @Test
  @DisabledOnOs(OS.WINDOWS)
  void aWriterAtWorkIsNotDisturbed() throws Exception {
    Path file = folder.resolve("file");
    Process other = writer(file, "slow");
    try (BufferedReader output = other.inputReader()) {
      assertEquals("writing", output.readLine());
      AtomicFiles.writeString(file, "fast");
      AtomicFiles.sweep(folder);
      assertEquals("fast", Files.readString(file));
      assertEquals(List.of(".file.0.part", "file"), names());
      other.getOutputStream().close();
      assertEquals(0, other.waitFor());
    }
    assertEquals("slow", Files.readString(file));
    assertEquals(List.of("file"), names());
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
