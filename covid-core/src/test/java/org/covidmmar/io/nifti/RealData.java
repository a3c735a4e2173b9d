package org.covidmmar.io.nifti;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** The NIfTI files of the folder of real data, which is no part of the project. */
final class RealData {
  private static final int CASES = 40;

  private RealData() {}

  /** All of nifti/ and lungs/ that is NIfTI, some of adrenal/; the test is skipped without. */
  static List<Path> nifti() throws IOException {
    String root = System.getenv("COVID_REAL_DATA");
    assumeTrue(root != null, "COVID_REAL_DATA is not set: no real files to read");
    List<Path> files = new ArrayList<>();
    files.addAll(list(Path.of(root, "nifti")));
    files.addAll(list(Path.of(root, "lungs")));
    List<Path> adrenal = list(Path.of(root, "adrenal", "images"));
    files.addAll(adrenal.subList(0, Math.min(CASES, adrenal.size())));
    files.removeIf(f -> f.endsWith("not-nifti.nii"));
    return files;
  }

  private static List<Path> list(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.filter(f -> NiftiFiles.of(f) != null).sorted().toList();
    }
  }
}
