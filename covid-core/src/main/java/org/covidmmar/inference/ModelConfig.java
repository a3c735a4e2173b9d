package org.covidmmar.inference;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.SortedMap;
import java.util.TreeMap;
import org.covidmmar.AtomicFiles;
import org.covidmmar.CovidException;
import org.covidmmar.config.ExperimentConfig;
import org.covidmmar.model.weights.Weights;

/**
 * What a model needs to know besides its weights: the content of {@code config.json} beside {@code
 * model.safetensors}.
 *
 * @param architecture such as densenet121
 * @param preprocessing what its inputs went through in training
 * @param use what it may be used for
 */
public record ModelConfig(
    String architecture, ExperimentConfig.Preprocessing preprocessing, String use) {
  /** What every model of this project may be used for. */
  public static final String USE =
      "Research only. Not a medical device, not cleared by any regulator, not for diagnosis.";

  private static final String FILE = "config.json";
  private static final JsonMapper JSON =
      JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();

  /** The file that goes with a file of weights. */
  public static Path beside(Path weights) {
    return weights.resolveSibling(FILE);
  }

  /**
   * What an exported file says of the model, by name.
   *
   * @param origin what it was made from
   */
  public SortedMap<String, String> metadata(SortedMap<String, String> origin) {
    SortedMap<String, String> metadata = new TreeMap<>(origin);
    metadata.put(Weights.ARCHITECTURE, architecture);
    metadata.put("classes", "non-COVID,COVID");
    metadata.put("preprocessing", json());
    metadata.put("use", use);
    return metadata;
  }

  /** The content of the file. */
  public String json() {
    try {
      return JSON.writeValueAsString(this) + "\n";
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a model's configuration is always writable", e);
    }
  }

  /** Writes it as a file. */
  public void write(Path file) {
    AtomicFiles.writeString(file, json());
  }

  /**
   * Reads what {@link #write} wrote.
   *
   * @throws CovidException where the file is none of these
   */
  public static ModelConfig read(Path file) {
    try {
      ModelConfig config = JSON.readValue(Files.readString(file), ModelConfig.class);
      if (config == null || config.architecture == null || !isWhole(config.preprocessing)) {
        throw unreadable(file, "architecture or a part of preprocessing is missing", null);
      }
      return config;
    } catch (JsonProcessingException e) {
      throw unreadable(file, e.getOriginalMessage(), e);
    } catch (IOException e) {
      throw unreadable(file, e.toString(), e);
    }
  }

  private static boolean isWhole(ExperimentConfig.Preprocessing p) {
    return p != null
        && p.recipe() != null
        && p.inputShape() != null
        && p.resize() != null
        && p.augmentation() != null;
  }

  private static CovidException unreadable(Path file, String reason, IOException cause) {
    return new CovidException(
        file.toString(),
        "is not a model's configuration: " + reason,
        "restore the file from the run that made the model, or, where the weights beside it are"
            + " another tool's, move them to a folder without a "
            + FILE,
        cause);
  }
}
