package org.covidmmar;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Files that appear under their name whole or not at all, whatever happens while writing. */
public final class AtomicFiles {
  private AtomicFiles() {}

  /** Writes a file's content. */
  @FunctionalInterface
  public interface Content {
    void writeTo(OutputStream out) throws IOException;
  }

  /** Writes a file's content by channel. */
  @FunctionalInterface
  public interface ChannelContent {
    void writeTo(FileChannel channel) throws IOException;
  }

  /**
   * Writes beside the target, forces to disk, then moves into place. Makes missing folders.
   *
   * @throws CovidException where the disk is full or the folder can't be written
   */
  public static void write(Path target, Content content) {
    writeChannel(
        target,
        channel -> {
          OutputStream out = Channels.newOutputStream(channel);
          content.writeTo(out);
          out.flush();
        });
  }

  /** As {@link #write}, in UTF-8. */
  public static void writeString(Path target, String text) {
    write(target, out -> out.write(text.getBytes(StandardCharsets.UTF_8)));
  }

  /** As {@link #write}, for content that is written by channel. */
  public static void writeChannel(Path target, ChannelContent content) {
    try {
      Path folder = target.toAbsolutePath().getParent();
      Files.createDirectories(folder);
      try (PartFile part = PartFile.beside(folder, target.getFileName().toString())) {
        content.writeTo(part.channel());
        part.channel().force(true);
        part.moveTo(target);
      }
    } catch (IOException e) {
      throw unwritable(target, e);
    }
  }

  /**
   * Removes what writers that were killed left in a folder; those at work are not disturbed.
   *
   * @throws CovidException where the folder can't be written
   */
  public static void sweep(Path folder) {
    try {
      PartFile.sweep(folder);
    } catch (IOException e) {
      throw unwritable(folder, e);
    }
  }

  /** Whether a file is what a writer that was killed left beside its target. */
  public static boolean isUnfinished(Path file) {
    String name = file.getFileName().toString();
    return name.startsWith(".") && name.endsWith(PartFile.SUFFIX);
  }

  /** What a failed write means for the user. */
  public static CovidException unwritable(Path target, IOException e) {
    String reason = e instanceof AccessDeniedException ? "permission denied" : reason(e);
    return new CovidException(
        target.toString(),
        "cannot be written: " + (reason == null ? e.getClass().getSimpleName() : reason),
        isFull(reason)
            ? "free space on that disk, or set the folder to one that has some"
            : "make the folder writable, or set another one",
        e);
  }

  /** Whether a write failed because the disk, or what the user may have of it, is full. */
  public static boolean isFull(CovidException failed) {
    return failed.getCause() instanceof IOException e && isFull(reason(e));
  }

  private static boolean isFull(String reason) {
    return reason != null
        && (reason.contains("No space left") || reason.contains("quota exceeded"));
  }

  private static String reason(IOException e) {
    return e instanceof FileSystemException f && f.getReason() != null
        ? f.getReason()
        : e.getMessage();
  }
}
