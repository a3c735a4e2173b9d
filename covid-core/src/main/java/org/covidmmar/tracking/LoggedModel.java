package org.covidmmar.tracking;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.stream.StreamSupport;
import org.covidmmar.AtomicFiles;
import org.covidmmar.CovidException;
import org.covidmmar.FileTree;
import org.covidmmar.Fingerprint;
import org.covidmmar.inference.ModelConfig;

/**
 * The model of a finished run as MLflow's logged model, with its files, and as a version of a
 * registered model. Whatever is there already is not made again.
 */
final class LoggedModel {
  /** The folder of the model below a run's artifacts, and its name: runs:/<run id>/model. */
  static final String FOLDER = "model";

  private static final String MLMODEL = "MLmodel";
  private static final int BAD_REQUEST = 400;
  private static final JsonMapper JSON = new JsonMapper();

  private final MlflowServer server;
  private final RunFolder run;
  private final RunFolder.Meta meta;
  private final String runId;
  private final String experimentId;
  private final Consumer<String> warnings;

  /**
   * @param runId the run on the server
   * @param experimentId likewise
   * @param warnings told where the model can only be sent as it is
   */
  LoggedModel(
      MlflowServer server,
      RunFolder run,
      String runId,
      String experimentId,
      Consumer<String> warnings) {
    this.server = server;
    this.run = run;
    this.meta = run.meta();
    this.runId = runId;
    this.experimentId = experimentId;
    this.warnings = warnings;
  }

  /**
   * Where files of the model go, each once.
   *
   * @param scratch where those are made that the run does not have
   */
  private record Upload(MlflowServer server, ArtifactRoot root, Path scratch, SyncMark mark) {
    /** Sends a file where it is not marked to be there in this state. */
    void file(String path, String state, Supplier<Path> file) {
      String name = root.id() + "/" + path;
      if (!mark.hasArtifact(name, state)) {
        server.put(root, path, file.get());
        mark.artifactSent(name, state);
      }
    }

    /** Likewise, and makes it for that. */
    void made(String path, String state, Consumer<Path> write) {
      file(
          path,
          state,
          () -> {
            Path made = scratch.resolve(path);
            write.accept(made);
            return made;
          });
    }

    void text(String path, String text) {
      made(path, Fingerprint.of(text).hex(), to -> AtomicFiles.writeString(to, text));
    }
  }

  /**
   * Sends what is missing: what the run has first, which needs no room, and last what makes MLflow
   * take it for a model.
   *
   * @param own the run's files by their path in the model's folder
   * @param mark of the run; files are marked one by one
   * @throws CovidException where there is no room for the files that are made of the run's
   */
  void send(Map<String, Path> own, SyncMark mark) {
    JsonNode info = model().path("info");
    String id = info.path("model_id").asText();
    ArtifactRoot root = ArtifactRoot.ofModel(id, info.path("artifact_uri").asText());
    Upload upload = new Upload(server, root, SyncMark.scratch(run.path()), mark);
    try {
      new TreeMap<>(own)
          .forEach((path, file) -> upload.file(path, SyncMark.state(file), () -> file));
      Optional<OnnxFlavor> onnx = OnnxFlavor.of(run, warnings);
      onnx.ifPresent(
          flavor -> {
            upload.made(OnnxFlavor.DATA, flavor.dataState(), flavor::writeData);
            OnnxFlavor.texts().forEach(upload::text);
          });
      // JSON is YAML.
      upload.text(MLMODEL, description(id, own.keySet(), onnx).toPrettyString() + "\n");
    } finally {
      FileTree.delete(upload.scratch());
    }
    if (!info.path("status").asText().equals("LOGGED_MODEL_READY")) {
      ObjectNode ready = JSON.createObjectNode();
      ready.put("model_id", id).put("status", "LOGGED_MODEL_READY");
      server.patch("logged-models/" + id, ready);
    }
    link(id);
    register(id);
  }

