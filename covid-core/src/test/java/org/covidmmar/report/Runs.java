package org.covidmmar.report;

import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.covidmmar.evaluation.EvaluationFiles;
import org.covidmmar.evaluation.ScoredCase;
import org.covidmmar.provenance.Provenance;
import org.covidmmar.tracking.RunFolder;
import org.covidmmar.tracking.RunJournal;

/** Runs as training and validation leave them. */
final class Runs {
  static final List<ScoredCase> CASES =
      List.of(
          ScoredCase.of("right", "right.nii.gz", 0.9f, 1),
          ScoredCase.of("wrong", "wrong.nii.gz", 0.7f, 0),
          ScoredCase.of("open", "open.nii.gz", 0.2f, null),
          ScoredCase.of("near", "near.nii.gz", 0.4f, 0),
          ScoredCase.of("missed", "missed.nii.gz", 0.2f, 1));

  private Runs() {}

  static RunJournal begin(Path basedir, String experiment, String name, long millis) {
    Clock clock = Clock.fixed(Instant.ofEpochMilli(millis), ZoneOffset.UTC);
    return RunJournal.begin(basedir, experiment, name, clock);
  }

  /** A run with everything that a report shows. */
  static Path whole(Path basedir, long millis, Map<String, String> params, List<ScoredCase> cases) {
    RunJournal journal = begin(basedir, "lungs", "run at " + millis, millis);
    params.forEach(journal::param);
    for (int epoch = 1; epoch <= 3; epoch++) {
      journal.metric("train/loss", 1.0 / epoch, epoch);
      journal.metric("val/loss", 2.0 / epoch, epoch);
      journal.metric("val/auc", 0.5 + 0.1 * epoch, epoch);
    }
    journal.tag("covid.bestEpoch", "2");
    provenance("training", "M pom.xml").write(new RunFolder(journal.folder()).provenance());
    EvaluationFiles.write(new RunFolder(journal.folder()).evaluation(), cases, 0.5f);
    journal.end(RunJournal.Status.FINISHED);
    return journal.folder();
  }

  static Provenance provenance(String list, String dirty) {
    return new Provenance(
        null,
        null,
        List.of(new Provenance.CaseFingerprint(list, "a", "00", null, 1)),
        new TreeMap<>(),
        new TreeMap<>(Map.of("libtorch", "2.7.1")),
        new Provenance.Hardware(
            "a cpu", "AuthenticAMD", "family 25, model 1", 8, 4, "cpu", null, new TreeMap<>()),
        null,
        null,
        new Provenance.Source("c0ffee", "main", null, List.of(dirty)),
        null);
  }
}
