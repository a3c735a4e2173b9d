package org.covidmmar.io.dicom;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.covidmmar.CovidException;
import org.covidmmar.volume.Volume;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** However a data set is written, its image is the same; what is none is refused or left out. */
class DataSetsTest {
  private static final int PRIVATE = 0x00091010;

  @TempDir private Path folder;

  private final SyntheticCt ct = new SyntheticCt();
  private Path in;

  @BeforeEach
  void slices() {
    in = folder.resolve("in");
    ct.at(0, 2, 4);
  }

  private Conversion converted() {
    return Conversions.convert(in, folder.resolve("out"));
  }

  /** The one problem there is; nothing was made. */
  private CovidException problem() {
    Conversion done = converted();
    assertEquals(1, done.problems().size(), done.toString());
    CovidException e = done.problems().get(0);
    assertFalse(e.problem().isBlank() || e.remedy().isBlank());
    return e;
  }

  private void assertConverted() {
    Volume volume = Conversions.volume(converted());
    assertEquals(3, volume.shape().z());
    Conversions.assertLinear(volume, 0, 0, 0, 0);
  }

  @ParameterizedTest
  @CsvSource({
    "1.2.840.10008.1.2, 16, 12, false",
    "1.2.840.10008.1.2.1, 16, 12, false",
    "1.2.840.10008.1.2.1.99, 16, 12, false",
    "1.2.840.10008.1.2.2, 16, 12, false",
    "1.2.840.10008.1.2, 16, 16, true",
    "1.2.840.10008.1.2.2, 16, 16, true",
    "1.2.840.10008.1.2.1, 16, 16, false",
    "1.2.840.10008.1.2.1, 16, 13, true",
  })
  void transferSyntaxesAndBits(String syntax, int bits, int stored, boolean signed) {
    ct.syntax = syntax;
    ct.bits = bits;
    ct.stored = stored;
    ct.signed = signed;
    ct.write(in);
    assertConverted();
  }

  @ParameterizedTest
  @ValueSource(strings = {"1.2.840.10008.1.2.1", "1.2.840.10008.1.2.2"})
  void eightBits(String syntax) {
    ct.syntax = syntax;
    ct.bits = 8;
    ct.stored = 8;
    ct.intercept = -200;
    ct.rows = 9;
    ct.columns = 7;
    ct.positions.replaceAll(p -> new Vector(0, 0, p.z()));
    ct.write(in);
    assertConverted();
  }

  @Test
  void bitsAboveTheStoredOnesAreNotPartOfTheValue() {
    for (int i = 0; i < 3; i++) {
      int[] pixels = Arrays.stream(ct.pixels(i)).map(v -> v | 0xa000).toArray();
      DicomBytes.write(
          in.resolve(i + ".dcm"), ct.header(i).pixels(pixels, 16).file(SyntheticCt.CT));
    }
    assertConverted();
  }

