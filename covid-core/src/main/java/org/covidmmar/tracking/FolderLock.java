package org.covidmmar.tracking;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.covidmmar.AtomicFiles;

/**
 * A folder that one process has to itself: a lock on the file {@code .lock} in it. The system takes
 * it back when the process ends, however it ends. Released by closing. Who holds it and is about to
 * end says so by a file {@code .ending} beside it.
 */
final class FolderLock implements AutoCloseable {
  /**
   * What this process holds. POSIX releases a process's lock on a file as soon as any of its
   * channels of that file is closed, so none must be opened to find out.
   */
  private static final Set<Path> HELD = ConcurrentHashMap.newKeySet();

  private final Path folder;
  private final FileChannel channel;

  private FolderLock(Path folder, FileChannel channel) {
    this.folder = folder;
    this.channel = channel;
  }

  /** Takes the lock; empty where another process, or another part of this one, has it. */
  static Optional<FolderLock> tryTake(Path folder) {
    Path file = folder.resolve(".lock");
    Path real = null;
    FolderLock taken = null;
    FileChannel channel = null;
    try {
      Path place = Files.createDirectories(folder).toRealPath();
      if (!HELD.add(place)) {
        return Optional.empty();
      }
      real = place;
      channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
      if (channel.tryLock() != null) {
        // Left by a holder that was killed.
        Files.deleteIfExists(ending(real));
        taken = new FolderLock(real, channel);
      }
      return Optional.ofNullable(taken);
    } catch (IOException e) {
      throw AtomicFiles.unwritable(file, e);
    } finally {
      if (taken == null && real != null) {
        release(real, channel);
      }
    }
  }

  private static Path ending(Path folder) {
    return folder.resolve(".ending");
  }

  /** Says that the lock will be released soon, unless it has been. */
  synchronized void markEnding() {
    try {
      if (channel.isOpen()) {
        Files.writeString(ending(folder), "");
      }
    } catch (IOException e) {
      // Then nobody waits: no reason not to end.
    }
  }

  /** Whether who holds a folder's lock has said that it is about to end. */
  static boolean isEnding(Path folder) {
    return Files.exists(ending(folder));
  }

  @Override
  public synchronized void close() {
    if (!channel.isOpen()) {
      // Another may hold the folder by now.
      return;
    }
    try {
      Files.deleteIfExists(ending(folder));
    } catch (IOException e) {
      // The next holder removes it.
    }
    release(folder, channel);
  }

  private static void release(Path folder, FileChannel channel) {
    try {
      if (channel != null) {
        channel.close();
      }
    } catch (IOException e) {
      throw new IllegalStateException("closing a file that was not written to", e);
    } finally {
      HELD.remove(folder);
    }
  }
}
