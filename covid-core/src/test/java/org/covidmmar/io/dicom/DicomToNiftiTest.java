package org.covidmmar.io.dicom;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;
import org.covidmmar.CovidException;
import org.covidmmar.transform.PerAxis;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a conversion leaves: names, sidecars, nothing of the patient, and nothing twice. */
class DicomToNiftiTest {
  private static final String NAME = "DOE^JANE";
  private static final String BORN = "19560317";
  private static final String HOSPITAL = "General Hospital";

  @TempDir private Path folder;

  private final SyntheticCt ct = new SyntheticCt();
  private Path in;
  private Path out;

  @BeforeEach
  void slices() {
    in = folder.resolve("in");
    out = folder.resolve("out");
    ct.at(0, 2, 4);
    ct.patient = "PAT-4711";
    ct.extra =
        set ->
            set.text(0x00100010, "PN", NAME)
                .text(0x00100030, "DA", BORN)
                .text(0x00080080, "LO", HOSPITAL)
                .text(0x00080020, "DA", "20200401");
    ct.write(in);
  }

  private static DicomToNifti.Options named(String name, String extension, int threads) {
    return new DicomToNifti.Options("", name, extension, null, false, null, threads);
  }

  private List<Path> made() throws IOException {
    try (Stream<Path> files = Files.walk(out)) {
      return files.filter(Files::isRegularFile).sorted().toList();
    }
  }

  @Test
  void seriesNumberAndHashedIdentifierAreTheName() {
    Conversion.Series series = Conversions.one(Conversions.convert(in, out));
    String uid = NamePattern.hashed("1.2.3.4");
    assertEquals(out.resolve("7_" + uid + ".nii.gz"), series.file());
    assertEquals(out.resolve("7_" + uid + ".json"), series.sidecar());
  }

  @Test
  void namesByPattern() {
    Conversion done = Conversions.convert(in, out, named("{study}/{folder}-{series}", ".nii", 1));
    assertEquals(
        out.resolve(NamePattern.hashed("1.2.3") + "/in-7.nii"), Conversions.one(done).file());
    for (String wrong : List.of("{serie}", "../{uid}", "/tmp/{uid}", "a//b", "", ".x", "a\nb")) {
      assertThrows(
          CovidException.class, () -> Conversions.convert(in, out, named(wrong, ".nii", 1)), wrong);
    }
  }

  @Test
  void seriesThatWouldHaveOneNameAreRefused() {
    SyntheticCt other = new SyntheticCt().at(0, 2);
    other.series = "1.2.3.9";
    other.write(in);
    Conversion done = Conversions.convert(in, out, named("{series}", ".nii", 1));
    assertEquals(1, done.series().size());
    assertTrue(done.problems().get(0).remedy().contains("{uid}"));
  }

  @Test
  void numberedVolumesTakeNoOtherSeriesName() {
    SyntheticCt sagittal = new SyntheticCt();
    sagittal.patient = ct.patient;
    sagittal.axes = new double[] {0, 1, 0, 0, 0, -1};
    sagittal.positions.addAll(List.of(new Vector(-10, -30, 40), new Vector(-8, -30, 40)));
    sagittal.write(in.resolve("sub/in"));
    SyntheticCt other = new SyntheticCt().at(0, 2);
    other.series = "1.2.3.9";
    other.number = 9;
    other.write(in.resolve("IN_2"));
    Conversion done = Conversions.convert(in, out, named("{folder}", ".nii", 1));
    assertEquals(
        List.of(out.resolve("in.nii"), out.resolve("in_2.nii")),
        done.series().stream().map(Conversion.Series::file).toList());
    assertEquals(1, done.problems().size());
    assertTrue(done.problems().get(0).remedy().contains("{uid}"));
  }

  @Test
  void nothingThatIdentifiesIsInWhatIsWritten() throws IOException {
    Conversion done = Conversions.convert(in, out);
    for (Path file : made()) {
      String content = new String(decoded(file), StandardCharsets.ISO_8859_1);
      for (String secret :
          List.of(NAME, "DOE", BORN, HOSPITAL, "20200401", "PAT-4711", "1.2.3.4", "in-0")) {
        assertFalse(content.contains(secret), file + " has " + secret);
      }
    }
    assertFalse(done.toString().contains("DOE"));
  }

