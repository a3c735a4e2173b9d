package org.covidmmar.experiment;

import ai.djl.Device;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.covidmmar.AtomicFiles;
import org.covidmmar.CovidException;
import org.covidmmar.FileTree;
import org.covidmmar.config.ExperimentConfig;
import org.covidmmar.config.Setting;
import org.covidmmar.dataset.DataFingerprints;
import org.covidmmar.mmar.Coordinates;
import org.covidmmar.provenance.ByteTravel;
import org.covidmmar.provenance.Provenance;
import org.covidmmar.provenance.ProvenanceDiff;
import org.covidmmar.provenance.ProvenanceDiff.Difference;
import org.covidmmar.tracking.RunDiff;
import org.covidmmar.tracking.RunFolder;

/**
 * {@code covid:reproduce}: makes a run again from its record, in a folder of its own and without
 * the cache, and says whether the same came of it.
 *
 * <p>What is run is the recorded configuration, with the recorded threads and instruction set, on
 * the data where this experiment has it now. What this experiment's configuration, data and machine
 * have otherwise than the record is said before.
 */
final class ReproduceWorkflow implements Workflow {
  private static final JsonMapper JSON =
      JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();
  private static final List<String> HEADER = List.of("recorded", "now");

  private final Workspace workspace;
  private final List<Difference> differences = new ArrayList<>();
  private final List<RunDiff.Item> results = new ArrayList<>();

  /** What reproduction.json holds. */
  private record Outcome(
      String run,
      String verdict,
      int epochs,
      List<Difference> differences,
      List<RunDiff.Item> results) {}

  ReproduceWorkflow(Workspace workspace) {
    this.workspace = workspace;
  }

  @Override
  public Optional<String> reason() {
    return Optional.of("asked for");
  }

  private Path folder() {
    return workspace.output("reproduce");
  }

  /** The made run's experiment: below a folder that may hold what others need. */
  private Path again() {
    return folder().resolve("made-again");
  }

  private Path file() {
    return folder().resolve("reproduction.json");
  }

  @Override
  public void run() {
    requireApart();
    Recorded recorded = Recorded.find(workspace.request());
    Workspace again = again(recorded);
    int epochs = epochs(recorded);
    workspace.handMasksTo(again);
    workspace.say("makes run " + recorded.name() + " again in " + again());
    Provenance now = now(Engines.devices(again.config().compute()));
    mayDiffer(recorded.provenance(), now, recorded.run() != null)
        .ifPresent(text -> workspace.listener().on(new Message.Warning(text)));
    differences.addAll(ProvenanceDiff.between(recorded.provenance(), now));
    workspace
        .listener()
        .on(CompareWorkflow.differences("other than recorded", HEADER, differences));
    // What is kept there came of the same files: made anew, it is checked too.
    FileTree.delete(again().resolve(".covid"));
    TrainWorkflow training = new TrainWorkflow(again, epochs);
    training.run();
    RunFolder made = new RunFolder(training.folder());
    if (recorded.run() != null) {
      evaluationOf(recorded.run())
          .filter(stamp -> Files.exists(made.model()))
          .ifPresent(stamp -> validate(again, stamp));
      results.addAll(RunDiff.between(recorded.run(), made, epochs));
    } else {
      results.addAll(model(recorded.provenance(), made));
    }
    FileTree.delete(again().resolve(".covid"));
    workspace
        .listener()
        .on(CompareWorkflow.results("run " + recorded.name() + " made again", HEADER, results));
    write(new Outcome(recorded.name(), verdict().text(), epochs, differences, results));
  }

  /**
   * That the made run may have other bytes, and what is told of it then; empty where it should have
   * the same.
   *
   * @param wholeRun whether there is more to compare with than the model's checksum
   */
  static Optional<String> mayDiffer(Provenance recorded, Provenance now, boolean wholeRun) {
    List<ByteTravel.Reason> reasons = recorded.mayDiffer(now);
    if (reasons.isEmpty()) {
      return Optional.empty();
    }
    String compared =
        wholeRun
            ? "metrics, weights and predictions are compared, and may differ by "
                + RunDiff.TOLERANCE
            : "a provenance alone tells the model's SHA-256 and nothing that could be near it: give"
                + " the run's folder, whose metrics, weights and predictions may differ by "
                + RunDiff.TOLERANCE;
    return Optional.of(
        "the bytes may differ: "
            + ByteTravel.Reason.texts(reasons)
            + "; "
            + compared
            + "; for the same bytes "
            + ByteTravel.Reason.remedies(reasons));
  }

  /** Refuses a place where something is lost when it is emptied. */
  private void requireApart() {
    if (workspace.basedir().startsWith(again()) || workspace.dataRoot().startsWith(again())) {
      throw new CovidException(
          Setting.OUTPUT.property(),
          "expected a folder apart from the experiment and its data, found " + folder(),
          "give another folder, or none");
    }
  }

