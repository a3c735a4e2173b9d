package org.covidmmar.tracking;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.covidmmar.FileTree;
import org.covidmmar.training.CheckpointStore;
import org.mlflow.api.proto.Service.Metric;
import org.mlflow.api.proto.Service.Param;
import org.mlflow.api.proto.Service.Run;
import org.mlflow.api.proto.Service.RunInfo;
import org.mlflow.api.proto.Service.RunStatus;
import org.mlflow.api.proto.Service.RunTag;

/**
 * Sends runs of a journal to an MLflow server, whatever of them is not there yet: as often as one
 * likes, by several processes and machines, after any failure. What was acknowledged is marked in
 * the run's folder; what may or may not have arrived is sent again, in ways that the server takes
 * once.
 */
public final class MlflowSync implements AutoCloseable {
  /** What came of sending a run. */
  public enum Outcome {
    /** The server has all there is to send. */
    COMPLETE,
    /** Another process is sending it. */
    BUSY,
    /** Someone deleted it on the server, and it is left so. */
    DELETED
  }

  /** The most that MLflow takes in a batch. */
  private static final int METRICS = 1000;

  private static final int PARAMS_OR_TAGS = 100;

  /** Longer values MLflow would cut, or refuse. */
  private static final int PARAM_LENGTH = 6000;

  private static final int TAG_LENGTH = 5000;

  private final MlflowServer server;
  private final Map<Path, Run> found = new HashMap<>();
  private final Consumer<String> warnings;
  private final Set<String> warned = new HashSet<>();
  private long acknowledged;

  /**
   * @param warnings told once of each model that can only be sent as it is
   */
  public MlflowSync(MlflowAccess access, Consumer<String> warnings) {
    this(new MlflowServer(access), warnings);
  }

  MlflowSync(MlflowServer server, Consumer<String> warnings) {
    this.server = server;
    this.warnings = warnings;
  }

  /**
   * The last epoch of a run that will not be trained again: what the journal says of later ones is
   * dropped when the run is taken up again, and a server never forgets.
   */
  public static int lastSettledEpoch(RunFolder run) {
    return run.meta().status() == RunJournal.Status.FINISHED
        ? Integer.MAX_VALUE
        : new CheckpointStore(run.path().resolve("checkpoints")).epochs();
  }

  /**
   * Sends what the server lacks of a run.
   *
   * @param lastEpoch metrics of later epochs are not sent
   * @throws ServerException where the server is away or refuses; what it has taken stays marked
   */
  public Outcome send(RunFolder run, int lastEpoch) {
    Optional<FolderLock> lock = FolderLock.tryTake(SyncMark.folder(run.path()));
    if (lock.isEmpty()) {
      return Outcome.BUSY;
    }
    try {
      // Left by a process that ended while it sent.
      FileTree.delete(SyncMark.scratch(run.path()));
      return sendAlone(run, lastEpoch);
    } finally {
      lock.get().close();
    }
  }

  private Outcome sendAlone(RunFolder run, int lastEpoch) {
    SyncMark mark = SyncMark.read(run.path(), server.name());
    try {
      server.reach();
      Optional<Run> there = there(run, mark);
      if (there.isEmpty()) {
        return Outcome.DELETED;
      }
      send(run, lastEpoch, mark, there.get());
      return Outcome.COMPLETE;
    } catch (ServerException e) {
      found.remove(run.path());
      throw e;
    } finally {
      acknowledged += mark.writes();
    }
  }

  /** Grows while the server takes something. */
  public long acknowledged() {
    return acknowledged;
  }

  /** The run on the server, looked at once as long as all goes well. */
  private Optional<Run> there(RunFolder run, SyncMark mark) {
    Run known = found.get(run.path());
    if (known != null && known.getInfo().getRunId().equals(mark.runId())) {
      return Optional.of(known);
    }
    Optional<Run> there = ServerRun.findOrCreate(server, run.meta());
    there.ifPresent(
        one -> {
          mark.isOf(one.getInfo().getRunId());
          forgetWhatIsMissing(mark, one);
          found.put(run.path(), one);
        });
    return there;
  }

