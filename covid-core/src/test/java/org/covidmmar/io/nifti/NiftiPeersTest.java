package org.covidmmar.io.nifti;

import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.apache.commons.rng.UniformRandomProvider;
import org.covidmmar.CovidException;
import org.covidmmar.Peers;
import org.covidmmar.Seeds;
import org.covidmmar.volume.Affine;
import org.covidmmar.volume.Orientation;
import org.covidmmar.volume.Shape;
import org.covidmmar.volume.Volume;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Voxel for voxel and affine for affine what nibabel reads, in its files, ours and real ones. */
@Tag("peers")
class NiftiPeersTest {
  @TempDir private Path folder;

  @Test
  void generatedFilesOfEveryTypeAndOrientation() throws IOException {
    assertTrue(compare(List.of()) > 300);
  }

  @Test
  void realFiles() throws IOException {
    List<Path> files = RealData.nifti();
    assertTrue(compare(files) > files.size());
  }

  @Test
  void filesWrittenHere() throws IOException {
    float[] voxels = new float[7 * 5 * 3];
    for (int i = 0; i < voxels.length; i++) {
      voxels[i] = 2 * i;
    }
    double[] rows = new double[12];
    UniformRandomProvider random = new Seeds(3).generator();
    List<Path> files = new ArrayList<>();
    for (String name : List.of("w.nii", "w.nii.gz", "w.hdr", "x.hdr.gz")) {
      for (NiftiWriter.Type type : NiftiWriter.Type.values()) {
        for (int n = 0; n < 12; n++) {
          rows[n] = (float) (10 * random.nextDouble() - 5);
        }
        Path file = folder.resolve("ours").resolve(type + name);
        NiftiWriter.write(file, Volume.of(new Shape(7, 5, 3), Affine.of(rows), voxels), type);
        files.add(file);
      }
    }
    Path longAxis = folder.resolve("long.nii.gz");
    NiftiWriter.write(
        longAxis, Volume.of(new Shape(40000, 1, 2), Affine.of(rows), new short[80000]));
    files.add(longAxis);
    compare(files);
  }

  @Test
  void nearestOrientationOfRandomMatrices() throws IOException {
    String table = Peers.run("nifti_goldens.py", "orientations", "20000");
    JsonNode cases = new ObjectMapper().readTree(table);
    assertTrue(cases.size() == 20000);
    for (JsonNode c : cases) {
      double[] rows = new double[12];
      for (int n = 0; n < 12; n++) {
        rows[n] = c.get("affine").get(n).asDouble();
      }
      String found = Orientation.of(Affine.of(rows)).toString();
      assertTrue(found.equals(c.get("codes").asText()), c + " but " + found);
    }
  }

  private int compare(List<Path> files) throws IOException {
    Path generated = Files.createDirectories(folder.resolve("generated"));
    List<String> args = new ArrayList<>(List.of("files", generated.toString()));
    files.forEach(f -> args.add(f.toString()));
    JsonNode rows =
        new ObjectMapper()
            .readTree(Peers.run("nifti_goldens.py", args.toArray(String[]::new)))
            .get("files");
    for (JsonNode row : rows) {
      Path file = Path.of(row.get("file").asText());
      if (row.has("affine")) {
        NibabelTable.compare(row, file, NiftiReader.read(file));
      } else {
        CovidException e = assertThrows(CovidException.class, () -> NiftiReader.read(file));
        assertTrue(e.problem().contains("series"), e.getMessage());
      }
    }
    return rows.size();
  }
}
