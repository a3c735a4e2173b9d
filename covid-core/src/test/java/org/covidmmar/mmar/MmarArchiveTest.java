package org.covidmmar.mmar;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TimeZone;
import java.util.TreeMap;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import org.covidmmar.AtomicFiles;
import org.covidmmar.CovidException;
import org.covidmmar.Fingerprint;
import org.covidmmar.config.ExperimentConfig;
import org.covidmmar.config.Setting;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MmarArchiveTest {
  @TempDir Path basedir;
  private FinishedRun run;
  private Path archive;

  @BeforeEach
  void makeRun() throws IOException {
    run = new FinishedRun(basedir).evaluated();
    archive = basedir.resolve("target/lungs.mmar");
  }

  private Map<String, String> entries() throws IOException {
    Map<String, String> entries = new TreeMap<>();
    try (ZipFile zip = new ZipFile(archive.toFile())) {
      for (ZipEntry entry : zip.stream().toList()) {
        try (InputStream in = zip.getInputStream(entry)) {
          entries.put(entry.getName(), new String(in.readAllBytes(), UTF_8));
        }
      }
    }
    return entries;
  }

  @Test
  void holdsTheModelAndAllThatIsKnownOfIt() throws IOException {
    run.write(archive);
    Map<String, String> entries = entries();
    assertEquals(
        "[SHA256SUMS, commands/export.sh, commands/infer.sh, commands/train.sh,"
            + " commands/train_finetune.sh, commands/validate.sh, config/config_train.json,"
            + " config/config_validation.json, config/environment.json, config/experiment.json,"
            + " docs/model-card.md, eval/evaluation.json, eval/predictions.csv,"
            + " models/config.json, models/model.safetensors, provenance.json,"
            + " resources/log.config]",
        entries.keySet().toString());
    StringBuilder sums = new StringBuilder();
    entries.forEach(
        (name, text) -> {
          if (!name.equals("SHA256SUMS")) {
            sums.append(Fingerprint.of(text)).append("  ").append(name).append('\n');
          }
        });
    assertEquals(sums.toString(), entries.get("SHA256SUMS"));
    ExperimentConfig config =
        ExperimentConfig.fromJson("experiment.json", entries.get("config/experiment.json"));
    assertEquals(300, config.training().epochs());
  }

  @Test
  void unpackedItIsAnMmarOfTheSameExperiment() throws IOException {
    run.write(archive);
    Path unpacked = basedir.resolve("unpacked");
    entries().forEach((name, text) -> AtomicFiles.writeString(unpacked.resolve(name), text));
    MmarExperiment read = MmarReader.read(MmarReader.Source.of(unpacked), MmarReader.Results.NONE);
    assertEquals("300", read.settings().get(Setting.EPOCHS).text());
    assertEquals("mmar", read.settings().get(Setting.RECIPE).text());
    assertEquals(
        unpacked.resolve("data").toString(), read.settings().get(Setting.DATA_ROOT).text());
  }

  @Test
  void theSameRunGivesTheSameBytesInAnyTimeZone() throws IOException {
    byte[] first = Files.readAllBytes(run.write(archive));
    TimeZone before = TimeZone.getDefault();
    try {
      TimeZone.setDefault(TimeZone.getTimeZone("Pacific/Auckland"));
      assertArrayEquals(first, Files.readAllBytes(run.write(basedir.resolve("again.mmar"))));
    } finally {
      TimeZone.setDefault(before);
    }
    try (ZipFile zip = new ZipFile(archive.toFile())) {
      List<? extends ZipEntry> entries = zip.stream().toList();
      assertEquals(
          entries.stream().map(ZipEntry::getName).sorted().toList().toString(),
          entries.stream().map(ZipEntry::getName).toList().toString());
      entries.forEach(e -> assertEquals(null, e.getExtra(), e.getName()));
    }
  }

  @Test
  void noFolderOfTheMachineIsInIt() throws IOException {
    run.write(archive);
    Map<String, String> entries = entries();
    entries.forEach(
        (name, text) -> {
          assertFalse(text.contains("alice"), name + ": " + text);
          assertFalse(text.contains(basedir.toString()), name + ": " + text);
        });
    assertEquals(
        """
        id,image,p_non_covid,p_covid,predicted,label
        a,"site, one/a.nii.gz",0.25,0.75,1,1
        b,b.nii.gz,0.875,0.125,0,0
        c,c.nii.gz,0.5,0.5,1,
        """,
        entries.get("eval/predictions.csv"));
    assertEquals(
        "data",
        new ObjectMapper()
            .readTree(entries.get("provenance.json"))
            .at("/config/data/dataRoot")
            .asText());
    assertTrue(entries.get("config/experiment.json").contains("\"base.safetensors\""));
  }

  @Test
  void theCardSaysWhatTheModelIsAndWhatForItIsNot() throws IOException {
    run.write(archive);
    String card = entries().get("docs/model-card.md");
    for (String part :
        List.of(
            "# `org.example:lung-base:mmar:1.2`\n",
            "> Research only. Not a medical device",
            "| `training` | 3 | 2 | 0 |",
            "| `validation` | 0 | 1 | 0 |",
            "| AUC | 1.0000 |",
            "2 labelled cases, threshold 0.5",
            "`c0ffee`, 1 changed files",
            "| libtorch | `2.7.1` |",
            "| seed | 0 |",
            Fingerprint.of(FinishedRun.WEIGHTS).hex())) {
      assertTrue(card.contains(part), part + " in\n" + card);
    }
    assertFalse(card.contains("\n\n\n") || card.matches("(?s).*%[sd].*"), card);
  }

  @Test
  void aRunThatWasNotEvaluatedIsPackagedWithoutFigures() throws IOException {
    run = new FinishedRun(basedir.resolve("other"));
    MmarArchive.write(archive, run.folder, run.dataRoot, null);
    Map<String, String> entries = entries();
    assertFalse(entries.containsKey("eval/evaluation.json"));
    String card = entries.get("docs/model-card.md");
    assertTrue(card.contains("was not evaluated"), card);
    assertTrue(card.startsWith("# `lungs of mine`\n"), card);
  }

  @Test
  void whatIsNoRunIsNotPackaged() throws IOException {
    Files.delete(run.artifact("provenance.json"));
    CovidException e = assertThrows(CovidException.class, () -> run.write(archive));
    assertEquals(run.folder.toString(), e.subject());
    assertFalse(Files.exists(archive));
  }

  @Test
  void aModelIsTakenOutOnceAndUsedAgain() throws IOException {
    run.write(archive);
    Path models = basedir.resolve(".covid/models");
    Path weights = MmarArchive.extractModel(archive, models);
    assertEquals(
        models.resolve(Fingerprint.of(archive).hex()).resolve("model.safetensors"), weights);
    assertArrayEquals(FinishedRun.WEIGHTS, Files.readAllBytes(weights));
    assertEquals(
        Files.readString(run.artifact("model/config.json")),
        Files.readString(weights.resolveSibling("config.json")));
    Files.writeString(weights, "left alone");
    assertEquals(weights, MmarArchive.extractModel(archive, models));
    assertEquals("left alone", Files.readString(weights));
    try (var folders = Files.list(models)) {
      assertEquals(1, folders.count(), "nothing but the model is left");
    }
  }

  @Test
  void anUnpackedArchiveHasItsWeights() throws IOException {
    assertTrue(MmarArchive.weightsIn(basedir).isEmpty());
    Path weights = basedir.resolve("models/model.safetensors");
    Files.createDirectories(weights.getParent());
    Files.write(weights, FinishedRun.WEIGHTS);
    assertEquals(weights, MmarArchive.weightsIn(basedir).orElseThrow());
  }
}
