package org.covidmmar.model.weights;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.covidmmar.CovidException;
import org.covidmmar.model.weights.SafeTensors.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SafeTensorsTest {
  @TempDir Path folder;

  @Test
  void whatIsWrittenIsRead() {
    Path file = folder.resolve("a.safetensors");
    float[] values = {1, -0f, Float.MIN_VALUE, Float.NaN, 3e38f, 7};
    SafeTensors.write(
        file,
        Map.of("b", "2", "a", "\u00e4 \"1\""),
        List.of(
            Tensor.floats("z", List.of(2L, 3L), () -> values),
            Tensor.number("n", Long.MIN_VALUE),
            Tensor.floats("empty", List.of(0L), () -> new float[0])));
    try (SafeTensors read = SafeTensors.open(file)) {
      assertEquals(Map.of("a", "\u00e4 \"1\"", "b", "2"), read.metadata());
      assertEquals(List.of(2L, 3L), read.entries().get("z").shape());
      assertArrayEquals(values, read.floats("z"));
      assertEquals(Long.MIN_VALUE, read.number("n"));
      assertEquals(0, read.floats("empty").length);
      assertEquals(3, read.entries().size());
      assertThrows(CovidException.class, () -> read.floats("n"));
      assertThrows(CovidException.class, () -> read.number("z"));
      assertThrows(CovidException.class, () -> read.floats("absent"));
    }
  }

  /** The bytes that safetensors 0.6 for Python writes of the same tensors. */
  @Test
  void bytesAreThoseOfTheReferenceImplementation() throws IOException {
    Path file = folder.resolve("b.safetensors");
    SafeTensors.write(
        file,
        Map.of("k", "v"),
        List.of(Tensor.floats("w", List.of(2L), () -> new float[] {1, 2}), Tensor.number("n", 5)));
    String header =
        "{\"__metadata__\":{\"k\":\"v\"},\"n\":{\"dtype\":\"I64\",\"shape\":[],\"data_offsets\":[0,8]},"
            + "\"w\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[8,16]}}";
    int padded = (header.length() + 7) / 8 * 8;
    ByteBuffer expected = ByteBuffer.allocate(8 + padded + 16).order(ByteOrder.LITTLE_ENDIAN);
    expected.putLong(padded).put(header.getBytes(StandardCharsets.UTF_8));
    while (expected.position() < 8 + padded) {
      expected.put((byte) ' ');
    }
    expected.putLong(5).putFloat(1).putFloat(2);
    assertArrayEquals(expected.array(), Files.readAllBytes(file));
  }

  @Test
  void otherFloatingTypesBecomeFloat32() throws IOException {
    ByteBuffer data = ByteBuffer.allocate(40).order(ByteOrder.LITTLE_ENDIAN);
    data.putDouble(0.1).putDouble(-1e300);
    short[] halves = {
      0x3c00, (short) 0xc000, 0x0001, 0x7bff, (short) 0xfc00, 0x7e00, 0x0400, (short) 0x8000
    };
    for (short half : halves) {
      data.putShort(half);
    }
    data.putShort((short) 0x3f80)
        .putShort((short) 0xc040)
        .putShort((short) 0x7f80)
        .putShort((short) 1);
    Path file =
        raw(
            "{\"d\":{\"dtype\":\"F64\",\"shape\":[2],\"data_offsets\":[0,16]},"
                + "\"h\":{\"dtype\":\"F16\",\"shape\":[8],\"data_offsets\":[16,32]},"
                + "\"b\":{\"dtype\":\"BF16\",\"shape\":[4],\"data_offsets\":[32,40]}}",
            data.array());
    try (SafeTensors read = SafeTensors.open(file)) {
      assertArrayEquals(new float[] {0.1f, Float.NEGATIVE_INFINITY}, read.floats("d"));
      assertArrayEquals(
          new float[] {1, -2, 0x1p-24f, 65504, Float.NEGATIVE_INFINITY, Float.NaN, 0x1p-14f, -0f},
          read.floats("h"));
      assertArrayEquals(
          new float[] {1, -3, Float.POSITIVE_INFINITY, Float.intBitsToFloat(0x10000)},
          read.floats("b"));
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]}|not JSON",
        "[1]|no JSON object",
        "{\"a\":{\"dtype\":\"F8\",\"shape\":[2],\"data_offsets\":[0,8]}}|not supported",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,12]}}|takes 8 bytes",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0]}}|no data_offsets",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[-2],\"data_offsets\":[0,8]}}|the number -2",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[2.5],\"data_offsets\":[0,10]}}|the number 2.5",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[4611686018427387904,4],\"data_offsets\":[0,8]}}|impossible shape",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[1000000000],\"data_offsets\":[0,4000000000]}}|takes 4000000000",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[400],\"data_offsets\":[0,1600]}}|describes 1600 bytes",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}}|describes 4 bytes",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[4,8]}}|begins at byte 4",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]},\"b\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[4,8]}}|begins at byte 4",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]},\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[4,8]}}|Duplicate",
        "{\"__metadata__\":{\"k\":1},\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]}}|no text",
      })
  void badHeadersAreRefusedByFile(String header, String problem) throws IOException {
    assertRefused(raw(header, new byte[8]), problem);
  }

  @Test
  void badPrefixesAreRefused() throws IOException {
    assertRefused(bytes(new byte[3]), "found 3 bytes");
    assertRefused(bytes(new byte[16]), "header length 0");
    byte[] huge = new byte[64];
    java.util.Arrays.fill(huge, (byte) -1);
    assertRefused(bytes(huge), "header length 18446744073709551615");
    ByteBuffer claimed = ByteBuffer.allocate(64).order(ByteOrder.LITTLE_ENDIAN).putLong(1L << 60);
    assertRefused(bytes(claimed.array()), "header length 1152921504606846976");
    ByteBuffer large = ByteBuffer.allocate(9 << 20).order(ByteOrder.LITTLE_ENDIAN);
    assertRefused(bytes(large.putLong(9_000_000).array()), "header length 9000000");
    ByteBuffer beyond = ByteBuffer.allocate(64).order(ByteOrder.LITTLE_ENDIAN).putLong(57);
    assertRefused(bytes(beyond.array()), "header length 57");
    assertRefused(folder.resolve("absent"), "no such file");
    assertRefused(folder, "is a folder");
  }

  @ParameterizedTest
  @CsvSource({"[,]", "{\"a\":,}"})
  void headersThatAreNestedDeepAreRefused(String open, String close) throws IOException {
    String header = open.repeat(10_000) + "1" + close.repeat(10_000);
    assertRefused(raw(header, new byte[8]), "header is not JSON: Document nesting depth");
    assertRefused(raw("{\"a\":" + header + "}", new byte[8]), "nesting depth");
  }

  @Test
  void valuesThatDoNotFitTheirShapeLeaveNoFile() {
    Path file = folder.resolve("c.safetensors");
    Tensor wrong = Tensor.floats("w", List.of(3L), () -> new float[2]);
    assertThrows(
        IllegalArgumentException.class, () -> SafeTensors.write(file, Map.of(), List.of(wrong)));
    assertEquals(0, folder.toFile().list().length);
    Tensor n = Tensor.number("n", 1);
    assertThrows(
        IllegalArgumentException.class, () -> SafeTensors.write(file, Map.of(), List.of(n, n)));
  }

  private void assertRefused(Path file, String problem) {
    CovidException e = assertThrows(CovidException.class, () -> SafeTensors.open(file));
    assertEquals(file.toString(), e.subject());
    assertTrue(e.problem().contains(problem), e.problem());
  }

  private Path raw(String header, byte[] data) throws IOException {
    byte[] text = header.getBytes(StandardCharsets.UTF_8);
    ByteBuffer all =
        ByteBuffer.allocate(8 + text.length + data.length).order(ByteOrder.LITTLE_ENDIAN);
    return bytes(all.putLong(text.length).put(text).put(data).array());
  }

  private Path bytes(byte[] content) throws IOException {
    Path file = folder.resolve("raw.safetensors");
    return Files.write(file, content);
  }
}
