package org.covidmmar.tracking;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;

/** What a server holds, asked for without any of the code that sends. */
public final class ServerContent {
  private static final JsonMapper JSON = new JsonMapper();
  private static final HttpClient HTTP = HttpClient.newHttpClient();

  private final String uri;
  private final String authorization;

  public ServerContent(String uri) {
    this(uri, null);
  }

  ServerContent(String uri, String authorization) {
    this.uri = uri;
    this.authorization = authorization;
  }

  /** Compares everything, both ways. */
  public void assertIsJournal(Path basedir) throws Exception {
    SortedMap<String, Integer> runsOf = new TreeMap<>();
    for (RunFolder run : RunFolder.all(basedir)) {
      runsOf.merge(run.meta().experiment(), 1, Integer::sum);
      assertIsRun(run, MlflowSync.lastSettledEpoch(run));
    }
    for (Map.Entry<String, Integer> experiment : runsOf.entrySet()) {
      assertEquals(experiment.getValue(), runs(experiment.getKey(), "").size(), experiment::getKey);
    }
  }

  void assertIsRun(RunFolder run, int lastEpoch) throws Exception {
    RunFolder.Meta meta = run.meta();
    String name = meta.id() + " ";
    List<JsonNode> found = runs(meta.experiment(), "tags.`covid.runKey` = '" + meta.id() + "'");
    assertEquals(1, found.size(), "runs of " + meta.id());
    JsonNode info = found.get(0).path("info");
    String id = info.path("run_id").asText();
    JsonNode there = get("/api/2.0/mlflow/runs/get?run_id=" + id).path("run");
    assertEquals(meta.name(), info.path("run_name").asText());
    assertEquals(meta.status().name(), info.path("status").asText(), name);
    assertEquals(meta.start().toEpochMilli(), info.path("start_time").asLong(), name);
    assertEquals(
        meta.end().map(end -> end.toEpochMilli()).orElse(0L), info.path("end_time").asLong(), name);
    assertEquals(run.params(), pairs(there.path("data").path("params")), name);
    SortedMap<String, String> tags = run.tags();
    tags.put("covid.runKey", meta.id());
    tags.put("mlflow.user", run.user());
    assertEquals(tags, pairs(there.path("data").path("tags")), name);
    assertMetrics(run, id, lastEpoch);
    assertArtifacts(run, there, id);
    assertInputs(run, there);
  }

  void assertMetrics(RunFolder run, String id, int lastEpoch) throws Exception {
    SortedMap<String, List<String>> expected = new TreeMap<>();
    for (Map.Entry<String, Path> metric : run.metricFiles().entrySet()) {
      List<String> points =
          MetricLine.read(metric.getValue()).stream()
              .filter(line -> line.step() <= lastEpoch)
              .map(line -> line.timestamp() + " " + line.value() + " " + line.step())
              .sorted()
              .toList();
      if (!points.isEmpty()) {
        expected.put(metric.getKey(), points);
      }
    }
    SortedMap<String, List<String>> there = new TreeMap<>();
    JsonNode run0 = get("/api/2.0/mlflow/runs/get?run_id=" + id).path("run");
    for (JsonNode metric : run0.path("data").path("metrics")) {
      String key = metric.path("key").asText();
      List<String> points = new ArrayList<>();
      String page = "";
      do {
        JsonNode history =
            get(
                "/api/2.0/mlflow/metrics/get-history?max_results=1000&run_id="
                    + id
                    + "&metric_key="
                    + encoded(key)
                    + (page.isEmpty() ? "" : "&page_token=" + encoded(page)));
        for (JsonNode p : history.path("metrics")) {
          points.add(
              p.path("timestamp").asLong()
                  + " "
                  + p.path("value").asDouble()
                  + " "
                  + p.path("step").asInt());
        }
        page = history.path("next_page_token").asText("");
      } while (!page.isEmpty());
      there.put(key, points.stream().sorted().toList());
    }
    assertEquals(expected, there);
  }

