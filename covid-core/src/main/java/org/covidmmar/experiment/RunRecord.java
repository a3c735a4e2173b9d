package org.covidmmar.experiment;

import ai.djl.Device;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import org.covidmmar.dataset.Case;
import org.covidmmar.dataset.DataFingerprints;
import org.covidmmar.dataset.Dataset;
import org.covidmmar.provenance.ByteTravel;
import org.covidmmar.provenance.Provenance;
import org.covidmmar.provenance.ProvenanceRecorder;
import org.covidmmar.tracking.RunFolder;
import org.covidmmar.tracking.RunJournal;
import org.covidmmar.training.TrainingState;

/**
 * What a run's record says of where its model comes from: provenance.json, the pom, the changes
 * that are not committed.
 */
record RunRecord(Path file, Provenance provenance) {

  /** What a training of this workspace is made from and with, as things are now. */
  static Provenance provenance(
      Workspace workspace,
      Dataset dataset,
      DataFingerprints fingerprints,
      Path pretrained,
      List<Device> devices) {
    List<Provenance.CaseFingerprint> data = new ArrayList<>();
    for (String list : List.of(Dataset.TRAINING, Dataset.VALIDATION)) {
      for (Case c : dataset.list(list)) {
        data.add(
            new Provenance.CaseFingerprint(
                list,
                c.id(),
                fingerprints.of(c.image()).hex(),
                c.mask() == null ? null : fingerprints.of(c.mask()).hex(),
                c.label()));
      }
    }
    SortedMap<String, String> files = new TreeMap<>();
    files.put(Provenance.DATASET, fingerprints.ofFile(dataset.file()).hex());
    if (pretrained != null) {
      files.put(Provenance.PRETRAINED, fingerprints.ofFile(pretrained).hex());
    }
    return ProvenanceRecorder.record(
        workspace.basedir(),
        workspace.config(),
        workspace.request().project(),
        data,
        files,
        Engines.versions(),
        devices.get(0).getDeviceType(),
        workspace.config().replicas(devices.size()));
  }

  /** Writes the record of a run that begins, or that goes on, perhaps on another machine. */
  static RunRecord begin(Workspace workspace, RunJournal journal, Provenance now) {
    Path file = new RunFolder(journal.folder()).provenance();
    Provenance all = now;
    if (Files.exists(file)) {
      Provenance begun = Provenance.read(file);
      all = now.goingOn(begun);
      moved(begun.last(), now)
          .ifPresent(text -> workspace.listener().on(new Message.Warning(text)));
    } else {
      // Once, and before the record: they are of the commit that it names.
      ProvenanceRecorder.keepSources(workspace.basedir(), journal.artifacts().resolve("project"));
    }
    all.write(file);
    if (all.source() != null) {
      tag(journal, "mlflow.source.git.commit", all.source().commit());
      tag(journal, "mlflow.source.git.branch", all.source().branch());
      tag(journal, "mlflow.source.git.repoURL", all.source().repository());
    }
    return new RunRecord(file, all);
  }

  private static void tag(RunJournal journal, String key, String value) {
    if (value != null) {
      journal.tag(key, value);
    }
  }

  /** That a run goes on otherwise than it went; empty where its bytes should stay the same. */
  static Optional<String> moved(Provenance before, Provenance now) {
    List<ByteTravel.Reason> reasons = new ArrayList<>(before.mayDiffer(now));
    int threads = before.hardware().threads();
    if (threads != now.hardware().threads()) {
      String here = Integer.toString(now.hardware().threads());
      String then = Integer.toString(threads);
      reasons.add(new ByteTravel.Reason("threads", then, here, "set covid.threads=" + then));
    }
    return reasons.isEmpty()
        ? Optional.empty()
        : Optional.of(
            "the run goes on otherwise than it went until now: "
                + ByteTravel.Reason.texts(reasons)
                + "; its weights may differ in their last digits from those of a run that stays"
                + " on one machine; for the same bytes "
                + ByteTravel.Reason.remedies(reasons));
  }

  /** Adds what came of the run. */
  void end(TrainingState end, String bestBy, Path model) {
    String sha256 = new DataFingerprints().ofFile(model).hex();
    provenance
        .with(new Provenance.Outcome(end.epochs(), end.bestEpoch(), bestBy, sha256))
        .write(file);
  }
}
