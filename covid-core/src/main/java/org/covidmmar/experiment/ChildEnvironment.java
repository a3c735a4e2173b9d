package org.covidmmar.experiment;

import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.covidmmar.CovidException;
import org.covidmmar.provenance.Provenance;

/** What a goal's JVM must not take from the environment, or must be given in its place. */
final class ChildEnvironment {
  /** Environment variable and system property: the libtorch to take instead of the jar's. */
  private static final String LIBRARY = "PYTORCH_LIBRARY_PATH";

  /** Which libtorch it is; PyTorch's own images have them set for another use. */
  private static final List<String> CHOICE =
      List.of("PYTORCH_VERSION", "PYTORCH_FLAVOR", "PYTORCH_PRECXX11");

  /** System property: where JNA unpacks its library, else below the home folder. */
  static final String JNA = "jna.tmpdir";

  private static final String CACHE = "DJL_CACHE_DIR";
  private static final List<String> CACHES = List.of("ENGINE_CACHE_DIR", CACHE);
  private static final Set<PosixFilePermission> OWNER_ONLY =
      PosixFilePermissions.fromString("rwx------");

  private ChildEnvironment() {}

  /**
   * Removes what would choose another libtorch or make it compute other bytes, and puts the JVM's
   * options of the environment before those of the command line, which then win.
   */
  static void clean(Map<String, String> environment, String jvmArgs) {
    environment.keySet().removeIf(Provenance::isOfLibraries);
    if (!isGiven(LIBRARY, environment, jvmArgs)) {
      environment.keySet().removeAll(CHOICE);
    }
    String last = environment.remove("_JAVA_OPTIONS");
    if (last != null) {
      environment.merge("JAVA_TOOL_OPTIONS", last, (first, then) -> first + " " + then);
    }
  }

  /**
   * Refuses what {@link #clean} would have removed, where it is too late for that.
   *
   * @throws CovidException where the environment asks for another libtorch than the class path's
   */
  static void requireOneLibtorch(Map<String, String> environment) {
    String version = environment.get(CHOICE.get(0));
    if (version != null && !isGiven(LIBRARY, environment, "")) {
      throw new CovidException(
          CHOICE.get(0),
          "expected none in the environment without " + LIBRARY + ", found " + version,
          "unset it, or leave covid.fork at true; with a libtorch of your own set "
              + LIBRARY
              + " too: docs/how-to/gpu.md");
    }
  }

  private static boolean isGiven(String name, Map<String, String> environment, String jvmArgs) {
    return !environment.getOrDefault(name, "").isBlank() || jvmArgs.contains("-D" + name + "=");
  }

  /**
   * The folder to unpack native libraries in where the home folder does not serve and the user gave
   * none; made where it is missing. It is the user's alone: whoever can write there decides what is
   * executed here.
   *
   * @param home the property {@code user.home}; "?" for a user whom the system does not know
   * @param mine a file or folder of this user in the temporary folder
   * @throws CovidException where the folder's name is taken by another
   */
  static Optional<Path> cache(
      String home, Path mine, Map<String, String> environment, String jvmArgs) throws IOException {
    boolean given =
        CACHES.stream().anyMatch(name -> isGiven(name, environment, jvmArgs))
            || jvmArgs.contains("-Duser.home=");
    boolean posix = mine.getFileSystem().supportedFileAttributeViews().contains("unix");
    if (given || isWritableFolder(home) || !posix) {
      return Optional.empty();
    }
    Object user = Files.getAttribute(mine, "unix:uid");
    Path folder = mine.toAbsolutePath().resolveSibling("covid-mmar-" + user);
    try {
      Files.createDirectory(folder, PosixFilePermissions.asFileAttribute(OWNER_ONLY));
    } catch (FileAlreadyExistsException e) {
      if (!isOwn(folder, user)) {
        throw new CovidException(
            CACHE,
            "the home folder \""
                + home
                + "\" cannot be written, and "
                + folder
                + " is not a folder of this user alone",
            "set the environment variable "
                + CACHE
                + " to a folder of your own with 500 MB of room",
            e);
      }
    }
    return Optional.of(folder);
  }

  /** Tells libtorch's loader of the folder. */
  static void useCache(Path folder, Map<String, String> environment) {
    environment.put(CACHE, folder.toString());
  }

  /** As {@link #cache}, for this JVM, before its libtorch is loaded. */
  static void useCacheHere() throws IOException {
    String home = System.getProperty("user.home", "");
    if (isWritableFolder(home) || CACHES.stream().anyMatch(n -> System.getProperty(n) != null)) {
      return;
    }
    Path mine = Files.createTempFile("covid", null);
    try {
      cache(home, mine, System.getenv(), "")
          .ifPresent(
              folder -> {
                System.setProperty(CACHE, folder.toString());
                if (System.getProperty(JNA) == null) {
                  System.setProperty(JNA, folder.toString());
                }
              });
    } finally {
      Files.delete(mine);
    }
  }

  private static boolean isWritableFolder(String home) {
    try {
      Path folder = Path.of(home);
      return folder.isAbsolute() && Files.isDirectory(folder) && Files.isWritable(folder);
    } catch (InvalidPathException e) {
      return false;
    }
  }

  private static boolean isOwn(Path folder, Object user) throws IOException {
    return Files.isDirectory(folder, LinkOption.NOFOLLOW_LINKS)
        && Files.getAttribute(folder, "unix:uid", LinkOption.NOFOLLOW_LINKS).equals(user)
        && Files.getPosixFilePermissions(folder, LinkOption.NOFOLLOW_LINKS).equals(OWNER_ONLY);
  }
}