  private void assertArtifacts(RunFolder run, JsonNode there, String id) throws Exception {
    boolean finished = run.meta().status() == RunJournal.Status.FINISHED;
    SortedMap<String, Path> model = new TreeMap<>();
    SortedMap<String, Path> others = new TreeMap<>();
    run.artifactFiles()
        .forEach((path, file) -> (path.startsWith("model/") ? model : others).put(path, file));
    // MLflow lists the files of a run's model among those of the run.
    TreeSet<String> listed = new TreeSet<>();
    list(id, "", listed);
    listed.removeIf(path -> path.startsWith("model/"));
    assertEquals(new TreeSet<>(others.keySet()), listed);
    String root = there.path("info").path("artifact_uri").asText();
    for (Map.Entry<String, Path> file : others.entrySet()) {
      assertBytes(root, file.getKey(), file.getValue());
    }
    JsonNode outputs = there.path("outputs").path("model_outputs");
    JsonNode versions =
        get("/api/2.0/mlflow/model-versions/search?filter=" + encoded("run_id='" + id + "'"))
            .path("model_versions");
    if (!finished || model.isEmpty()) {
      assertEquals(0, outputs.size());
      assertEquals(0, versions.size());
      return;
    }
    assertEquals(1, outputs.size());
    assertEquals(1, versions.size());
    String modelId = outputs.get(0).path("model_id").asText();
    assertEquals("models:/" + modelId, versions.get(0).path("source").asText());
    ObjectNode query = JSON.createObjectNode();
    query.putArray("experiment_ids").add(there.path("info").path("experiment_id").asText());
    query.put("filter", "source_run_id = '" + id + "'");
    JsonNode models = post("/api/2.0/mlflow/logged-models/search", query).path("models");
    assertEquals(1, models.size(), models::toString);
    JsonNode info = models.get(0).path("info");
    assertEquals("LOGGED_MODEL_READY", info.path("status").asText());
    String modelRoot = info.path("artifact_uri").asText();
    for (Map.Entry<String, Path> file : model.entrySet()) {
      assertBytes(modelRoot, file.getKey().substring("model/".length()), file.getValue());
    }
    assertEquals(modelId, JSON.readTree(artifact(modelRoot, "MLmodel")).path("model_id").asText());
  }

  private void assertBytes(String root, String path, Path file) throws Exception {
    assertArrayEquals(Files.readAllBytes(file), artifact(root, path), path);
  }

  byte[] artifact(String root, String path) throws Exception {
    String folder = root.substring("mlflow-artifacts:".length());
    URI encoded = new URI(null, null, folder + "/" + path, null);
    return send(request("/api/2.0/mlflow-artifacts/artifacts" + encoded.toASCIIString()).build());
  }

  private void list(String id, String folder, Set<String> files) throws Exception {
    JsonNode found =
        get("/api/2.0/mlflow/artifacts/list?run_id=" + id + "&path=" + encoded(folder));
    for (JsonNode file : found.path("files")) {
      if (file.path("is_dir").asBoolean()) {
        list(id, file.path("path").asText(), files);
      } else {
        files.add(file.path("path").asText());
      }
    }
  }

  private static void assertInputs(RunFolder run, JsonNode there) throws IOException {
    TreeSet<String> lists = new TreeSet<>();
    if (Files.exists(run.provenance())) {
      JSON.readTree(run.provenance().toFile())
          .path("data")
          .forEach(one -> lists.add(one.path("list").asText()));
    }
    List<String> found = new ArrayList<>();
    there
        .path("inputs")
        .path("dataset_inputs")
        .forEach(input -> found.add(input.path("tags").get(0).path("value").asText()));
    assertEquals(List.copyOf(lists), found.stream().sorted().toList());
  }

  /** Runs that are not deleted. */
  public List<JsonNode> runs(String experiment, String filter) throws Exception {
    JsonNode found =
        get("/api/2.0/mlflow/experiments/get-by-name?experiment_name=" + encoded(experiment));
    ObjectNode query = JSON.createObjectNode();
    query.putArray("experiment_ids").add(found.path("experiment").path("experiment_id").asText());
    query.put("filter", filter).put("max_results", 1000);
    List<JsonNode> runs = new ArrayList<>();
    post("/api/2.0/mlflow/runs/search", query).path("runs").forEach(runs::add);
    return runs;
  }

  static SortedMap<String, String> pairs(JsonNode list) {
    SortedMap<String, String> pairs = new TreeMap<>();
    list.forEach(pair -> pairs.put(pair.path("key").asText(), pair.path("value").asText()));
    return pairs;
  }

  private static String encoded(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8);
  }

  JsonNode get(String path) throws Exception {
    return JSON.readTree(send(request(path).build()));
  }

  JsonNode post(String path, JsonNode body) throws Exception {
    return JSON.readTree(
        send(
            request(path)
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(body.toString()))
                .build()));
  }

  private HttpRequest.Builder request(String path) {
    HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(uri + path));
    return authorization == null ? request : request.header("Authorization", authorization);
  }

  private static byte[] send(HttpRequest request) throws Exception {
    HttpResponse<byte[]> response = HTTP.send(request, HttpResponse.BodyHandlers.ofByteArray());
    assertEquals(
        200,
        response.statusCode(),
        () -> request.uri() + " " + new String(response.body(), StandardCharsets.UTF_8));
    return response.body();
  }
}