  @ParameterizedTest
  @ValueSource(strings = {"1.2.840.10008.1.2", "1.2.840.10008.1.2.1", "1.2.840.10008.1.2.2"})
  void withoutPreamble(String syntax) {
    ct.syntax = syntax;
    for (int i = 0; i < 3; i++) {
      DicomBytes.write(in.resolve(i + ".dcm"), ct.header(i).pixels(ct.pixels(i), 16).dataSet());
    }
    assertConverted();
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void whatIsNotNeededIsPassedOver(boolean defined) {
    ct.extra =
        set -> {
          DicomBytes inner = new DicomBytes(ct.syntax).unsigned(Tag.ROWS, 999);
          DicomBytes item =
              new DicomBytes(ct.syntax)
                  .sequence(PRIVATE, defined, inner, inner)
                  .element(Tag.PIXELS, "OW", new byte[64]);
          set.sequence(0x00081140, defined, item, inner);
          set.element(PRIVATE, "UN", new byte[70_000]);
          set.element(0x00091012, "ZZ", new byte[2]);
        };
    for (String syntax : List.of(DicomBytes.EXPLICIT, DicomBytes.IMPLICIT, DicomBytes.BIG_ENDIAN)) {
      ct.syntax = syntax;
      ct.write(in);
      assertConverted();
    }
  }

  @Test
  void aSequenceOfUnknownRepresentationIsImplicit() {
    ct.extra =
        set -> {
          set.header(PRIVATE, "UN", DicomBytes.UNDEFINED);
          DicomBytes implicit = new DicomBytes(DicomBytes.IMPLICIT);
          byte[] element = new DicomBytes(DicomBytes.IMPLICIT).text(PRIVATE, "LO", "ab").dataSet();
          set.raw(implicit.item(element.length).raw(element).dataSet());
          set.raw(new byte[] {(byte) 0xfe, (byte) 0xff, (byte) 0xdd, (byte) 0xe0, 0, 0, 0, 0});
        };
    ct.write(in);
    assertConverted();
  }

  @ParameterizedTest
  @CsvSource({
    "1.2.840.10008.1.2.1, true",
    "1.2.840.10008.1.2.1, false",
    "1.2.840.10008.1.2, false",
  })
  void enhancedMultiFrame(String syntax, boolean defined) {
    ct.syntax = syntax;
    DicomBytes.write(in.resolve("all"), ct.enhanced(defined));
    assertConverted();
  }

  @Test
  void everySliceHasItsOwnRescale() {
    ct.signed = true;
    ct.stored = 16;
    for (int i = 0; i < 3; i++) {
      ct.intercept = -1000 - 10 * i;
      ct.slope = 1 + i % 2;
      DicomBytes.write(in.resolve(i + ".dcm"), ct.file(i));
    }
    assertConverted();
  }

  @Test
  void valuesBetweenIntegersAreFloat32() {
    ct.slope = 0.25;
    ct.intercept = -1024.5;
    ct.stored = 16;
    ct.write(in);
    Volume volume = Conversions.volume(converted());
    assertFalse(volume.isInt16());
    Conversions.assertLinear(volume, 0, 0, 0, 0);
    assertEquals(ct.pixels(0)[9 * 12] * 0.25f - 1024.5f, volume.at(0, 0, 0));
  }

  @Test
  void valuesOutsideTheFieldOfViewAreKept() {
    ct.signed = true;
    ct.stored = 16;
    for (int i = 0; i < 3; i++) {
      int[] pixels = ct.pixels(i);
      pixels[0] = -2000;
      DicomBytes.write(
          in.resolve(i + ".dcm"), ct.header(i).pixels(pixels, 16).file(SyntheticCt.CT));
    }
    Volume volume = Conversions.volume(converted());
    assertTrue(volume.isInt16());
    assertEquals(-3024, volume.at(0, 9, 1));
  }

  @Test
  void otherFilesAreLeftOutAndCounted() {
    ct.write(in);
    SyntheticCt other = new SyntheticCt().at(0);
    other.type = "ORIGINAL\\PRIMARY\\LOCALIZER";
    DicomBytes.write(in.resolve("a"), other.file(0));
    other = new SyntheticCt().at(0);
    other.modality = "MR";
    DicomBytes.write(in.resolve("b"), other.file(0));
    other = new SyntheticCt().at(0);
    other.sop = "1.2.840.10008.5.1.4.1.1.7";
    DicomBytes.write(in.resolve("c"), other.file(0));
    other.sop = "1.2.840.10008.5.1.4.1.1.88.67";
    DicomBytes.write(in.resolve("d"), other.header(0).file(SyntheticCt.CT));
    other.sop = "1.2.840.10008.1.3.10";
    DicomBytes.write(in.resolve("DICOMDIR"), other.header(0).file(SyntheticCt.CT));
    DicomBytes.write(
        in.resolve("LICENSE"), "Text, and more text".getBytes(StandardCharsets.US_ASCII));
    DicomBytes.write(in.resolve("empty"), new byte[0]);
    DicomBytes.write(in.resolve(".hidden"), new byte[9]);
    Conversion done = converted();
    assertEquals(3, Conversions.one(done).images());
    assertEquals(
        Map.of(
            "localizer", 1,
            "modality MR", 1,
            "secondary capture", 1,
            "report", 1,
            "directory (DICOMDIR)", 1,
            "no DICOM file", 2),
        done.ignored());
  }

  @Test
  void oneBadSeriesAndOneBadFileDoNotStopTheOthers() {
    ct.write(in);
    SyntheticCt bad = new SyntheticCt().at(0, 2);
    bad.series = "1.2.3.5";
    byte[] file = bad.file(0);
    DicomBytes.write(in.resolve("bad/0"), file);
    DicomBytes.write(in.resolve("bad/1"), Arrays.copyOf(file, file.length - 10));
    DicomBytes.write(in.resolve("cut"), Arrays.copyOf(file, 300));
    Conversion done = converted();
    assertEquals(
        3,
        Conversions.volume(new Conversion(done.series(), done.ignored(), List.of())).shape().z());
    assertEquals(3, done.problems().size());
    done.problems()
        .subList(0, 2)
        .forEach(e -> assertTrue(e.problem().contains("truncated"), e.getMessage()));
    CovidException rest = done.problems().get(2);
    assertTrue(rest.problem().contains("1 of its 2 files is damaged"), rest.problem());
  }

  @Test
  void damagedFilesOfOtherKindsAreLeftOut() {
    ct.write(in);
    SyntheticCt other = new SyntheticCt().at(0);
    other.modality = "MR";
    byte[] file = other.file(0);
    DicomBytes.write(in.resolve("cut"), Arrays.copyOf(file, file.length - 10));
    other.modality = "US";
    other.syntax = "1.2.840.10008.1.2.4.102";
    other.extra = set -> set.text(Tag.FRAMES, "IS", "200");
    DicomBytes.write(
        in.resolve("video"),
        other.header(0).fragments(new byte[0], new byte[90], new byte[90]).file(SyntheticCt.CT));
    other = new SyntheticCt().at(0);
    other.modality = "MG";
    DicomBytes.write(
        in.resolve("map"),
        other.header(0).element(Tag.FLOAT_PIXELS, "OF", new byte[480]).file(SyntheticCt.CT));
    Conversion done = converted();
    assertEquals(3, Conversions.one(done).images());
    assertEquals(Map.of("modality MR", 1, "modality US", 1, "modality MG", 1), done.ignored());
  }

  @Test
  void floatingPointPixelsOfCtAreRefused() {
    DicomBytes.write(
        in.resolve("a"),
        ct.header(0).element(Tag.FLOAT_PIXELS, "OF", new byte[480]).file(SyntheticCt.CT));
    assertTrue(problem().problem().contains("floating-point"));
  }

  @Test
  void framesOfOtherValuesThanHuAreLeftOut() {
    ct.unit = "MGML";
    DicomBytes.write(in.resolve("all"), ct.enhanced(true));
    assertEquals(Map.of("values other than HU", 1), converted().ignored());
    ct.unit = "HU";
    DicomBytes.write(in.resolve("all"), ct.enhanced(true));
    assertConverted();
  }

  @Test
  void framesAreAsLongAsTheirRowsSay() {
    // Divided by three, the bytes would not be those of a frame.
    ct.pixelsBeyond = 6;
    DicomBytes.write(in.resolve("all"), ct.enhanced(true));
    assertConverted();
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 11, 12})
  void pixelDataOfMoreRowsThanExpectedAreRefused(int more) {
    int[] pixels = Arrays.copyOf(ct.pixels(0), 120 + more);
    DicomBytes.write(in.resolve("a"), ct.header(0).pixels(pixels, 16).file(SyntheticCt.CT));
    if (more < 12) {
      assertEquals(1, Conversions.volume(converted()).shape().z());
    } else {
      assertTrue(problem().problem().contains("expected 240 bytes"), problem().problem());
    }
  }

