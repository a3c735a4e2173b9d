package org.covidmmar.report;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import org.covidmmar.CovidException;
import org.covidmmar.evaluation.Evaluation;
import org.covidmmar.evaluation.EvaluationFiles;
import org.covidmmar.evaluation.RocCurve;
import org.covidmmar.evaluation.ScoredCase;
import org.covidmmar.provenance.Provenance;
import org.covidmmar.tracking.RunFolder;

/**
 * What a run's folder holds.
 *
 * @param evaluation null where the run was not evaluated
 * @param cases those evaluated; empty where it was not
 * @param pictures of cases by their id, as many as fit a page; empty where there are none
 * @param origin null where the run ended before it was recorded
 */
record Run(
    RunFolder.Meta meta,
    SortedMap<String, String> params,
    SortedMap<String, SortedMap<Integer, Double>> metrics,
    SortedMap<String, String> tags,
    Evaluation evaluation,
    List<ScoredCase> cases,
    Map<String, Layers> pictures,
    Origin origin) {

  /** What pages show of a provenance; the configuration is among the params. */
  @JsonIgnoreProperties(ignoreUnknown = true)
  record Origin(
      List<Provenance.CaseFingerprint> data,
      SortedMap<String, String> software,
      Provenance.Hardware hardware,
      Provenance.Source source) {}

  private static final JsonMapper JSON = new JsonMapper();

  static Run read(Path path) {
    RunFolder folder = new RunFolder(path);
    Path evaluation = folder.evaluation().resolve("evaluation.json");
    Path predictions = folder.evaluation().resolve("predictions.csv");
    boolean evaluated = Files.exists(evaluation) && Files.exists(predictions);
    return new Run(
        folder.meta(),
        folder.params(),
        folder.metrics(),
        folder.tags(),
        evaluated ? EvaluationFiles.readEvaluation(evaluation) : null,
        evaluated ? EvaluationFiles.readPredictions(predictions) : List.of(),
        evaluated ? Layers.of(folder) : Map.of(),
        origin(folder.provenance()));
  }

  private static Origin origin(Path file) {
    if (!Files.exists(file)) {
      return null;
    }
    try {
      Origin origin = JSON.readValue(file.toFile(), Origin.class);
      if (origin.data == null || origin.software == null || origin.hardware == null) {
        throw new IOException("data, software or hardware is missing");
      }
      return origin;
    } catch (IOException e) {
      throw new CovidException(
          file.toString(),
          "is no provenance: " + e.getMessage(),
          "restore the file from a copy of the run, or remove it to report without it",
          e);
    }
  }

  boolean evaluated() {
    return evaluation != null;
  }

  RocCurve roc() {
    return RocCurve.of(cases);
  }

  Scores scores() {
    return new Scores(label(), cases);
  }

  /** The epoch whose weights are the model; null where there is none. */
  String bestEpoch() {
    return tags.get("covid.bestEpoch");
  }

  /** A metric at the best epoch; null where either is unknown. */
  Double atBestEpoch(String metric) {
    SortedMap<Integer, Double> values = metrics.get(metric);
    return bestEpoch() == null || values == null ? null : values.get(Integer.valueOf(bestEpoch()));
  }

  /** Enough of the id to tell runs apart. */
  String shortId() {
    return meta.id().substring(0, Math.min(8, meta.id().length()));
  }

  String label() {
    return meta.name() + " (" + shortId() + ")";
  }
}
