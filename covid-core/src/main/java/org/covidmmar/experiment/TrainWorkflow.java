package org.covidmmar.experiment;

import ai.djl.Device;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.covidmmar.CovidException;
import org.covidmmar.Seeds;
import org.covidmmar.config.ExperimentConfig;
import org.covidmmar.config.Setting;
import org.covidmmar.dataset.BatchSource;
import org.covidmmar.dataset.Case;
import org.covidmmar.dataset.DataFingerprints;
import org.covidmmar.dataset.Dataset;
import org.covidmmar.dataset.DatasetCheck;
import org.covidmmar.dataset.PreprocessCache;
import org.covidmmar.inference.ModelConfig;
import org.covidmmar.inference.Predictor;
import org.covidmmar.model.Architecture;
import org.covidmmar.model.DenseNet3d;
import org.covidmmar.model.MemoryFormat;
import org.covidmmar.model.weights.Weights;
import org.covidmmar.tracking.LiveSync;
import org.covidmmar.tracking.RunJournal;
import org.covidmmar.tracking.RunJournal.Status;
import org.covidmmar.tracking.SystemMetrics;
import org.covidmmar.training.CheckpointStore;
import org.covidmmar.training.CrossEntropy;
import org.covidmmar.training.Replicas;
import org.covidmmar.training.TrainingEvent;
import org.covidmmar.training.TrainingListener;
import org.covidmmar.training.TrainingLoop;
import org.covidmmar.training.TrainingState;
import org.covidmmar.training.UpdateRule;
import org.covidmmar.transform.Pipeline;
import org.covidmmar.transform.Sample;
import org.covidmmar.volume.Shape;

/** {@code covid:train}: refuses bad data, preprocesses, trains, leaves a run with its model. */
final class TrainWorkflow implements Workflow {
  /** Tag of a run: the epoch that its model is of. */
  static final String BEST_EPOCH = "covid.bestEpoch";

  /** Tag of a run: what that epoch was chosen by. */
  private static final String BEST_BY = "covid.bestBy";

  private final Workspace workspace;
  private final ExperimentConfig config;
  private final Pipeline pipeline;
  private final int lastEpoch;
  private RunRecord record;
  private Path run;

  TrainWorkflow(Workspace workspace) {
    this(workspace, workspace.config().training().epochs());
  }

  /**
   * @param lastEpoch after which the run is finished; without a model where more were planned
   */
  TrainWorkflow(Workspace workspace, int lastEpoch) {
    this.workspace = workspace;
    this.config = workspace.config();
    this.lastEpoch = lastEpoch;
    this.pipeline = config.preprocessing().pipeline();
  }

  /** The stamp of a run. */
  static Path stampOf(Path run) {
    return run.resolve("stamps/train.json");
  }

  @Override
  public Optional<String> reason() {
    Optional<Path> newest = RunJournal.newestFinished(workspace.basedir(), config.experiment());
    if (newest.isEmpty()) {
      return Optional.of("no finished run yet");
    }
    run = newest.get();
    return stage(workspace.dataset()).reason(stampOf(run), model(run));
  }

  /** The newest finished run of the experiment that was made from what this one would be. */
  Optional<Path> finished() {
    Stage stage = stage(workspace.dataset());
    return RunJournal.finished(workspace.basedir(), config.experiment()).stream()
        .filter(earlier -> stage.isUnchanged(stampOf(earlier), model(earlier)))
        .findFirst();
  }

  /** What a run must have to be as good as a new one. */
  private static Path[] model(Path run) {
    Path weights = ModelSource.inRun(run);
    return new Path[] {weights, ModelConfig.beside(weights)};
  }

  private Stage stage(Dataset dataset) {
    SortedMap<String, String> values =
        workspace.values("data", "preprocessing", "network", "optimization", "training", "compute");
    List<Path> files = new ArrayList<>();
    for (String list : List.of(Dataset.TRAINING, Dataset.VALIDATION)) {
      values.put("list " + list, workspace.describe(dataset.list(list)));
      files.addAll(Workspace.files(dataset.list(list)));
    }
    Path pretrained = pretrained();
    if (pretrained != null) {
      files.add(pretrained);
    }
    return new Stage(workspace.basedir(), values, files);
  }

  @Override
  public void conclude() {
    workspace.say("run: " + run);
  }

  /** The run's folder, once it has run. */
  Path folder() {
    return run;
  }

