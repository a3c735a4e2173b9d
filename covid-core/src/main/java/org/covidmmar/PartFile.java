package org.covidmmar;

import java.io.File;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * A file beside a target, which one writer has to itself while it lives and which the next writer
 * of that target takes over once it is dead: the system releases the lock on it then. On Windows,
 * where an open file can't be moved, a dead writer's file is left where it is.
 */
final class PartFile implements AutoCloseable {
  static final String SUFFIX = ".part";

  private static final boolean WINDOWS = File.separatorChar == '\\';

  /**
   * What this process writes, or looks at. POSIX releases a process's lock on a file as soon as any
   * of its channels of that file is closed, so no other thread may open it.
   */
  private static final Set<Path> OWN = ConcurrentHashMap.newKeySet();

  private final Path path;
  private final FileChannel channel;
  private boolean moved;

  private PartFile(Path path, FileChannel channel) {
    this.path = path;
    this.channel = channel;
  }

  /**
   * An empty file to write to: a dead writer's, or a new one with the permissions that files
   * usually get. Removes what other dead writers left.
   *
   * @param folder exists
   * @param name the target's
   */
  static PartFile beside(Path folder, String name) throws IOException {
    Path real = folder.toRealPath();
    PartFile taken = null;
    try {
      for (int n = 0; ; n++) {
        Path path = real.resolve("." + name + "." + n + SUFFIX);
        boolean exists = Files.exists(path, LinkOption.NOFOLLOW_LINKS);
        if (!exists && taken != null) {
          PartFile done = taken;
          taken = null;
          return done;
        }
        if (!exists) {
          PartFile made = make(path);
          if (made != null) {
            return made;
          }
          continue;
        }
        PartFile left = ofDeadWriter(path);
        if (left != null && taken != null) {
          left.close();
        } else if (left != null) {
          taken = left;
          taken.channel.truncate(0);
        }
      }
    } finally {
      if (taken != null) {
        taken.close();
      }
    }
  }

  /** A new file; null where another writer was faster. */
  private static PartFile make(Path path) throws IOException {
    return claimed(
        path,
        () -> {
          FileChannel channel;
          try {
            channel =
                FileChannel.open(path, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
          } catch (FileAlreadyExistsException e) {
            return null;
          }
          try {
            return channel.tryLock() == null ? closed(channel) : channel;
          } catch (IOException e) {
            // A file system without locks: nobody takes over anything there.
            return channel;
          }
        });
  }

  /** The file that a writer left which is dead; null where it lives, or that can't be told. */
  private static PartFile ofDeadWriter(Path path) throws IOException {
    return WINDOWS
        ? null
        : claimed(
            path,
            () -> {
              Object before = identity(path);
              FileChannel channel;
              try {
                channel = FileChannel.open(path, StandardOpenOption.WRITE);
              } catch (IOException e) {
                return null;
              }
              // Its writer may have moved it into place while it was being opened.
              boolean same = isLocked(channel) && before != null && before.equals(identity(path));
              return same ? channel : closed(channel);
            });
  }

  private interface Opening {
    FileChannel open() throws IOException;
  }

  private static PartFile claimed(Path path, Opening opening) throws IOException {
    if (!OWN.add(path)) {
      return null;
    }
    FileChannel channel = null;
    try {
      channel = opening.open();
      return channel == null ? null : new PartFile(path, channel);
    } finally {
      if (channel == null) {
        OWN.remove(path);
      }
    }
  }

  private static FileChannel closed(FileChannel channel) throws IOException {
    channel.close();
    return null;
  }

  private static boolean isLocked(FileChannel channel) {
    try {
      return channel.tryLock() != null;
    } catch (IOException | OverlappingFileLockException e) {
      return false;
    }
  }

  private static Object identity(Path path) {
    try {
      return Files.readAttributes(path, BasicFileAttributes.class).fileKey();
    } catch (IOException e) {
      return null;
    }
  }

  /** Removes the files in a folder whose writers are dead. */
  static void sweep(Path folder) throws IOException {
    Path real = folder.toRealPath();
    try (var parts = Files.newDirectoryStream(real, ".*" + SUFFIX)) {
      for (Path path : parts) {
        PartFile part = ofDeadWriter(path);
        if (part != null) {
          part.close();
        }
      }
    }
  }

  /** Where the content goes. */
  FileChannel channel() {
    return channel;
  }

  /** Gives the file its name. Locked until then, so that nobody takes it for a dead writer's. */
  void moveTo(Path target) throws IOException {
    letGoOnWindows();
    Files.move(path, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    moved = true;
  }

  private void letGoOnWindows() throws IOException {
    if (WINDOWS) {
      channel.close();
    }
  }

  /** Removes the file unless it was moved. */
  @Override
  public void close() throws IOException {
    try (channel) {
      letGoOnWindows();
      if (!moved) {
        Files.deleteIfExists(path);
      }
    } finally {
      OWN.remove(path);
    }
  }
}
