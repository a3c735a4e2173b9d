package org.covidmmar.model.weights;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;
import org.covidmmar.CovidException;

/**
 * Recognises by their names the weights of TensorFlow, such as those of the MMAR of Clara Train 3.
 */
public final class TensorFlow {
  private static final String NAMES =
      ".*\\.ckpt(-\\d+)?(\\.(index|meta|data-\\d+-of-\\d+))?|.*\\.pb|.*\\.(h5|keras)";

  private TensorFlow() {}

  /**
   * Refuses a file or folder of TensorFlow's, and the common part of the names of a checkpoint's
   * files.
   *
   * @throws CovidException with what to do instead; nothing where it is none
   */
  public static void refuse(Path given) {
    Optional<String> found = isNamedSo(given) ? Optional.of(given.toString()) : within(given);
    if (found.isPresent()) {
      throw new CovidException(
          given,
          "expected weights of PyTorch or safetensors, found TensorFlow's"
              + (found.get().equals(given.toString()) ? "" : ": " + found.get()),
          "give the model as PyTorch's .pt, which Clara Train 4 and MONAI have, or train it anew"
              + " with covid:train");
    }
  }

  private static boolean isNamedSo(Path file) {
    Path name = file.getFileName();
    return name != null && name.toString().toLowerCase(Locale.ROOT).matches(NAMES);
  }

  private static Optional<String> within(Path given) {
    Path folder = Files.isDirectory(given.resolve("models")) ? given.resolve("models") : given;
    if (!Files.isDirectory(folder)) {
      return Files.exists(Path.of(given + ".index"))
          ? Optional.of(given + ".index")
          : Optional.empty();
    }
    try (Stream<Path> files = Files.list(folder)) {
      return files.filter(TensorFlow::isNamedSo).map(Path::toString).sorted().findFirst();
    } catch (IOException e) {
      return Optional.empty();
    }
  }
}
