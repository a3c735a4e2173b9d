package org.covidmmar.provenance;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import org.covidmmar.AtomicFiles;
import org.covidmmar.config.ExperimentConfig;

/**
 * What a run was made from and with: enough to make it again, and to say what differs where that
 * fails.
 *
 * @param config the resolved configuration
 * @param data every input file's content, case by case in the order of the lists
 * @param software versions of what computed, by name: covid-mmar, java, djl, libtorch, os
 * @param hardware the machine that computed
 * @param source the state of the experiment's git checkout; null where it is none
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record Provenance(
    ExperimentConfig config,
    List<CaseFingerprint> data,
    SortedMap<String, String> software,
    Hardware hardware,
    Source source) {

  /**
   * A case's content.
   *
   * @param list the list it stands in
   * @param id the case
   * @param image SHA-256 of the image file
   * @param mask SHA-256 of the mask file; null where it has none
   * @param label 0 non-COVID, 1 COVID; null where unknown
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record CaseFingerprint(String list, String id, String image, String mask, Integer label) {}

  /**
   * The machine.
   *
   * @param cpu the processor's own name, empty where the system does not tell
   * @param cores available to the JVM
   * @param threads that computed
   * @param device cpu or gpu
   * @param environment variables that change the numbers or the speed of libtorch
   */
  public record Hardware(
      String cpu, int cores, int threads, String device, SortedMap<String, String> environment) {}

  /**
   * The experiment's git checkout.
   *
   * @param commit the commit checked out
   * @param dirty paths that differ from it, with git's two-letter state
   */
  public record Source(String commit, List<String> dirty) {}

  private static final JsonMapper JSON =
      JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();

  /** Writes it as JSON. */
  public void write(Path file) {
    try {
      AtomicFiles.writeString(file, JSON.writeValueAsString(this) + "\n");
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a provenance is always writable", e);
    }
  }

  /** Environment variables that change what libtorch computes or how fast. */
  static final List<String> RELEVANT_ENVIRONMENT =
      List.of(
          "ATEN_CPU_CAPABILITY",
          "ONEDNN_MAX_CPU_ISA",
          "OMP_NUM_THREADS",
          "MKL_NUM_THREADS",
          "MALLOC_ARENA_MAX",
          "GLIBC_TUNABLES");

  /** The relevant part of an environment. */
  static SortedMap<String, String> relevant(Map<String, String> environment) {
    SortedMap<String, String> kept = new java.util.TreeMap<>(environment);
    kept.keySet().retainAll(RELEVANT_ENVIRONMENT);
    return kept;
  }
}
