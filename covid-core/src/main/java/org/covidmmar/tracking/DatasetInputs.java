package org.covidmmar.tracking;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.covidmmar.Fingerprint;

/** A run's lists of cases as MLflow's data sets: name, digest of all contents, size. */
final class DatasetInputs {
  private static final JsonMapper JSON = new JsonMapper();

  /** MLflow takes up to 36. */
  private static final int DIGEST_DIGITS = 32;

  private DatasetInputs() {}

  /** What a list is made of, so far. */
  private static final class Content {
    private final StringBuilder text = new StringBuilder();
    private int cases;
    private int positive;

    void add(JsonNode one) {
      cases++;
      positive += one.path("label").asInt();
      text.append(one.path("id").asText()).append(' ').append(one.path("image").asText());
      text.append(' ').append(one.path("mask").asText()).append(' ');
      text.append(one.path("label").asText()).append('\n');
    }
  }

  /**
   * The body of runs/log-inputs but for the run's id.
   *
   * @param provenance the run's provenance.json
   */
  static ObjectNode of(Path provenance) {
    JsonNode record;
    try {
      record = JSON.readTree(provenance.toFile());
    } catch (IOException e) {
      throw RunJournal.unreadable(provenance, e);
    }
    Map<String, Content> lists = new LinkedHashMap<>();
    for (JsonNode one : record.path("data")) {
      lists.computeIfAbsent(one.path("list").asText(), list -> new Content()).add(one);
    }
    JsonNode data = record.path("config").path("data");
    ObjectNode body = JSON.createObjectNode();
    ArrayNode datasets = body.putArray("datasets");
    lists.forEach(
        (list, content) -> {
          ObjectNode input = datasets.addObject();
          ObjectNode tag = input.putArray("tags").addObject();
          tag.put("key", "mlflow.data.context").put("value", list);
          ObjectNode dataset = input.putObject("dataset");
          dataset.put("name", data.path("dataset").asText() + " " + list);
          dataset.put(
              "digest", Fingerprint.of(content.text.toString()).hex().substring(0, DIGEST_DIGITS));
          dataset.put("source_type", "local");
          dataset.put(
              "source",
              JSON.createObjectNode()
                  .put("uri", data.path("dataRoot").asText() + "/" + data.path("dataset").asText())
                  .toString());
          dataset.put(
              "profile",
              JSON.createObjectNode()
                  .put("cases", content.cases)
                  .put("positive", content.positive)
                  .toString());
        });
    return body;
  }
}
