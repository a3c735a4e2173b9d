package org.covidmmar.io.dicom;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.covidmmar.Fingerprint;
import org.covidmmar.io.nifti.NiftiReader;
import org.covidmmar.volume.Affine;
import org.covidmmar.volume.Orientation;
import org.covidmmar.volume.Shape;
import org.covidmmar.volume.Volume;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Real series against the table of what dcm2niix made of them. */
class DicomRealDataTest {
  @TempDir private Path out;

  private Path root;

  @BeforeEach
  void data() {
    String given = System.getenv("COVID_REAL_DATA");
    assumeTrue(given != null, "COVID_REAL_DATA is not set: no real series to convert");
    root = Path.of(given);
  }

  /** The series of a folder that dcm2niix made, the corrected one where it made two. */
  private JsonNode expected(String folder, String file) throws IOException {
    JsonNode all = new JsonMapper().readTree(Files.readAllBytes(root.resolve("dcm2niix.json")));
    for (JsonNode series : all.path("series").path(folder).path("series")) {
      if (series.path("file").asText().equals(file + ".nii")) {
        return series;
      }
    }
    throw new AssertionError(folder + " has no " + file);
  }

  private static void assertGeometry(JsonNode expected, Volume ras) {
    JsonNode shape = expected.path("shape");
    assertEquals(
        new Shape(shape.get(0).asInt(), shape.get(1).asInt(), shape.get(2).asInt()), ras.shape());
    double[] rows = new double[12];
    for (int n = 0; n < 12; n++) {
      rows[n] = expected.path("affine").get(n / 4).get(n % 4).asDouble();
    }
    assertTrue(
        ras.affine().isClose(Affine.of(rows), 1e-3), ras.affine() + " for " + Affine.of(rows));
  }

  @ParameterizedTest
  @CsvSource({
    "ct/covid, 4_ThorRoutine_2.0_D40s",
    "ct/normal, 4_ThorRoutine_2.0_D40s",
    "ct/lung-small, 3_ThoraxRoutine_8.0.0_B40f",
  })
  void sameVoxels(String folder, String file) throws IOException {
    JsonNode expected = expected(folder, file);
    Volume ras =
        Orientation.toRas(Conversions.volume(Conversions.convert(root.resolve(folder), out)));
    assertGeometry(expected, ras);
    ByteBuffer bytes = ByteBuffer.allocate(2 * ras.shorts().length).order(ByteOrder.LITTLE_ENDIAN);
    bytes.asShortBuffer().put(ras.shorts());
    assertEquals(expected.path("sha256").asText(), Fingerprint.of(bytes.array()).hex());
  }

  @ParameterizedTest
  @CsvSource({
    "dicom/odd/ge, 2__Tilt_Eq_1",
    "dicom/odd/irregular/gantrytilting/001, 4__Tilt_1",
    "dicom/odd/irregular/sliceincrement/001, 2__Eq_1",
    "dicom/odd/irregular/sliceincrement/002, 3__Tilt_Eq_1",
  })
  void sameGridAndMeanWhereSlicesAreResampled(String folder, String file) throws IOException {
    JsonNode expected = expected(folder, file);
    Volume ras =
        Orientation.toRas(Conversions.volume(Conversions.convert(root.resolve(folder), out)));
    assertGeometry(expected, ras);
    double sum = 0;
    float least = Float.POSITIVE_INFINITY;
    for (float value : ras.floats()) {
      sum += value;
      least = Math.min(least, value);
    }
    assertEquals(expected.path("mean").asDouble(), sum / ras.floats().length, 1);
    assertEquals(expected.path("min").asDouble(), least);
  }

  @Test
  void severalSeriesOfOneFolder() throws IOException {
    String folder = "dicom/odd/irregular/sliceincrement";
    Conversion done = Conversions.convert(root.resolve(folder), out);
    assertEquals(List.of(), done.problems());
    assertEquals(List.of(2, 3), done.series().stream().map(Conversion.Series::number).toList());
    assertGeometry(
        expected(folder, "3__Tilt_Eq_1"),
        Orientation.toRas(NiftiReader.read(done.series().get(1).file())));
  }

  @ParameterizedTest
  @CsvSource({
    "LittleEndianImplicitTransferSyntax_1.2.840.10008.1.2",
    "BigEndianExplicitTransferSyntax_1.2.840.10008.1.2.2",
    "DeflatedExplicitVRLittleEndianTransferSyntax_1.2.840.10008.1.2.1.99",
    "RLELosslessTransferSyntax_1.2.840.10008.1.2.5",
    "JPEGProcess14TransferSyntax_1.2.840.10008.1.2.4.57",
    "JPEGProcess14SV1TransferSyntax_1.2.840.10008.1.2.4.70",
    "JPEGLSLosslessTransferSyntax_1.2.840.10008.1.2.4.80",
    "JPEG2000LosslessOnlyTransferSyntax_1.2.840.10008.1.2.4.90",
  })
  void everyLosslessTransferSyntaxGivesTheSameVolume(String syntax) {
    Volume plain = ofSyntax("LittleEndianExplicitTransferSyntax_1.2.840.10008.1.2.1");
    Volume other = ofSyntax(syntax);
    assertEquals(plain.affine(), other.affine());
    assertEquals(plain.isInt16(), other.isInt16());
    assertArrayEquals(plain.floats(), other.floats());
  }

  private Volume ofSyntax(String syntax) {
    DicomToNifti.Options only =
        new DicomToNifti.Options(
            "_" + syntax.replaceFirst(".*_", "") + ".dcm",
            "{series}",
            ".nii",
            null,
            false,
            null,
            2);
    Path folder = out.resolve(syntax);
    return Conversions.volume(Conversions.convert(root.resolve("dicom/syntaxes"), folder, only));
  }

  @Test
  void imagesOfOnePlaceAreNoVolume() {
    Conversion done = Conversions.convert(root.resolve("dicom/odd/irregular/notavolume/001"), out);
    assertEquals(List.of(), done.series());
    assertEquals(1, done.problems().size());
  }

  @ParameterizedTest
  @CsvSource({"slicecount/001, 2", "sliceorientation/001, 4"})
  void magneticResonanceIsLeftOut(String folder, int files) {
    Conversion done = Conversions.convert(root.resolve("dicom/odd/irregular/" + folder), out);
    assertEquals(List.of(), done.series());
    assertEquals(List.of(), done.problems());
    assertEquals(Map.of("modality MR", files), done.ignored());
  }
}
