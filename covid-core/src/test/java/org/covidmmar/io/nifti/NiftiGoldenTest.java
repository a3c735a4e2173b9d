package org.covidmmar.io.nifti;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.Base64;
import org.covidmmar.volume.Volume;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Files that nibabel wrote, and what it reads in them (nifti_goldens.py made the table). */
class NiftiGoldenTest {
  @TempDir private Path folder;

  @Test
  void agreesWithNibabel() throws IOException {
    try (InputStream in = NiftiGoldenTest.class.getResourceAsStream("nibabel.json")) {
      JsonNode files = new ObjectMapper().readTree(in).get("files");
      assertTrue(files.size() > 25, "files in the table: " + files.size());
      for (JsonNode row : files) {
        String name = row.get("file").asText();
        byte[] content = Base64.getDecoder().decode(row.get("content").asText());
        Path file = NiftiBytes.write(folder.resolve(name), content);
        Volume volume = NiftiReader.read(file);
        NibabelTable.compare(row, file, volume);
        for (int i = 0; i < row.get("voxels").size(); i++) {
          assertEquals((float) row.get("voxels").get(i).asDouble(), volume.at(i), name);
        }
      }
    }
  }
}