  @Test
  void whatIdentifiesIsInTheSidecarWhereAskedFor() throws IOException {
    DicomToNifti.Options asked =
        new DicomToNifti.Options("", "{series}", ".nii", null, true, null, 1);
    Conversion.Series series = Conversions.one(Conversions.convert(in, out, asked));
    String json = Files.readString(series.sidecar());
    assertTrue(json.contains("\"PatientName\" : \"" + NAME + "\""), json);
    assertTrue(json.contains(BORN) && json.contains(HOSPITAL), json);
  }

  @Test
  void scansOfAPatientHaveOneHashThatOnlyTheKeyGives() throws IOException {
    String first = patientHash("here", "P-1");
    assertEquals(16, first.length());
    assertEquals(first, patientHash("here", "P-1"));
    assertNotEquals(first, patientHash("here", "P-2"));
    assertNotEquals(first, patientHash("elsewhere", "P-1"));
    assertEquals("", patientHash("here", ""));
  }

  private String patientHash(String key, String patient) throws IOException {
    ct.patient = patient;
    ct.at(0, 2, 4, 8).write(in);
    DicomToNifti.Options options =
        new DicomToNifti.Options(
            "", "{patient}", ".nii", null, false, PatientKey.of(out.resolve(key)), 1);
    Conversion.Series series = Conversions.one(Conversions.convert(in, out, options));
    String hash = new JsonMapper().readTree(series.sidecar().toFile()).path("patientHash").asText();
    assertEquals((hash.isEmpty() ? "_" : hash) + ".nii", series.file().getFileName().toString());
    return hash;
  }

