package org.covidmmar.io.dicom.codec;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Frames that other encoders wrote give the samples that other decoders see in them. */
class CodecGoldenTest {
  static List<GoldenStream> streams() throws IOException {
    return GoldenStream.all();
  }

  @ParameterizedTest
  @MethodSource("streams")
  void samplesAreThoseOfTheReference(GoldenStream golden) throws CodecException {
    compare(golden, golden.decode(golden.stream()), 0);
  }

  @ParameterizedTest
  @MethodSource("streams")
  void aStreamAmidOtherBytes(GoldenStream golden) throws CodecException {
    byte[] stream = golden.stream();
    byte[] bytes = new byte[stream.length + 20];
    Arrays.fill(bytes, (byte) 0x55);
    System.arraycopy(stream, 0, bytes, 7, stream.length);
    short[] out = new short[golden.layout().pixels() + 3];
    Arrays.fill(out, (short) 77);
    golden.codec().decode(bytes, 7, stream.length, golden.layout(), out);
    compare(golden, out, 0);
    assertArrayEquals(
        new short[] {77, 77, 77}, Arrays.copyOfRange(out, out.length - 3, out.length));
  }

  @ParameterizedTest
  @MethodSource("streams")
  void paddingAfterTheEndDoesNoHarm(GoldenStream golden) throws CodecException {
    byte[] stream = golden.stream();
    compare(golden, golden.decode(Arrays.copyOf(stream, stream.length + 1)), 0);
  }

  /** Two thirds of a stream are never an image, whatever the codec. */
  @ParameterizedTest
  @MethodSource("streams")
  void whatIsCutOffIsRefused(GoldenStream golden) {
    byte[] stream = golden.stream();
    for (int length : new int[] {0, 1, 2, 3, 10, stream.length / 3, stream.length * 2 / 3}) {
      CodecException e =
          assertThrows(
              CodecException.class,
              () -> golden.decode(Arrays.copyOf(stream, length)),
              () -> golden + " cut to " + length);
      assertTrue(!e.getMessage().isBlank());
    }
  }

  @ParameterizedTest
  @MethodSource("streams")
  void anotherSizeThanTheDataSetsIsRefused(GoldenStream golden) {
    FrameLayout is = golden.layout();
    for (int[] size :
        new int[][] {
          {is.rows() + 1, is.columns()}, {is.rows(), 65_535}, {is.columns(), is.rows()}
        }) {
      FrameLayout layout =
          new FrameLayout(
              size[0],
              size[1],
              is.bitsAllocated(),
              is.bitsStored(),
              is.signed(),
              is.transferSyntax());
      short[] out = new short[layout.pixels()];
      byte[] stream = golden.stream();
      if (golden.name().startsWith("rle") && layout.pixels() == is.pixels()) {
        continue; // A run length has no idea of rows.
      }
      CodecException e =
          assertThrows(
              CodecException.class,
              () -> golden.codec().decode(stream, 0, stream.length, layout, out));
      if (!golden.name().startsWith("rle")) {
        assertEquals(
            "the stream has %d rows of %d pixels, the data set %d of %d"
                .formatted(is.rows(), is.columns(), size[0], size[1]),
            e.getMessage());
      }
    }
  }

  /** The overshoot of a lossy stream must not become a value from the other end. */
  @Test
  void lossySamplesBeyondTheStoredBitsAreTheNearestThatTheseHold() throws Exception {
    Set<String> clipped = new TreeSet<>();
    for (GoldenStream golden : GoldenStream.all()) {
      FrameLayout is = golden.layout();
      if (golden.tolerance() == 0 || is.signed()) {
        continue;
      }
      int bits = 1;
      int greatest = 0;
      for (short sample : golden.samples()) {
        greatest = Math.max(greatest, sample & 0xffff);
      }
      while (greatest >> (bits + 1) != 0) {
        bits++;
      }
      FrameLayout fewer =
          new FrameLayout(
              is.rows(), is.columns(), is.bitsAllocated(), bits, false, is.transferSyntax());
      short[] out = new short[is.pixels()];
      golden.codec().decode(golden.stream(), 0, golden.stream().length, fewer, out);
      int most = (1 << bits) - 1;
      for (int i = 0; i < is.pixels(); i++) {
        int expected = Math.min(most, golden.samples()[i] & 0xffff);
        assertEquals(expected, out[i] & 0xffff, golden.tolerance(), golden + " at pixel " + i);
      }
      clipped.add(is.transferSyntax());
    }
    assertEquals(
        Set.of("1.2.840.10008.1.2.4.50", "1.2.840.10008.1.2.4.51", "1.2.840.10008.1.2.4.91"),
        clipped);
  }

  @Test
  void severalThreadsShareACodec() throws Exception {
    List<GoldenStream> all = GoldenStream.all();
    ExecutorService threads = Executors.newFixedThreadPool(4);
    try {
      List<Future<short[]>> results =
          threads.invokeAll(
              java.util.stream.IntStream.range(0, 4 * all.size())
                  .mapToObj(i -> all.get(i / 4))
                  .map(g -> (java.util.concurrent.Callable<short[]>) () -> g.decode(g.stream()))
                  .toList());
      for (int i = 0; i < results.size(); i++) {
        compare(all.get(i / 4), results.get(i).get(), 0);
      }
    } finally {
      threads.shutdown();
    }
  }

  @Test
  void everyCodecHasItsStreams() throws IOException {
    Set<String> syntaxes = new TreeSet<>();
    GoldenStream.all().forEach(g -> syntaxes.add(g.layout().transferSyntax()));
    assertEquals(9, syntaxes.size(), syntaxes.toString());
  }

  static void compare(GoldenStream golden, short[] out, int start) {
    int mask = golden.layout().signed() ? -1 : 0xffff;
    for (int i = 0; i < golden.layout().pixels(); i++) {
      int expected = golden.samples()[i] & mask;
      int found = out[start + i] & mask;
      if (Math.abs(expected - found) > golden.tolerance()) {
        assertEquals(expected, found, golden + " at pixel " + i);
      }
    }
  }
}
