package org.covidmmar.provenance;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.covidmmar.AtomicFiles;
import org.covidmmar.CovidException;
import org.covidmmar.config.ExperimentConfig;

/**
 * What a run was made from and with: enough to make it again, and to say what differs where that
 * fails.
 *
 * @param config the resolved configuration
 * @param project the Maven project that the experiment is; null where it ran without Maven
 * @param data every scan's content, case by case in the order of the lists
 * @param files SHA-256 of the other files that were read, by what they are: dataset, pretrained
 * @param software versions of what computed, by name: covid-mmar, java, djl, libtorch, os
 * @param hardware the machine that computed
 * @param laterHardware machines that compute otherwise, on which the run was taken up, in that
 *     order; null where there are none
 * @param replicas of the network that trained; null for one
 * @param source the state of the experiment's git checkout; null where it is none
 * @param outcome what came of it; null until the run has finished
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record Provenance(
    ExperimentConfig config,
    Project project,
    List<CaseFingerprint> data,
    SortedMap<String, String> files,
    SortedMap<String, String> software,
    Hardware hardware,
    List<Hardware> laterHardware,
    Integer replicas,
    Source source,
    Outcome outcome) {

  /** Key of {@link #files}: the dataset file. */
  public static final String DATASET = "dataset";

  /** Key of {@link #files}: the weights that training started from. */
  public static final String PRETRAINED = "pretrained";

  /**
   * The effective configuration of a Maven project.
   *
   * @param coordinates groupId:artifactId:version
   * @param settings what was set, by property or element: the value, and where it comes from
   */
  public record Project(String coordinates, SortedMap<String, Setting> settings) {
    /**
     * A value that was set.
     *
     * @param from such as -D, or the pom with its line
     */
    public record Setting(String value, String from) {}
  }

  /**
   * The model that a run left.
   *
   * @param epochs done
   * @param bestEpoch whose weights the model has
   * @param bestBy what it was chosen by, with the values; null in the record of an older version
   * @param model SHA-256 of model.safetensors
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record Outcome(int epochs, int bestEpoch, String bestBy, String model) {}

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
   * @param cpuMaker such as GenuineIntel; empty where it does not tell, or the record is older
   * @param cpuModel such as {@code family 25, model 1}; likewise
   * @param cores available to the JVM
   * @param threads that computed
   * @param device cpu or gpu
   * @param gpus name and driver of each GPU, where the device is one; null else
   * @param environment variables that change the numbers or the speed of libtorch
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record Hardware(
      String cpu,
      String cpuMaker,
      String cpuModel,
      int cores,
      int threads,
      String device,
      List<String> gpus,
      SortedMap<String, String> environment) {

    public Hardware {
      cpuMaker = Objects.requireNonNullElse(cpuMaker, "");
      cpuModel = Objects.requireNonNullElse(cpuModel, "");
    }

    /** Whether the other one gives the same bytes, as far as is known. */
    boolean computesAs(Hardware other) {
      return ByteTravel.alike(this, other);
    }
  }

  /**
   * The experiment's git checkout.
   *
   * @param commit the commit checked out
   * @param branch that it is checked out by; null where by none
   * @param repository where it comes from, without a login; null where it does not say
   * @param dirty paths that differ from it, with git's two-letter state
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record Source(String commit, String branch, String repository, List<String> dirty) {}

  /** Key of {@link #software}: the instruction set that libtorch computes with on a CPU. */
  public static final String ISA = "isa";

  static final String THEN = ", then ";

  private static final JsonMapper JSON =
      JsonMapper.builder()
          .enable(SerializationFeature.INDENT_OUTPUT)
          .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
          .build();

  /** This, of a run that has finished. */
  public Provenance with(Outcome what) {
    return new Provenance(
        config, project, data, files, software, hardware, laterHardware, replicas, source, what);
  }

  /** The number of replicas that trained. */
  public int replicaCount() {
    return replicas == null ? 1 : replicas;
  }

  /**
   * The record of a run that was begun as {@code begun} says, and goes on as this one says:
   * configuration and data are equal then. Project, checkout and number of replicas are those that
   * it was begun with; versions that changed are named in their order, as in {@code 17.0.8, then
   * 17.0.9}.
   */
  public Provenance goingOn(Provenance begun) {
    List<Hardware> later =
        new ArrayList<>(begun.laterHardware == null ? List.of() : begun.laterHardware);
    if (!hardware.computesAs(begun.last().hardware)) {
      later.add(hardware);
    }
    return new Provenance(
        config,
        begun.project,
        data,
        files,
        inOrder(begun.software, software),
        begun.hardware,
        later.isEmpty() ? null : later,
        begun.replicas,
        begun.source,
        null);
  }

  /**
   * Why a run that is made or taken up as {@code now} says may have other bytes than the one that
   * this is the record of; empty where it should have the same. What the user sets, data and
   * threads are not looked at.
   */
  public List<ByteTravel.Reason> mayDiffer(Provenance now) {
    return ByteTravel.reasons(this, now);
  }

  /** The record of a run that may have moved, as if it had always been where it was last. */
  public Provenance last() {
    SortedMap<String, String> newest = new TreeMap<>(software);
    newest.replaceAll(
        (name, version) -> {
          int then = version.lastIndexOf(THEN);
          return then < 0 ? version : version.substring(then + THEN.length());
        });
    Hardware machine =
        laterHardware == null || laterHardware.isEmpty()
            ? hardware
            : laterHardware.get(laterHardware.size() - 1);
    return new Provenance(
        config, project, data, files, newest, machine, null, replicas, source, outcome);
  }

  private static SortedMap<String, String> inOrder(
      SortedMap<String, String> before, SortedMap<String, String> now) {
    SortedMap<String, String> all = new TreeMap<>(before);
    now.forEach(
        (name, version) ->
            all.merge(
                name,
                version,
                (old, late) ->
                    old.equals(late) || old.endsWith(THEN + late) ? old : old + THEN + late));
    return all;
  }

  /**
   * Reads what {@link #write} wrote.
   *
   * @throws CovidException where the file is none of these
   */
  public static Provenance read(Path file) {
    byte[] bytes = new byte[0];
    try {
      bytes = Files.readAllBytes(file);
      Provenance read = JSON.readValue(bytes, Provenance.class);
      if (read == null
          || read.config == null
          || read.data == null
          || read.files == null
          || read.software == null
          || read.hardware == null) {
        throw new IOException("config, data, files, software or hardware is missing");
      }
      return read;
    } catch (IOException e) {
      String why =
          e instanceof JsonProcessingException j
              ? j.getOriginalMessage()
              : e instanceof NoSuchFileException ? "there is no such file" : e.getMessage();
      String writer = writer(bytes);
      boolean other = !writer.isEmpty() && !writer.equals(ProvenanceRecorder.projectVersion());
      throw new CovidException(
          file.toString(),
          other
              ? "expected a provenance of covid-mmar "
                  + ProvenanceRecorder.projectVersion()
                  + ", found one of "
                  + writer
                  + ": "
                  + why
              : "is no provenance: " + why,
          other ? "use covid-mmar " + writer : "restore the file from a copy of the run",
          e);
    }
  }

  /** The version that wrote what may be a provenance; empty where it does not tell. */
  private static String writer(byte[] json) {
    try {
      return JSON.readTree(json).path("software").path("covid-mmar").asText();
    } catch (IOException e) {
      return "";
    }
  }

  /** Writes it as JSON. */
  public void write(Path file) {
    try {
      AtomicFiles.writeString(file, JSON.writeValueAsString(this) + "\n");
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a provenance is always writable", e);
    }
  }

  /** Beginnings of the variables that libtorch and the libraries beneath it go by. */
  private static final List<String> OF_LIBRARIES =
      List.of("ATEN_", "ONEDNN_", "DNNL_", "MKL_", "OMP_", "KMP_", "GOMP_", "TORCH_");

  /** How threads wait: it decides speed alone. */
  private static final List<String> WAITING = List.of("OMP_WAIT_POLICY", "GOMP_SPINCOUNT");

  /** The JVM's options: that they are set is recorded; they may hold passwords. */
  private static final List<String> JVM_OPTIONS =
      List.of("JAVA_TOOL_OPTIONS", "JDK_JAVA_OPTIONS", "_JAVA_OPTIONS");

  /**
   * Whether an environment variable belongs to libtorch, oneDNN, MKL or OpenMP and may decide what
   * they compute.
   */
  public static boolean isOfLibraries(String name) {
    return !WAITING.contains(name) && OF_LIBRARIES.stream().anyMatch(name::startsWith);
  }

  /**
   * Those that are recorded beside {@link #isOfLibraries}: what decides speed alone, and which
   * native libraries are loaded.
   */
  static final List<String> RELEVANT_ENVIRONMENT =
      Stream.concat(
              WAITING.stream(),
              Stream.of(
                  "MALLOC_ARENA_MAX",
                  "GLIBC_TUNABLES",
                  "PYTORCH_LIBRARY_PATH",
                  "PYTORCH_VERSION",
                  "PYTORCH_FLAVOR",
                  "PYTORCH_PRECXX11",
                  "PYTORCH_EXTRA_LIBRARY_PATH",
                  "PYTORCH_LIBRARY_EXCLUSION",
                  "LIBSTDCXX_LIBRARY_PATH",
                  "LD_PRELOAD",
                  "LD_LIBRARY_PATH",
                  "CUDA_VISIBLE_DEVICES",
                  "CUBLAS_WORKSPACE_CONFIG",
                  "NVIDIA_TF32_OVERRIDE"))
          .toList();

  /** The relevant part of an environment. */
  static SortedMap<String, String> relevant(Map<String, String> environment) {
    SortedMap<String, String> kept = new TreeMap<>(environment);
    kept.keySet().removeIf(name -> !isOfLibraries(name) && !RELEVANT_ENVIRONMENT.contains(name));
    JVM_OPTIONS.stream().filter(environment::containsKey).forEach(n -> kept.put(n, "(set)"));
    return kept;
  }
}