  @Test
  void theKeyIsItsOwnersAlone() throws IOException {
    Path key = folder.resolve("new/key");
    PatientKey.of(key);
    try (Stream<Path> files = Files.list(key.getParent())) {
      assertEquals(List.of(key), files.toList());
    }
    if (Files.getFileStore(key).supportsFileAttributeView("posix")) {
      assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(key)));
    }
  }

  @Test
  void aKeyThatIsNoneIsRefused() throws IOException {
    Path file = Files.writeString(folder.resolve("key"), "secret");
    assertTrue(
        assertThrows(CovidException.class, () -> PatientKey.of(file))
            .getMessage()
            .contains("64 hexadecimal digits"));
  }

  @Test
  void theSidecarSaysWhatWasDone() throws IOException {
    ct.at(0, 2, 4, 8).write(in);
    ct.write(in.resolve("again"));
    String json = Files.readString(Conversions.one(Conversions.convert(in, out)).sidecar());
    for (String part :
        List.of(
            "\"seriesNumber\" : 7",
            "\"images\" : 4",
            "explicit VR little endian",
            "\"missing\" : [ {\n    \"slices\" : 1,\n    \"afterMm\" : 4.0",
            "\"reason\" : \"a copy of another image of the series\"",
            "\"tiltDegrees\" : 0")) {
      assertTrue(json.contains(part), part + " in " + json);
    }
  }

  @Test
  void sameBytesWithAnyNumberOfThreadsAndGzippedTheSameVoxels() throws IOException {
    Path one = Conversions.one(Conversions.convert(in, out, named("a", ".nii.gz", 1))).file();
    Path four = Conversions.one(Conversions.convert(in, out, named("b", ".nii.gz", 4))).file();
    Path plain = Conversions.one(Conversions.convert(in, out, named("c", ".nii", 3))).file();
    assertArrayEquals(Files.readAllBytes(one), Files.readAllBytes(four));
    assertArrayEquals(Files.readAllBytes(plain), decoded(one));
  }

  @Test
  void unchangedSeriesAreSkipped() throws IOException {
    SyntheticCt other = new SyntheticCt().at(0, 2);
    other.series = "1.2.3.9";
    other.number = 8;
    other.write(in);
    assertEquals(List.of(false, false), unchanged());
    List<FileTime> before = times();
    assertEquals(List.of(true, true), unchanged());
    assertEquals(before, times());
    Files.setLastModifiedTime(in.resolve("1.2.3.9-000.dcm"), FileTime.fromMillis(1));
    assertEquals(List.of(true, false), unchanged());
    Path volume = Conversions.convert(in, out).series().get(0).file();
    Files.write(volume, new byte[10]);
    assertEquals(List.of(false, true), unchanged());
    Files.delete(volume);
    assertEquals(List.of(false, true), unchanged());
    Files.delete(Sidecar.beside(volume));
    Files.delete(volume);
    assertEquals(List.of(false, true), unchanged());
  }

  private List<Boolean> unchanged() {
    Conversion done = Conversions.convert(in, out);
    assertEquals(List.of(), done.problems());
    return done.series().stream().map(Conversion.Series::unchanged).toList();
  }

  private List<FileTime> times() throws IOException {
    List<FileTime> times = new ArrayList<>();
    for (Path file : made()) {
      times.add(Files.getLastModifiedTime(file));
    }
    return times;
  }

  @Test
  void aFileOfAnotherMakeIsNotReplaced() throws IOException {
    Path file = Conversions.one(Conversions.convert(in, out)).file();
    Files.delete(Sidecar.beside(file));
    Files.writeString(file, "mine");
    Conversion done = Conversions.convert(in, out);
    assertEquals(List.of(), done.series());
    assertTrue(done.problems().get(0).problem().contains("is there already"));
    assertEquals("mine", Files.readString(file));
  }

  @Test
  void aSeriesThatCanNoLongerBeMadeLeavesNothingOfItsOldState() throws IOException {
    ct.syntax = "1.2.840.10008.1.2.5";
    Conversions.one(Conversions.convert(in, out));
    DicomBytes.write(
        in.resolve("1.2.3.4-001.dcm"),
        ct.header(1).fragments(new byte[0], new byte[80]).file(SyntheticCt.CT));
    Conversion done = Conversions.convert(in, out);
    assertEquals(1, done.problems().size());
    assertTrue(done.problems().get(0).subject().endsWith("1.2.3.4-001.dcm"));
    assertEquals(List.of(), made());
  }

  @Test
  void aSeriesThatIsNoLongerOneLeavesNothingOfItsOldState() throws IOException {
    Conversions.one(Conversions.convert(in, out));
    SyntheticCt other = new SyntheticCt().at(2);
    other.patient = ct.patient;
    other.intercept = -1000;
    DicomBytes.write(in.resolve("other.dcm"), other.file(0));
    assertEquals(1, Conversions.convert(in, out).problems().size());
    assertEquals(List.of(), made());

    Files.delete(in.resolve("other.dcm"));
    Conversions.one(Conversions.convert(in, out));
    byte[] file = ct.file(0);
    DicomBytes.write(in.resolve("cut.dcm"), Arrays.copyOf(file, file.length - 9));
    assertEquals(2, Conversions.convert(in, out).problems().size());
    assertEquals(List.of(), made());
  }

  @Test
  void aVolumeThatWouldBeTooLargeLeavesNothingOfItsOldState() throws IOException {
    DicomToNifti.Options options = new DicomToNifti.Options("", "a", ".nii", null, false, null, 1);
    Conversions.one(Conversions.convert(in, out, options));
    options =
        new DicomToNifti.Options("", "a", ".nii", new PerAxis(1e-5, 1e-5, 1e-5), false, null, 1);
    assertEquals(1, Conversions.convert(in, out, options).problems().size());
    assertEquals(List.of(), made());
  }

  @Test
  void onlyNamesWithTheSuffixAreLookedAt() {
    SyntheticCt other = new SyntheticCt().at(0, 2);
    other.series = "1.2.3.9";
    DicomBytes.write(in.resolve("x.ima"), other.file(0));
    DicomToNifti.Options suffix =
        new DicomToNifti.Options(".DCM", "{uid}", ".nii", null, false, null, 1);
    assertEquals(3, Conversions.one(Conversions.convert(in, out, suffix)).images());
  }

  @Test
  void aFolderThatIsNotThereIsSaid() {
    assertThrows(CovidException.class, () -> Conversions.convert(folder.resolve("none"), out));
  }

  private static byte[] decoded(Path file) throws IOException {
    if (!file.toString().endsWith(".gz")) {
      return Files.readAllBytes(file);
    }
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (InputStream gzip = new GZIPInputStream(Files.newInputStream(file))) {
      gzip.transferTo(bytes);
    }
    return bytes.toByteArray();
  }
}
