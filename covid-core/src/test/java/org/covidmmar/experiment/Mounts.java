package org.covidmmar.experiment;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Shell scripts in a mount namespace of their own, whose mounts end with them. */
final class Mounts {
  private static final List<String> AS_ROOT = List.of("unshare", "--mount");
  private static final List<String> AS_USER =
      List.of("unshare", "--user", "--map-root-user", "--mount");

  private Mounts() {}

  /** Skips the test where this process may not mount. */
  static List<String> prefix(Path folder) throws IOException, InterruptedException {
    for (List<String> prefix : List.of(AS_ROOT, AS_USER)) {
      if (mounts(prefix, folder)) {
        return prefix;
      }
    }
    assumeTrue(false, "needs unshare and the right to mount a tmpfs in a namespace of its own");
    throw new IllegalStateException("unreachable");
  }

  private static boolean mounts(List<String> prefix, Path folder) throws InterruptedException {
    try {
      return new ProcessBuilder(
                  command(prefix, "mount -t tmpfs -o size=1m tmpfs \"$1\"", folder.toString()))
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .start()
              .waitFor()
          == 0;
    } catch (IOException e) {
      return false;
    }
  }

  /** A shell script's command; its arguments are $1, $2 and so on. */
  static List<String> command(List<String> prefix, String script, String... arguments) {
    List<String> command = new ArrayList<>(prefix);
    command.addAll(List.of("sh", "-c", script, "sh"));
    command.addAll(List.of(arguments));
    return command;
  }

  /** An argument as a shell takes it. */
  static String quoted(List<String> command) {
    StringBuilder line = new StringBuilder();
    command.forEach(word -> line.append('\'').append(word.replace("'", "'\\''")).append("' "));
    return line.toString();
  }

  static int exit(Path file) throws IOException {
    return Integer.parseInt(Files.readString(file).strip());
  }
}
