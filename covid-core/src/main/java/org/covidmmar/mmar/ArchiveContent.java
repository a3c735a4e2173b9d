package org.covidmmar.mmar;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.covidmmar.AtomicFiles;
import org.covidmmar.CovidException;
import org.covidmmar.Fingerprint;
import org.covidmmar.PrettyJson;
import org.covidmmar.evaluation.Evaluation;
import org.covidmmar.evaluation.EvaluationFiles;
import org.covidmmar.evaluation.ScoredCase;
import org.covidmmar.inference.ModelConfig;
import org.covidmmar.provenance.Provenance;

/** What goes into the archive of a run. Folders of the machine that trained stay out of it. */
final class ArchiveContent {
  /** The values of a configuration that are files or folders. */
  private static final List<String> PATHS =
      List.of(
          "/data/dataRoot",
          "/data/dataset",
          "/network/pretrained",
          "/inference/model",
          "/inference/input",
          "/inference/mask",
          "/inference/output");

  private static final String MODEL = "model/model.safetensors";
  private static final String MODEL_CONFIG = "model/config.json";
  private static final String PROVENANCE = "provenance.json";
  private static final String EVALUATION = "evaluation/evaluation.json";
  private static final String PREDICTIONS = "evaluation/predictions.csv";

  private static final JsonMapper JSON = new JsonMapper();

  private ArchiveContent() {}

  private static Path artifact(Path run, String name) {
    return run.resolve("artifacts").resolve(name);
  }

  static List<Path> files(Path run) {
    return Stream.of(MODEL, MODEL_CONFIG, PROVENANCE, EVALUATION, PREDICTIONS)
        .map(name -> artifact(run, name))
        .toList();
  }

  static SortedMap<String, AtomicFiles.Content> of(Path run, Path dataRoot, String coordinates) {
    Path weights = artifact(run, MODEL);
    Path config = artifact(run, MODEL_CONFIG);
    Path evaluation = artifact(run, EVALUATION);
    Path predictions = artifact(run, PREDICTIONS);
    try {
      ObjectNode provenance = JSON.readValue(artifact(run, PROVENANCE).toFile(), ObjectNode.class);
      PATHS.forEach(path -> leaveFoldersOut(provenance.path("config"), path));
      if (provenance.path("project") instanceof ObjectNode project) {
        // As written in the pom: folders, and where on the machine each was set.
        project.putObject("settings");
      }
      Evaluation figures =
          Files.exists(evaluation) ? EvaluationFiles.readEvaluation(evaluation) : null;
      ModelCard card =
          new ModelCard(
              coordinates,
              ModelConfig.read(config),
              JSON.treeToValue(provenance, Provenance.class),
              figures,
              Fingerprint.of(weights).hex());
      SortedMap<String, AtomicFiles.Content> entries = new TreeMap<>();
      entries.put(MmarArchive.WEIGHTS, out -> Files.copy(weights, out));
      entries.put(MmarArchive.MODEL_CONFIG, out -> Files.copy(config, out));
      put(entries, MmarArchive.PROVENANCE, PrettyJson.WRITER.writeValueAsString(provenance) + "\n");
      put(
          entries,
          MmarArchive.EXPERIMENT,
          PrettyJson.WRITER.writeValueAsString(provenance.get("config")) + "\n");
      MmarWriter.files(card.provenance().config())
          .forEach((name, text) -> put(entries, name, text));
      put(entries, MmarArchive.CARD, card.text());
      if (figures != null) {
        entries.put(MmarArchive.EVALUATION, out -> Files.copy(evaluation, out));
      }
      if (figures != null && Files.exists(predictions)) {
        put(
            entries,
            MmarArchive.PREDICTIONS,
            withoutFolders(predictions, dataRoot, figures.threshold()));
      }
      return entries;
    } catch (IOException e) {
      throw new CovidException(
          run.toString(),
          "is no finished run: " + e.getMessage(),
          "restore its files, or train again",
          e);
    }
  }

  private static void put(
      SortedMap<String, AtomicFiles.Content> entries, String name, String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    entries.put(name, out -> out.write(bytes));
  }

  private static void leaveFoldersOut(JsonNode config, String pointer) {
    JsonNode value = config.at(pointer);
    if (value.isTextual() && isAbsolute(value.textValue())) {
      int slash = pointer.lastIndexOf('/');
      ((ObjectNode) config.at(pointer.substring(0, slash)))
          .put(pointer.substring(slash + 1), lastName(value.textValue()));
    }
  }

  /** Of any system: a run may be packaged on another one than it was made on. */
  private static boolean isAbsolute(String path) {
    return path.matches("[/\\\\].*|[A-Za-z]:[/\\\\].*");
  }

  private static String lastName(String path) {
    return Arrays.stream(path.split("[/\\\\]"))
        .filter(part -> !part.isEmpty())
        .reduce("", (before, part) -> part);
  }

  /** The predictions with images relative to the data root, or by their names where outside it. */
  private static String withoutFolders(Path predictions, Path dataRoot, float threshold) {
    List<ScoredCase> cases =
        EvaluationFiles.readPredictions(predictions).stream()
            .map(
                c ->
                    new ScoredCase(
                        c.id(), shown(c.image(), dataRoot), c.pNonCovid(), c.pCovid(), c.label()))
            .toList();
    return EvaluationFiles.predictions(cases, threshold);
  }

  private static String shown(String image, Path dataRoot) {
    if (!isAbsolute(image)) {
      return image;
    }
    String root = dataRoot.toString().replace('\\', '/') + "/";
    String path = image.replace('\\', '/');
    return path.startsWith(root) ? path.substring(root.length()) : lastName(image);
  }
}
