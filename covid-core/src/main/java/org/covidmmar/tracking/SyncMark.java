package org.covidmmar.tracking;

import com.fasterxml.jackson.annotation.JsonAutoDetect;
import com.fasterxml.jackson.annotation.JsonAutoDetect.Visibility;
import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Collection;
import java.util.List;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import org.covidmmar.AtomicFiles;
import org.covidmmar.Fingerprint;

/**
 * What a server has been told of a run and has said that it has: the high-water mark of sending. It
 * only saves sending things twice; without it all is sent again, and the server takes nothing
 * twice.
 */
@JsonAutoDetect(fieldVisibility = Visibility.ANY, getterVisibility = Visibility.NONE)
final class SyncMark {
  private static final JsonMapper JSON =
      JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();
  private static final int NAME_DIGITS = 16;

  /**
   * How much of a metric's file was sent.
   *
   * @param lines from its beginning
   * @param last the last of them
   */
  record Sent(int lines, String last) {
    static final Sent NOTHING = new Sent(0, "");

    /** Whether a file still begins with what was sent. */
    boolean isBeginningOf(List<MetricLine> file) {
      return lines == 0 || (file.size() >= lines && file.get(lines - 1).text().equals(last));
    }
  }

  private String server;
  private String runId;
  private boolean inputs;
  private String status;
  private boolean model;
  private SortedSet<String> params = new TreeSet<>();
  private SortedMap<String, String> tags = new TreeMap<>();
  private SortedMap<String, Sent> metrics = new TreeMap<>();
  private SortedMap<String, String> artifacts = new TreeMap<>();

  @JsonIgnore private Path file;
  @JsonIgnore private int writes;

  private SyncMark() {}

  /** The mark of a run for a server; an empty one where there is none that can be read. */
  static SyncMark read(Path run, String server) {
    String name = Fingerprint.of(server).hex().substring(0, NAME_DIGITS) + ".json";
    Path file = folder(run).resolve(name);
    SyncMark mark = new SyncMark();
    if (Files.exists(file)) {
      try {
        mark = JSON.readValue(Files.readString(file), SyncMark.class);
      } catch (JsonProcessingException e) {
        mark = new SyncMark();
      } catch (IOException e) {
        throw RunJournal.unreadable(file, e);
      }
    }
    if (!server.equals(mark.server)) {
      mark = new SyncMark();
    }
    mark.server = server;
    mark.file = file;
    return mark;
  }

  /** Where marks are, and the lock of whoever sends the run. */
  static Path folder(Path run) {
    return run.resolve("sync");
  }

  /** Where files are made to be sent; what is there is whoever's that has the lock. */
  static Path scratch(Path run) {
    return folder(run).resolve("scratch");
  }

  private void write() {
    writes++;
    try {
      AtomicFiles.writeString(file, JSON.writeValueAsString(this) + "\n");
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a mark is always writable", e);
    }
  }

  /** Begins anew where the run on the server is another one than before. */
  void isOf(String id) {
    if (!id.equals(runId)) {
      runId = id;
      inputs = false;
      status = null;
      model = false;
      params.clear();
      tags.clear();
      metrics.clear();
      artifacts.clear();
      write();
    }
  }

  /** How often the server was marked to have something more. */
  int writes() {
    return writes;
  }

  String runId() {
    return runId;
  }

  boolean hasParam(String key) {
    return params.contains(key);
  }

  void paramsSent(Collection<String> keys) {
    params.addAll(keys);
    write();
  }

  void forgetParamsBut(Collection<String> keys) {
    params.retainAll(keys);
  }

  boolean hasTag(String key, String value) {
    return Fingerprint.of(value).hex().equals(tags.get(key));
  }

  void tagsSent(SortedMap<String, String> sent) {
    sent.forEach((key, value) -> tags.put(key, Fingerprint.of(value).hex()));
    write();
  }

  /** Metrics of which something was sent. */
  List<String> metrics() {
    return List.copyOf(metrics.keySet());
  }

  Sent sentOf(String metric) {
    return metrics.getOrDefault(metric, Sent.NOTHING);
  }

  void metricsSent(SortedMap<String, Sent> sent) {
    metrics.putAll(sent);
    write();
  }

  /** Where the server lacks what it once had. */
  void forgetMetric(String metric) {
    metrics.remove(metric);
  }

  void forgetInputs() {
    inputs = false;
  }

  boolean hasInputs() {
    return inputs;
  }

  void inputsSent() {
    inputs = true;
    write();
  }

  boolean hasStatus(String text) {
    return text.equals(status);
  }

  void statusSent(String text) {
    status = text;
    write();
  }

  boolean hasArtifact(String path, String state) {
    return state.equals(artifacts.get(path));
  }

  void artifactSent(String path, String state) {
    artifacts.put(path, state);
    write();
  }

  /** Changes when the file does. */
  static String state(Path file) {
    try {
      BasicFileAttributes attributes = Files.readAttributes(file, BasicFileAttributes.class);
      return attributes.size() + " " + attributes.lastModifiedTime().toInstant();
    } catch (IOException e) {
      throw RunJournal.unreadable(file, e);
    }
  }

  boolean hasModel() {
    return model;
  }

  void modelSent() {
    model = true;
    write();
  }
}