  @Test
  void compressedValuesThatDoNotEndAtTheLowestBitAreRefused() {
    ct.syntax = "1.2.840.10008.1.2.5";
    ct.highBit = 15;
    DicomBytes.write(
        in.resolve("a"), ct.header(0).fragments(new byte[0], new byte[90]).file(SyntheticCt.CT));
    assertTrue(problem().problem().contains("12 stored bits end at bit 15"), problem().problem());
  }

  @Test
  void bytesInBigEndianWordsAreRefused() {
    ct.syntax = DicomBytes.BIG_ENDIAN;
    ct.bits = 8;
    ct.stored = 8;
    DicomBytes.write(
        in.resolve("a"),
        ct.header(0).element(Tag.PIXELS, "OW", new byte[120]).file(SyntheticCt.CT));
    assertTrue(problem().problem().contains("(OW)"), problem().problem());
  }

  @Test
  void aTableOfValuesInPlaceOfRescaleIsRefused() {
    ct.rescaled = false;
    ct.extra = set -> set.sequence(Tag.MODALITY_LUT, true, new DicomBytes(ct.syntax));
    DicomBytes.write(in.resolve("a"), ct.file(0));
    assertTrue(problem().problem().contains("Modality LUT"), problem().problem());
  }

  @Test
  void storedValuesWithoutRescaleAreNoted() {
    ct.rescaled = false;
    ct.intercept = 0;
    ct.signed = true;
    ct.stored = 16;
    ct.write(in);
    assertConverted();
    assertEquals(
        List.of("no rescale, stored values taken for HU"), Conversions.one(converted()).notes());
  }

  @Test
  void deflatedFramesAreRefused() {
    ct.syntax = DicomBytes.DEFLATED;
    DicomBytes.write(in.resolve("all"), ct.enhanced(true));
    assertTrue(problem().problem().contains("deflated, with 3 frames"), problem().problem());
  }

  @Test
  void cutAnywhereAFileIsRefusedOrNoDicom() {
    byte[] file = ct.file(0);
    for (int length = 0; length < file.length; length += 7) {
      DicomBytes.write(in.resolve("cut"), Arrays.copyOf(file, length));
      Conversion done = converted();
      assertEquals(List.of(), done.series(), "cut at " + length);
      assertTrue(length < 132 || done.problems().size() == 1, "cut at " + length);
    }
  }

