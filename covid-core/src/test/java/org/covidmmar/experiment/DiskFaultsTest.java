package org.covidmmar.experiment;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.covidmmar.model.weights.SafeTensors;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** Disks that fill up and folders that cannot be written, on real mounts. */
@EnabledOnOs(OS.LINUX)
class DiskFaultsTest {
  private static final JsonMapper JSON = new JsonMapper();
  private static final long PAGE = 4096;

  /** Trains on a full tmpfs, then on the same with room; leaves outputs and states beside. */
  private static final String FULL_DISK =
      """
      set -e
      mkdir "$1/disk"
      mount -t tmpfs -o size="$2" tmpfs "$1/disk"
      cp -r "$1/study/." "$1/disk"
      cd "$1/disk"
      set +e
      TRAIN > "$1/output1" 2>&1
      echo $? > "$1/exit1"
      cp -r "$1/disk" "$1/failed"
      mount -o remount,size=1g "$1/disk"
      TRAIN > "$1/output2" 2>&1
      echo $? > "$1/exit2"
      cp -r "$1/disk" "$1/done"
      """;

  @TempDir static Path undisturbedFolder;
  private static TinyStudy undisturbed;

  @TempDir Path folder;

  @BeforeAll
  static void trainUndisturbed() throws Exception {
    undisturbed = new TinyStudy(undisturbedFolder);
    StudyProcess.train(undisturbed);
  }

