package org.covidmmar.experiment;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.onnxruntime.OrtException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.covidmmar.CovidException;
import org.covidmmar.Fingerprint;
import org.covidmmar.bundle.MonaiBundle;
import org.covidmmar.dataset.Case;
import org.covidmmar.dataset.CaseReader;
import org.covidmmar.evaluation.EvaluationFiles;
import org.covidmmar.evaluation.ScoredCase;
import org.covidmmar.inference.ModelConfig;
import org.covidmmar.model.OnnxSession;
import org.covidmmar.volume.Volume;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ExportTest {
  @TempDir Path folder;

  private static SortedMap<String, String> bytes(Path folder) throws IOException {
    SortedMap<String, String> files = new TreeMap<>();
    try (Stream<Path> all = Files.walk(folder)) {
      for (Path file : all.filter(Files::isRegularFile).toList()) {
        String name = folder.relativize(file).toString().replace('\\', '/');
        if (!name.endsWith("stamp.json")) {
          files.put(name, Fingerprint.of(file).hex());
        }
      }
    }
    return files;
  }

  private static void assertSaid(TinyStudy study, String text) {
    assertTrue(
        study.messages.stream().anyMatch(m -> m instanceof Message.Line l && l.text().equals(text)),
        text + " in " + study.messages);
  }

  @Test
  void aRunsModelIsExportedOnceAndGivesTheSameProbabilitiesEverywhere()
      throws IOException, OrtException {
    TinyStudy study = new TinyStudy(folder);
    study.set("covid.epochs", "1").run(Main.Goal.TRAIN);
    String run = study.lastPath().getFileName().toString();
    study.run(Main.Goal.INFER);
    List<ScoredCase> expected = EvaluationFiles.readPredictions(study.lastPath());
    study.run(Main.Goal.EXPORT);
    Path export = folder.resolve("target/covid/export");
    assertEquals(export, study.lastPath());
    assertSaid(study, ModelConfig.USE);
    for (String file : MonaiBundle.FILES) {
      assertTrue(Files.size(export.resolve("bundle").resolve(file)) > 0, file);
    }

    try (OnnxSession session = new OnnxSession(export.resolve("model.onnx"))) {
      assertEquals("densenet121", session.metadata().get("architecture"));
      assertEquals(run, session.metadata().get("run_id"));
      assertEquals(
          ModelConfig.read(export.resolve("config.json")).json(),
          session.metadata().get("preprocessing"));
      assertEquals(64, session.metadata().get("provenance_sha256").length());
      for (int i = 0; i < expected.size(); i++) {
        Case c = new Workspace(study.request(), m -> {}).dataset().list("validation").get(i);
        Volume image =
            study
                .config()
                .preprocessing()
                .pipeline()
                .withoutAugmentation()
                .fixed(CaseReader.read(c, true).sample())
                .image();
        float[] p = session.run(List.of(image), "probabilities");
        assertEquals(expected.get(i).pCovid(), p[1], 1e-4, c.id());
      }
    }

    SortedMap<String, String> before = bytes(export);
    study.run(Main.Goal.EXPORT);
    assertSaid(study, "export: up to date");
    Files.delete(export.resolve("bundle/docs/README.md"));
    study.run(Main.Goal.EXPORT);
    assertSaid(study, "export: target/covid/export/bundle/docs/README.md is missing");
    assertEquals(before, bytes(export));

    study.set("covid.model", "target/covid/export/model.safetensors").run(Main.Goal.INFER);
    assertEquals(expected, EvaluationFiles.readPredictions(study.lastPath()));
    CovidException e = assertThrows(CovidException.class, () -> study.run(Main.Goal.EXPORT));
    assertEquals("covid.output", e.subject());
    assertEquals(before, bytes(export));
  }

  @Test
  void weightsAloneAreExportedWithWhatTheExperimentSays() throws IOException {
    TinyStudy study = new TinyStudy(folder);
    study.set("covid.epochs", "1").run(Main.Goal.TRAIN);
    Path weights = folder.resolve("bare.safetensors");
    Files.copy(study.lastPath().resolve("artifacts/model/model.safetensors"), weights);
    study.set("covid.model", "bare.safetensors").set("covid.output", "there");
    study.set("covid.format", "bundle").run(Main.Goal.EXPORT);
    assertFalse(Files.exists(folder.resolve("there/model.onnx")));
    assertEquals(1, epochs());
    study.set("covid.epochs", "7").run(Main.Goal.EXPORT);
    assertSaid(study, "export: epochs changed 1 -> 7");
    assertEquals(7, epochs());
    study.set("covid.format", "onxx");
    CovidException e = assertThrows(CovidException.class, () -> study.run(Main.Goal.EXPORT));
    assertEquals("covid.format", e.subject());
    assertTrue(e.remedy().contains("did you mean onnx"), e.getMessage());
  }

  private int epochs() throws IOException {
    JsonNode train =
        new JsonMapper().readTree(folder.resolve("there/bundle/configs/train.json").toFile());
    return train.get("epochs").intValue();
  }
}
