package org.covidmmar.io.dicom.codec;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class PixelCodecsTest {
  @Test
  void whatCannotBeDecodedHasNoCodecButAName() {
    for (String uid :
        new String[] {
          "1.2.840.10008.1.2.4.53",
          "1.2.840.10008.1.2.4.55",
          "1.2.840.10008.1.2.4.102",
          "1.2.840.10008.1.2.4.201",
          "1.2.840.10008.1.2.1",
          ""
        }) {
      assertTrue(PixelCodecs.of(uid).isEmpty(), uid);
      assertTrue(PixelCodecs.name(uid).endsWith("(" + uid + ")"));
    }
    assertEquals(
        "JPEG lossless, first-order (1.2.840.10008.1.2.4.70)",
        PixelCodecs.name("1.2.840.10008.1.2.4.70"));
    assertEquals("transfer syntax (1.2.3)", PixelCodecs.name("1.2.3"));
  }

  @Test
  void samplesAreTheirLowBits() {
    short[] unsigned = {0x0fff, (short) 0xf801, 0x1000};
    layout(12, false).extend(unsigned, 0);
    assertArrayEquals(new short[] {4095, 2049, 0}, unsigned);
    short[] signed = {0x0fff, (short) 0xf801, 0x07ff};
    layout(12, true).extend(signed, 0);
    assertArrayEquals(new short[] {-1, -2047, 2047}, signed);
    short[] shifted = {1, 2, -1};
    layout(16, false).extend(shifted, 3);
    assertArrayEquals(new short[] {8, 16, -8}, shifted);
    short[] whole = {-1, 1, Short.MIN_VALUE};
    layout(16, true).extend(whole, 0);
    assertArrayEquals(new short[] {-1, 1, Short.MIN_VALUE}, whole);
  }

  @Test
  void onlyWhatMayBeAnIdentifierIsShown() {
    assertEquals("transfer syntax (1.2.3)", PixelCodecs.name("1.2.3"));
    assertEquals("transfer syntax whose UID is none", PixelCodecs.name("DOE^JANE"));
    assertEquals("transfer syntax whose UID is none", PixelCodecs.name("1".repeat(65)));
  }

  @Test
  void aLayoutHasPixelsAndBits() {
    assertThrows(
        IllegalArgumentException.class, () -> new FrameLayout(0, 1, 16, 12, false, "1.2.3"));
    assertThrows(
        IllegalArgumentException.class, () -> new FrameLayout(1, 1, 12, 12, false, "1.2.3"));
    assertThrows(
        IllegalArgumentException.class, () -> new FrameLayout(1, 1, 8, 12, false, "1.2.3"));
    assertThrows(
        IllegalArgumentException.class,
        () -> new FrameLayout(65_535, 65_535, 16, 12, false, "1.2.3"));
  }

  private static FrameLayout layout(int bitsStored, boolean signed) {
    return new FrameLayout(1, 3, 16, bitsStored, signed, "1.2.3");
  }
}
