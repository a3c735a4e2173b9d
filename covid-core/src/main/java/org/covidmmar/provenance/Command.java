package org.covidmmar.provenance;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** Asks another program something; a program that is missing or slow leaves the question open. */
final class Command {
  private static final int SECONDS = 10;
  private static final int MOST_BYTES = 1 << 23;

  private Command() {}

  /**
   * What the program prints, up to 8 MB.
   *
   * @param folder in which it runs
   * @return empty where there is no such program, it fails, or it does not end in ten seconds
   */
  static Optional<String> output(Path folder, List<String> command) {
    Process process;
    try {
      ProcessBuilder builder = new ProcessBuilder(command).directory(folder.toFile());
      // Looking must not make git wait for a lock, or write an index.
      builder.environment().put("GIT_OPTIONAL_LOCKS", "0");
      process = builder.redirectError(ProcessBuilder.Redirect.DISCARD).start();
      process.getOutputStream().close();
    } catch (IOException e) {
      return Optional.empty();
    }
    CompletableFuture<String> printed =
        CompletableFuture.supplyAsync(() -> read(process.getInputStream()));
    try {
      boolean ended = process.waitFor(SECONDS, TimeUnit.SECONDS);
      return ended && process.exitValue() == 0 ? Optional.of(printed.join()) : Optional.empty();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return Optional.empty();
    } finally {
      process.destroyForcibly();
    }
  }

  private static String read(InputStream in) {
    try (in) {
      byte[] first = in.readNBytes(MOST_BYTES);
      in.transferTo(OutputStream.nullOutputStream());
      return new String(first, StandardCharsets.UTF_8);
    } catch (IOException e) {
      return "";
    }
  }
}
