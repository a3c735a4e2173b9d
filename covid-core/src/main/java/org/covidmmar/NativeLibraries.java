package org.covidmmar;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** Native libraries, which are unpacked before they are loaded. */
public final class NativeLibraries {
  private static final List<String> NOT_EXECUTABLE =
      List.of("failed to map segment", "Operation not permitted", "cannot execute");

  private NativeLibraries() {}

  /**
   * What to say where a library lies on a disk from which nothing may be executed.
   *
   * @param failure of loading it, with its causes
   * @return empty where it failed for another reason
   */
  public static Optional<CovidException> onNoexecDisk(Throwable failure) {
    for (Throwable e = failure; e != null; e = e.getCause()) {
      String message = String.valueOf(e.getMessage());
      if (e instanceof UnsatisfiedLinkError
          && NOT_EXECUTABLE.stream().anyMatch(message::contains)) {
        return Optional.of(
            new CovidException(
                folder(message),
                "expected a disk that native libraries can be loaded from, found one mounted"
                    + " noexec: "
                    + message,
                "give libtorch a folder on a disk that is not mounted noexec, in the environment"
                    + " variable DJL_CACHE_DIR; other libraries with"
                    + " \"-Dcovid.jvmArgs=-Djava.io.tmpdir=FOLDER -Djna.tmpdir=FOLDER\"",
                failure));
      }
    }
    return Optional.empty();
  }

  /** The folder of the library that a message begins with. */
  private static String folder(String message) {
    int end = message.indexOf(": ");
    Path folder = end > 0 && message.startsWith("/") ? Path.of(message.substring(0, end)) : null;
    return folder == null || folder.getParent() == null
        ? "native library"
        : folder.getParent().toString();
  }
}
