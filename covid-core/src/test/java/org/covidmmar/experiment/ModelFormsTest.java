package org.covidmmar.experiment;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Map;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import org.covidmmar.CovidException;
import org.covidmmar.inference.ModelConfig;
import org.covidmmar.model.weights.SafeTensors;
import org.covidmmar.model.weights.TorchBytes;
import org.covidmmar.tracking.RunJournal;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A model of one experiment is packaged, and used in another in each form that it has. */
class ModelFormsTest {
  private static final String COORDINATES = "org.example:tiny:mmar:1";

  @TempDir Path folder;

  private static void unpack(Path archive, Path into) throws IOException {
    try (ZipFile zip = new ZipFile(archive.toFile())) {
      for (ZipEntry entry : zip.stream().toList()) {
        Files.createDirectories(into.resolve(entry.getName()).getParent());
        try (InputStream in = zip.getInputStream(entry)) {
          Files.copy(in, into.resolve(entry.getName()));
        }
      }
    }
  }

  private static void assertSaid(TinyStudy study, String text) {
    assertTrue(
        study.messages.stream().anyMatch(m -> m instanceof Message.Line l && l.text().equals(text)),
        text + " in " + study.messages);
  }

  @Test
  void aModelIsPackagedAndUsedElsewhere() throws IOException {
    TinyStudy base = new TinyStudy(folder.resolve("base"));
    base.set("covid.epochs", "1").run(Main.Goal.TRAIN);
    Path run = base.lastPath();
    base.run(Main.Goal.VALIDATE);
    base.run(Main.Goal.PACKAGE);
    Path archive = base.lastPath();
    assertEquals(base.basedir.resolve("target/tiny.mmar"), archive);
    byte[] bytes = Files.readAllBytes(archive);
    base.run(Main.Goal.PACKAGE);
    assertSaid(base, "package: up to date");
    base.set("covid.model", run.getFileName().toString());
    Files.delete(archive);
    base.run(Main.Goal.PACKAGE);
    assertArrayEquals(bytes, Files.readAllBytes(archive));

    TinyStudy other = new TinyStudy(folder.resolve("other"));
    Path copy = other.basedir.resolve("models/given.mmar");
    Files.createDirectories(copy.getParent());
    Files.copy(archive, copy);
    unpack(archive, other.basedir.resolve("unpacked"));
    byte[] expected = predictions(base, run.resolve("artifacts/evaluation"));
    other.models.put(COORDINATES, copy);
    for (String given : List.of("unpacked", "models/given.mmar", COORDINATES)) {
      other.set("covid.model", given).run(Main.Goal.VALIDATE);
      assertArrayEquals(expected, predictions(other, other.lastPath()), given);
    }
    assertSaid(other, "validate: up to date");

    // Weights alone: the preprocessing is the experiment's, and no file tells when it changes.
    Path weights = other.basedir.resolve("unpacked/models/model.safetensors");
    Files.copy(weights, other.basedir.resolve("bare.safetensors"));
    try (SafeTensors tensors = SafeTensors.open(weights)) {
      Files.write(other.basedir.resolve("bare.pt"), TorchBytes.of(tensors, "module."));
    }
    other.set("covid.model", "bare.pt").run(Main.Goal.VALIDATE);
    assertArrayEquals(expected, predictions(other, other.lastPath()));
    other.set("covid.model", "bare.safetensors").run(Main.Goal.VALIDATE);
    other.set("covid.intensityRange", "-900,400").run(Main.Goal.VALIDATE);
    assertSaid(other, "validate: covid.intensityRange changed -1000.0,500.0 -> -900.0,400.0");
    other.set("covid.intensityRange", "-1000,500");

    other.set("covid.learningRate", "1e-12").set("covid.epochs", "1");
    other.set("covid.pretrained", COORDINATES).run(Main.Goal.TRAIN);
    Path tuned = other.lastPath();
    assertEquals(COORDINATES, Files.readString(tuned.resolve("params/network.pretrained")));
    other.run(Main.Goal.TRAIN);
    assertSaid(other, "train: up to date");

    other.set("covid.pretrained", "bare.pt").set("covid.pretrained.head", "new");
    other.run(Main.Goal.TRAIN);
    assertSaid(
        other,
        "drawn from the seed, not from "
            + other.basedir.resolve("bare.pt")
            + ": class_layers.out.weight, class_layers.out.bias");
    assertEquals(
        "new", Files.readString(other.lastPath().resolve("params/network.pretrainedHead")));
  }

