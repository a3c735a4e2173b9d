package org.covidmmar.dataset;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ForkJoinPool;
import java.util.stream.Stream;
import org.covidmmar.CovidException;
import org.covidmmar.Fingerprint;
import org.covidmmar.Seeds;
import org.covidmmar.io.nifti.NiftiReader;
import org.covidmmar.volume.Shape;
import org.covidmmar.volume.Volume;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PhantomTest {
  private static final Shape SHAPE = new Shape(64, 64, 36);
  private static final int PATIENTS = 12;

  @TempDir Path folder;

  private static PhantomScan scan(int patient, boolean covid) {
    return PhantomScan.of(new Seeds(11).child(patient), SHAPE, covid, 1);
  }

  private static double litres(Volume mask) {
    double[] spacing = mask.affine().spacing();
    int voxels = 0;
    for (short v : mask.shorts()) {
      voxels += v;
    }
    return voxels * spacing[0] * spacing[1] * spacing[2] / 1e6;
  }

  @Test
  void twinsDifferByOpacitiesAlone() {
    for (int patient = 0; patient < PATIENTS; patient++) {
      PhantomScan healthy = scan(patient, false);
      PhantomScan ill = scan(patient, true);
      assertEquals(healthy.image().affine(), ill.image().affine());
      short[] mask = healthy.mask().shorts();
      assertArrayEquals(mask, ill.mask().shorts(), "the mask tells nothing of the class");
      short[] a = healthy.image().shorts();
      short[] b = ill.image().shorts();
      int lung = 0;
      int changed = 0;
      for (int i = 0; i < a.length; i++) {
        lung += mask[i];
        if (a[i] != b[i]) {
          assertEquals(1, mask[i], "opacities lie in the lung");
          assertTrue(b[i] > a[i], "opacities raise HU");
          changed++;
        }
      }
      assertTrue(changed > 0.02 * lung && changed < 0.6 * lung, changed + " of " + lung);
    }
  }

  @Test
  void opacitiesAreLowerAndFurtherOutThanTheLungIs() {
    double[] lung = new double[3];
    double[] opacity = new double[3];
    for (int patient = 0; patient < PATIENTS; patient++) {
      PhantomScan healthy = scan(patient, false);
      short[] mask = healthy.mask().shorts();
      short[] a = healthy.image().shorts();
      short[] b = scan(patient, true).image().shorts();
      for (int i = 0; i < a.length; i++) {
        if (mask[i] == 1) {
          add(lung, i);
        }
        if (b[i] > a[i] + 100) {
          add(opacity, i);
        }
      }
    }
    assertTrue(opacity[1] / opacity[0] < lung[1] / lung[0] - 1, "slices");
    assertTrue(opacity[2] / opacity[0] > lung[2] / lung[0] + 1, "voxels from the middle");
  }

  /** Counts a voxel, its slice, and its distance from the middle of the slice. */
  private static void add(double[] sums, int index) {
    int x = index % SHAPE.x() - SHAPE.x() / 2;
    int y = index / SHAPE.x() % SHAPE.y() - SHAPE.y() / 2;
    int slice = index / (SHAPE.x() * SHAPE.y());
    sums[0]++;
    sums[1] += slice;
    sums[2] += Math.sqrt(x * x + y * y);
  }

  @Test
  void lungsAreTwoAirFilledPartsOfPlausibleSize() {
    List<Double> volumes = new ArrayList<>();
    for (int patient = 0; patient < PATIENTS; patient++) {
      PhantomScan scan = scan(patient, false);
      double litres = litres(scan.mask());
      assertTrue(litres > 1.8 && litres < 6.5, litres + " l");
      volumes.add(litres);
      int[] parts = twoLargestParts(scan.mask().shorts());
      int total = parts[0];
      assertTrue(parts[1] + parts[2] > 0.98 * total, "left and right lung hold all");
      assertTrue(parts[2] > 0.25 * total, "both lungs are there");
      assertLungHu(scan);
    }
    double least = volumes.stream().min(Double::compare).orElseThrow();
    double most = volumes.stream().max(Double::compare).orElseThrow();
    assertTrue(most > 1.3 * least, "anatomy varies");
  }

  private static void assertLungHu(PhantomScan scan) {
    double sum = 0;
    int n = 0;
    short[] mask = scan.mask().shorts();
    for (int i = 0; i < mask.length; i++) {
      if (mask[i] == 1) {
        sum += scan.image().at(i);
        n++;
      }
    }
    assertTrue(sum / n > -880 && sum / n < -620, "mean of the lungs " + sum / n);
    assertTrue(Math.abs(scan.image().at(0, 0, SHAPE.z() / 2) + 1000) < 150, "air beside the body");
  }

  /** Number of lung voxels, and of those in the largest two parts joined face to face. */
  private static int[] twoLargestParts(short[] mask) {
    boolean[] seen = new boolean[mask.length];
    int[] queue = new int[mask.length];
    int total = 0;
    int first = 0;
    int second = 0;
    int[] steps = {1, -1, SHAPE.x(), -SHAPE.x(), SHAPE.x() * SHAPE.y(), -SHAPE.x() * SHAPE.y()};
    for (int start = 0; start < mask.length; start++) {
      if (mask[start] == 0 || seen[start]) {
        continue;
      }
      int size = 0;
      queue[size++] = start;
      seen[start] = true;
      for (int head = 0; head < size; head++) {
        for (int step : steps) {
          int next = queue[head] + step;
          if (next >= 0 && next < mask.length && mask[next] == 1 && !seen[next]) {
            seen[next] = true;
            queue[size++] = next;
          }
        }
      }
      total += size;
      if (size > first) {
        second = first;
        first = size;
      } else if (size > second) {
        second = size;
      }
    }
    return new int[] {total, first, second};
  }

  @Test
  void sameSpecSameBytesOnAnyNumberOfThreads() throws IOException {
    PhantomSpec spec = new PhantomSpec(3, 4, 2, 2, new Shape(32, 32, 32), 1);
    List<Integer> heard = new ArrayList<>();
    Phantom.write(folder.resolve("a"), spec, heard::add);
    assertEquals(List.of(1, 2, 3, 4, 5, 6, 7, 8), heard);
    ForkJoinPool one = new ForkJoinPool(1);
    one.submit(() -> Phantom.write(folder.resolve("b"), spec, n -> {})).join();
    one.shutdown();
    Map<String, Fingerprint> a = fingerprints(folder.resolve("a"));
    assertEquals(2 * 8 + 2, a.size());
    assertEquals(a, fingerprints(folder.resolve("b")));
    Phantom.write(
        folder.resolve("c"), new PhantomSpec(4, 4, 2, 2, new Shape(32, 32, 32), 1), n -> {});
    String image = Path.of("images", "case-000.nii.gz").toString();
    assertNotEquals(a.get(image), fingerprints(folder.resolve("c")).get(image));
  }

  private static Map<String, Fingerprint> fingerprints(Path root) throws IOException {
    Map<String, Fingerprint> found = new TreeMap<>();
    try (Stream<Path> files = Files.walk(root)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        found.put(root.relativize(file).toString(), Fingerprint.of(file));
      }
    }
    return found;
  }

  @Test
  void cohortReadsBackBalancedAndUnlikeInEveryCase() {
    PhantomSpec spec = new PhantomSpec(8, 8, 4, 6, new Shape(32, 40, 36), 1);
    Dataset written = Phantom.write(folder, spec, n -> {});
    Dataset read = Dataset.read(folder.resolve("dataset.json"), folder);
    assertEquals(List.of("training", "validation", "testing"), List.copyOf(read.lists().keySet()));
    List<Float> sums = new ArrayList<>();
    for (String list : List.of("training", "validation", "testing")) {
      List<Case> cases = read.list(list);
      assertEquals(written.list(list).size(), cases.size());
      assertEquals(cases.size(), 2 * cases.stream().mapToInt(Case::label).sum());
      for (Case c : cases) {
        Volume image = NiftiReader.read(c.image());
        Volume mask = NiftiReader.read(c.mask());
        assertEquals(spec.shape(), image.shape());
        assertEquals(image.affine(), mask.affine());
        float sum = 0;
        for (float v : mask.floats()) {
          assertTrue(v == 0 || v == 1);
          sum += v;
        }
        assertTrue(sum > 500, "lung voxels " + sum);
        sums.add(sum);
      }
    }
    assertEquals(18, sums.size());
    assertTrue(sums.stream().distinct().count() > 15, "every case is a patient of its own");
  }

  @Test
  void foreignDatasetIsLeftAsItIs() throws IOException {
    Files.writeString(folder.resolve("dataset.json"), "{}");
    CovidException e =
        assertThrows(
            CovidException.class,
            () -> Phantom.write(folder, new PhantomSpec(0, 2, 2, 2, SHAPE, 1), n -> {}));
    assertTrue(e.subject().endsWith("dataset.json"), e.subject());
    assertEquals("{}", Files.readString(folder.resolve("dataset.json")));
    assertEquals(1, folder.toFile().list().length);
  }

  @Test
  void badSpecsAreRefused() {
    Shape shape = new Shape(64, 64, 32);
    for (int count : new int[] {0, 3, -2}) {
      assertThrows(CovidException.class, () -> new PhantomSpec(0, count, 2, 2, shape, 1));
      assertThrows(CovidException.class, () -> new PhantomSpec(0, 2, 2, count, shape, 1));
    }
    Shape small = new Shape(64, 16, 64);
    assertThrows(CovidException.class, () -> new PhantomSpec(0, 2, 2, 2, small, 1));
    for (double severity : new double[] {0, -1, 3, Double.NaN}) {
      assertThrows(CovidException.class, () -> new PhantomSpec(0, 2, 2, 2, shape, severity));
    }
  }
}