  /** The recorded experiment, on this one's data, in a folder of its own. */
  private Workspace again(Recorded recorded) {
    ExperimentConfig then = recorded.provenance().config();
    ExperimentConfig here = workspace.config();
    ExperimentConfig.Network network = then.network();
    if (network.pretrained() != null) {
      requireResolved(network.pretrained(), here.network().pretrained());
      Request asks = workspace.request().with(then);
      network =
          new ExperimentConfig.Network(
              network.architecture(),
              network.dropout(),
              ModelSource.pretrained(asks).toString(),
              network.pretrainedHead());
    }
    ExperimentConfig config =
        then.with(
            new ExperimentConfig.Data(workspace.dataRoot().toString(), here.data().dataset()),
            network,
            recorded.compute(),
            // Of the recorded one only the goals that evaluate make use.
            ExperimentConfig.Inference.of(null, then.inference().threshold()));
    Request request =
        new Request(
            config,
            again(),
            workspace.request().models(),
            null,
            workspace.request().project(),
            null);
    return new Workspace(request, workspace.listener());
  }

  /** Maven looks up those coordinates alone that its project has. */
  private static void requireResolved(String then, String here) {
    if (Coordinates.isMeantSo(then) && !then.equals(here)) {
      throw new CovidException(
          Setting.PRETRAINED.property(),
          "expected "
              + then
              + ", which the run was tuned from, found "
              + (here == null ? "none" : here),
          "set " + Setting.PRETRAINED.property() + " to " + then);
    }
  }

  /** How far there is something to compare with. */
  private int epochs(Recorded recorded) {
    Integer asked = workspace.config().review().epochs();
    int planned = recorded.provenance().config().training().epochs();
    boolean finished = recorded.provenance().outcome() != null;
    int there = finished || recorded.run() == null ? planned : recorded.run().wholeEpochs();
    if (there == 0) {
      throw new CovidException(
          "covid.run",
          "expected a run with at least one epoch done, found none in " + recorded.name(),
          "give another run");
    }
    if (recorded.run() == null && !finished) {
      throw new CovidException(
          "covid.run",
          "expected the provenance of a finished run, found one without an outcome",
          "give the run's folder, or the provenance of a run that has finished");
    }
    if (recorded.run() == null && asked != null) {
      throw new CovidException(
          "covid.reproduce.epochs",
          "expected a run's folder, for a provenance alone does not tell how its epochs went",
          "give the run's id or folder, or make the whole run again");
    }
    return asked == null ? there : Math.min(asked, there);
  }

  /** What this experiment would train from and with, here and now. */
  private Provenance now(List<Device> devices) {
    boolean tunes = workspace.config().network().pretrained() != null;
    return RunRecord.provenance(
        workspace,
        workspace.dataset(),
        new DataFingerprints(),
        tunes ? ModelSource.pretrained(workspace.request()) : null,
        devices);
  }

  /** What the run's model was evaluated on; empty where it was not. */
  private static Optional<Stamp> evaluationOf(RunFolder run) {
    return Stamp.read(run.path().resolve("stamps/validate.json"));
  }

  private static void validate(Workspace again, Stamp stamp) {
    ExperimentConfig config = again.config();
    ExperimentConfig.Inference evaluated =
        ExperimentConfig.Inference.of(
            stamp.values().get("list"), Double.parseDouble(stamp.values().get("threshold")));
    Request request = again.request().with(config.with(evaluated));
    new ValidateWorkflow(new Workspace(request, again.listener())).run();
  }

  /** A provenance without its run tells the model's checksum, and nothing else that came of it. */
  private static List<RunDiff.Item> model(Provenance recorded, RunFolder made) {
    String now = new DataFingerprints().ofFile(made.model()).hex();
    boolean same = recorded.outcome().model().equals(now);
    return List.of(
        new RunDiff.Item(
            "model.safetensors, SHA-256",
            same ? RunDiff.Verdict.IDENTICAL : RunDiff.Verdict.DIFFERENT,
            recorded.outcome().model(),
            now));
  }

  private RunDiff.Verdict verdict() {
    return results.stream()
        .map(RunDiff.Item::verdict)
        .max(RunDiff.Verdict::compareTo)
        .orElse(RunDiff.Verdict.IDENTICAL);
  }

  private void write(Outcome outcome) {
    try {
      AtomicFiles.writeString(file(), JSON.writeValueAsString(outcome) + "\n");
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("an outcome is always writable", e);
    }
  }

  @Override
  public void conclude() {
    workspace.say("reproduced: " + verdict().text());
    workspace.say("wrote: " + file());
    List<String> other =
        differences.stream()
            .filter(d -> d.kind().isDecisive())
            .map(d -> d.name() + " " + d.first() + " -> " + d.second())
            .collect(Collectors.toCollection(ArrayList::new));
    results.stream()
        .filter(item -> item.verdict() == RunDiff.Verdict.DIFFERENT)
        .forEach(item -> other.add(item.name() + " " + item.first() + " -> " + item.second()));
    if (!other.isEmpty()) {
      throw new CovidException(
          "covid:reproduce",
          "expected what was recorded, found something else: " + String.join("; ", other),
          "restore what differs, or train a run that is recorded as things are now");
    }
  }
}
