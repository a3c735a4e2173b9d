package org.covidmmar.mmar;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.covidmmar.config.ExperimentConfig;
import org.covidmmar.config.Settings;
import org.covidmmar.evaluation.EvaluationFiles;
import org.covidmmar.evaluation.ScoredCase;
import org.covidmmar.inference.ModelConfig;
import org.covidmmar.provenance.Provenance;

/** The files of a run as training and validation leave them, with weights of a few bytes. */
final class FinishedRun {
  static final byte[] WEIGHTS = "these stand for the weights".getBytes(UTF_8);

  final Path folder;
  final Path dataRoot;

  FinishedRun(Path basedir) throws IOException {
    folder = basedir.resolve("mlruns/1/0123456789abcdef0123456789abcdef");
    dataRoot = basedir.resolve("data");
    ExperimentConfig config =
        ExperimentConfig.of(
            Settings.of(
                Map.of(
                    "covid.dataRoot",
                    dataRoot.toString(),
                    "covid.pretrained",
                    "C:\\Users\\alice\\base.safetensors")),
            "lungs|of`mine",
            null);
    Path weights = artifact("model/model.safetensors");
    Files.createDirectories(weights.getParent());
    Files.write(weights, WEIGHTS);
    new ModelConfig("densenet121", config.preprocessing(), ModelConfig.USE)
        .write(ModelConfig.beside(weights));
    List<Provenance.CaseFingerprint> data = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      data.add(new Provenance.CaseFingerprint("training", "t" + i, "00", null, i < 2 ? 1 : 0));
    }
    data.add(new Provenance.CaseFingerprint("validation", "v", "00", null, 1));
    new Provenance(
            config,
            new Provenance.Project(
                "org.example:lungs:1",
                new TreeMap<>(
                    Map.of(
                        "covid.dataRoot",
                        new Provenance.Project.Setting(
                            dataRoot.toString(), "/home/alice/lungs/pom.xml:12")))),
            data,
            new TreeMap<>(),
            new TreeMap<>(Map.of("libtorch", "2.7.1")),
            new Provenance.Hardware(
                "a cpu", "AuthenticAMD", "family 25, model 1", 8, 4, "cpu", null, new TreeMap<>()),
            null,
            null,
            new Provenance.Source("c0ffee", "main", null, List.of(" M pom.xml")),
            null)
        .write(artifact("provenance.json"));
  }

  Path artifact(String name) {
    return folder.resolve("artifacts").resolve(name);
  }

  FinishedRun evaluated() {
    EvaluationFiles.write(
        artifact("evaluation"),
        List.of(
            ScoredCase.of("a", dataRoot.resolve("site, one/a.nii.gz").toString(), 0.75f, 1),
            ScoredCase.of("b", "/home/alice/elsewhere/b.nii.gz", 0.125f, 0),
            ScoredCase.of("c", "c.nii.gz", 0.5f, null)),
        0.5f);
    return this;
  }

  Path write(Path target) {
    MmarArchive.write(target, folder, dataRoot, "org.example:lung-base:mmar:1.2");
    return target;
  }
}