  private JsonNode model() {
    ObjectNode query = JSON.createObjectNode();
    query.putArray("experiment_ids").add(experimentId);
    query.put("filter", "source_run_id = '" + runId + "'");
    ObjectNode body = JSON.createObjectNode();
    body.put("experiment_id", experimentId);
    body.put("name", FOLDER);
    body.put("source_run_id", runId);
    body.put("model_type", "classifier");
    body.putArray("tags").addObject().put("key", ServerRun.KEY).put("value", meta.id());
    return once(
        () -> items(server.post("logged-models/search", query).path("models")),
        Comparator.comparing(model -> model.path("info").path("model_id").asText()),
        () -> server.post("logged-models", body),
        model ->
            server.delete(
                "logged-models/" + model.path("info").path("model_id").asText(),
                JSON.createObjectNode()));
  }

  /** Finds what exists once, or makes it so: as {@link ServerRun} does, and for its reasons. */
  private static JsonNode once(
      Supplier<List<JsonNode>> search,
      Comparator<JsonNode> order,
      Runnable create,
      Consumer<JsonNode> delete) {
    List<JsonNode> found = search.get();
    if (found.isEmpty()) {
      create.run();
      found = search.get();
    }
    List<JsonNode> sorted = new ArrayList<>(found);
    sorted.sort(order);
    if (sorted.isEmpty()) {
      throw new ServerException(0, "it does not find what it was just given", null);
    }
    sorted.subList(1, sorted.size()).forEach(delete);
    return sorted.get(0);
  }

  /** MLflow shows as a model what has such a file; safetensors is no flavour of its own. */
  private ObjectNode description(String id, Set<String> own, Optional<OnnxFlavor> onnx) {
    ObjectNode description = JSON.createObjectNode();
    description.put("artifact_path", FOLDER);
    ObjectNode flavors = description.putObject("flavors");
    ObjectNode flavor = flavors.putObject("safetensors");
    for (String path : own) {
      flavor.put(path.endsWith(".safetensors") ? "data" : "config", path);
    }
    flavor.put("names", "MONAI DenseNet");
    onnx.ifPresent(it -> it.describe(flavors, description));
    description.putObject("metadata").put("use", ModelConfig.USE);
    description.put("model_id", id);
    description.put("run_id", runId);
    description.put("utc_time_created", meta.end().orElse(meta.start()).toString());
    return description;
  }

  /** A second link is refused. */
  private void link(String id) {
    JsonNode outputs = server.get("runs/get?run_id=" + runId).path("run").path("outputs");
    if (items(outputs.path("model_outputs")).stream()
        .noneMatch(output -> output.path("model_id").asText().equals(id))) {
      ObjectNode body = JSON.createObjectNode();
      body.put("run_id", runId);
      ObjectNode output = body.putArray("models").addObject();
      output.put("model_id", id).put("step", bestEpoch());
      server.post("runs/outputs", body);
    }
  }

  private int bestEpoch() {
    String epoch = run.tags().getOrDefault("covid.bestEpoch", "");
    return epoch.matches("\\d{1,9}") ? Integer.parseInt(epoch) : 0;
  }

  private void register(String id) {
    // The experiment's name without what MLflow does not take in names of registered models.
    String name = meta.experiment().replaceAll("[/:]", "_");
    String filter = URLEncoder.encode("run_id = '" + runId + "'", StandardCharsets.UTF_8);
    ObjectNode body = JSON.createObjectNode();
    body.put("name", name).put("source", "models:/" + id);
    body.put("run_id", runId).put("model_id", id);
    once(
        () ->
            items(server.get("model-versions/search?filter=" + filter).path("model_versions"))
                .stream()
                .filter(version -> version.path("name").asText().equals(name))
                .toList(),
        Comparator.comparingLong(version -> version.path("version").asLong()),
        () -> {
          registerName(name);
          server.post("model-versions/create", body);
        },
        version -> {
          ObjectNode other = JSON.createObjectNode();
          other.put("name", name).put("version", version.path("version").asText());
          server.delete("model-versions/delete", other);
        });
  }

  private void registerName(String name) {
    try {
      server.post("registered-models/create", JSON.createObjectNode().put("name", name));
    } catch (ServerException e) {
      if (e.status() != BAD_REQUEST || !e.getMessage().contains("RESOURCE_ALREADY_EXISTS")) {
        throw e;
      }
    }
  }

  private static List<JsonNode> items(JsonNode array) {
    return StreamSupport.stream(array.spliterator(), false).toList();
  }
}
