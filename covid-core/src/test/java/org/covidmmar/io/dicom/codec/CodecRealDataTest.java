package org.covidmmar.io.dicom.codec;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class CodecRealDataTest {
  /** How far the lossy files may be from the image. */
  private static final int LOSS = 5;

  @Test
  void oneImageInEverySyntax() throws IOException, CodecException {
    List<Path> files = EncapsulatedFile.list("dicom", "syntaxes");
    short[] image = null;
    for (Path file : files) {
      if (file.toString().endsWith("_1.2.840.10008.1.2.1.dcm")) {
        image = EncapsulatedFile.read(file).samples();
      }
    }
    List<String> exact = new ArrayList<>();
    List<String> lossy = new ArrayList<>();
    for (Path file : files) {
      String name = file.getFileName().toString();
      String uid = name.substring(name.lastIndexOf('_') + 1, name.length() - ".dcm".length());
      if (PixelCodecs.of(uid).isEmpty()) {
        continue;
      }
      EncapsulatedFile frame = EncapsulatedFile.read(file);
      assertEquals(uid, frame.layout().transferSyntax());
      short[] decoded = frame.decode();
      if (Set.of("50", "51", "81", "91").contains(uid.substring(uid.lastIndexOf('.') + 1))) {
        lossy.add(uid);
        // Those of JPEG have other units.
        if (!uid.endsWith(".50") && !uid.endsWith(".51")) {
          for (int i = 0; i < image.length; i++) {
            assertTrue(Math.abs(image[i] - decoded[i]) <= LOSS, name + " at pixel " + i);
          }
        }
      } else {
        exact.add(uid);
        assertArrayEquals(image, decoded, name);
      }
    }
    assertEquals(5, exact.size(), exact.toString());
    assertEquals(4, lossy.size(), lossy.toString());
  }

  @Test
  void slicesOfRealScans() throws IOException, CodecException {
    List<Path> files = new ArrayList<>(EncapsulatedFile.list("ct", "covid"));
    files.addAll(EncapsulatedFile.list("ct", "normal"));
    assertTrue(files.size() > 300);
    for (Path file : files) {
      EncapsulatedFile slice = EncapsulatedFile.read(file);
      int most = 0;
      for (short value : slice.decode()) {
        most = Math.max(most, value);
        assertTrue(value >= 0 && value < 4096, file.toString());
      }
      assertTrue(most > 1000, file + " has nothing brighter than " + most);
    }
  }
}