  @Override
  public void run() {
    Path pretrained = pretrained();
    Dataset dataset = workspace.dataset();
    check(workspace, dataset);
    List<Case> training = dataset.list(Dataset.TRAINING);
    List<Case> validation = dataset.list(Dataset.VALIDATION);
    Workspace.requireWritable(workspace.basedir().resolve(RunJournal.FOLDER));
    Stage stage = stage(dataset);

    DataFingerprints fingerprints = new DataFingerprints();
    PreprocessCache cache = workspace.cache(pipeline, fingerprints);
    List<String> lists = List.of(Dataset.TRAINING, Dataset.VALIDATION);
    cache.prepare(
        dataset.cases(lists),
        config.compute().threadCount(),
        workspace.progress("preparing scans"));
    DatasetCheck.content(dataset, lists, fingerprints);
    requireInputShape(cache.get(training.get(0)));

    List<Device> devices = Engines.devices(config.compute());
    RunChoice choice = new RunChoice(workspace, stage);
    try (DenseNet3d network = network(devices.get(0), pretrained);
        RunJournal journal =
            choice.take(
                () -> {
                  // One that goes on has as many as it was begun with.
                  checkInput(config, dataset, config.replicas(devices.size()));
                  return begin(stage, fingerprints);
                })) {
      if (journal == null) {
        run = choice.finished();
        return;
      }
      Optional<String> stopped;
      boolean interrupted;
      try (LiveSync live = workspace.send(journal.folder())) {
        try {
          record(journal, devices, dataset, fingerprints);
          stopped = train(journal, live, network, devices, cache, training, validation);
          // One that went as far as it was to go is finished: not taken up again.
          interrupted = stopped.isPresent() && Stop.wished();
          journal.end(interrupted ? Status.KILLED : Status.FINISHED);
        } catch (RuntimeException | Error e) {
          endAsFailed(journal, e);
          throw e;
        }
      }
      if (interrupted) {
        throw new CovidException(
            "covid:train", stopped.get(), "run it again: it goes on from there");
      }
      run = journal.folder();
    }
  }

  private RunJournal begin(Stage stage, DataFingerprints fingerprints) {
    RunJournal begun =
        RunJournal.begin(workspace.basedir(), config.experiment(), runName(), Clock.systemUTC());
    try {
      stage.stamp(stampOf(begun.folder()), fingerprints);
      return begun;
    } catch (RuntimeException e) {
      begun.close();
      throw e;
    }
  }

  /** Refuses what can be told from configuration and headers. */
  static void check(Workspace workspace, Dataset dataset) {
    ExperimentConfig config = workspace.config();
    DatasetCheck.forTraining(
        dataset,
        config.preprocessing().pipeline().readsMask(),
        needsBothClasses(config),
        config.training().batchSize());
    checkInput(config, dataset, config.replicas(1));
  }

  /** Whether the key metric is undefined where the validation list has one class. */
  static boolean needsBothClasses(ExperimentConfig config) {
    return config.training().keyMetric().equals("val/auc");
  }

  /** Refuses an input that the network makes too little of for what a replica has of a batch. */
  static void checkInput(ExperimentConfig config, Dataset dataset, int replicas) {
    int batchSize = config.training().batchSize();
    int rest = config.training().casesOf(dataset.list(Dataset.TRAINING).size()) % batchSize;
    int smallest = Math.max(1, (rest == 0 ? batchSize : rest) / replicas);
    DenseNet3d.checkInput(config.preprocessing().inputShape(), smallest);
  }

  /** A pipeline spelled out may end in another shape than the network is given. */
  private void requireInputShape(Sample prepared) {
    Shape expected = config.preprocessing().inputShape();
    if (!prepared.image().shape().equals(expected)) {
      throw new CovidException(
          Setting.INPUT_SHAPE.property(),
          "preprocessing makes volumes of " + prepared.image().shape() + ", not of " + expected,
          "give the shape that preTransforms end with, or end them with a Resize to it");
    }
  }

  /** The failure itself is what the user must hear of, also where the disk is full. */
  private static void endAsFailed(RunJournal journal, Throwable failure) {
    try {
      journal.end(Status.FAILED);
    } catch (CovidException e) {
      failure.addSuppressed(e);
    }
  }

  private String runName() {
    ExperimentConfig.Training t = config.training();
    return config.network().architecture()
        + " lr "
        + config.optimization().learningRate()
        + " seed "
        + t.seed();
  }

  /** The weights to fine-tune from; null where the network starts from its seed. */
  private Path pretrained() {
    if (config.network().pretrained() != null) {
      return ModelSource.pretrained(workspace.request());
    }
    if (config.network().drawsHead()) {
      throw new CovidException(
          Setting.PRETRAINED_HEAD.property(),
          "expected " + Setting.PRETRAINED.property() + " beside \"new\", found none",
          "set " + Setting.PRETRAINED.property() + ", or leave this out");
    }
    return null;
  }

