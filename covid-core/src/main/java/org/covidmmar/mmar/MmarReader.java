package org.covidmmar.mmar;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.covidmmar.CovidException;
import org.covidmmar.DidYouMean;
import org.covidmmar.StrictJson;
import org.covidmmar.config.ExperimentConfig;
import org.covidmmar.config.Setting;
import org.covidmmar.transform.Step;

/**
 * Reads the configuration of an MMAR of Clara Train 3: every key means something here or is refused
 * by name; what has no effect on the numbers is named in the notes.
 */
public final class MmarReader {
  /** The file that is read where none is named. */
  public static final String TRAINING = "config_train.json";

  static final String CONFIG = "config";
  private static final String AS_AN_MMAR = "the MMAR";
  private static final StrictJson.Kind KIND =
      new StrictJson.Kind(
          "a configuration of an MMAR",
          1L << 20,
          "name a file of the MMAR's folder config with covid.mmar.config");

  /** Keys that every configuration may have at its top. */
  private static final List<String> GLOBALS =
      List.of(
          "epochs",
          "num_training_epoch_per_valid",
          "learning_rate",
          "multi_gpu",
          "dynamic_input_shape",
          "use_amp",
          "infer_in_training_mode",
          "batch_size",
          "do_validation",
          "output_infer_result");

  private MmarReader() {}

  /** Whose results a goal writes: the MMAR has a folder for some. */
  public enum Results {
    /** Predictions, in the folder of its evaluations. */
    PREDICTIONS,
    /** Model files, in the folder of its checkpoints. */
    MODELS,
    /** Runs, for which it must be the configuration of a training. */
    RUNS,
    /** Others. */
    NONE
  }

  /**
   * Where it is and what is set over it.
   *
   * @param mmar the folder, with {@code config} in it
   * @param config a file's name in that folder; null for the training's
   * @param set {@code key=value,…} over the files; null for none
   * @param overrides settings that win over all of it
   */
  public record Source(Path mmar, String config, String set, Map<Setting, String> overrides) {
    public Source {
      mmar = mmar.toAbsolutePath().normalize();
      overrides = Map.copyOf(overrides);
    }

    /** Its folder, as it is, for its training. */
    public static Source of(Path mmar) {
      return new Source(mmar, null, null, Map.of());
    }
  }

  /**
   * What a configuration means.
   *
   * @throws CovidException that lists every key that is unknown, missing, or not as it must be here
   */
  public static MmarExperiment read(Source source, Results results) {
    Path mmar = source.mmar();
    Path own = mmar.resolve(MmarArchive.EXPERIMENT);
    if (source.config() == null
        && Files.exists(own)
        && !Files.exists(mmar.resolve(CONFIG).resolve(TRAINING))) {
      return ofThisProject(own, source);
    }
    String name = source.config() == null ? TRAINING : source.config();
    Path file = file(mmar, name);
    JsonNode tree = StrictJson.read(file, KIND);
    if (!(tree instanceof ObjectNode root)) {
      throw new CovidException(
          file, "an object expected, found " + StrictJson.shown(tree), KIND.remedy());
    }
    Variables variables = Variables.read(mmar);
    Set<String> set = set(source.set(), root, variables);
    String shown = CONFIG + "/" + file.getFileName();
    Document document = new Document(file, shown, root, variables, set);
    Fields fields = document.root();
    if (results == Results.RUNS && !root.has("train")) {
      throw new CovidException(
          file, "is no configuration of a training: it has no \"train\"", KIND.remedy());
    }
    defaults(document, String.valueOf(mmar.getFileName()), set, results);
    List<Step> steps =
        root.has("train")
            ? new TrainingFile(document, fields, source.overrides()).read()
            : new EvaluationFile(
                    document, fields, source.overrides(), results == Results.PREDICTIONS)
                .read();
    document.refuseProblems(variables.unread(root + texts(mmar.resolve(CONFIG))));
    return new MmarExperiment(
        file, overridden(document.settings(), source), steps, document.notes());
  }

  /** The configuration that covid:package put into an archive that was unpacked here. */
  private static MmarExperiment ofThisProject(Path file, Source source) {
    if (source.set() != null && !source.set().isBlank()) {
      throw new CovidException(
          Document.SET,
          "expected an MMAR with " + TRAINING + ", found one of covid:package: " + file,
          "give the properties themselves, as in -Dcovid.epochs=200");
    }
    ExperimentConfig config =
        ExperimentConfig.fromJson(file.toString(), StrictJson.read(file, KIND).toString());
    SortedMap<Setting, MmarExperiment.Value> settings = new TreeMap<>();
    config
        .trainingSettings()
        .forEach(
            (setting, text) ->
                settings.put(setting, new MmarExperiment.Value(text, MmarArchive.EXPERIMENT)));
    return new MmarExperiment(
        file,
        overridden(settings, source),
        config.preprocessing().preTransforms(),
        List.of(
            "an archive of covid:package has no data and no weights to start from: "
                + Setting.DATA_ROOT.property()
                + " and "
                + Setting.PRETRAINED.property()
                + " are yours to set"));
  }

  private static SortedMap<Setting, MmarExperiment.Value> overridden(
      Map<Setting, MmarExperiment.Value> settings, Source source) {
    SortedMap<Setting, MmarExperiment.Value> result = new TreeMap<>(settings);
    source
        .overrides()
        .forEach((setting, text) -> result.put(setting, new MmarExperiment.Value(text, "")));
    return result;
  }

