package org.covidmmar.experiment;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.covidmmar.CovidException;
import org.covidmmar.evaluation.EvaluationFiles;
import org.covidmmar.evaluation.ScoredCase;
import org.covidmmar.io.nifti.NiftiReader;
import org.covidmmar.io.nifti.NiftiWriter;
import org.covidmmar.model.Architecture;
import org.covidmmar.model.DenseNet3d;
import org.covidmmar.model.Formula;
import org.covidmmar.model.MemoryFormat;
import org.covidmmar.model.weights.Weights;
import org.covidmmar.volume.Affine;
import org.covidmmar.volume.Orientation;
import org.covidmmar.volume.Volume;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SaliencyFilesTest {
  @TempDir Path basedir;
  private TinyStudy study;
  private Path folder;

  @BeforeEach
  void aModel() {
    study = new TinyStudy(basedir).set("covid.model", "model/weights.safetensors");
    folder = basedir.resolve("target/covid/infer/saliency");
    try (DenseNet3d network =
        Formula.network(Architecture.DENSENET121, MemoryFormat.CHANNELS_LAST)) {
      Weights.save(basedir.resolve("model/weights.safetensors"), network, Map.of());
    }
  }

  private Set<String> files() throws IOException {
    try (Stream<Path> listed = Files.list(folder)) {
      return new TreeSet<>(listed.map(f -> f.getFileName().toString()).toList());
    }
  }

  private Volume map(String name) {
    return NiftiReader.read(folder.resolve(name + ".nii.gz"));
  }

  private List<String> said() {
    return study.messages.stream()
        .filter(Message.Line.class::isInstance)
        .map(m -> ((Message.Line) m).text())
        .toList();
  }

  @Test
  void eachCaseHasTheMapsThatAreAskedForAndAPicture() throws IOException {
    study.set("covid.saliency", "gradcam").run(Main.Goal.INFER);
    assertEquals(
        Set.of(
            "infer.files.json",
            "validation0.png",
            "validation0_gradcam.nii.gz",
            "validation1.png",
            "validation1_gradcam.nii.gz",
            "validation2.png",
            "validation2_gradcam.nii.gz",
            "validation3.png",
            "validation3_gradcam.nii.gz"),
        files());
    Message.Progress last =
        study.messages.stream()
            .filter(m -> m instanceof Message.Progress p && p.stage().equals("saliency"))
            .map(Message.Progress.class::cast)
            .reduce((a, b) -> b)
            .orElseThrow();
    assertEquals(4, last.done());
    assertEquals(4, last.total());

    study.messages.clear();
    study.run(Main.Goal.INFER);
    assertEquals(
        List.of(
            "infer: up to date",
            "wrote: " + folder,
            "wrote: " + folder.resolveSibling("predictions.csv")),
        said());
    Files.delete(folder.resolve("validation2_gradcam.nii.gz"));
    study.run(Main.Goal.INFER);
    assertTrue(files().contains("validation2_gradcam.nii.gz"));

    study.set("covid.saliency", "false").run(Main.Goal.INFER);
    assertEquals(Set.of(), files(), "maps that no longer belong to the predictions");
  }

  @Test
  void mapsLieOnTheScanAsItIsStored() throws IOException {
    // Tissue at one side of the mask; the axes run as in many a scanner's files, and obliquely.
    Volume plain = NiftiReader.read(study.data().resolve("validation1.nii.gz"));
    Volume mask = NiftiReader.read(study.data().resolve("validation1_lungs.nii.gz"));
    Affine oblique = Affine.of(.9, -.1, .2, -70, .1, 1.1, .3, 12, -.2, -.3, 2.5, 34);
    Orientation stored = Orientation.parse("PSL");
    short[] low = new short[mask.shorts().length];
    for (int n = 0; n < low.length; n++) {
      low[n] = n / 1600 < 20 ? mask.shorts()[n] : 0;
    }
    Path scans = Files.createDirectory(basedir.resolve("scans"));
    Volume scan = stored.reorient(Volume.of(plain.shape(), oblique, plain.shorts()));
    NiftiWriter.write(scans.resolve("scan.nii.gz"), scan);
    NiftiWriter.write(
        scans.resolve("scan_lungs.nii.gz"),
        stored.reorient(Volume.of(plain.shape(), oblique, low)));
    study
        .set("covid.input", "scans")
        // Two places of the network's last maps: of one, Grad-CAM says nothing.
        .set("covid.inputShape", "64,32,32")
        .set("covid.threshold", "0")
        .set("covid.saliency", "true")
        .run(Main.Goal.INFER);
    assertEquals(
        Set.of("infer.files.json", "scan.png", "scan_gradcam.nii.gz", "scan_occlusion.nii.gz"),
        files());
    for (String name : List.of("scan_gradcam", "scan_occlusion")) {
      Volume map = map(name);
      assertEquals(scan.shape(), map.shape());
      assertTrue(scan.affine().isClose(map.affine(), 1e-4), map.affine().toString());
      Volume turned = Orientation.RAS.reorient(map);
      float inside = 0;
      for (int n = 0; n < low.length; n++) {
        // The mask reaches to slice 19, the margin 5 further.
        if (n / 1600 > 24) {
          assertEquals(0, turned.at(n));
        } else {
          inside = Math.max(inside, Math.abs(turned.at(n)));
        }
      }
      assertTrue(inside > 0, name);
    }
    Volume gradCam = map("scan_gradcam");
    for (float v : gradCam.floats()) {
      assertTrue(v >= 0 && v <= 1);
    }
    BufferedImage picture = ImageIO.read(folder.resolve("scan.png").toFile());
    assertEquals(1248, picture.getWidth());

    // The other class has another map; where there are two, what speaks for one speaks against
    // the other.
    Volume covid = map("scan_occlusion");
    study.set("covid.threshold", "1").run(Main.Goal.INFER);
    float[] other = map("scan_occlusion").floats();
    for (int n = 0; n < other.length; n++) {
      assertEquals(-covid.at(n), other[n], 1e-6);
    }
    assertFalse(Arrays.equals(gradCam.floats(), map("scan_gradcam").floats()));
  }

  @Test
  void aCaseThatFailsDoesNotStopTheOthers() throws IOException {
    Path users = Files.createDirectories(folder).resolve("validation1.png");
    Files.writeString(users, "the user's");
    study.set("covid.saliency", "gradcam");
    CovidException failed = assertThrows(CovidException.class, () -> study.run(Main.Goal.INFER));
    assertEquals(users.toString(), failed.subject());
    assertEquals("the user's", Files.readString(users));
    assertFalse(files().contains("validation1_gradcam.nii.gz"));
    assertTrue(files().contains("validation0.png"));
    assertTrue(files().containsAll(Set.of("validation3_gradcam.nii.gz", "validation3.png")));
    List<ScoredCase> scored =
        EvaluationFiles.readPredictions(folder.resolveSibling("predictions.csv"));
    assertEquals(4, scored.size());
  }

  @Test
  void aFolderThatCannotBeWrittenEndsIt() {
    study.set("covid.saliency", "gradcam");
    CovidException failed =
        assertThrows(
            CovidException.class,
            () ->
                study.run(
                    Main.Goal.INFER,
                    message -> {
                      if (message instanceof Message.Progress p
                          && p.stage().equals("saliency")
                          && p.done() == 1) {
                        putAFileInPlaceOf(folder);
                      }
                    }));
    assertEquals(folder.toString(), failed.subject(), failed.getMessage());
    assertEquals(
        List.of(1L),
        study.messages.stream()
            .filter(m -> m instanceof Message.Progress p && p.stage().equals("saliency"))
            .map(m -> ((Message.Progress) m).done())
            .toList());
  }

  @Test
  @Tag("long")
  void aFullDiskEndsIt() throws Exception {
    List<String> prefix = Mounts.prefix(basedir);
    study.set("covid.saliency", "gradcam");
    String infer = Mounts.quoted(StudyProcess.command(study)).replace("'train'", "'infer'");
    StudyProcess.Ended ended =
        StudyProcess.run(
            StudyProcess.builder(
                study,
                Mounts.command(
                    prefix,
                    "mkdir -p \"$1\" && mount -t tmpfs -o size=16k tmpfs \"$1\" && exec " + infer,
                    folder.toString())));
    assertEquals(1, ended.exit(), ended.output());
    assertTrue(ended.output().contains("No space left"), ended.output());
    assertFalse(ended.output().contains(" problems:"), ended.output());
  }

  private static void putAFileInPlaceOf(Path folder) {
    try {
      Files.move(folder, folder.resolveSibling("moved"));
      Files.createFile(folder);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void onlyWhatAnEarlierCallWroteIsRemoved() throws IOException {
    Files.createDirectories(folder);
    Path outside = folder.resolveSibling("outside.png");
    List<Path> users =
        List.of(
            outside,
            folder.resolve("figure.png"),
            folder.resolve("mine_gradcam.nii.gz"),
            folder.resolve("notes.txt"));
    for (Path file : users) {
      Files.createFile(file);
    }
    Path map = Files.createFile(folder.resolve("old_gradcam.nii.gz"));
    Files.writeString(
        folder.resolve("infer.files.json"),
        "[\"../outside.png\", \"%s\", \"notes.txt\", null, \"\\u0000.png\", \"gone.png\", \"%s\"]"
            .formatted(outside, map.getFileName()));
    Path scan = study.data().resolve("validation3.nii.gz");
    byte[] content = Files.readAllBytes(scan);
    Files.write(scan, new byte[3]);
    assertThrows(CovidException.class, () -> study.run(Main.Goal.INFER));
    assertTrue(Files.exists(map), "it still belongs to the predictions");

    Files.write(scan, content);
    study.run(Main.Goal.INFER);
    assertEquals(Set.of("figure.png", "mine_gradcam.nii.gz", "notes.txt"), files());
    assertTrue(Files.exists(outside));
  }

  @Test
  void anotherKindIsRefusedWithThoseThereAre() {
    study.set("covid.saliency", "grad-cam");
    CovidException unknown = assertThrows(CovidException.class, () -> study.run(Main.Goal.INFER));
    assertEquals("covid.saliency", unknown.subject());
    assertTrue(unknown.getMessage().contains("false, gradcam, occlusion, true"));
  }
}
