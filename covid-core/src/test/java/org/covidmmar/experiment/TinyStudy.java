package org.covidmmar.experiment;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.commons.rng.UniformRandomProvider;
import org.covidmmar.Seeds;
import org.covidmmar.config.ExperimentConfig;
import org.covidmmar.config.Settings;
import org.covidmmar.dataset.Case;
import org.covidmmar.dataset.Dataset;
import org.covidmmar.io.nifti.NiftiWriter;
import org.covidmmar.tracking.MlflowAccess;
import org.covidmmar.volume.Affine;
import org.covidmmar.volume.Shape;
import org.covidmmar.volume.Volume;

/** An experiment of a few small volumes, on which every goal takes seconds. */
final class TinyStudy {
  static final Shape SHAPE = new Shape(40, 40, 40);
  private static final int CASES = 4;
  private static final int TISSUE = 40;

  final Path basedir;
  final List<Message> messages = new ArrayList<>();
  final Map<String, Path> models = new HashMap<>();
  private final Map<String, String> properties = new HashMap<>();
  private MlflowAccess server;

  /** Writes two lists of four cases each, positives brighter, into {@code basedir/data}. */
  TinyStudy(Path basedir) {
    this.basedir = basedir;
    Map<String, List<Case>> lists = new LinkedHashMap<>();
    for (String list : List.of(Dataset.TRAINING, Dataset.VALIDATION)) {
      List<Case> cases = new ArrayList<>();
      for (int n = 0; n < CASES; n++) {
        cases.add(write(list + n, n % 2, new Seeds(n).child(list)));
      }
      lists.put(list, cases);
    }
    new Dataset(data().resolve("dataset.json"), data(), lists)
        .write(data().resolve("dataset.json"));
    set("covid.inputShape", "32,32,32");
    set("covid.epochs", "2");
    set("covid.batchSize", "2");
    set("covid.learningRate", "1e-3");
    // libtorch takes its threads once, and all tests share a JVM.
    set("covid.threads", "2");
    set("covid.augmentation", "flip");
  }

  private TinyStudy(Path basedir, Map<String, String> properties) {
    this.basedir = basedir;
    this.properties.putAll(properties);
  }

  /** The same study where a copy of its folder is. */
  TinyStudy in(Path copy) {
    return new TinyStudy(copy, properties);
  }

  private Case write(String name, int label, Seeds seeds) {
    UniformRandomProvider random = seeds.generator();
    short[] image = new short[(int) SHAPE.voxels()];
    short[] mask = new short[image.length];
    for (int i = 0; i < image.length; i++) {
      int lung = -900 + 300 * label + random.nextInt(200);
      image[i] = (short) (i % SHAPE.x() > 1 ? lung : TISSUE);
      mask[i] = (short) (i % SHAPE.x() > 1 ? 1 : 0);
    }
    Path imageFile = data().resolve(name + ".nii.gz");
    Path maskFile = data().resolve(name + "_lungs.nii.gz");
    NiftiWriter.write(imageFile, Volume.of(SHAPE, Affine.identity(), image));
    NiftiWriter.write(maskFile, Volume.of(SHAPE, Affine.identity(), mask));
    return new Case(name, imageFile, maskFile, label);
  }

  Path data() {
    return basedir.resolve("data");
  }

  TinyStudy set(String property, String value) {
    properties.put(property, value);
    return this;
  }

  Map<String, String> properties() {
    return Map.copyOf(properties);
  }

  ExperimentConfig config() {
    return ExperimentConfig.of(Settings.of(properties), "tiny", null);
  }

  TinyStudy sendingTo(MlflowAccess access) {
    server = access;
    return this;
  }

  Request request() {
    return new Request(config(), basedir, models).sendingTo(server);
  }

  void run(Main.Goal goal) {
    run(goal, message -> {});
  }

  /**
   * Runs a goal in this JVM.
   *
   * @param then hears each message when it comes, in the goal's thread
   */
  void run(Main.Goal goal, Message.Listener then) {
    goal.run(
        request(),
        false,
        message -> {
          messages.add(message);
          then.on(message);
        });
  }

  /** Warnings about the server that runs are sent to. */
  List<String> serverWarnings() {
    return serverWarnings(messages);
  }

  static List<String> serverWarnings(List<Message> messages) {
    return messages.stream()
        .filter(Message.Warning.class::isInstance)
        .map(message -> ((Message.Warning) message).text())
        .filter(text -> text.startsWith("the run is not on "))
        .toList();
  }

  /** What follows {@code run: } in the last message. */
  Path lastPath() {
    Message.Line line = (Message.Line) messages.get(messages.size() - 1);
    return Path.of(line.text().substring(line.text().indexOf(": ") + 2));
  }
}