  private static Path file(Path mmar, String name) {
    Path folder = mmar.resolve(CONFIG);
    if (!Files.isDirectory(folder)) {
      throw new CovidException(
          mmar,
          Files.isDirectory(mmar) ? "has no folder " + CONFIG : "is no folder",
          "set covid.mmar to the folder of an MMAR, in which " + CONFIG + " is");
    }
    Path file = folder.resolve(name.replace('\0', '?')).normalize();
    if (!file.startsWith(folder)) {
      throw new CovidException(
          "covid.mmar.config", "is no file in " + folder + ": " + name, "give a file's name");
    }
    if (!Files.exists(file)) {
      throw new CovidException(
          file, "does not exist", DidYouMean.remedy(file.getFileName().toString(), names(folder)));
    }
    return file;
  }

  private static List<String> names(Path folder) {
    try (Stream<Path> files = Files.list(folder)) {
      List<String> names =
          files
              .map(file -> file.getFileName().toString())
              .filter(n -> n.endsWith(".json") && !Variables.FILE.endsWith(n))
              .toList();
      return names.isEmpty() ? List.of(TRAINING) : names;
    } catch (IOException e) {
      throw new CovidException(
          folder.toString(), "cannot be read: " + e.getMessage(), "make it readable", e);
    }
  }

  /** The other configurations, which may name variables too. */
  private static String texts(Path folder) {
    StringBuilder texts = new StringBuilder();
    for (String name : names(folder)) {
      try {
        if (Files.size(folder.resolve(name)) <= KIND.maxBytes()) {
          texts.append(Files.readString(folder.resolve(name)));
        }
      } catch (IOException e) {
        // What cannot be read names none; it is refused where it is asked for.
      }
    }
    return texts.toString();
  }

  /**
   * As the MMAR's commands set keys: over the configuration and over the variables.
   *
   * @return the names that were set
   */
  private static Set<String> set(String set, ObjectNode root, Variables variables) {
    Set<String> names = new TreeSet<>();
    if (set == null || set.isBlank()) {
      return names;
    }
    String written = root.toString();
    List<CovidException> problems = new ArrayList<>();
    for (String pair : set.split(",", -1)) {
      String[] parts = Arrays.stream(pair.split("=", 2)).map(String::strip).toArray(String[]::new);
      names.add(parts[0]);
      boolean scalar = root.has(parts[0]) && root.get(parts[0]).isValueNode();
      if (parts.length < 2 || parts[0].isEmpty()) {
        problems.add(
            new CovidException(
                Document.SET,
                "expected key=value, found \"" + pair + "\"",
                "write it as in learning_rate=1e-4,epochs=200"));
      } else if (scalar || GLOBALS.contains(parts[0])) {
        root.set(parts[0], scalar(parts[1]));
      } else if (variables.has(parts[0]) || written.contains("{" + parts[0] + "}")) {
        variables.set(parts[0], parts[1]);
      } else {
        Set<String> known = variables.names();
        known.addAll(GLOBALS);
        problems.add(
            new CovidException(
                Document.SET + ": " + parts[0],
                "is no key at the top of the configuration, and no variable",
                DidYouMean.remedy(parts[0], known)));
      }
    }
    if (!problems.isEmpty()) {
      throw CovidException.all(Document.SET, problems);
    }
    return names;
  }

  private static JsonNode scalar(String text) {
    try {
      JsonNode node = StrictJson.MAPPER.readTree(text);
      return node != null && node.isValueNode() && !node.isNull() ? node : TextNode.valueOf(text);
    } catch (JsonProcessingException e) {
      return TextNode.valueOf(text);
    }
  }

  /** What an MMAR says by being one, or in its variables, unless its configuration says it. */
  private static void defaults(Document document, String name, Set<String> set, Results results) {
    Variables variables = document.variables();
    document.put(Setting.EXPERIMENT, name, AS_AN_MMAR);
    String task = variables.value(Variables.PROCESSING_TASK);
    if (task != null && !task.equals("classification")) {
      document.problem(
          Variables.PROCESSING_TASK,
          "expected classification, found " + task,
          "take an MMAR that classifies");
    }
    path(document, set, Setting.DATA_ROOT, Variables.DATA_ROOT);
    path(document, set, Setting.DATASET, Variables.DATASET_JSON);
    path(document, set, Setting.PRETRAINED, Variables.CHECKPOINT);
    if (results == Results.PREDICTIONS) {
      path(document, set, Setting.OUTPUT, Variables.EVAL_OUTPUT);
    } else if (results == Results.MODELS) {
      path(document, set, Setting.OUTPUT, Variables.CHECKPOINTS);
      document.note(
          "model.trt.pb: TensorRT's graph has no place here; model.onnx is written instead");
    }
    document.put(Setting.PREDICTIONS, "mmar", AS_AN_MMAR);
  }

  private static void path(Document document, Set<String> set, Setting setting, String variable) {
    String text = document.variables().value(variable);
    if (text != null && !text.isBlank()) {
      document.put(
          setting,
          document.variables().path(text).toString(),
          (set.contains(variable) ? Document.SET : Variables.FILE) + ": " + variable);
    }
  }
}
