package org.covidmmar.experiment;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.SortedMap;
import java.util.stream.Stream;
import org.covidmmar.CovidException;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Data and cache change while a training is in its second epoch of three. */
class DataDuringTrainingTest {
  private static byte[] model;
  private static SortedMap<String, String> journal;

  @TempDir Path basedir;
  private TinyStudy study;

  @BeforeAll
  static void trainUndisturbed(@TempDir Path folder) throws IOException {
    TinyStudy undisturbed = tiny(folder);
    undisturbed.run(Main.Goal.TRAIN);
    model = StudyProcess.model(undisturbed);
    journal = StudyProcess.journal(undisturbed);
  }

  @BeforeEach
  void writeStudy() {
    study = tiny(basedir);
  }

  private static TinyStudy tiny(Path folder) {
    return new TinyStudy(folder).set("covid.epochs", "3");
  }

  private interface Fault {
    void happens() throws IOException;
  }

  private void train(Fault fault) {
    boolean[] happened = {false};
    study.run(
        Main.Goal.TRAIN,
        message -> {
          if (!happened[0]
              && message instanceof Message.Progress p
              && p.stage().equals("epoch 2/3")) {
            happened[0] = true;
            try {
              fault.happens();
            } catch (IOException e) {
              throw new AssertionError(e);
            }
          }
        });
    assertTrue(happened[0]);
  }

  private void assertUndisturbed() throws IOException {
    assertArrayEquals(model, StudyProcess.model(study));
    assertEquals(journal, StudyProcess.journal(study));
    assertEquals(List.of(), StudyProcess.unfinishedFiles(study.basedir));
  }

  private void assertEndsAndGoesOn(String name, String problem, Fault fault) throws IOException {
    Path file = study.data().resolve(name);
    byte[] bytes = Files.readAllBytes(file);
    CovidException e = assertThrows(CovidException.class, () -> train(fault));
    assertEquals(file.toString(), e.subject());
    assertTrue(e.problem().contains(problem), e.getMessage());
    Files.write(file, bytes);
    study.run(Main.Goal.TRAIN);
    assertTrue(study.messages.toString().contains("goes on with run"), study.messages::toString);
    assertUndisturbed();
  }

  @Test
  void anImageThatVanishesIsNamed() throws IOException {
    Path image = study.data().resolve("training1.nii.gz");
    assertEndsAndGoesOn("training1.nii.gz", "vanished", () -> Files.delete(image));
  }

  @Test
  void aMaskOfTheValidationListThatChangesIsRefused() throws IOException {
    Path mask = study.data().resolve("validation3_lungs.nii.gz");
    Path other = study.data().resolve("validation2.nii.gz");
    assertEndsAndGoesOn(
        "validation3_lungs.nii.gz",
        "changed while the run was using it",
        () -> Files.write(mask, Files.readAllBytes(other)));
  }

  @Test
  void aCachedSampleThatIsDamagedIsMadeAnew() throws IOException {
    train(
        () -> {
          for (Path sample : samples()) {
            byte[] bytes = Files.readAllBytes(sample);
            bytes[bytes.length / 2] ^= 1;
            Files.write(sample, bytes);
          }
        });
    assertTrue(
        study.messages.stream()
            .anyMatch(m -> m instanceof Message.Warning w && w.text().contains("made anew")),
        study.messages::toString);
    assertUndisturbed();
  }

  @Test
  void theCacheMayBeDeleted() throws IOException {
    train(
        () -> {
          try (Stream<Path> files = Files.walk(study.basedir.resolve(".covid/cache"))) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
              Files.delete(file);
            }
          }
        });
    assertFalse(samples().isEmpty());
    assertUndisturbed();
  }

  private List<Path> samples() throws IOException {
    try (Stream<Path> files = Files.walk(study.basedir.resolve(".covid/cache"))) {
      return files.filter(f -> f.toString().endsWith(".sample")).toList();
    }
  }
}
