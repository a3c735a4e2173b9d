package org.covidmmar.tracking;

import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.commons.rng.UniformRandomProvider;
import org.covidmmar.AtomicFiles;
import org.covidmmar.Seeds;
import org.covidmmar.evaluation.ScoredCase;
import org.covidmmar.provenance.Provenance;

/** A run with something of everything that is sent, which grows epoch by epoch. */
final class SampleJournal implements AutoCloseable {
  private static final int ARTIFACT_BYTES = 50_000;
  private static final int MODEL_BYTES = 300_000;

  final RunJournal journal;
  final RunFolder folder;
  private final UniformRandomProvider random;
  private int epochs;

  SampleJournal(Path basedir, String experiment, int number) {
    Clock clock = Clock.fixed(Instant.ofEpochMilli(1_700_000_000_000L + number), ZoneOffset.UTC);
    random = new Seeds(number).child("journal").generator();
    journal = RunJournal.begin(basedir, experiment, "run: ü " + number, clock);
    folder = new RunFolder(journal.folder());
    for (int p = 0; p < 120; p++) {
      journal.param("training.p" + p, "value " + p + " of ü");
    }
    journal.tag("mlflow.note.content", "line one\nline \"two\" ü");
    journal.tag("covid.bestEpoch", "1");
    provenance().write(folder.provenance());
    artifact("with space/ü & ?.bin", ARTIFACT_BYTES);
  }

  static Provenance provenance() {
    return new Provenance(
        null,
        null,
        List.of(
            new Provenance.CaseFingerprint("training", "a", "00", "01", 1),
            new Provenance.CaseFingerprint("training", "b", "02", null, 0),
            new Provenance.CaseFingerprint("validation", "c", "03", null, null)),
        new TreeMap<>(),
        new TreeMap<>(Map.of("libtorch", "2.7.1")),
        new Provenance.Hardware(
            "a cpu", "AuthenticAMD", "family 25, model 1", 8, 4, "cpu", null, new TreeMap<>()),
        null,
        null,
        new Provenance.Source("c0ffee", "main", null, List.of()),
        null);
  }

  int epochs() {
    return epochs;
  }

  SampleJournal epochs(int count) {
    for (int i = 0; i < count; i++) {
      epochs++;
      for (String metric : List.of("train/loss", "val/auc", "learning_rate", "system/x")) {
        journal.metric(metric, random.nextDouble(), epochs);
      }
    }
    return this;
  }

  void artifact(String path, int bytes) {
    byte[] content = new byte[bytes];
    random.nextBytes(content);
    AtomicFiles.write(journal.artifacts().resolve(path), out -> out.write(content));
  }

  void finish() {
    artifact("model/model.safetensors", MODEL_BYTES);
    artifact("model/config.json", 100);
    artifact("report.html", ARTIFACT_BYTES);
    EvaluationTable.write(
        journal.folder(),
        List.of(
            ScoredCase.of("c", "c.nii.gz", 0.9f, 1), ScoredCase.of("d", "d.nii.gz", 0.1f, null)),
        0.5f);
    journal.end(RunJournal.Status.FINISHED);
  }

  @Override
  public void close() {
    journal.close();
  }
}