  /** A server that was set back to an earlier state lacks what it once had. */
  private static void forgetWhatIsMissing(SyncMark mark, Run there) {
    Map<String, Long> last =
        there.getData().getMetricsList().stream()
            .collect(Collectors.toMap(Metric::getKey, Metric::getStep));
    for (String metric : mark.metrics()) {
      SyncMark.Sent sent = mark.sentOf(metric);
      long step = Long.parseLong(sent.last().substring(sent.last().lastIndexOf(' ') + 1));
      if (last.getOrDefault(metric, -1L) < step) {
        mark.forgetMetric(metric);
      }
    }
    mark.forgetParamsBut(there.getData().getParamsList().stream().map(Param::getKey).toList());
    if (there.getInputs().getDatasetInputsCount() == 0) {
      mark.forgetInputs();
    }
  }

  private void send(RunFolder run, int lastEpoch, SyncMark mark, Run there) {
    sendParamsAndTags(run, mark, there);
    sendMetrics(run, lastEpoch, mark);
    if (!mark.hasInputs() && Files.exists(run.provenance())) {
      ObjectNode body = DatasetInputs.of(run.provenance());
      server.post("runs/log-inputs", body.put("run_id", mark.runId()));
      mark.inputsSent();
    }
    sendStatus(run, mark);
    sendArtifacts(run, mark, there);
  }

  private void sendParamsAndTags(RunFolder run, SyncMark mark, Run there) {
    SortedMap<String, String> params = new TreeMap<>();
    SortedMap<String, String> tags = new TreeMap<>();
    Map<String, String> known =
        there.getData().getParamsList().stream()
            .collect(Collectors.toMap(Param::getKey, Param::getValue));
    run.params()
        .forEach(
            (key, value) -> {
              String cut = cut(value, PARAM_LENGTH);
              if (!known.containsKey(key)) {
                params.put(key, cut);
              } else if (!known.get(key).equals(cut)) {
                // Of a run taken up again with another value; MLflow never changes one.
                tags.put("covid.now." + key, cut(value, TAG_LENGTH));
              }
            });
    run.tags().forEach((key, value) -> tags.put(key, cut(value, TAG_LENGTH)));
    tags.put("mlflow.user", run.user());
    tags.entrySet().removeIf(tag -> mark.hasTag(tag.getKey(), tag.getValue()));
    params.keySet().removeIf(mark::hasParam);
    for (List<Map.Entry<String, String>> part : parts(params)) {
      logBatch(mark.runId(), List.of(), part, List.of());
      mark.paramsSent(part.stream().map(Map.Entry::getKey).toList());
    }
    for (List<Map.Entry<String, String>> part : parts(tags)) {
      logBatch(mark.runId(), List.of(), List.of(), part);
      SortedMap<String, String> sent = new TreeMap<>();
      part.forEach(tag -> sent.put(tag.getKey(), tag.getValue()));
      mark.tagsSent(sent);
    }
  }

  private static String cut(String text, int length) {
    return text.length() <= length ? text : text.substring(0, length);
  }

  private static List<List<Map.Entry<String, String>>> parts(SortedMap<String, String> all) {
    List<Map.Entry<String, String>> entries = List.copyOf(all.entrySet());
    List<List<Map.Entry<String, String>>> parts = new ArrayList<>();
    for (int from = 0; from < entries.size(); from += PARAMS_OR_TAGS) {
      parts.add(entries.subList(from, Math.min(entries.size(), from + PARAMS_OR_TAGS)));
    }
    return parts;
  }

  private void logBatch(
      String runId,
      List<Metric> metrics,
      List<Map.Entry<String, String>> params,
      List<Map.Entry<String, String>> tags) {
    List<Param> allParams =
        params.stream()
            .map(p -> Param.newBuilder().setKey(p.getKey()).setValue(p.getValue()).build())
            .toList();
    List<RunTag> allTags =
        tags.stream()
            .map(t -> RunTag.newBuilder().setKey(t.getKey()).setValue(t.getValue()).build())
            .toList();
    server.call(
        client -> {
          client.logBatch(runId, metrics, allParams, allTags);
          return runId;
        });
  }

  private void sendMetrics(RunFolder run, int lastEpoch, SyncMark mark) {
    List<Metric> batch = new ArrayList<>();
    SortedMap<String, SyncMark.Sent> sent = new TreeMap<>();
    for (Map.Entry<String, Path> metric : run.metricFiles().entrySet()) {
      String name = metric.getKey();
      List<MetricLine> lines = MetricLine.read(metric.getValue());
      SyncMark.Sent before = mark.sentOf(name);
      // Where the file does not begin with what was sent, all of it is sent again.
      int next = before.isBeginningOf(lines) ? before.lines() : 0;
      for (; next < lines.size() && lines.get(next).step() <= lastEpoch; next++) {
        MetricLine line = lines.get(next);
        batch.add(
            Metric.newBuilder()
                .setKey(name)
                .setValue(line.value())
                .setTimestamp(line.timestamp())
                .setStep(line.step())
                .build());
        sent.put(name, new SyncMark.Sent(next + 1, line.text()));
        if (batch.size() == METRICS) {
          flush(mark, batch, sent);
        }
      }
    }
    flush(mark, batch, sent);
  }