  /** Bytes that files take on a disk of pages. */
  private static long pages(Path part) throws IOException {
    try (Stream<Path> files = Files.walk(part)) {
      long sum = 0;
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        sum += (Files.size(file) + PAGE - 1) / PAGE * PAGE;
      }
      return sum;
    }
  }

  /** Sizes of a disk that fills up while this or that is written. */
  private static SortedMap<String, Long> sizes() throws IOException {
    Path run = StudyProcess.runFolder(undisturbed);
    long data = pages(undisturbed.data()) + 8 * PAGE;
    long cache = pages(undisturbed.basedir.resolve(".covid"));
    long journal = pages(run.resolve("params"));
    long last = pages(run.resolve("checkpoints/last.safetensors"));
    long best = pages(run.resolve("checkpoints/best.safetensors"));
    long begun = data + cache + 2 * journal;
    SortedMap<String, Long> sizes = new TreeMap<>();
    sizes.put("cache", data + cache / 2);
    sizes.put("journal", data + cache + journal / 2);
    sizes.put("first checkpoint", begun + last / 2);
    sizes.put("best", begun + last + best / 2);
    sizes.put("second checkpoint", begun + last + best + last / 2);
    sizes.put("model", begun + 2 * last + best + best / 2);
    return sizes;
  }

  @Test
  void aDiskThatFillsUp() throws Exception {
    for (String name : List.of("cache", "second checkpoint", "model")) {
      fillUp(name, sizes().get(name));
    }
  }

  @Test
  @Tag("long")
  void aDiskThatFillsUpAtAnyPoint() throws Exception {
    for (var size : sizes().entrySet()) {
      fillUp(size.getKey(), size.getValue());
    }
    long most = sizes().get("model");
    for (int n = 1; n <= 12; n++) {
      fillUp("at " + n, sizes().get("cache") + (most - sizes().get("cache")) * n / 13);
    }
  }

  private void fillUp(String name, long size) throws Exception {
    Path place = Files.createDirectory(folder.resolve(name));
    List<String> prefix = Mounts.prefix(folder);
    TinyStudy study = new TinyStudy(place.resolve("study"));
    String train = Mounts.quoted(StudyProcess.command(study));
    StudyProcess.Ended script =
        StudyProcess.run(
            StudyProcess.builder(
                study,
                Mounts.command(
                    prefix, FULL_DISK.replace("TRAIN", train), place.toString(), "" + size)));
    assertEquals(0, script.exit(), name + ": " + script.output());
    String said = Files.readString(place.resolve("output1"));
    assertEquals(1, Mounts.exit(place.resolve("exit1")), name + ": " + said);
    assertOneFailure(said, "No space left", place.resolve("disk").toString());
    assertWhole(place.resolve("failed"));
    said = Files.readString(place.resolve("output2"));
    assertEquals(0, Mounts.exit(place.resolve("exit2")), name + ": " + said);
    assertUndisturbed(place.resolve("done"));
  }

  private static void assertOneFailure(String said, String problem, String subject)
      throws IOException {
    List<String> failures =
        said.lines().filter(line -> line.contains("\"type\":\"failure\"")).toList();
    assertEquals(1, failures.size(), said);
    Message.Failure failure = JSON.readValue(failures.get(0), Message.Failure.class);
    assertTrue(failure.problem().contains(problem), failures::toString);
    assertTrue(failure.subject().startsWith(subject), failures::toString);
    assertFalse(said.lines().anyMatch(line -> line.startsWith("\tat ")), said);
  }

  /** No file under a final name is half written, and none is left beside. */
  private static void assertWhole(Path basedir) throws IOException {
    assertEquals(List.of(), StudyProcess.unfinishedFiles(basedir));
    try (Stream<Path> files = Files.walk(basedir)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        String name = file.getFileName().toString();
        if (name.endsWith(".safetensors")) {
          try (SafeTensors tensors = SafeTensors.open(file)) {
            tensors.requireSeal();
          }
        } else if (name.endsWith(".json")) {
          assertTrue(JSON.readTree(file.toFile()).isObject(), file::toString);
        } else if (name.endsWith(".yaml")) {
          assertTrue(new YAMLMapper().readTree(file.toFile()).isObject(), file::toString);
        } else if (name.endsWith(".sample")) {
          assertArrayEquals(
              Files.readAllBytes(undisturbed.basedir.resolve(basedir.relativize(file).toString())),
              Files.readAllBytes(file));
        }
      }
    }
  }

  private static void assertUndisturbed(Path basedir) throws IOException {
    TinyStudy done = undisturbed.in(basedir);
    assertArrayEquals(StudyProcess.model(undisturbed), StudyProcess.model(done));
    assertEquals(StudyProcess.journal(undisturbed), StudyProcess.journal(done));
    assertWhole(basedir);
  }

  /** GOAL with a folder that cannot be written, and its exit code; then writable again. */
  private static final String READ_ONLY =
      """
      set -e
      cd "$1"
      read_only() {
        mkdir -p "$2"
        mount --bind "$2" "$2"
        mount -o remount,ro,bind "$2"
        set +e
        eval "$3" > "$1.output" 2>&1
        echo $? > "$1.exit"
        set -e
        umount "$2"
      }
      read_only mlruns "$1/mlruns" "$2"
      read_only cache "$1/.covid" "$2"
      read_only data "$1/data" "$2"
      run=$(ls -d "$1"/mlruns/1/*/)
      sed -i 's/status: 3/status: 1/' "$run/meta.yaml"
      rm "$run"/checkpoints/* "$run"/artifacts/model/*
      read_only checkpoints "$run/checkpoints" "$2"
      read_only artifacts "$run/artifacts" "$2"
      eval "$2"
      read_only evaluation "$run/artifacts/evaluation" "$3"
      eval "$3"
      """;

  @Test
  void foldersThatCannotBeWritten() throws Exception {
    List<String> prefix = Mounts.prefix(folder);
    TinyStudy study = new TinyStudy(folder.resolve("study"));
    String train = Mounts.quoted(StudyProcess.command(study));
    StudyProcess.Ended script =
        StudyProcess.run(
            StudyProcess.builder(
                study,
                Mounts.command(
                    prefix,
                    READ_ONLY,
                    study.basedir.toRealPath().toString(),
                    train,
                    train.replace("'train'", "'validate'"))));
    assertEquals(0, script.exit(), script.output());
    Path at = study.basedir.toRealPath();
    assertEquals(0, Mounts.exit(at.resolve("data.exit")));
    Path run = StudyProcess.runFolder(study).toRealPath();
    assertReadOnly(at, "mlruns", at.resolve("mlruns"));
    assertReadOnly(at, "cache", at.resolve(".covid/cache"));
    assertReadOnly(at, "checkpoints", run.resolve("checkpoints"));
    assertReadOnly(at, "artifacts", run.resolve("artifacts"));
    assertReadOnly(at, "evaluation", run.resolve("artifacts/evaluation"));
    assertUndisturbed(at);
    assertTrue(Files.exists(run.resolve("artifacts/evaluation/evaluation.json")));
  }

  private static void assertReadOnly(Path at, String name, Path subject) throws IOException {
    String said = Files.readString(at.resolve(name + ".output"));
    assertEquals(1, Mounts.exit(at.resolve(name + ".exit")), name + ": " + said);
    assertOneFailure(said, "Read-only file system", subject.toString());
  }
}