  @Test
  void bitsThatCannotBe() {
    ct.stored = 17;
    ct.write(in);
    assertTrue(problem().problem().contains("17 stored in 16"));
  }

  @Test
  void anUnknownTransferSyntaxIsNamed() {
    ct.syntax = "1.2.840.10008.1.2.4.55";
    DicomBytes.write(
        in.resolve("a.dcm"),
        ct.header(0).fragments(new byte[0], new byte[100]).file(SyntheticCt.CT));
    CovidException e = problem();
    assertTrue(e.problem().contains("JPEG full progression (1.2.840.10008.1.2.4.55)"), e.problem());
    assertTrue(e.subject().endsWith("a.dcm"));
  }

  @Test
  void aDeflatedBombIsRefused() {
    ct.syntax = DicomBytes.DEFLATED;
    ct.extra = set -> set.element(PRIVATE, "UN", new byte[80 << 20]);
    DicomBytes.write(in.resolve("bomb"), ct.file(0));
    assertTrue(problem().problem().contains("more than 64 MB"), problem().problem());
  }

  @Test
  void sequencesNestedDeepAreRefused() {
    ByteArrayOutputStream deep = new ByteArrayOutputStream();
    for (int i = 0; i < 100_000; i++) {
      deep.writeBytes(
          new DicomBytes(DicomBytes.IMPLICIT)
              .header(PRIVATE, "SQ", DicomBytes.UNDEFINED)
              .item(DicomBytes.UNDEFINED)
              .dataSet());
    }
    ct.syntax = DicomBytes.IMPLICIT;
    ct.extra = set -> set.raw(deep.toByteArray());
    DicomBytes.write(in.resolve("deep"), ct.file(0));
    assertTrue(problem().problem().contains("nested"), problem().problem());
  }

  @Test
  void aSequenceThatNeverEndsIsRefused() {
    ct.extra = set -> set.header(0x00081140, "SQ", DicomBytes.UNDEFINED);
    DicomBytes.write(in.resolve("endless"), ct.file(0));
    problem();
  }

  @Test
  void lengthsThatTheFileDoesNotHaveAreRefusedBeforeAnythingIsAllocated() {
    ct.rows = 65_535;
    ct.columns = 65_535;
    DicomBytes.write(in.resolve("a"), header().pixels(new int[8], 16).file(SyntheticCt.CT));
    assertTrue(problem().problem().contains("65535 rows of 65535"));
    ct.rows = 4097;
    ct.columns = 4097;
    DicomBytes.write(in.resolve("a"), header().pixels(new int[8], 16).file(SyntheticCt.CT));
    assertTrue(problem().problem().contains("1 to 16777216 pixels"), problem().problem());
    ct.columns = 1000;
    DicomBytes.write(in.resolve("a"), header().pixels(new int[8], 16).file(SyntheticCt.CT));
    assertTrue(problem().problem().contains("truncated"));
  }

  private DicomBytes header() {
    return ct.header(0);
  }

  @Test
  void imagesThatCannotBePlacedAreRefused() {
    ct.axes = new double[] {1, 0, 0, 1, 0, 0};
    DicomBytes.write(in.resolve("a"), ct.header(0).pixels(new int[120], 16).file(SyntheticCt.CT));
    assertTrue(problem().problem().contains("(0020,0037)"));
    ct.axes = new double[] {1, 0, 0, 0, 1, 0};
    ct.rowSpacing = 0;
    DicomBytes.write(in.resolve("a"), ct.header(0).pixels(new int[120], 16).file(SyntheticCt.CT));
    assertTrue(problem().problem().contains("(0028,0030)"));
  }

  @Test
  void fragmentsAreJoined() {
    byte[] bytes = {1, 2, 3, 4, 5, 6};
    ct.syntax = "1.2.840.10008.1.2.5";
    ct.rows = 1;
    ct.columns = 6;
    ct.bits = 8;
    ct.stored = 8;
    // RLE: one segment at 64, a literal run of six.
    byte[] rle = new byte[72];
    rle[0] = 1;
    rle[4] = 64;
    rle[64] = 5;
    System.arraycopy(bytes, 0, rle, 65, 6);
    DicomBytes.write(
        in.resolve("a"),
        ct.header(0)
            .fragments(new byte[4], Arrays.copyOf(rle, 66), Arrays.copyOfRange(rle, 66, 72))
            .file(SyntheticCt.CT));
    Volume volume = Conversions.volume(converted());
    short[] expected = new short[6];
    for (int i = 0; i < 6; i++) {
      expected[i] = (short) (bytes[i] - 1024);
    }
    assertArrayEquals(expected, volume.shorts());
  }
}
