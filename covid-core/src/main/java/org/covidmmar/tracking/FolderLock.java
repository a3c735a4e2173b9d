package org.covidmmar.tracking;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import org.covidmmar.AtomicFiles;

/**
 * A folder that one process has to itself: a lock on the file {@code .lock} in it. The system takes
 * it back when the process ends, however it ends. Released by closing.
 */
final class FolderLock implements AutoCloseable {
  private final FileChannel channel;

  private FolderLock(FileChannel channel) {
    this.channel = channel;
  }

  /** Takes the lock; empty where another process, or another part of this one, has it. */
  static Optional<FolderLock> tryTake(Path folder) {
    Path file = folder.resolve(".lock");
    try {
      Files.createDirectories(folder);
      FileChannel channel =
          FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
      if (tryLock(channel) != null) {
        return Optional.of(new FolderLock(channel));
      }
      channel.close();
      return Optional.empty();
    } catch (IOException e) {
      throw AtomicFiles.unwritable(file, e);
    }
  }

  private static FileLock tryLock(FileChannel channel) throws IOException {
    try {
      return channel.tryLock();
    } catch (OverlappingFileLockException e) {
      return null;
    }
  }

  @Override
  public void close() {
    try {
      channel.close();
    } catch (IOException e) {
      throw new IllegalStateException("closing a file that was not written to", e);
    }
  }
}
