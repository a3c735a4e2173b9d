package org.covidmmar.io.nifti;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import org.covidmmar.CovidException;
import org.covidmmar.volume.Orientation;
import org.covidmmar.volume.Volume;
import org.junit.jupiter.api.Test;

class NiftiRealDataTest {
  @Test
  void everyFileGivesAnImageWithContrast() throws IOException {
    int read = 0;
    for (Path file : RealData.nifti()) {
      if (file.getFileName().toString().startsWith("5D_")) {
        CovidException e = assertThrows(CovidException.class, () -> NiftiReader.read(file));
        assertTrue(e.problem().contains("dim[5]"), e.problem());
        continue;
      }
      Volume volume = NiftiReader.read(file);
      float least = Float.MAX_VALUE;
      float most = -Float.MAX_VALUE;
      for (float v : volume.floats()) {
        assertTrue(Float.isFinite(v), file.toString());
        least = Math.min(least, v);
        most = Math.max(most, v);
      }
      assertTrue(least < most, file + " has a single value");
      for (double spacing : volume.affine().spacing()) {
        assertTrue(spacing > 0.1 && spacing < 10, file + " spacing " + spacing);
      }
      assertEquals(
          Orientation.RAS, Orientation.of(Orientation.toRas(volume).affine()), file.toString());
      read++;
    }
    assertTrue(read > 40, "files read: " + read);
  }

  @Test
  void notANiftiIsRefused() throws IOException {
    Path folder = RealData.nifti().get(0).getParent();
    CovidException e =
        assertThrows(CovidException.class, () -> NiftiReader.read(folder.resolve("not-nifti.nii")));
    assertTrue(e.problem().contains("not a NIfTI"), e.problem());
  }
}
