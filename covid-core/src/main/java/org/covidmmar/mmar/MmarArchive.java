package org.covidmmar.mmar;

import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.covidmmar.AtomicFiles;
import org.covidmmar.CovidException;
import org.covidmmar.Fingerprint;

/**
 * A trained model in one file, a zip: weights, configuration, model card, evaluation, provenance
 * and a checksum of each. It is what a project publishes under its coordinates.
 */
public final class MmarArchive {
  /** How the file's name ends, and its type in a repository. */
  public static final String EXTENSION = "mmar";

  static final String WEIGHTS = "models/model.safetensors";
  static final String MODEL_CONFIG = "models/config.json";
  static final String EXPERIMENT = "config/experiment.json";
  static final String CARD = "docs/model-card.md";
  static final String EVALUATION = "eval/evaluation.json";
  static final String PREDICTIONS = "eval/predictions.csv";
  static final String PROVENANCE = "provenance.json";
  static final String CHECKSUMS = "SHA256SUMS";

  private MmarArchive() {}

  /**
   * Writes the archive of a finished run. The same run gives the same bytes.
   *
   * @param dataRoot the folder that paths of images are shown relative to
   * @param coordinates what the model is published under, such as {@code
   *     org.example:lung-base:mmar:1.2}; null where it is not
   */
  public static void write(Path target, Path run, Path dataRoot, String coordinates) {
    ArchiveWriter.write(target, ArchiveContent.of(run, dataRoot, coordinates));
  }

  /** The files of a run that its archive is made from; not all need be there. */
  public static List<Path> files(Path run) {
    return ArchiveContent.files(run);
  }

  /** Whether a file's name is that of an archive. */
  public static boolean isNamedSo(Path file) {
    return file.getFileName().toString().endsWith("." + EXTENSION);
  }

  /**
   * The weights in a folder that an archive was unpacked into; empty where it is no such folder.
   */
  public static Optional<Path> weightsIn(Path folder) {
    return Optional.of(folder.resolve(WEIGHTS)).filter(Files::isRegularFile);
  }

  /**
   * Takes the model out of an archive, after all of the archive has been checked. What is there
   * from an earlier call is used again.
   *
   * @param models the folder of such models; each has a folder of its own in it
   * @return the weights; config.json is beside them
   * @throws CovidException naming the entry where the archive is damaged, holds what it should not,
   *     or has no model
   */
  public static Path extractModel(Path archive, Path models) {
    return extractModel(archive, models, ArchiveReader.Limits.USUAL);
  }

  static Path extractModel(Path archive, Path models, ArchiveReader.Limits limits) {
    Path folder = models.resolve(sha256(archive));
    Path weights = folder.resolve(Path.of(WEIGHTS).getFileName());
    if (Files.exists(weights)) {
      return weights;
    }
    Path beside = null;
    try {
      Files.createDirectories(models);
      // Not a temporary folder of the system's making: that is its owner's alone.
      beside = Files.createDirectory(models.resolve("." + UUID.randomUUID() + ".part"));
      new ArchiveReader(archive, limits).extract(List.of(WEIGHTS, MODEL_CONFIG), beside);
      moveIntoPlace(beside, folder);
      return weights;
    } catch (IOException e) {
      throw AtomicFiles.unwritable(folder, e);
    } finally {
      deleteQuietly(beside);
    }
  }

  /**
   * Takes the configuration files out of an archive, this project's or another's, into a folder
   * that {@link MmarReader} reads.
   *
   * @param mmar made with the folder {@code config} in it
   * @throws CovidException where the archive is damaged or holds what it should not
   */
  public static void extractConfiguration(Path archive, Path mmar) {
    Path config = mmar.resolve(MmarReader.CONFIG);
    try {
      Files.createDirectories(config);
    } catch (IOException e) {
      throw AtomicFiles.unwritable(config, e);
    }
    new ArchiveReader(archive, ArchiveReader.Limits.USUAL).extractJson(MmarReader.CONFIG, config);
  }

  private static void moveIntoPlace(Path beside, Path folder) throws IOException {
    try {
      Files.move(beside, folder, StandardCopyOption.ATOMIC_MOVE);
    } catch (FileSystemException e) {
      // Another process may have been faster: its copy is the same.
      if (!Files.isDirectory(folder)) {
        throw e;
      }
    }
  }

  private static String sha256(Path archive) {
    try {
      return Fingerprint.of(archive).hex();
    } catch (IOException e) {
      throw ArchiveReader.unreadable(archive, e);
    }
  }

  private static void deleteQuietly(Path folder) {
    if (folder == null) {
      return;
    }
    try {
      for (String name : List.of(WEIGHTS, MODEL_CONFIG)) {
        Files.deleteIfExists(folder.resolve(Path.of(name).getFileName()));
      }
      Files.deleteIfExists(folder);
    } catch (IOException e) {
      // The call's own outcome is what the caller must hear of.
    }
  }
}