  private DenseNet3d network(Device device, Path pretrained) {
    Architecture architecture = Architecture.of(config.network().architecture());
    double dropout = config.network().dropout();
    Seeds seeds = new Seeds(config.training().seed()).child("weights");
    if (pretrained == null) {
      return DenseNet3d.initialised(
          architecture, dropout, MemoryFormat.CHANNELS_LAST, device, seeds);
    }
    DenseNet3d network = new DenseNet3d(architecture, dropout, MemoryFormat.CHANNELS_LAST, device);
    try {
      List<String> notes =
          config.network().drawsHead()
              ? Weights.loadWithNewHead(pretrained, network, seeds)
              : Weights.load(pretrained, network);
      notes.forEach(workspace::say);
    } catch (RuntimeException e) {
      network.close();
      throw e;
    }
    return network;
  }

  private void record(
      RunJournal journal, List<Device> devices, Dataset dataset, DataFingerprints fingerprints) {
    config.flat().forEach(journal::param);
    journal.tag("mlflow.source.name", "covid:train");
    journal.tag("mlflow.source.type", "PROJECT");
    RunNote.write(journal.folder());
    record =
        RunRecord.begin(
            workspace,
            journal,
            RunRecord.provenance(workspace, dataset, fingerprints, pretrained(), devices));
  }

  /** Trains to the end, and keeps the model; or says where it was stopped. */
  private Optional<String> train(
      RunJournal journal,
      LiveSync live,
      DenseNet3d network,
      List<Device> devices,
      PreprocessCache cache,
      List<Case> training,
      List<Case> validation) {
    CheckpointStore checkpoints = new CheckpointStore(journal.folder().resolve("checkpoints"));
    EpochTable table = new EpochTable(config.training().epochs(), workspace.listener());
    AtomicInteger epochs = new AtomicInteger();
    BooleanSupplier stop =
        () ->
            Stop.wished()
                || (epochs.get() >= lastEpoch && epochs.get() < config.training().epochs());
    BatchSource batches = workspace.batches(cache, config.preprocessing());
    List<Double> weights = config.training().classWeights();
    CrossEntropy loss =
        weights == null
            ? CrossEntropy.UNWEIGHTED
            : new CrossEntropy(weights.get(0), weights.get(1));
    List<Device> others = others(devices);
    try (Replicas replicas =
            new Replicas(network, others, UpdateRule.of(config.optimization()), loss);
        SystemMetrics system = new SystemMetrics(devices.get(0).isGpu())) {
      TrainingListener listener =
          event -> {
            journal.on(event);
            if (event instanceof TrainingEvent.EpochDone done) {
              system.sample().forEach((name, value) -> journal.metric(name, value, done.epoch()));
            }
            table.on(event);
            if (event instanceof TrainingEvent.EpochDone done) {
              epochs.set(done.epoch());
            }
            live.on(event);
          };
      Predictor validator = new Predictor(network, batches.withoutAugmentation());
      Optional<TrainingState> kept =
          checkpoints.restore(replicas, text -> workspace.listener().on(new Message.Warning(text)));
      kept.ifPresent(
          state ->
              workspace.say(
                  "goes on with run " + journal.folder().getFileName() + " " + state.where()));
      TrainingState start = kept.orElse(TrainingState.START);
      epochs.set(start.epochs());
      journal.forgetAfter(start.epochs());
      Stop.heed(journal::markEnding);
      TrainingLoop loop =
          new TrainingLoop(config, replicas, batches, validator, checkpoints, listener);
      TrainingState end = loop.run(start, training, validation, stop);
      if (end.begun() != null) {
        return Optional.of("was stopped " + end.where());
      }
      Stop.ignore();
      keepModel(journal, checkpoints, end, loop.bestBy(end));
      table.summary(end);
      return Optional.empty();
    }
  }

  /** The devices of the replicas but the first, in turn; as many as the run was begun with. */
  private List<Device> others(List<Device> devices) {
    int replicas = record.provenance().replicaCount();
    if (replicas > 1) {
      String names =
          devices.stream()
              .map(d -> d.isGpu() ? "gpu:" + d.getDeviceId() : "cpu")
              .collect(Collectors.joining(", "));
      workspace.say("trains %d replicas on %s".formatted(replicas, names));
    }
    return IntStream.range(1, replicas).mapToObj(n -> devices.get(n % devices.size())).toList();
  }

  private void keepModel(
      RunJournal journal, CheckpointStore checkpoints, TrainingState end, String bestBy) {
    Path model = ModelSource.inRun(journal.folder());
    checkpoints.copyBest(model, end.bestEpoch());
    new ModelConfig(config.network().architecture(), config.preprocessing(), ModelConfig.USE)
        .write(ModelConfig.beside(model));
    journal.tag(BEST_EPOCH, Integer.toString(end.bestEpoch()));
    journal.tag(BEST_BY, bestBy);
    record.end(end, bestBy, model);
    RunNote.write(journal.folder());
  }
}