  private static byte[] predictions(TinyStudy study, Path evaluation) throws IOException {
    return Files.readString(evaluation.resolve("predictions.csv"))
        .replace(study.basedir.toString(), "")
        .getBytes(java.nio.charset.StandardCharsets.UTF_8);
  }

  @Test
  void weightsOfAnotherNetworkAreRefusedBeforeWorkBegins() throws IOException {
    TinyStudy study = new TinyStudy(folder);
    Path weights = folder.resolve("unpacked/models/model.safetensors");
    Files.createDirectories(weights.getParent());
    Files.writeString(weights, "not looked at");
    new ModelConfig("densenet169", study.config().preprocessing(), ModelConfig.USE)
        .write(ModelConfig.beside(weights));
    study.set("covid.pretrained", "unpacked");
    CovidException e = assertThrows(CovidException.class, () -> study.run(Main.Goal.TRAIN));
    assertEquals("covid.pretrained", e.subject());
    assertTrue(e.problem().contains("expected weights of densenet121"), e.getMessage());
    assertTrue(e.remedy().contains("covid.architecture to densenet169"), e.getMessage());
    assertTrue(Files.notExists(folder.resolve(".covid")), "scans were prepared");

    study.set("covid.model", "unpacked").set("covid.architecture", "densenet201");
    e = assertThrows(CovidException.class, () -> study.run(Main.Goal.VALIDATE));
    assertEquals("covid.architecture", e.subject());
    assertTrue(e.problem().contains("trained with densenet169"), e.getMessage());
  }

  @Test
  void aModelOfTensorFlowAndAHeadWithoutAModelAreRefused() throws IOException {
    TinyStudy study = new TinyStudy(folder);
    Files.createDirectories(folder.resolve("mmar/models"));
    Files.write(folder.resolve("mmar/models/model.ckpt.index"), new byte[9]);
    for (String given : List.of("mmar", "mmar/models/model.ckpt")) {
      study.set("covid.pretrained", given);
      CovidException e = assertThrows(CovidException.class, () -> study.run(Main.Goal.TRAIN));
      assertTrue(e.problem().contains("found TensorFlow's"), e.getMessage());
    }
    TinyStudy headless = new TinyStudy(folder).set("covid.pretrained.head", "new");
    CovidException e = assertThrows(CovidException.class, () -> headless.run(Main.Goal.TRAIN));
    assertEquals("covid.pretrained.head", e.subject());
  }

  @Test
  void whatCannotBeFoundIsSaidByItsForm() {
    TinyStudy study = new TinyStudy(folder);
    for (var said :
        Map.of(
                COORDINATES,
                "resolved by Maven's goals alone",
                "missing.mmar",
                "expected a .safetensors, .pt, .pth or .mmar file",
                "data",
                "expected a .safetensors, .pt, .pth or .mmar file")
            .entrySet()) {
      study.set("covid.model", said.getKey());
      CovidException e = assertThrows(CovidException.class, () -> study.run(Main.Goal.INFER));
      assertEquals("covid.model", e.subject());
      assertTrue(e.problem().contains(said.getValue()), e.getMessage());
      assertTrue(e.problem().contains(said.getKey()), e.getMessage());
    }
  }

  @Test
  void onlyRunsArePackaged() throws IOException {
    TinyStudy study = new TinyStudy(folder);
    CovidException e = assertThrows(CovidException.class, () -> study.run(Main.Goal.PACKAGE));
    assertTrue(e.problem().contains("no finished run of \"tiny\""), e.getMessage());
    assertTrue(e.remedy().contains("covid:train"), e.getMessage());
    assertTrue(RunJournal.newestFinished(folder, "tiny").isEmpty());
    Files.copy(
        study.data().resolve("training0.nii.gz"),
        folder.resolve("weights.safetensors"),
        StandardCopyOption.REPLACE_EXISTING);
    study.set("covid.model", "weights.safetensors");
    e = assertThrows(CovidException.class, () -> study.run(Main.Goal.PACKAGE));
    assertTrue(e.problem().contains("expected a run"), e.getMessage());
  }
}