  private void flush(SyncMark mark, List<Metric> batch, SortedMap<String, SyncMark.Sent> sent) {
    if (!batch.isEmpty()) {
      logBatch(mark.runId(), List.copyOf(batch), List.of(), List.of());
      mark.metricsSent(sent);
      batch.clear();
      sent.clear();
    }
  }

  private void sendStatus(RunFolder run, SyncMark mark) {
    RunFolder.Meta meta = run.meta();
    String text = meta.status() + " " + meta.end().map(end -> "" + end.toEpochMilli()).orElse("");
    if (mark.hasStatus(text)) {
      return;
    }
    RunStatus status = RunStatus.valueOf(meta.status().name());
    if (meta.end().isPresent()) {
      server.call(
          client -> {
            client.setTerminated(mark.runId(), status, meta.end().get().toEpochMilli());
            return status;
          });
    } else {
      ObjectNode body = JsonNodeFactory.instance.objectNode();
      server.post(
          "runs/update", body.put("run_id", mark.runId()).put("status", meta.status().name()));
    }
    mark.statusSent(text);
  }

  private void sendArtifacts(RunFolder run, SyncMark mark, Run there) {
    SortedMap<String, Path> files = run.artifactFiles();
    SortedMap<String, Path> model = new TreeMap<>();
    String folder = LoggedModel.FOLDER + "/";
    files.forEach(
        (path, file) -> {
          if (path.startsWith(folder)) {
            model.put(path.substring(folder.length()), file);
          } else {
            String state = SyncMark.state(file);
            if (!mark.hasArtifact(path, state)) {
              server.put(ArtifactRoot.of(there.getInfo()), path, file);
              mark.artifactSent(path, state);
            }
          }
        });
    boolean whole = run.meta().status() == RunJournal.Status.FINISHED && !model.isEmpty();
    if (whole && !mark.hasModel()) {
      new LoggedModel(server, run, mark.runId(), there.getInfo().getExperimentId(), this::warnOnce)
          .send(model, mark);
      mark.modelSent();
    }
  }

  private void warnOnce(String text) {
    if (warned.add(text)) {
      warnings.accept(text);
    }
  }

  /** Where a browser shows a run; empty where it was not sent. */
  public Optional<String> link(RunFolder run) {
    return Optional.ofNullable(found.get(run.path()))
        .map(Run::getInfo)
        .map(there -> page("experiments/" + there.getExperimentId() + "/runs/" + there.getRunId()));
  }

  /**
   * Where a browser shows the table of an experiment's runs; empty where the server has no such
   * experiment.
   *
   * @throws ServerException where the server is away or refuses
   */
  public Optional<String> tableLink(String experiment) {
    return server
        .call(client -> client.getExperimentByName(experiment))
        .map(there -> page("experiments/" + there.getExperimentId() + "/runs"));
  }

  /** Where a browser shows runs side by side; empty where fewer than two of them were sent. */
  public Optional<String> comparisonLink(List<RunFolder> runs) {
    List<RunInfo> sent =
        runs.stream()
            .map(run -> found.get(run.path()))
            .filter(Objects::nonNull)
            .map(Run::getInfo)
            .toList();
    if (sent.size() < 2) {
      return Optional.empty();
    }
    String ids = encoded(sent.stream().map(RunInfo::getRunId));
    String experiments = encoded(sent.stream().map(RunInfo::getExperimentId).distinct());
    return Optional.of(page("compare-runs?runs=" + ids + "&experiments=" + experiments));
  }

  private static String encoded(Stream<String> ids) {
    String json = ids.map(id -> '"' + id + '"').collect(Collectors.joining(",", "[", "]"));
    return URLEncoder.encode(json, StandardCharsets.UTF_8);
  }

  /** Without the mode a fresh browser opens MLflow's pages for language models. */
  private String page(String route) {
    String mode = "workflowType=machine_learning";
    return server.name() + "/#/" + route + (route.contains("?") ? "&" : "?") + mode;
  }

  @Override
  public void close() {
    server.close();
  }
}
