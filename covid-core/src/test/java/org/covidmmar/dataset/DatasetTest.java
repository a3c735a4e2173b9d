package org.covidmmar.dataset;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.apache.commons.rng.UniformRandomProvider;
import org.covidmmar.Seeds;
import org.covidmmar.Thrown;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DatasetTest {
  @TempDir Path folder;

  private Dataset read(String json) throws IOException {
    Path file = folder.resolve("dataset.json");
    Files.writeString(file, json);
    return Dataset.read(file, folder.resolve("data"));
  }

  @Test
  void aBlankPatientIsNone() throws IOException {
    List<Case> cases =
        read("""
                {"training": [{"image": "a.nii.gz", "patient": ""}, {"image": "b.nii.gz",
                 "patient": "  "}, {"image": "c.nii.gz", "patient": " 7 "},
                 {"image": "d.nii.gz", "patient": 7}]}
                """)
            .list("training");
    assertNull(cases.get(0).patient());
    assertNull(cases.get(1).patient());
    assertEquals("7", cases.get(2).patient());
    assertEquals("7", cases.get(3).patient());
  }

  @Test
  void readsTheListsOfAnMmar() throws IOException {
    Dataset dataset =
        read(
            """
            {"name": "lungs", "label_format": [2], "numbers": [1, 2],
             "training": [
              {"image": "a/x.nii.gz", "label_image": "a/x_lungs.nii.gz", "label": [1], "age": 70},
              {"image": "/scans/y.nii", "label_image": null, "label": 0}],
             "validation": [],
             "test": [{"image": "z.nii"}]}
            """);
    Path data = folder.resolve("data").toAbsolutePath();
    assertEquals(
        List.of(
            new Case("x", data.resolve("a/x.nii.gz"), data.resolve("a/x_lungs.nii.gz"), 1),
            new Case("y", Path.of("/scans/y.nii").toAbsolutePath(), null, 0)),
        dataset.list("training"));
    assertEquals(List.of(), dataset.list("validation"));
    assertEquals(dataset.list("test"), dataset.list("testing"));
    assertNull(dataset.list("testing").get(0).label());
    assertTrue(dataset.has("testing"));
    assertFalse(dataset.has("numbers"));
    Thrown.by(() -> dataset.list("held out"), "dataset.json", "held out", "training", "-> add");
  }

  @Test
  void writesWhatItRead() throws IOException {
    Dataset dataset =
        read(
            """
            {"training": [{"image": "a/x.nii.gz", "label_image": "x.nii.gz", "label": [1]},
                          {"image": "b/x.nii.gz", "label": [0]}],
             "validation": [{"image": "/scans/y.nii"}]}
            """);
    Path copy = folder.resolve("new/dataset.json");
    dataset.write(copy);
    assertEquals(dataset.lists(), Dataset.read(copy, dataset.dataRoot()).lists());
    String text = Files.readString(copy);
    assertTrue(text.contains("\"label_format\" : [ 2 ]"), text);
    assertTrue(text.contains("\"a/x.nii.gz\""), text);
  }

  @Test
  void saysWhereAFileIsNoJson() {
    String file = folder.resolve("dataset.json").toString();
    Thrown.by(() -> read("{\n  \"training\": [}"), file, "line 2, column 16", "-> correct it");
    Thrown.by(() -> read("{\n \"training\": ["), file, "line 2, column 15");
    Thrown.by(() -> read("{\"training\": [],\n\"training\": []}"), file, "Duplicate", "line 2");
    Thrown.by(() -> read("{\"training\": []}\n {}"), file, "line 2, column");
    Thrown.by(() -> read("\u0001"), file, "line 1, column");
    Thrown.by(() -> read(""), file, "is empty");
    Thrown.by(() -> read("[]"), file, "a JSON object expected, found a list");
  }

  @Test
  void refusesWhatIsTooDeepOrTooLarge() throws IOException {
    Thrown.by(() -> read("[".repeat(1_000_000)), "dataset.json", "depth", "covid.dataset");
    Path huge = folder.resolve("scan.nii");
    Files.write(huge, new byte[(int) DatasetJson.MAX_BYTES + 1]);
    Thrown.by(() -> Dataset.read(huge, folder), "scan.nii", "bytes", "covid.dataset");
    Thrown.by(() -> Dataset.read(folder.resolve("no.json"), folder), "no.json", "does not exist");
    Thrown.by(() -> Dataset.read(folder, folder), "is not a file", "covid.dataset");
  }

  @Test
  void listsAllBadEntriesAtOnce() {
    Thrown.by(
        () ->
            read(
                """
                {"label_format": [3],
                 "training": [{"label": [0]}, {"image": 7}, {"image": "a", "label": "1"},
                              {"image": "b", "label": [0, 1]}, "c", {"image": "d", "label": 0.5}],
                 "validation": {}}
                """),
        "8 problems",
        "dataset.json: label_format: [2] expected",
        "training[0].image: is missing",
        "training[1].image: the path of a file expected, found 7",
        "training[2].label: [0] or [1] expected, found \"1\"",
        "training[3].label: [0] or [1] expected, found [0,1]",
        "training[4]: an object expected, found \"c\"",
        "training[5].label: [0] or [1] expected, found 0.5",
        "validation: a list expected, found an object");
  }

  @Test
  void refusesTestBesideTesting() {
    Thrown.by(() -> read("{\"test\": [], \"testing\": []}"), "testing", "into one list");
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
  void idsAreUniqueAndIndependentOfOrder(long seed) {
    UniformRandomProvider rng = new Seeds(seed).generator();
    String[] folders = {"a", "b", "a_b", "b/c", "a/b"};
    String[] names = {"x.nii", "x.nii.gz", "b_x.nii", "y.img", "y.HDR.GZ"};
    TreeSet<Path> images = new TreeSet<>();
    for (int n = 0; n < 12; n++) {
      images.add(Path.of("/d", folders[rng.nextInt(5)], names[rng.nextInt(5)]));
    }
    Map<Path, String> ids = CaseIds.of(Path.of("/"), images);
    assertEquals(images, ids.keySet());
    assertEquals(images.size(), new HashSet<>(ids.values()).size(), ids::toString);
    assertEquals(ids, CaseIds.of(Path.of("/"), images.descendingSet()));
  }

  @Test
  void idsAreFileNamesWithAsManyFoldersAsNeeded() {
    assertEquals(
        Map.of(
            Path.of("/d/p1/ct.nii.gz"), "p1_ct",
            Path.of("/d/p2/ct.nii"), "p2_ct",
            Path.of("/d/p2/other.v2.nii"), "other.v2"),
        CaseIds.of(
            Path.of("/d"),
            List.of(
                Path.of("/d/p1/ct.nii.gz"),
                Path.of("/d/p2/ct.nii"),
                Path.of("/d/p2/other.v2.nii"))));
  }

  @Test
  void idsAreTheSameWhereverTheDataLies() {
    List<String> names = List.of("p1/ct.nii", "p1/ct.nii.gz", "q/p1/ct.nii", "other.nii");
    List<List<String>> ids = new ArrayList<>();
    for (Path root : List.of(Path.of("/d"), Path.of("/elsewhere/q"))) {
      List<Path> images = names.stream().map(root::resolve).toList();
      Map<Path, String> byImage = CaseIds.of(root, images);
      ids.add(images.stream().map(byImage::get).toList());
    }
    assertEquals(ids.get(0), ids.get(1));
    assertEquals(names.size(), new HashSet<>(ids.get(0)).size(), ids::toString);
  }
}
